"""A button one line high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from wsplay.tui.kit.keys import bind


class PushButton(Widget, can_focus=True):
    """A flat button. Its look goes by class: `-good`, `-warn`, `-bad`, or none."""

    DEFAULT_CSS = """
    PushButton {
        width: auto;
        height: 1;
        padding: 0 1;
        background: $field;
        color: $text-plain;
        text-wrap: nowrap;
        &:hover { background: $cursor-ground; color: $text-bright; }
        &.-bad { color: $bad; }
        &.-warn { background: $warn; color: $text-on-accent; text-style: bold; }
        &.-good { background: $good; color: $text-on-accent; text-style: bold; }
        &.-good:hover, &.-warn:hover { text-style: bold underline; }
        &:focus { background: $accent; color: $text-on-accent; text-style: bold; }
        &:disabled { background: $bar; color: $text-dim; text-style: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter,space", "press", "Press", "button.press", "Press the button"),
    ]

    label: reactive[str] = reactive("", layout=True)

    @dataclass
    class Pressed(Message):
        """The button was pressed."""

        button: PushButton

        @property
        def control(self) -> PushButton:
            """The button."""
            return self.button

    def __init__(
        self, label: str, *, tip: str = "", id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(PushButton.label, label)
        self.tooltip = tip or None

    def render(self) -> RenderResult:
        """The label."""
        return Content(self.label)

    def action_press(self) -> None:
        """Press it."""
        if not self.disabled:
            self.post_message(self.Pressed(self))

    def on_click(self, event: events.Click) -> None:
        """Press it."""
        event.stop()
        self.action_press()
