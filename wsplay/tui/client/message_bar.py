"""The connect button and, once connected, what can be sent: a message, a ping, a close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from wsplay.events.safe_text import visible
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText
from wsplay.tui.client.message_history import Draft, MessageHistory
from wsplay.tui.client.state import ClientState
from wsplay.tui.client.validation import bytes_of_hex, close_problem
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import GOOD_GLYPH
from wsplay.tui.kit.text_input import TextInput

#: How a message can be sent: key, word on the button, placeholder of the input.
KINDS: tuple[tuple[str, str, str], ...] = (
    ("text", "Text", "a message"),
    ("binary", "Hex", "bytes, like 48 65 6c 6c 6f"),
    ("ping", "Ping", "the ping's payload, if any"),
)
#: Maximum bytes of a ping (RFC 6455 section 5.5).
MAX_PING = 125


class BarButton(Button):
    """A button one line high, pressed with enter or space too."""

    DEFAULT_CSS = """
    BarButton.-style-flat {
        min-width: 7;
        border: none !important;
        background: $field;
        color: $text-plain;
        text-style: none;
        &:hover { background: $cursor-ground; color: $text-bright; }
        &.-error, &.-error:hover { background: $field; color: $bad; }
        &.-warning, &.-warning:hover { background: $warn; color: $text-on-accent; text-style: bold; }
        &.-success, &.-success:hover { background: $good; color: $text-on-accent; text-style: bold; }
        &.-success:hover, &.-warning:hover { text-style: bold underline; }
        &:focus, &.-success:focus, &.-warning:focus, &.-error:focus {
            background: $accent;
            color: $text-on-accent;
            text-style: bold underline;
        }
        &:disabled {
            background: $bar;
            color: $text-dim;
            text-style: none;
            text-opacity: 100%;
            opacity: 100%;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter,space", "press", "Press", "button.press", "Press the button"),
    ]

    def __init__(self, label: str, tooltip: str, *, id: str) -> None:
        super().__init__(label, id=id, tooltip=tooltip, compact=True, flat=True)
        self.active_effect_duration = 0.0  # a second press right after the first counts too

    def watch_label(self) -> None:
        """Another label has another width."""
        self.refresh(layout=True)


class MessageInput(TextInput):
    """The message; up and down go through sent messages."""

    BINDING_GROUP_TITLE = "Message"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up", "recall(-1)", "Older", "message.older", "Previous sent message"),
        bind("down", "recall(1)", "Newer", "message.newer", "Next sent message"),
        bind("escape", "leave", "Leave", "message.leave", "Back to the Connect button"),
    ]

    @dataclass
    class Recalled(Message):
        """Show an older (-1) or newer (1) message."""

        by: int

    class Left(Message):
        """The user goes back from the input."""

    def action_recall(self, by: int) -> None:
        """Ask for an older or newer message."""
        self.post_message(self.Recalled(by))

    def action_leave(self) -> None:
        """Go back."""
        self.post_message(self.Left())


