"""A scenario's source text: checked, split into docstring, code and metadata block, and patched."""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from wsplay.events.safe_text import visible

Patch = tuple[tuple[str, str], ...]


class PatchError(ValueError):
    """A patch does not fit the code. The message is one line, safe to print."""


@dataclass(frozen=True, slots=True)
class Code:
    """Where in the source the code is: after the docstring, before the metadata block. Character offsets."""

    start: int = 0
    end: int = 0

    def first_line(self, source: str) -> int:
        """The line it starts on, counted from 1."""
        return source.count("\n", 0, self.start) + 1

    def patched(self, source: str, patch: Patch) -> str:
        """The source with each text in its code replaced; docstring and block stay as they are.

        Raises:
            PatchError: If one of the texts is not in the code exactly once.

        """
        code = source[self.start : self.end]
        for old, new in patch:
            count = code.count(old)
            if count != 1:
                raise PatchError(f"`{visible(old, 60)}` must be in the code exactly once, not {count} times")
            code = code.replace(old, new)
        return source[: self.start] + code + source[self.end :]


def read_source(source: str, report: Callable[[str, int | None], None]) -> tuple[str, str, Code]:
    """Check the syntax; return the docstring's explanation, its speaker's notes, and where the code is.

    If something is wrong, it is reported with its line, and all of `source` but the block counts as code.
    """
    block = source.find("\n# /// script")
    end = len(source) if block < 0 else block
    tree = _parse(source, report)
    if tree is None:
        return "", "", Code(0, end)
    docstring = ast.get_docstring(tree, clean=False)
    start = 0
    if docstring is not None and len(tree.body) > 1:
        first = tree.body[1]
        decorators: list[ast.expr] = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(decorator.lineno for decorator in decorators)])
        start = sum(len(text) + 1 for text in source.split("\n")[: line - 1])
    return *split_notes(inspect.cleandoc(docstring or "")), Code(min(start, end), end)


def _parse(source: str, report: Callable[[str, int | None], None]) -> ast.Module | None:
    if "\0" in source:
        line = source.count("\n", 0, source.index("\0")) + 1
        report("a NUL byte, which Python does not take in source; remove it", line)
        return None
    try:
        with warnings.catch_warnings():
            # A warning about the user's code would be written across the screen.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            # The compiler finds errors that the parser accepts: a `return` outside a function, say.
            compile(tree, "<scenario>", "exec", dont_inherit=True)
    except SyntaxError as error:
        what = f"{type(error).__name__}: {visible(error.msg or 'invalid syntax', 200)}"
        report(f"{what}; fix this line or the one above it", error.lineno or None)
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        report("half a surrogate pair, which cannot be stored in a file; remove the character", line)
    except (ValueError, RecursionError, MemoryError):
        report("nested too deeply for Python to compile; break it into parts", None)
    else:
        return tree
    return None


def split_notes(markdown: str) -> tuple[str, str]:
    """Split off the `## Notes` section (to the next heading of its level or above): (the rest, the notes)."""
    rest: list[str] = []
    notes: list[str] = []
    into, fenced = rest, False
    for line in markdown.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and re.match(r"#{1,2}\s", line):
            into = notes if _is_notes(line) else rest
            if into is notes:
                continue
        into.append(line)
    return "\n".join(rest).strip(), "\n".join(notes).strip()


def _is_notes(heading: str) -> bool:
    """Whether a line is the heading `## Notes`, perhaps with a colon or closing hash signs."""
    name = heading.removeprefix("##")
    name = name.strip().rstrip("#").rstrip().removesuffix(":").rstrip()
    return heading.startswith("##") and name.casefold() == "notes"
