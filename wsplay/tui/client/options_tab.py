"""What of the handshake is no header of the user's: path, compression, timeouts, automatic headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from wsplay.protocol.handshake import AUTOMATIC_HEADERS
from wsplay.tui.client.form import ClientForm
from wsplay.tui.client.tick_list import Tick, TickList
from wsplay.tui.client.validation import problems_of_option
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.text_input import TextInput

#: Option -> label and what follows the input.
FIELDS: dict[str, tuple[str, str]] = {
    "path": ("Path", ""),
    "open_timeout": ("Open within", "s"),
    "close_timeout": ("Close within", "s"),
}


class OptionInput(TextInput):
    """The input of one option."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("down", "app.focus_next", "Next", "option.next", "Go to the next option"),
        bind("up", "app.focus_previous", "Previous", "option.previous", "Go to the option before"),
        bind("escape", "leave", "Switches", "option.leave", "Go to the switches"),
    ]

    def action_leave(self) -> None:
        """Leave the input for the list below."""
        self.screen.query_one("#option-ticks", TickList).focus()


class OptionsTab(VerticalScroll, can_focus=False):
    """The options of a form; all go into it as they are typed, and `Changed` tells of each change."""

    DEFAULT_CSS = """
    OptionsTab {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > Horizontal { height: 1; }
        & .option-label { width: 14; color: $text-soft; padding: 0 0 0 1; }
        & .option-unit { width: auto; color: $text-dim; padding: 0 1; }
        & #option-path { width: 1fr; padding: 0 1; }
        & #option-open_timeout, & #option-close_timeout { width: 9; padding: 0 1; }
        & .option-problem { display: none; height: auto; color: $bad; text-style: bold; padding: 0 0 0 3; }
        & .option-problem.-shown { display: block; }
        & TickList { margin-top: 1; }
    }
    """

    @dataclass
    class Changed(Message):
        """The form's options have changed."""

    def __init__(self, form: ClientForm, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.form = form
        self._inputs = {
            option: OptionInput(id=f"option-{option}", select_on_focus=False) for option in FIELDS
        }

    def compose(self) -> ComposeResult:
        """Inputs above, switches below."""
        for option, (label, unit) in FIELDS.items():
            with Horizontal():
                yield Static(label, classes="option-label")
                yield self._inputs[option]
                yield Static(unit, classes="option-unit")
            yield Static("", id=f"problem-{option}", classes="option-problem", markup=False)
        yield TickList(id="option-ticks")

    def on_mount(self) -> None:
        """Show what the form holds."""
        self.reread()

    def reread(self) -> None:
        """The form has changed: show it anew."""
        for option, field in self._inputs.items():
            text = getattr(self.form.state, option)
            field.text = text
            problems = problems_of_option(option, text)
            field.set_class(bool(problems), "-wrong")
            said = self.query_one(f"#problem-{option}", Static)
            said.update(f"└ {problems[0].message}" if problems else "")
            said.set_class(bool(problems), "-shown")
        self.query_one(TickList).show(tuple(self._ticks()))

    def _ticks(self) -> Iterator[Tick]:
        state = self.form.state
        yield Tick("compression", "compression", state.compression, "permessage-deflate")
        if state.steps:
            count = len(state.steps)
            note = "1 message" if count == 1 else f"{count} steps"
            yield Tick("steps", "play what the try sends", state.play_steps, note)
        yield Tick("", "")
        yield Tick("", "Sent by itself", note="your own header overrides")
        omitted = {name.lower() for name in state.omit}
        own = {row.name.lower() for row in state.headers if row.on}
        for name in AUTOMATIC_HEADERS:
            on = name.lower() not in omitted
            note = "yours is sent" if name.lower() in own else "" if on else "left out"
            yield Tick(f"header:{name}", name, on, note)

    def focus_option(self, option: str) -> None:
        """Put the cursor into the input of `path`, `open_timeout` or `close_timeout`."""
        self._inputs[option].focus()

    def focus_first(self) -> None:
        """Put the cursor into the first input."""
        self._inputs["path"].focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        field = event.input
        option = (field.id or "").removeprefix("option-")
        if not isinstance(field, TextInput) or field.text == getattr(self.form.state, option):
            return
        if option == "path":
            self.form.set_path(field.text)
        elif option == "open_timeout":
            self.form.set_open_timeout(field.text)
        else:
            self.form.set_close_timeout(field.text)
        self._changed()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_descendant_blur(self) -> None:
        """What is typed later is undone apart."""
        self.form.settle()

    @on(TickList.Switched)
    def _switched(self, event: TickList.Switched) -> None:
        event.stop()
        if event.key == "compression":
            self.form.set_compression(event.on)
        elif event.key == "steps":
            self.form.set_play_steps(event.on)
        else:
            self.form.set_sent_automatically(event.key.removeprefix("header:"), event.on)
        self._changed()

    def _changed(self) -> None:
        self.reread()
        self.post_message(self.Changed())