class MessageBar(Vertical):
    """The connect button, a line with the state, the message and the close."""

    DEFAULT_CSS = """
    MessageBar {
        height: auto;
        & > Horizontal { height: 1; }
        & > #close-line { visibility: hidden; }
        &.-connected > #close-line { visibility: visible; }
        &.-flat > #client-note.-empty { display: none; }
        &.-flat > #close-line { display: none; }
        &.-flat.-connected > #close-line { display: block; }
        &.-line {
            layout: horizontal;
            height: 1;
            & > #client-note { dock: top; max-height: 1; }
            & > #connect-line { width: auto; margin-right: 1; }
            & > #close-line { width: 29; margin-right: 1; }
            & #close-label { display: none; }
            &.-connected #client-keep { display: none; }
            & > #message-line { width: 1fr; }
        }
        &.-line.-noted { height: 2; }
        & #client-note { height: auto; max-height: 2; min-height: 1; width: 1fr; color: $text-soft; }
        & #client-note.-bad { color: $bad; }
        & #client-note.-warn { color: $warn; }
        & #client-keep { margin-left: 1; background: transparent; color: $text-soft; padding: 0; }
        &.-keep #client-keep { color: $good; text-style: bold; }
        & #client-keep:focus { background: $accent; color: $text-on-accent; text-style: bold underline; }
        & #client-kind { min-width: 8; }
        & #client-message { width: 1fr; padding: 0 1; }
        & #close-label { width: auto; color: $text-soft; padding: 0 1; min-width: 8; }
        & #close-code { width: 7; padding: 0 1; margin-right: 1; }
        & #close-reason { width: 1fr; padding: 0 1; }
    }
    """

    class ConnectPressed(Message):
        """The connect button was pressed, whatever it says."""

    class KeepPressed(Message):
        """The switch next to it was pressed."""

    @dataclass
    class Send(Message):
        """Send a message, a ping or a close."""

        step: SendText | SendBinary | Ping | Close

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state: ClientState = "idle"
        self.kind = "text"
        self.keep = False  # whether another scenario keeps the request
        self._note = ""
        self._said = ""  # shown in the note's line instead of the note
        self._history = MessageHistory()
        self.connect = BarButton("Connect", "Connect with this form", id="client-connect")
        self.message = MessageInput(id="client-message", placeholder=KINDS[0][2])
        self.send = BarButton("Send", "Send the message (enter, in its input)", id="client-send")

    def compose(self) -> ComposeResult:
        """Note, connect, close, message."""
        yield Static("", id="client-note", markup=False)
        with Horizontal(id="connect-line"):
            yield self.connect
            yield BarButton(
                _keep_label(False), "Keep this request when you open a scenario", id="client-keep"
            )
        with Horizontal(id="close-line"):
            yield Static("Close", id="close-label")
            yield TextInput("1000", id="close-code", max_length=5, select_on_focus=False)
            yield TextInput(id="close-reason", placeholder="reason", select_on_focus=False)
            yield BarButton("Close", "Close with this code and reason", id="client-close")
        with Horizontal(id="message-line"):
            yield BarButton("Text ⇄", "Send as text, binary (typed in hex) or a ping", id="client-kind")
            yield self.message
            yield self.send

    def on_mount(self) -> None:
        """Start idle."""
        self.set_state("idle")

    def set_keep(self, keep: bool) -> None:
        """Show whether another scenario keeps the request."""
        self.keep = keep
        self.query_one("#client-keep", BarButton).label = _keep_label(keep)
        self.set_class(keep, "-keep")

    @on(Button.Pressed, "#client-keep")
    def _keep_was_pressed(self) -> None:
        self.post_message(self.KeepPressed())

    # -- the connection's state

    def set_state(self, state: ClientState, note: str = "") -> None:
        """Show the connection's state; `note` goes with it."""
        before, self.state = self.state, state
        self._note = note
        self.connect.label, self.connect.variant, self.connect.tooltip = {
            "idle": ("Connect", "success", "Connect with this form"),
            "connecting": ("Cancel", "warning", "Stop connecting"),
            "connected": ("Disconnect", "error", "Close the connection with 1000"),
        }[state]
        connected = state == "connected"
        parts = [
            self.query_one(name) for name in ("#client-send", "#client-close", "#close-code", "#close-reason")
        ]
        losing = not connected and any(part.has_focus for part in parts)
        self.set_class(connected, "-connected")
        for part in parts:
            part.disabled = not connected
        # What was said stays until the state changes.
        if state != before or not self._said:
            self.say("")
        if connected and before != state and self.connect.has_focus:
            self.message.focus()  # the next change is reported
        elif losing:
            self.connect.focus()  # the focused widget is hidden now

    def say(self, text: str, tone: str = "") -> None:
        """Show a text in the note's line, or (empty) the state's own note. `tone`: "", "warn" or "bad"."""
        note = self.query_one("#client-note", Static)
        glyph = {"bad": "✗ ", "warn": "! "}.get(tone, "") if text else ""
        self._said = text
        shown = text or self._note
        note.update(Content(glyph + visible(shown)))
        note.set_classes([f"-{tone}"] if text and tone else [] if shown else ["-empty"])
        self.set_class(bool(shown), "-noted")

    # -- messages

    @on(Button.Pressed, "#client-kind")
    def _next_kind(self) -> None:
        keys = [key for key, _, _ in KINDS]
        self.set_kind(keys[(keys.index(self.kind) + 1) % len(keys)])

    def set_kind(self, kind: str) -> None:
        """Send as `text`, `binary` or `ping` from now on."""
        self.kind = kind
        word, asks = next((word, asks) for key, word, asks in KINDS if key == kind)
        self.query_one("#client-kind", BarButton).label = f"{word} ⇄"
        self.message.placeholder = asks
        self._check_message()

    def _step(self) -> SendText | SendBinary | Ping:
        text = self.message.text
        if self.kind == "ping":
            return Ping(text)
        data = bytes_of_hex(text) if self.kind == "binary" else text
        return SendBinary(data) if isinstance(data, bytes) else SendText(text)

    def _check_message(self) -> bool:
        """Mark what cannot be sent; a ping that is too long only gets a warning."""
        text = self.message.text
        problem = ""
        if self.kind == "binary" and isinstance(said := bytes_of_hex(text), str):
            problem = said
        self.message.set_class(bool(problem), "-wrong")
        size = len(text.encode("utf-8", "surrogatepass"))
        if self.kind == "ping" and size > MAX_PING:
            self.say(f"{size} bytes, and a ping has room for {MAX_PING}; the client may refuse it", "warn")
        else:
            self.say(problem, "bad" if problem else "")
        return not problem

    @on(Input.Changed, "#client-message")
    def _message_changed(self) -> None:
        self._history.typed(Draft(self.kind, self.message.text))
        self._check_message()

    @on(Input.Submitted, "#client-message")
    @on(Button.Pressed, "#client-send")
    def _send(self) -> None:
        if not self._check_message():
            self.message.focus()
            return
        if self.state != "connected":
            self.say("not connected: connect first, then send", "warn")
            return
        self._history.add(Draft(self.kind, self.message.text))
        self.post_message(self.Send(self._step()))
        # The text stays selected: typing replaces it, enter sends it again.
        self.message.select_all()

    @on(MessageInput.Recalled)
    def _recalled(self, event: MessageInput.Recalled) -> None:
        draft = Draft(self.kind, self.message.text)
        found = self._history.older(draft) if event.by < 0 else self._history.newer()
        if found is not None:
            self.set_kind(found.kind)
            self.message.text = found.text

    @on(MessageInput.Left)
    def _left(self) -> None:
        self.connect.focus()

    # -- connecting and closing

    @on(Button.Pressed, "#client-connect")
    def _connect_pressed(self) -> None:
        self.post_message(self.ConnectPressed())

    @on(Input.Changed, "#close-code, #close-reason")
    def _check_close(self) -> bool:
        """Mark what cannot be sent, and say what is wrong with the close."""
        code = self.query_one("#close-code", TextInput)
        message, possible = close_problem(code.text, self.query_one("#close-reason", TextInput).text)
        code.set_class(not possible, "-wrong")
        if self.state == "connected":
            self.say(message, "warn" if possible else "bad")
        return possible

    @on(Input.Submitted, "#close-code, #close-reason")
    @on(Button.Pressed, "#client-close")
    def _close(self) -> None:
        if self.state != "connected":
            return
        code = self.query_one("#close-code", TextInput)
        if not self._check_close():
            code.focus()
            return
        close = Close(int(code.text), self.query_one("#close-reason", TextInput).text)
        self.post_message(self.Send(close))


def _keep_label(keep: bool) -> str:
    return f"{GOOD_GLYPH if keep else '·'} keep my request"
