"""The editor of a request's head, while it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.message import Message
from textual.widgets import TextArea

from wsplay.tui.hold.head_text import HeadText, HeadTextError, pasted
from wsplay.tui.kit.keys import bind

#: The fewest and the most lines of text in it; more scroll.
LEAST, MOST = 4, 12


class HeadEditor(TextArea):
    """The request line and the headers, as bytes. A control character is shown as a picture, and sent as it
    was.
    """

    DEFAULT_CSS = """
    HeadEditor {
        height: auto;
        color: $text-bright;
        background: $page;
        border: heavy $accent;
        &:focus { border: heavy $accent; }
        border-title-color: $accent;
        border-title-style: bold;
        border-subtitle-color: $text-soft;
        padding: 0 1;
        scrollbar-size: 1 1;
        & .text-area--cursor { text-style: reverse; }
        & .text-area--cursor-line { background: $page; }
        & .text-area--selection { color: $text-on-accent; background: $accent; }
    }
    """
    BINDING_GROUP_TITLE = "Held request"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+s", "send", "send changed", "head.send", "Send the request as it is here", show=True),
        # With priority: TextArea itself takes escape to leave the field.
        bind(
            "escape",
            "unchanged",
            "send unchanged",
            "head.unchanged",
            "Send the request as the client did",
            show=True,
            priority=True,
        ),
    ]

    @dataclass
    class Send(Message):
        """The request goes on with this head; None leaves it as it was."""

        number: int
        head: bytes | None

    @dataclass
    class Refused(Message):
        """The text cannot be sent; says why."""

        why: str

    def __init__(self, number: int, head: bytes, *, id: str | None = None) -> None:
        super().__init__(tab_behavior="focus", soft_wrap=True, show_line_numbers=False, id=id)
        self.number = number
        self._head = HeadText(head)
        self.cursor_blink = False
        self.border_title = "Request, held: edit it as bytes"
        self.border_subtitle = "each line ends with CR LF; the empty line at the end is added"
        self.load_text(self._head.text)
        self.move_cursor(self.document.end)

    def on_mount(self) -> None:
        """As high as its lines, within limits."""
        room = max(self.app.size.height // 3, LEAST)
        self.styles.height = min(max(self.document.line_count + 1, LEAST), MOST, room) + 2

    def edit(self, edit: Edit) -> EditResult:
        """Make a change; what is pasted is data."""
        edit.text = pasted(edit.text)
        return super().edit(edit)

    def action_send(self) -> None:
        """Send the request as it is here."""
        try:
            head = self._head.bytes_of(self.text)
        except HeadTextError as error:
            self.post_message(self.Refused(str(error)))
            return
        self.post_message(self.Send(self.number, None if head == self._head.head else head))

    def action_unchanged(self) -> None:
        """Send the request as the client did."""
        self.post_message(self.Send(self.number, None))
