"""Completion in bash, zsh and fish: the scripts, and the answers to what they ask.

click has scripts of its own, which insert a value with spaces as several words. These ones insert it as one:
zsh and fish quote what they insert, and for bash the answer is quoted here.

A script passes the line up to the cursor. It gets a line for each value: `plain`, the value and its
description, separated by tabs, or, where the name of a file belongs, `file`, the begin of the name and the
option before it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

#: Characters that need no quotes in bash.
_SAFE = re.compile(r"[\w@%+,./-]", re.ASCII)
#: What bash starts a new word at, besides white space, unless $COMP_WORDBREAKS says otherwise.
_BREAKS = "\"'@><=;|&(:"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command line, without its quotes.

    `quote` is the quote that is still open at its end, or empty. `begin` is where the part begins that the
    shell replaces: after the last separator (such as `=`) that is not quoted.
    """

    text: str
    quote: str = ""
    begin: int = 0


def split_line(line: str, breaks: str = "") -> list[Word]:
    """The words of a command line up to the cursor. The last one is what is typed now; it can be empty.

    Quotes and backslashes are as in a POSIX shell; anything else, such as `$x`, stands for itself. Each
    character of `breaks` begins a new part of a word.
    """
    words: list[Word] = []
    text, quote, begin, inside = "", "", 0, False
    place = 0
    while place < len(line):
        char = line[place]
        place += 1
        if quote:
            if char == quote:
                quote = ""
            elif char == "\\" and quote == '"' and line[place : place + 1] in ('"', "\\", "$", "`"):
                text += line[place]
                place += 1
            else:
                text += char
        elif char in " \t\n":
            if inside:
                words.append(Word(text))
            text, begin, inside = "", 0, False
        else:
            inside = True
            if char in "\"'":
                quote = char
            elif char == "\\":
                text += line[place : place + 1]
                place += 1
            else:
                text += char
                if char in breaks:
                    begin = len(text)
    return [*words, Word(text, quote, begin)]


def quoted_for_bash(text: str, quote: str = "") -> str:
    """`text` as it is typed in bash, after an opening `quote` or without one; bash adds the closing one."""
    if quote == "'":
        return text.replace("'", r"'\''")
    if quote == '"':
        return re.sub(r'(["\\$`])', r"\\\1", text)
    return "".join(char if _SAFE.match(char) or ord(char) > 127 else f"\\{char}" for char in text)


class _Complete(ShellComplete):
    """What the three shells have in common: a long option and its value may be one word (`--try=NAME`)."""

    #: The option of the word that is completed, with its `=`.
    option = ""

    def split_option(self, before: list[str], typed: str) -> tuple[list[str], str]:
        """click's arguments before the word, and the word."""
        name, equals, value = typed.partition("=")
        if equals and name.startswith("--"):
            self.option = name + equals
            return [*before, name], value
        return before, typed

    def complete(self) -> str:
        """The answer: a line for each value. What is not one printable line cannot be completed."""
        before, typed = self.get_completion_args()
        items = self.get_completions(before, typed)
        return "\n".join(self.format_completion(item) for item in items if str(item.value).isprintable())

    def format_completion(self, item: CompletionItem) -> str:
        if item.type != "plain":
            return "\t".join(("file", str(item.value), self.option))
        return "\t".join(("plain", self.quoted(str(item.value)), *((item.help or "").split("\n")[:1])))

    def quoted(self, value: str) -> str:
        """The value as the script inserts it."""
        return value


class BashComplete(_Complete):
    """Completion in bash. Readline replaces only the part of the word after the last separator."""

    name = "bash"
    source_template = """\
%(complete_func)s() {
    local kind value help
    COMPREPLY=()
    while IFS=$'\\t' read -r kind value help; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            *) compopt -o default ;;
        esac
    done < <(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "${1/#\\~\\//$HOME/}" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        breaks = "".join(os.environ.get("COMP_WORDBREAKS", _BREAKS).split())
        *before, self.word = split_line(os.environ.get("COMP_LINE", ""), breaks)
        return self.split_option([word.text for word in before[1:]], self.word.text)

    def quoted(self, value: str) -> str:
        kept = max(self.word.begin - len(self.option), 0)
        return quoted_for_bash(value[kept:], self.word.quote)


class ZshComplete(_Complete):
    """Completion in zsh, which removes and adds quotes by itself."""

    name = "zsh"
    source_template = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local kind value help
    local -a before plain described
    before=("${(@Q)words[1,CURRENT-1]}")
    if [[ $PREFIX == --*=* ]] && compset -P 1 '*='; then
        before+=("${IPREFIX%%=}")
    fi
    while IFS=$'\\t' read -r kind value help; do
        if [[ $kind != plain ]]; then
            _files
        elif [[ -n $help ]]; then
            described+=("${${value//\\\\/\\\\\\\\}//:/\\\\:}:$help")
        else
            plain+=("$value")
        fi
    done < <(env COMP_WORDS="${(F)before}" COMP_PREFIX="${(Q)PREFIX}" \\
        %(complete_var)s=zsh_complete "${before[1]/#\\~\\//$HOME/}" 2>/dev/null)
    if (( $#described )); then
        _describe -V %(prog_name)s described
    fi
    if (( $#plain )); then
        compadd -V %(prog_name)s -a -- plain
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        before = os.environ.get("COMP_WORDS", "").split("\n")[1:]
        return before, os.environ.get("COMP_PREFIX", "")


class FishComplete(_Complete):
    """Completion in fish, which quotes what it inserts and replaces the whole word."""

    name = "fish"
    source_template = """\
function %(complete_func)s
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l answer (env COMP_WORDS=(string join \\n -- $words | string collect) COMP_PREFIX="$typed" \\
        %(complete_var)s=fish_complete $program 2>/dev/null)
    for line in $answer
        set -l parts (string split \\t -- $line)
        if test "$parts[1]" = plain
            string join \\t -- $parts[2..]
        else
            for path in (__fish_complete_path $parts[2])
                echo -- "$parts[3]$path"
            end
        end
    end
end
complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        before = os.environ.get("COMP_WORDS", "").split("\n")[1:]
        return self.split_option(before, split_line(os.environ.get("COMP_PREFIX", ""))[-1].text)

    def quoted(self, value: str) -> str:
        return self.option + value


SHELLS = {kind.name: kind for kind in (BashComplete, ZshComplete, FishComplete)}


def register() -> None:
    """Answer with these classes instead of click's own."""
    for kind in SHELLS.values():
        add_completion_class(kind)
