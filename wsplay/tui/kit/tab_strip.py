"""Tabs on one line, each with an optional mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from wsplay.tui.kit.keys import bind


@dataclass(frozen=True, slots=True)
class TabName:
    """A tab: its key, its names from the longest to the shortest, and what is in it."""

    key: str
    names: tuple[str, str, str]
    tip: str = ""


class TabStrip(Widget, can_focus=True):
    """Tabs by name, one of them `active`. Marks: `wrong` shows `!`, any other text is shown as it is."""

    DEFAULT_CSS = """
    TabStrip {
        height: 1;
        width: 1fr;
        text-wrap: nowrap;
        & > .tabs--tab { color: $text-soft; }
        & > .tabs--active { color: $accent; text-style: bold underline; }
        & > .tabs--cursor { background: $text-on-accent; color: $accent; text-style: bold reverse; }
        & > .tabs--mark { color: $text-dim; }
        & > .tabs--wrong { color: $bad; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tabs--tab",
        "tabs--active",
        "tabs--cursor",
        "tabs--mark",
        "tabs--wrong",
    }
    BINDING_GROUP_TITLE = "Client tabs"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "go(-1)", "Previous tab", "tabs.previous", "Show the previous tab"),
        bind("right", "go(1)", "Next tab", "tabs.next", "Show the next tab"),
        bind("home", "go(-99)", "First tab", "tabs.first", "Show the first tab"),
        bind("end", "go(99)", "Last tab", "tabs.last", "Show the last tab"),
        bind("down,enter", "enter", "Into the tab", "tabs.enter", "Move into the tab's content"),
    ]

    active: reactive[str] = reactive("")
    marks: reactive[Mapping[str, str]] = reactive(dict)

    @dataclass
    class Activated(Message):
        """A tab was shown; `entered` if the user wants to move into its content."""

        key: str
        entered: bool = False

    def __init__(self, tabs: Sequence[TabName], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tabs = tuple(tabs)
        self.set_reactive(TabStrip.active, tabs[0].key)

    def _places(self) -> list[tuple[int, str]]:
        """The column and the text of each tab, with short names and narrow gaps if the width requires it."""
        width = self.size.width
        texts: list[str] = []
        gap = 1
        for level, gap in ((0, 2), (0, 1), (1, 1), (2, 1)):
            texts = [tab.names[level] for tab in self.tabs]
            if sum(map(len, texts)) + gap * (len(texts) - 1) <= width:
                break
        places, x = [], 0
        for text in texts:
            places.append((x, text))
            x += len(text) + gap
        return places

    def render(self) -> RenderResult:
        """The line of tabs; a mark is in the gap after its tab."""
        line = Content.empty()
        for tab, (x, text) in zip(self.tabs, self._places(), strict=True):
            line = line.pad_right(max(x - line.cell_length, 0))
            active = tab.key == self.active
            kind = "tabs--tab" if not active else "tabs--cursor" if self.has_focus else "tabs--active"
            mark = self.marks.get(tab.key, "")
            shown = Content.styled({"wrong": "!"}.get(mark, mark), self._mark_style(mark)) if mark else ""
            line = Content.assemble(line, (text, self.get_visual_style(kind)), shown)
        return line.truncate(max(self.size.width, 1))

    def _mark_style(self, mark: str) -> Style:
        return self.get_visual_style("tabs--wrong" if mark == "wrong" else "tabs--mark")

    def action_go(self, by: int) -> None:
        """Show another tab."""
        keys = [tab.key for tab in self.tabs]
        self._show(keys[max(0, min(keys.index(self.active) + by, len(keys) - 1))])

    def action_enter(self) -> None:
        """Move into the shown tab."""
        self.post_message(self.Activated(self.active, entered=True))

    def on_click(self, event: events.Click) -> None:
        """Show the tab under the mouse."""
        index = self._at(event.x)
        if index is not None:
            event.stop()
            self._show(self.tabs[index].key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the tooltip of the tab under the mouse."""
        index = self._at(event.x)
        self.tooltip = self.tabs[index].tip or None if index is not None else None

    def _at(self, x: int) -> int | None:
        for index, (start, text) in enumerate(self._places()):
            if start <= x < start + len(text) + 1:
                return index
        return None

    def _show(self, key: str) -> None:
        self.active = key
        self.post_message(self.Activated(key))
