"""A list of things to switch on and off, drawn as one widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from wsplay.tui.kit.keys import bind


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing to switch; `note` stands after it, dim. Without a key it is a heading."""

    key: str
    label: str
    on: bool = True
    note: str = ""


class TickList(Widget, can_focus=True):
    """Ticks under headings: arrows and space, or the mouse."""

    DEFAULT_CSS = """
    TickList {
        height: auto;
        width: 1fr;
        text-wrap: nowrap;
        & > .ticks--on { color: $good; text-style: bold; }
        & > .ticks--off { color: $text-dim; }
        & > .ticks--label { color: $text-plain; }
        & > .ticks--heading { color: $text-soft; text-style: bold; }
        & > .ticks--note { color: $text-dim; }
        & > .ticks--cursor { background: $cursor-ground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ticks--on",
        "ticks--off",
        "ticks--label",
        "ticks--heading",
        "ticks--note",
        "ticks--cursor",
    }
    BINDING_GROUP_TITLE = "Switches"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "go(-1)", "Up", "ticks.up", "Go to the switch above"),
        bind("down,j", "go(1)", "Down", "ticks.down", "Go to the switch below"),
        bind("space,enter", "switch", "On/off", "ticks.switch", "Switch it on or off", show=True),
    ]

    cursor: reactive[int] = reactive(0)
    hovered: reactive[int] = reactive(-1)

    @dataclass
    class Switched(Message):
        """Something was switched."""

        key: str
        on: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.ticks: tuple[Tick, ...] = ()

    def show(self, ticks: Sequence[Tick]) -> None:
        """Show these."""
        if tuple(ticks) == self.ticks:
            return
        self.ticks = tuple(ticks)
        places = self._places()
        if places and self.cursor not in places:
            self.cursor = places[0]
        self.refresh(layout=True)

    def _places(self) -> list[int]:
        return [index for index, tick in enumerate(self.ticks) if tick.key]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line each."""
        return len(self.ticks)

    def render(self) -> RenderResult:
        """The lines."""
        return Content("\n").join(self._draw(index, tick) for index, tick in enumerate(self.ticks))

    def _draw(self, index: int, tick: Tick) -> Content:
        def style(name: str) -> Style:
            return self.get_visual_style(name, partial=True)

        width = max(self.size.width, 1)
        if not tick.key:
            line = Content.assemble(
                (tick.label, style("ticks--heading")), "  ", (tick.note, style("ticks--note"))
            )
            return line.truncate(width, ellipsis=True)
        line = Content.assemble(
            (" ✓ " if tick.on else " · ", style("ticks--on" if tick.on else "ticks--off")),
            (tick.label, style("ticks--label" if tick.on else "ticks--off")),
            (f"  {tick.note}" if tick.note else "", style("ticks--note")),
        ).truncate(width, ellipsis=True)
        if index == self.hovered or (self.has_focus and index == self.cursor):
            line = line.pad_right(width - line.cell_length).stylize_before(
                self.get_visual_style("ticks--cursor")
            )
        return line

    def action_go(self, by: int) -> None:
        """Move the cursor, past headings."""
        places = self._places()
        if places:
            at = places.index(self.cursor) if self.cursor in places else 0
            self.cursor = places[max(0, min(at + by, len(places) - 1))]
            if isinstance(self.parent, Widget):
                region = Region(0, self.cursor, 1, 1).translate(self.virtual_region.offset)
                self.parent.scroll_to_region(region, animate=False, force=True)

    def action_switch(self) -> None:
        """Switch what is under the cursor."""
        if self.cursor < len(self.ticks) and self.ticks[self.cursor].key:
            tick = self.ticks[self.cursor]
            self.post_message(self.Switched(tick.key, not tick.on))

    def on_click(self, event: events.Click) -> None:
        """Switch what is under the mouse."""
        event.stop()
        if event.y < len(self.ticks) and self.ticks[event.y].key:
            self.cursor = event.y
            self.action_switch()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show what a press would meet."""
        switchable = event.y < len(self.ticks) and bool(self.ticks[event.y].key)
        self.hovered = event.y if switchable else -1

    def on_leave(self) -> None:
        """The mouse is gone."""
        self.hovered = -1
