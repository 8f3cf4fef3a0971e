"""The attack table: attacks are rows, designs are columns, each cell is a run. It fills up live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from wsplay.attack.result import AttackResult
from wsplay.events.safe_text import visible
from wsplay.tui.attack.state import BenchState
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.styled_lines import LineRenderer, fit
from wsplay.tui.kit.theme import colours
from wsplay.tui.kit.verdict import Verdict

#: The minimum and maximum width of a design's column, padding included.
LEAST, MOST = 13, 28


class AttackTable(DataTable["_Cell"], inherit_bindings=False):
    """A view of one `BenchState`. Call `redraw` after the state has changed.

    It posts the messages of a `DataTable`: `CellHighlighted` when the cursor moves, `CellSelected` on Enter
    and on a click at the cursor. No text in it is a plain string, which would be parsed as markup.
    """

    DEFAULT_CSS = """
    AttackTable {
        background: $page;
        scrollbar-size: 1 1;
        &:focus { background-tint: transparent; }
        & > .datatable--header, &:focus > .datatable--header {
            background: $page; color: $text-bright; background-tint: transparent;
        }
        & > .datatable--header-hover { background: $page; }
    }
    """
    BORDER_TITLE = "Attacks"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1, 0)", "Up", "attacks.up", "Previous attack"),
        bind("down,j", "move(1, 0)", "Down", "attacks.down", "Next attack"),
        bind("left", "move(0, -1)", "Left", "attacks.left", "Previous design"),
        bind("right", "move(0, 1)", "Right", "attacks.right", "Next design"),
        bind("home", "move(-99, 0)", "First", "attacks.first", "First attack"),
        bind("end", "move(99, 0)", "Last", "attacks.last", "Last attack"),
        bind("enter", "select_cursor", "Open", "attacks.open", "Open the run of this attack", show=True),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, cursor_foreground_priority="renderable")
        self.state = BenchState(())
        #: Whether the cursor follows the running attack, until the user moves it.
        self.following = True
        self._width = 0  # of the columns

    def show(self, state: BenchState) -> None:
        """Show another state, from its first cell on."""
        self.state = state
        self.following = True
        self.clear(columns=True)
        self._width = 0
        self._build()

    def redraw(self) -> None:
        """Show the state's new results."""
        if not self.row_count:
            self._build()  # it had no size when the state came
        place = self.state.running_at()
        if self.following and place is not None:
            self.cursor_coordinate = Coordinate(*place)
        self._fill()
        self.refresh_bindings()

    def go(self, row: int, column: int) -> None:
        """Put the cursor on a cell, and keep it there."""
        self.following = False
        self.cursor_coordinate = Coordinate(row, column)

    @property
    def result(self) -> AttackResult | None:
        """The result under the cursor, None if the attack was not run."""
        return self.state.get(*self.cursor_coordinate) if self.state.designs else None

    @property
    def verdict(self) -> Verdict:
        """The full text for the attack under the cursor."""
        return self.state.verdict(*self.cursor_coordinate)

    # -- drawing

    def _build(self) -> None:
        """Make the columns as wide as possible, and the rows; nothing before the table has a size."""
        titles = [attack.title for attack in self.state.attacks]
        room = self.scrollable_content_region.width - max(map(len, titles)) - 2 * self.cell_padding
        count = len(self.state.designs)
        if room <= 0 or not count:
            return
        width = min(max(room // count, LEAST), MOST)
        if width == self._width:
            return
        self._width = width
        cursor = self.cursor_coordinate
        self.clear(columns=True)
        for design in self.state.designs:
            self.add_column(Text(fit(visible(design.title), width - 2)), width=width - 2 * self.cell_padding)
        empty = _Cell("", Style(), Coordinate(0, 0), self)
        for title in (*titles, "total"):
            self.add_row(*[empty] * count, label=Text(title))
        self.cursor_coordinate = cursor
        self.redraw()

    def _fill(self) -> None:
        """Write the cells that have changed."""
        if self.row_count <= len(self.state.attacks):
            return  # it is being built
        renderer = LineRenderer(colours(self.app))
        for column in range(len(self.state.designs)):
            for row in range(self.row_count):
                at = Coordinate(row, column)
                total = row == len(self.state.attacks)
                words, tone = self.state.total_words(column) if total else self.state.words(row, column)
                style = renderer.rich_style(f"{tone} bold" if total or tone == "bad" else tone)
                cell = _Cell(words, style, at, self)
                if cell != self.get_cell_at(at):
                    self.update_cell_at(at, cell)

    def on_mount(self) -> None:
        """Another theme has other colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._fill())

    def on_unmount(self) -> None:
        """Let go of the app, whose signal would keep this table, its screen and every run of it."""
        self.app.theme_changed_signal.unsubscribe(self)

    def on_resize(self) -> None:
        self._build()

    def on_show(self) -> None:
        """Shown again in its old size, it gets no Resize."""
        self._build()

    # -- the cursor

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        """Keep the cursor off the row of totals."""
        row, column = super().validate_cursor_coordinate(value)
        return Coordinate(min(row, len(self.state.attacks) - 1), column)

    def watch_cursor_coordinate(self, old_coordinate: Coordinate, new_coordinate: Coordinate) -> None:
        """Show the totals together with the last attack."""
        super().watch_cursor_coordinate(old_coordinate, new_coordinate)
        if new_coordinate == old_coordinate:
            return
        self.refresh_bindings()
        if new_coordinate.row == len(self.state.attacks) - 1:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable opening a run only if there is one."""
        return action != "select_cursor" or bool(self.result is not None and self.result.timelines)

    def action_move(self, down: int, right: int) -> None:
        row, column = self.cursor_coordinate
        self.go(row + down, column + right)

    def on_click(self) -> None:
        self.following = False

    def on_data_table_row_label_selected(self, event: DataTable.RowLabelSelected) -> None:
        """A click on an attack's name goes to that attack, on the same design."""
        self.go(event.row_index, self.cursor_column)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as Rich draws it. The mark at the cursor is visible without colour. The table caches cells with
    and without the cursor: a move draws two cells. Changing a `Text` at each move redrew the whole table, 29
    ms per key instead of 6.
    """

    words: str
    style: Style
    at: Coordinate
    table: AttackTable = field(compare=False)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment("▸" if self.at == self.table.cursor_coordinate else " ")
        yield Segment(self.words, self.style)
