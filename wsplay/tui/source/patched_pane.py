"""The endpoint's source as one choice would have it, with the lines that choice put there marked.

Until a challenge is over its file's own explanation stays folded: it would give the answer away.
"""

from __future__ import annotations

import ast
import difflib

from textual.content import Content

from wsplay.events.safe_text import visible
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.source.highlight import endpoint_line, lines_of
from wsplay.tui.source.pane import SourceView, _Row

#: Stands beside a line that is not the file's.
MARK = "±"


def changed_lines(before: str, after: str) -> frozenset[int]:
    """The lines (from 1) of `after` that `before` has otherwise, or not at all.

    Where lines were only taken out, the one that follows stands for them.
    """
    old, new = lines_of(before), lines_of(after)
    changed: set[int] = set()
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            changed.update(range(first + 1, max(last, first + 1) + 1))
    return frozenset(line for line in changed if line <= len(new))


def docstring_lines(source: str) -> int:
    """How many lines at the beginning a module's docstring takes, with the blank ones after it."""
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
    """A `SourceView` that knows which lines are patched."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._patched: frozenset[int] = frozenset()
        self._veiled = False

    def veil(self, veiled: bool) -> None:
        """Fold what explains the code, or show it."""
        if veiled != self._veiled:
            self._veiled = veiled
            self._build()
            self._wanted = self._lit or endpoint_line(self._source) or 1
            self._settle()

    def _build(self) -> None:
        super()._build()
        if not self._veiled:
            return
        last = docstring_lines(self._source)
        # Neither the explanation nor the metadata, which says what is expected; the rest as it is.
        rows = [row for row in self._rows if row.line > last or row.line < 0]
        if last:
            told = f"⋯ {last} lines of explanation · shown at the end"
            rows.insert(0, _Row(0, ((told, "text-dim italic"),)))
        self._rows = rows
        self.set_lines([row.text for row in rows])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The metadata holds what the challenge asks for."""
        return action != "metadata" or not self._veiled

    @property
    def patched(self) -> frozenset[int]:
        """The lines that are marked."""
        return self._patched

    def show_patched(self, file: str, before: str, after: str, label: str) -> None:
        """Show `after`, with what differs from `before` marked; `label` says whose change it is."""
        self._patched = changed_lines(before, after)
        self.show(file, after)
        self.border_title = Content.assemble(self._border_title or "", f"  {MARK} {visible(label)}")
        if self._patched:
            self.light(min(self._patched), label)

    def show_plain(self, file: str, source: str) -> None:
        """Show the file as it is."""
        self._patched = frozenset()
        self.show(file, source)

    def line_prefix(self, y: int) -> StyledLine:
        line = self._rows[y].line
        if line not in self._patched or line == self._lit:
            return super().line_prefix(y)
        return ((MARK, "lit-mark bold"), (str(line).rjust(self.prefix_width - 3), "text-bright bold"))

    def line_background(self, y: int) -> str:
        return "lit-ground" if self._rows[y].line in self._patched else super().line_background(y)
