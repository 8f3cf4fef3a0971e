"""The rows of a pair table: on or off, name, value, and what is wrong. One widget draws them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.tui.client.form import ClientForm, ListName, Row
from wsplay.tui.client.validation import Part, problems_of_row
from wsplay.tui.kit.keys import bind

#: Columns before the name: the switch and a space on each side of it.
LEAD = 3
#: Columns between name and value.
GAP = 2
#: Minimum columns of the name, and its maximum part of the width.
NAME_MIN, NAME_PART = 13, 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen: of row `index`, of its problem, or (None) the line that adds a row."""

    index: int | None
    problem: str | None = None


class PairRows(Widget, can_focus=True):
    """Draws the rows of one list of a form and handles the keys; its table changes the rows.

    The cursor is a row (the one after the last is "add") and a column, `name` or `value`.
    """

    DEFAULT_CSS = """
    PairRows {
        height: auto;
        width: 1fr;
        text-wrap: nowrap;
        & > .rows--on { color: $good; text-style: bold; }
        & > .rows--off { color: $text-dim; }
        & > .rows--name { color: $text-bright; }
        & > .rows--value { color: $text-plain; }
        & > .rows--add { color: $text-soft; }
        & > .rows--wrong { color: $bad; text-style: bold; }
        & > .rows--line { background: $cursor-ground; }
        & > .rows--cell { color: $accent; text-style: bold; }
        & > .rows--gap { background: $bar; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--on",
        "rows--off",
        "rows--name",
        "rows--value",
        "rows--add",
        "rows--wrong",
        "rows--line",
        "rows--cell",
        "rows--gap",
    }
    BINDING_GROUP_TITLE = "Rows of the request"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "go(-1)", "Up", "rows.up", "Go to the row above"),
        bind("down,j", "go(1)", "Down", "rows.down", "Go to the row below"),
        bind("home", "go(-999)", "First", "rows.first", "Go to the first row"),
        bind("end", "go(999)", "Last", "rows.last", "Go to the last row"),
        bind("left,h", "column('name')", "Name", "rows.name", "Go to the name"),
        bind("right,l", "column('value')", "Value", "rows.value", "Go to the value"),
        bind("enter", "do('edit')", "Edit", "rows.edit", "Edit the cell under the cursor", show=True),
        bind("space", "do('switch')", "On/off", "rows.switch", "Send this row or not", show=True),
        bind("a,plus,insert", "do('add')", "Add", "rows.add", "Add a row below this one", show=True),
        bind("d", "do('duplicate')", "Duplicate", "rows.duplicate", "Duplicate this row", show=True),
        bind("x,delete,backspace", "do('delete')", "Delete", "rows.delete", "Delete this row", show=True),
        bind("shift+up,alt+up,K", "do('up')", "Move up", "rows.move_up", "Move this row up"),
        bind("shift+down,alt+down,J", "do('down')", "Move down", "rows.move_down", "Move this row down"),
        bind("u", "do('undo')", "Undo", "rows.undo", "Undo the last change", show=True),
        bind("U", "do('redo')", "Redo", "rows.redo", "Redo the undone change"),
    ]

    cursor: reactive[int] = reactive(0)
    column: reactive[Part] = reactive("value")
    hovered: reactive[int] = reactive(-1)
    #: The cell under an input, if there is one.
    editing: reactive[tuple[int, Part] | None] = reactive(None, layout=True)

    @dataclass
    class Asked(Message):
        """An action for the row under the cursor: edit, switch, add, ..."""

        what: str
        at: int | None = None  # where in the cell the mouse was, in columns

    def __init__(self, form: ClientForm, which: ListName, *, add_label: str, single: bool) -> None:
        super().__init__()
        self.form = form
        self.which: ListName = which
        self.single = single
        self._add_label = add_label
        self._lines: list[Line] = [Line(None)]
        if single:
            self.set_reactive(PairRows.column, "name")

    # -- where things are

    def reread(self) -> None:
        """The form has changed: draw it again."""
        self._lines = self._lay_out()
        self.cursor = min(self.cursor, len(self.form.rows(self.which)))
        self.refresh(layout=True)

    def _lay_out(self) -> list[Line]:
        lines: list[Line] = []
        for index, row in enumerate(self.form.rows(self.which)):
            lines.append(Line(index))
            being_typed = row.blank and self.editing is not None and self.editing[0] == index
            if row.on and not being_typed:
                problems = problems_of_row(self.which, index, row.name, row.value)
                lines += [Line(index, problem.message) for problem in problems[:1]]
        lines.append(Line(None))
        return lines

    def widths(self, width: int) -> Mapping[Part, tuple[int, int]]:
        """Column -> (first column on the screen, width) for a table of that width."""
        if self.single:
            return {"name": (LEAD, max(width - LEAD, 1))}
        longest = max((cell_len(visible(row.name)) for row in self.form.rows(self.which)), default=0)
        if self.editing is not None and self.editing[1] == "name":
            longest += 1  # the caret stands after the last letter
        name = max(1, min(max(NAME_MIN, longest), int((width - LEAD) * NAME_PART)))
        start = LEAD + name + GAP
        return {"name": (LEAD, name), "value": (start, max(width - start, 1))}

    def line_of(self, index: int) -> int:
        """The line of row `index`; for the index after the last, the line that adds a row."""
        for number, line in enumerate(self._lines):
            if line.index == index and line.problem is None:
                return number
        return len(self._lines) - 1

    def cell_region(self, index: int, part: Part) -> Region:
        """Where a cell is, relative to the widget's corner."""
        x, width = self.widths(self.size.width)[part]
        return Region(x, self.line_of(index), width, 1)

    # -- drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One line per row, and one more per problem."""
        return len(self._lines)

    def watch_editing(self) -> None:
        """A new row is not reported as a problem while it is empty."""
        self.reread()

    def render(self) -> RenderResult:
        """The rows and the line that adds one."""
        width = max(self.size.width, 1)
        widths = self.widths(width)
        rows = self.form.rows(self.which)
        drawn = [self._draw(line, rows, widths, width) for line in self._lines]
        return Content("\n").join(drawn)

    def _draw(
        self, line: Line, rows: tuple[Row, ...], widths: Mapping[Part, tuple[int, int]], width: int
    ) -> Content:
        def style(name: str) -> Style:
            return self.get_visual_style(name, partial=True)

        index = len(rows) if line.index is None else line.index
        lit = self.has_focus and index == self.cursor
        if line.index is None:
            text = Content.assemble(
                (" + ", style("rows--on" if lit or self.hovered == index else "rows--add")),
                (self._add_label, style("rows--add")),
            )
        elif index >= len(rows):  # the form is newer than the lines; they are updated soon
            text = Content.empty()
        elif line.problem is not None:
            return Content.styled(f"   └ {line.problem}", style("rows--wrong")).truncate(width, ellipsis=True)
        else:
            row = rows[index]
            wrong = {problem.part for problem in problems_of_row(self.which, index, row.name, row.value)}
            text = Content.assemble(
                (" ✓ " if row.on else " · ", style("rows--on" if row.on else "rows--off"))
            )
            for part, (start, cells) in widths.items():
                raw = row.get(part)
                here = lit and part == self.column and not self.single
                kind = "off" if not row.on else "wrong" if part in wrong else part
                shown = Content.styled(
                    visible(raw, cells + 1), style("rows--cell" if here else f"rows--{kind}")
                )
                if not raw and here:
                    shown = Content.styled(" " * 8, self.get_visual_style("rows--gap"))
                shown = shown.truncate(cells, ellipsis=True)
                text = text.pad_right(max(start - text.cell_length, 0)).append(shown)
        if lit or (self.hovered == index and not self.has_focus):
            text = text.pad_right(max(width - text.cell_length, 0))
            text = text.stylize_before(self.get_visual_style("rows--line"))
        return text.truncate(width)

    # -- keys and mouse

    def action_go(self, by: int) -> None:
        """Move the cursor by rows."""
        self.cursor = max(0, min(self.cursor + by, len(self.form.rows(self.which))))
        self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll the cursor's row into view."""
        parent = self.parent
        if isinstance(parent, Widget):
            region = Region(0, self.line_of(self.cursor), 1, 2)
            parent.scroll_to_region(region, animate=False, force=True)

    def action_column(self, column: Part) -> None:
        """Move the cursor to a column."""
        if not self.single:
            self.column = column

    def action_do(self, what: str) -> None:
        """Ask the table for an action on the row under the cursor."""
        self.post_message(self.Asked(what))

    def on_click(self, event: events.Click) -> None:
        """Switch, add or edit what is under the mouse."""
        event.stop()
        if not 0 <= event.y < len(self._lines):
            return
        line = self._lines[event.y]
        if line.index is None:
            self.cursor = len(self.form.rows(self.which))
            self.action_do("add")
            return
        self.cursor = line.index
        if event.x < LEAD:
            self.action_do("switch")
            return
        start = 0
        for part, (first, _) in self.widths(self.size.width).items():
            if event.x >= first:
                self.column, start = part, first
        self.post_message(self.Asked("edit", max(event.x - start, 0)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight what a press would hit."""
        line = self._lines[event.y] if 0 <= event.y < len(self._lines) else Line(-1)
        self.hovered = len(self.form.rows(self.which)) if line.index is None else line.index

    def on_leave(self) -> None:
        """The mouse has left."""
        self.hovered = -1
