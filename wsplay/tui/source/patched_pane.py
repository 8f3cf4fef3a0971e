"""The endpoint's source with one choice's patch, and the changed lines marked.

Until a challenge is over its file's own explanation stays folded: it would give the answer away.
"""

from __future__ import annotations

import ast
import difflib

from textual.content import Content

from wsplay.events.safe_text import visible
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.source.highlight import endpoint_line, lines_of
from wsplay.tui.source.pane import SourceRow, SourceView

#: Marks a line that is not in the file.
MARK = "±"


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


class PatchView(SourceView):
    """A `SourceView` that marks patched lines."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._patched: frozenset[int] = frozenset()
        self._hidden = False

    def hide_explanation(self, hidden: bool) -> None:
        """Fold the explanation, or show it."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._build()
            self._target = self._lit or endpoint_line(self._source) or 1
            self._scroll_to_target()

    def make_rows(self) -> list[SourceRow]:
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
        """The metadata contains the challenge's answer."""
        return action != "metadata" or not self._hidden

    @property
    def patched(self) -> frozenset[int]:
        """The marked lines."""
        return self._patched

    def show_patched(self, file: str, before: str, after: str, label: str) -> None:
        """Show `after`, with the differences from `before` marked; `label` names the change."""
        self._patched = changed_lines(before, after)
        self.show(file, after)
        self.border_title = Content.assemble(self._border_title or "", f"  {MARK} {visible(label)}")
        if self._patched:
            self.light(min(self._patched), label)

    def show_plain(self, file: str, source: str) -> None:
        """Show the unchanged file."""
        self._patched = frozenset()
        self.show(file, source)

    def line_prefix(self, y: int) -> StyledLine:
        line = self._rows[y].line
        if line not in self._patched or line == self._lit:
            return super().line_prefix(y)
        return ((MARK, "lit-mark bold"), (str(line).rjust(self.prefix_width - 3), "text-bright bold"))

    def line_background(self, y: int) -> str:
        return "lit-ground" if self._rows[y].line in self._patched else super().line_background(y)
