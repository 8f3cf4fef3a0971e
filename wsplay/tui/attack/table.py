"""The attack table: attacks down, designs across, each cell a run. It fills as the runs come."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wsplay.events.safe_text import visible
from wsplay.tui.attack.state import BenchState
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.styled_lines import Ink, Line, Span, fit
from wsplay.tui.kit.theme import colours

if TYPE_CHECKING:
    from wsplay.attack.bench import AttackResult

#: Cells of the column with the attacks' names, and the least and most of another.
NAMES, LEAST, MOST = 19, 14, 28
#: Lines of headings.
HEADER = 1


class AttackTable(ScrollView, can_focus=True, inherit_bindings=False):
    """A view of one `BenchState`. Call `redraw` after it has changed."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    AttackTable {
        background: $background;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &:focus { border: round $border; border-title-color: $accent; }
    }
    """
    BORDER_TITLE = "Attacks"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1, 0)", "Up", "attacks.up", "The attack before"),
        bind("down,j", "move(1, 0)", "Down", "attacks.down", "The next attack"),
        bind("left", "move(0, -1)", "Left", "attacks.left", "The design before"),
        bind("right", "move(0, 1)", "Right", "attacks.right", "The next design"),
        bind("home", "move(-99, 0)", "First", "attacks.first", "The first attack"),
        bind("end", "move(99, 0)", "Last", "attacks.last", "The last attack"),
        bind("enter", "open", "Open", "attacks.open", "Open the run of the cell in a timeline", show=True),
    ]

    row: reactive[int] = reactive(0, init=False)
    column: reactive[int] = reactive(0, init=False)

    class Moved(Message):
        """The cursor is on another cell; `cell` is None where nothing was run yet."""

        def __init__(self, table: AttackTable, cell: AttackResult | None) -> None:
            super().__init__()
            self.table = table
            self.cell = cell

        @property
        def control(self) -> AttackTable:
            return self.table

    class Opened(Message):
        """The user wants to see the run of a cell."""

        def __init__(self, table: AttackTable, cell: AttackResult) -> None:
            super().__init__()
            self.table = table
            self.cell = cell

        @property
        def control(self) -> AttackTable:
            return self.table

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.state = BenchState(())
        self._ink: Ink | None = None
        #: Whether the cursor goes with the attack that runs; the user's first move ends that.
        self.following = True

    def show(self, state: BenchState) -> None:
        """Another table, from its first cell on."""
        self.state = state
        self.following = True
        self.set_reactive(AttackTable.row, 0)
        self.set_reactive(AttackTable.column, 0)
        self._fit()
        self.redraw()

    def redraw(self) -> None:
        """Draw what the state has come to."""
        if self.following and self.state.running and (place := self.state.place()) is not None:
            self.row, self.column = place
        self.refresh()
        self.refresh_bindings()

    @property
    def cell(self) -> AttackResult | None:
        """The cell under the cursor, None where it was not run."""
        return self.state.get(self.row, self.column) if self.state.designs else None

    @property
    def why(self) -> str:
        """What is known of the cell under the cursor."""
        return self.state.why(self.row, self.column) if self.state.designs else ""

    def go(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self.row, self.column = row, column

    # -- drawing

    def _fit(self) -> None:
        self.virtual_size = Size(
            self.scrollable_content_region.width, HEADER + len(self.state.attacks) + (1 if self.state else 0)
        )

    def _layout(self) -> tuple[int, int, int]:
        """First design on show, how many there is room for, and the cells each has."""
        room = max(self.scrollable_content_region.width - NAMES, LEAST)
        count = len(self.state.designs)
        shown = max(min(room // LEAST, count), 1)
        width = min(room // shown, MOST)
        first = min(max(self.column - shown + 1, 0), max(count - shown, 0))
        return first, shown, width

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        ink = self._ink
        if ink is None:
            ink = self._ink = Ink(colours(self.app), self.rich_style)
        if y < HEADER:
            return ink.strip(self._header(), width)
        row = y - HEADER + round(self.scroll_y)
        if row < len(self.state.attacks):
            return ink.strip(self._row(row), width)
        return ink.strip(self._foot() if row == len(self.state.attacks) else (), width)

    def _columns(self) -> range:
        first, shown, _ = self._layout()
        return range(first, min(first + shown, len(self.state.designs)))

    def _header(self) -> Line:
        first, shown, width = self._layout()
        hidden = len(self.state.designs) - shown
        lead = f"{first + 1}-{first + shown} of {len(self.state.designs)}" if hidden > 0 else ""
        spans: list[Span] = [(f"{lead:<{NAMES}}", "text-dim")]
        for column in self._columns():
            name = fit(visible(self.state.designs[column].title), width - 2)
            token = "accent bold" if column == self.column else "text-bright bold"
            spans.append((_padded(name, width), token))
        return tuple(spans)

    def _row(self, row: int) -> Line:
        _, _, width = self._layout()
        on = row == self.row
        name = fit(self.state.attacks[row].title, NAMES - 2)
        spans: list[Span] = [
            ("▌" if on else " ", "accent bold"),
            (f" {name:<{NAMES - 2}}", "text-bright bold" if on else "text-plain"),
        ]
        for column in self._columns():
            text, tone = self.state.words(row, column)
            if on and column == self.column:
                ground = "cursor-ground" if self.has_focus else "cursor-ground-blurred"
                spans.append((_padded("▸" + (text or " "), width - 1), f"{tone} bold on {ground}"))
                spans.append((" ", ""))
            else:
                spans.append((" ", ""))
                spans.append((_padded(text, width - 1), f"{tone} bold" if tone == "bad" else tone))
        return tuple(spans)

    def _foot(self) -> Line:
        _, _, width = self._layout()
        spans: list[Span] = [(f"  {'in all':<{NAMES - 2}}", "text-soft")]
        for column in self._columns():
            text, tone = self.state.total_words(column)
            spans += [(" ", ""), (_padded(text, width - 1), f"{tone} bold")]
        return tuple(spans)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ink = None

    def on_resize(self) -> None:
        self._fit()
        self._reveal()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # -- moving

    def watch_row(self) -> None:
        """Have the cell in sight, and tell of it."""
        self._reveal()
        self._tell()

    def watch_column(self) -> None:
        """Tell of the cell."""
        self._tell()

    def _tell(self) -> None:
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Moved(self, self.cell))

    def _reveal(self) -> None:
        body = max(self.scrollable_content_region.height - HEADER, 1)
        top = round(self.scroll_y)
        last = self.row + 1 if self.row == len(self.state.attacks) - 1 else self.row  # with the foot
        if self.row < top or last >= top + body:
            self.scroll_to(
                y=self.row if self.row < top else last - body + 1, animate=False, immediate=True, force=True
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a run can be opened."""
        return action != "open" or bool(self.cell is not None and self.cell.timelines)

    def action_move(self, down: int, right: int) -> None:
        if self.state.designs:
            self.following = False
            self.row = min(max(self.row + down, 0), len(self.state.attacks) - 1)
            self.column = min(max(self.column + right, 0), len(self.state.designs) - 1)

    def action_open(self) -> None:
        cell = self.cell
        if cell is not None and cell.timelines:
            self.post_message(self.Opened(self, cell))

    def on_click(self, event: events.Click) -> None:
        """A click goes to the cell; a double click opens its run."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < HEADER or not self.state.designs:
            return
        row = offset.y - HEADER + round(self.scroll_y)
        first, shown, width = self._layout()
        column = first + max(offset.x - NAMES, 0) // width
        if row >= len(self.state.attacks) or column >= first + shown:
            return
        event.stop()
        self.following = False
        self.row = row
        if offset.x >= NAMES:
            self.column = column
        if event.chain == 2:
            self.action_open()


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 0)
