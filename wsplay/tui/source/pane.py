"""The endpoint's source, with the line of the event under the cursor highlighted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from wsplay.events.safe_text import visible
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import BAD_GLYPH
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.kit.text_canvas import TextCanvas, scroll_bindings
from wsplay.tui.source.highlight import coloured, endpoint_line, metadata_lines

#: Lines kept visible above the scroll target.
_ABOVE = 1


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row on the screen: a line of the file; `line` is 0 for a folded part and -1 for a problem.

    In a difference, `mark` is "+" for a new line and "-" for a removed one, whose number was `removed`.
    """

    line: int
    text: StyledLine
    mark: str = ""
    removed: int = 0


class SourceView(TextCanvas):
    """A Python file to read. The metadata block is folded away; M shows it."""

    DEFAULT_CSS = """
    SourceView {
        overflow-x: auto;
        scrollbar-size-horizontal: 0;
    }
    """
    BORDER_TITLE = "Endpoint"

    BINDINGS: ClassVar[list[BindingType]] = [
        *scroll_bindings("source", sideways=True),
        bind("M", "metadata", "Metadata", "source.metadata", "Show or hide the metadata"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._file = ""
        self._source = ""
        self._coloured: list[StyledLine] = [()]
        self._metadata: tuple[int, int] | None = None
        self._unfolded = False
        self._lit: int | None = None
        self._label = ""
        self._problem: tuple[str, int | None] | None = None
        self._rows: list[SourceRow] = []
        self._target: int | None = None  # a line to scroll to once there is a size

    @property
    def lit(self) -> int | None:
        """The highlighted line."""
        return self._lit

    @property
    def line_in_sight(self) -> int:
        """The highlighted line; else that of the endpoint, if it is visible, or the first visible one."""
        if line := self._lit or self._target:
            return line
        endpoint = endpoint_line(self._source) or 1
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        in_sight = [row.line for row in self._rows[top : top + height] if row.line > 0]
        return endpoint if endpoint in in_sight or not in_sight else in_sight[0]

    def show(self, file: str, source: str) -> None:
        """Show `source`, the text of `file`. A new file starts at its endpoint; the same one stays."""
        again = file == self._file
        self._lit, self._label, self._problem = None, "", None
        if not again or source != self._source:
            self._file, self._source = file, source
            self._coloured = coloured(source)
            self._metadata = metadata_lines(source)
        name = file.replace("\\", "/").rpartition("/")[2]
        self.border_title = Content(f"Endpoint  {visible(name)}") if name else "Endpoint"
        self._build()
        if not again:
            self._target = endpoint_line(source) or 1
            self._scroll_to_target()

    def set_title(self, title: str) -> None:
        """Another title than the file's name."""
        if self.border_title != title:
            self.border_title = Content(title)

    def light(self, line: int | None, label: str = "") -> None:
        """Highlight `line` and scroll to it, with `label` in the border. None removes the highlight."""
        if (line, label) == (self._lit, self._label):
            return
        self._lit, self._label = line, label
        self._update_subtitle()
        self.redraw()
        if line is not None:
            self._reveal(line)

    def show_problem(self, message: str, line: int | None = None) -> None:
        """Mark `line` as wrong, with `message` below it, or at the top if no line is known."""
        self._problem = (message, line)
        self._target = None
        self._build()
        self._reveal(line or 1)

    def clear_problem(self) -> None:
        """Nothing is wrong any more."""
        if self._problem is not None:
            self._problem = None
            self._build()

    # Rows

    def _build(self) -> None:
        """Make the rows anew: the source, a problem, or what is folded has changed."""
        self._rows = self.make_rows()
        self.prefix_width = len(str(len(self._coloured))) + 4
        self.set_lines([row.text for row in self._rows])
        self._update_subtitle()

    def make_rows(self) -> list[SourceRow]:
        """The lines of the file without what is folded, with the problem below its line."""
        rows: list[SourceRow] = []
        problem, at = self._problem if self._problem is not None else (None, None)
        if at is not None and not 1 <= at <= len(self._coloured):
            at = None
        if problem is not None and at is None:
            rows.append(self._problem_row(problem, 0))
        first, last = (0, 0) if self._metadata is None or self._unfolded else self._metadata
        if at is not None and first <= at <= last:
            first = last = 0
        for number, text in enumerate(self._coloured, 1):
            if number == first:
                told = f"⋯ {last - first + 1} lines of metadata · m shows them"
                rows.append(SourceRow(0, ((told, "text-dim italic"),)))
            if not first <= number <= last or not first:
                rows.append(SourceRow(number, text))
            if problem is not None and number == at:
                source = "".join(part for part, _ in text)
                rows.append(self._problem_row(problem, len(source) - len(source.lstrip())))
        while rows and not rows[-1].text and first:
            rows.pop()  # blank lines after the folded part
        return rows

    def _problem_row(self, message: str, indent: int) -> SourceRow:
        return SourceRow(-1, ((" " * indent, ""), (f"{BAD_GLYPH} {visible(message)}", "bad bold")))

    def _update_subtitle(self) -> None:
        if self._problem is not None:
            message, line = self._problem
            told = f"{BAD_GLYPH} " + (f"line {line}: " if line is not None else "") + visible(message)
        else:
            told = visible(self._label)
        self.border_subtitle = Content(told) if told else None

    def line_prefix(self, y: int) -> StyledLine:
        row = self._rows[y]
        width = self.prefix_width - 3
        if row.line <= 0:
            return ((" " * self.prefix_width, ""),)
        number = str(row.line).rjust(width)
        if self._problem is not None and row.line == self._problem[1]:
            return ((BAD_GLYPH, "bad bold"), (number, "text-bright bold"))
        if row.line == self._lit:
            return (("❱", "lit-mark bold"), (number, "text-bright bold"))
        return ((" ", ""), (number, "text-dim"))

    def line_background(self, y: int) -> str:
        row = self._rows[y]
        if row.line == -1 or (self._problem is not None and row.line == self._problem[1]):
            return "bad-ground"
        return "lit-ground" if row.line == self._lit else ""

    # Scrolling

    def _row_of(self, line: int) -> int:
        """The row of `line`, or of the one before it that is shown."""
        shown = [place for place, row in enumerate(self._rows) if 0 < row.line <= line]
        return shown[-1] if shown else 0

    def _reveal(self, line: int) -> None:
        """Scroll `line` into view, a third down, unless it is visible."""
        height = self.scrollable_content_region.height
        place, top = self._row_of(line), self.scroll_offset.y
        if height <= 0:
            self._target = line
        elif not top + _ABOVE <= place < top + height - 1 and not (place == 0 == top):
            self.jump_to(max(place - height // 3, 0))

    def _scroll_to_target(self) -> None:
        """Scroll to the requested line, once the pane has a size."""
        if self._target is not None and self.scrollable_content_region.height > 0:
            self.jump_to(max(self._row_of(self._target) - _ABOVE, 0))
            self._target = None

    def fit_size(self) -> None:
        self._scroll_to_target()

    def on_resize(self) -> None:
        if self._lit is not None:
            self._reveal(self._lit)

    def action_metadata(self) -> None:
        self._unfolded = not self._unfolded
        self._build()
        if self._metadata is not None and self._unfolded:
            self._reveal(self._metadata[0])
