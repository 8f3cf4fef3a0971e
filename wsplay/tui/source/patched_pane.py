"""The endpoint's source with one choice's patch, and the changed lines marked; or two sources and their
difference.

Until a challenge is over its file's own explanation stays folded: it would give the answer away.
"""

from __future__ import annotations

import ast
import difflib

from textual.content import Content

from wsplay.events.safe_text import visible
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.kit.theme import DIFFERENCE
from wsplay.tui.source.highlight import coloured, endpoint_line, lines_of, metadata_lines
from wsplay.tui.source.pane import SourceRow, SourceView

#: Marks a line that is not in the file.
MARK = "±"
#: What is gone is the left side of a difference, what is new the right one.
_LOOKS = {"-": DIFFERENCE["<"], "+": DIFFERENCE[">"]}


def changed_lines(before: str, after: str) -> frozenset[int]:
    """The lines (from 1) of `after` that are changed or new. If lines were only removed, the following line
    is marked.
    """
    old, new = lines_of(before), lines_of(after)
    changed: set[int] = set()
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            changed.update(range(first + 1, max(last, first + 1) + 1))
    return frozenset(line for line in changed if line <= len(new))


def docstring_lines(source: str) -> int:
    """The number of lines of a module's docstring, including the blank lines after it."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return 0
    if len(body) < 2 or ast.get_docstring(ast.Module(body, []), clean=False) is None:
        return 0
    first = body[1]
    decorators: list[ast.expr] = getattr(first, "decorator_list", [])
    return min(first.lineno, *(one.lineno for one in decorators), first.lineno) - 1


def code_lines(source: str) -> range:
    """The numbers of the lines (from 1) between a file's docstring and its metadata, blank lines at its end
    left out.
    """
    lines, metadata = lines_of(source), metadata_lines(source)
    end = len(lines) if metadata is None else metadata[0] - 1
    while end and not lines[end - 1].strip():
        end -= 1
    return range(docstring_lines(source) + 1, end + 1)


def _all_lines(source: str) -> range:
    return range(1, len(lines_of(source)) + 1)


def difference_rows(before: str, after: str, *, code_only: bool = True) -> list[SourceRow]:
    """`after`, or its code alone, with what is new marked, and what of `before` is gone above that."""
    old, new = (code_lines(text) if code_only else _all_lines(text) for text in (before, after))
    old_lines = lines_of(before)[old.start - 1 : old.stop - 1]
    new_lines = lines_of(after)[new.start - 1 : new.stop - 1]
    old_colours, new_colours = coloured(before), coloured(after)
    rows: list[SourceRow] = []
    # Blank lines are no place where two files meet again: that would tear changes apart.
    matcher = difflib.SequenceMatcher(lambda line: not line.strip(), old_lines, new_lines, autojunk=False)
    for tag, old_first, old_end, first, end in matcher.get_opcodes():
        if tag != "equal":
            for line in old[old_first:old_end]:
                rows.append(SourceRow(0, old_colours[line - 1], "-", line))
        for line in new[first:end]:
            rows.append(SourceRow(line, new_colours[line - 1], "" if tag == "equal" else "+"))
    return rows


class PatchView(SourceView):
    """A `SourceView` that marks patched lines, or the difference between two files."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._patched: frozenset[int] = frozenset()
        self._hidden = False
        self._before: str | None = None  # the source that a difference begins with
        self._code_only = True

    def hide_explanation(self, hidden: bool) -> None:
        """Fold the explanation, or show it."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._build()
            self._target = self._lit or endpoint_line(self._source) or 1
            self._scroll_to_target()

    def make_rows(self) -> list[SourceRow]:
        if self._before is not None:
            folded = SourceRow(0, (("⋯ the explanations are folded", "text-dim italic"),))
            rows = difference_rows(self._before, self._source, code_only=self._code_only)
            return [folded, *rows] if self._code_only else rows
        rows = super().make_rows()
        if not self._hidden:
            return rows
        last = docstring_lines(self._source)
        # Without the explanation and the metadata, which says what is expected.
        rows = [row for row in rows if row.line > last or row.line < 0]
        if last:
            told = f"⋯ {last} lines of explanation · shown at the end"
            rows.insert(0, SourceRow(0, ((told, "text-dim italic"),)))
        return rows

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The metadata contains the challenge's answer, and is no part of a difference."""
        return action != "metadata" or not (self._hidden or self._before is not None)

    @property
    def patched(self) -> frozenset[int]:
        """The marked lines."""
        return self._patched

    def show_patched(self, file: str, before: str, after: str, label: str) -> None:
        """Show `after`, with the differences from `before` marked; `label` names the change."""
        self._before = None
        self._patched = changed_lines(before, after)
        self.show(file, after)
        self.border_title = Content.assemble(self._border_title or "", f"  {MARK} {visible(label)}")
        if self._patched:
            self.light(min(self._patched), label)

    def show_plain(self, file: str, source: str) -> None:
        """Show the unchanged file."""
        self._before = None
        self._patched = frozenset()
        self.show(file, source)

    def show_difference(
        self, before: str, file: str, after: str, title: str, *, code_only: bool = True
    ) -> None:
        """Show how `after`, the source of `file`, or its code alone, differs from `before`, at the first
        change.
        """
        self._before, self._patched, self._code_only = before, frozenset(), code_only
        self.show(file, after)
        self.border_title = Content(visible(title))
        changed = next((place for place, row in enumerate(self._rows) if row.mark), 0)
        self._target = max((row.line for row in self._rows[:changed]), default=1) or 1
        self._scroll_to_target()

    def line_prefix(self, y: int) -> StyledLine:
        line, mark = self._rows[y].line, self._rows[y].mark
        if mark:
            number = str(line or self._rows[y].removed).rjust(self.prefix_width - 3)
            return (
                (mark, f"{_LOOKS[mark].colour} bold"),
                (number, "text-bright bold" if line else "text-soft"),
            )
        if line not in self._patched or line == self._lit:
            return super().line_prefix(y)
        return ((MARK, "lit-mark bold"), (str(line).rjust(self.prefix_width - 3), "text-bright bold"))

    def line_background(self, y: int) -> str:
        row = self._rows[y]
        if row.mark:
            return _LOOKS[row.mark].ground
        return "lit-ground" if row.line in self._patched else super().line_background(y)
