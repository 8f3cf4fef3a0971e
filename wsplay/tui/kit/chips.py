"""A row of buttons that wraps, drawn as one widget: chosen with the arrows and enter, or the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.tui.kit.keys import bind


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a chip is: its line, its first column, its width."""

    line: int
    x: int
    width: int
    text: str


class Chips(Widget, can_focus=True):
    """Named choices after a label. `chosen` is highlighted; `mark` follows its name."""

    DEFAULT_CSS = """
    Chips {
        height: auto;
        width: 1fr;
        text-wrap: nowrap;
        & > .chips--label { color: $text-soft; }
        & > .chips--chip { background: $field; color: $text-plain; }
        & > .chips--chosen { background: $lane-wire; color: $text-on-accent; text-style: bold; }
        & > .chips--cursor { background: $text-on-accent; color: $accent; text-style: bold reverse; }
        & > .chips--empty { color: $text-dim; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chips--label",
        "chips--chip",
        "chips--chosen",
        "chips--cursor",
        "chips--empty",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "move(-1)", "Previous", "chips.previous", "Go to the previous choice"),
        bind("right", "move(1)", "Next", "chips.next", "Go to the next choice"),
        bind("home", "move(-999)", "First", "chips.first", "Go to the first choice"),
        bind("end", "move(999)", "Last", "chips.last", "Go to the last choice"),
        bind("enter,space", "choose", "Choose", "chips.choose", "Choose the one under the cursor"),
    ]

    chosen: reactive[str | None] = reactive(None)
    mark: reactive[str] = reactive("")
    cursor: reactive[int] = reactive(0)

    @dataclass
    class Pressed(Message):
        """A choice was pressed."""

        chips: Chips
        index: int
        name: str

        @property
        def control(self) -> Chips:
            """The row of chips."""
            return self.chips

    @dataclass
    class Moved(Message):
        """The cursor is on another choice, on this line of the chips."""

        chips: Chips
        line: int

        @property
        def control(self) -> Chips:
            """The row of chips."""
            return self.chips

    def __init__(
        self,
        label: str,
        names: Sequence[str] = (),
        *,
        tips: Sequence[str] = (),
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.label = label
        self.names: tuple[str, ...] = tuple(names)
        self._tips = tuple(tips)
        self._empty = empty

    def show_names(self, names: Sequence[str], chosen: str | None = None, tips: Sequence[str] = ()) -> None:
        """Show other choices; `tips` are their tooltips."""
        self.names = tuple(names)
        self._tips = tuple(tips)
        self.chosen = chosen
        self.cursor = self.names.index(chosen) if chosen in self.names else 0
        self.refresh(layout=True)

    def watch_chosen(self, chosen: str | None) -> None:
        """The cursor follows the chosen one."""
        if chosen in self.names:
            self.cursor = self.names.index(chosen)

    def watch_cursor(self, cursor: int) -> None:
        """Tell where the cursor is now."""
        places = self._places(self.size.width)
        if cursor < len(places) and self.is_attached:
            self.post_message(self.Moved(self, places[cursor].line))

    # -- drawing

    def _places(self, width: int) -> list[_Place]:
        indent = cell_len(self.label) + 2 if self.label else 0
        if indent > width // 3:
            indent = 0
        places: list[_Place] = []
        line, x = 0, indent or (cell_len(self.label) + 2 if self.label else 0)
        for name in self.names:
            text = visible(name, max(width - indent - 3, 1))
            size = cell_len(text) + 3
            if x + size > width and x > indent:
                line, x = line + 1, indent
            places.append(_Place(line, x, size, text))
            x += size + 1
        return places

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All of the width."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of lines the chips need when they wrap."""
        places = self._places(width)
        return places[-1].line + 1 if places else 1

    def render(self) -> RenderResult:
        """The label and the chips, line by line."""
        width = self.size.width
        label = Content.styled(self.label, self.get_visual_style("chips--label"))
        if not self.names:
            empty = Content.styled(self._empty, self.get_visual_style("chips--empty"))
            return Content.assemble(label, "  " if self.label else "", empty)
        places = self._places(width)
        lines: list[Content] = [Content.empty() for _ in range(places[-1].line + 1)]
        lines[0] = label
        for index, (name, place) in enumerate(zip(self.names, places, strict=True)):
            line = lines[place.line]
            line = line.pad_right(max(place.x - line.cell_length, 0))
            lines[place.line] = Content.assemble(line, self._chip(index, name, place.text))
        return Content("\n").join(lines)

    def _chip(self, index: int, name: str, text: str) -> Content:
        chosen = name == self.chosen
        under_cursor = self.has_focus and index == self.cursor
        kind = "chips--cursor" if under_cursor else "chips--chosen" if chosen else "chips--chip"
        style = self.get_visual_style(kind)
        lead = "●" if chosen else " "
        tail = self.mark if chosen and self.mark else " "
        return Content.styled(f"{lead} {text}{tail}", style)

    # -- pressing

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        if self.names:
            self.cursor = max(0, min(self.cursor + by, len(self.names) - 1))

    def action_choose(self) -> None:
        """Press the chip under the cursor."""
        self._press(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Press the chip under the mouse."""
        index = self._at(event.x, event.y)
        if index is not None:
            event.stop()
            self._press(index)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the tooltip of the chip under the mouse."""
        index = self._at(event.x, event.y)
        self.tooltip = self._tips[index] if index is not None and index < len(self._tips) else None

    def _at(self, x: int, y: int) -> int | None:
        for index, place in enumerate(self._places(self.size.width)):
            if place.line == y and place.x <= x < place.x + place.width:
                return index
        return None

    def _press(self, index: int) -> None:
        if 0 <= index < len(self.names):
            self.cursor = index
            self.post_message(self.Pressed(self, index, self.names[index]))
