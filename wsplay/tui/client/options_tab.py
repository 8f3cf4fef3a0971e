"""The options of the handshake: compression, timeouts, automatic headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from wsplay.protocol.handshake import AUTOMATIC_HEADERS
from wsplay.tui.client.form import ClientForm, TypedOption
from wsplay.tui.client.validation import problems_of_option
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.option_list import Options
from wsplay.tui.kit.text_input import TextInput
from wsplay.tui.kit.wording import count_of

#: Option -> label and what follows the input.
FIELDS: dict[TypedOption, tuple[str, str]] = {
    "open_timeout": ("Open within", "s"),
    "close_timeout": ("Close within", "s"),
}


class OptionInput(TextInput):
    """The input of one option, a timeout."""

    BINDING_GROUP_TITLE = "Field of the options"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("down", "app.focus_next", "Next", "option.next", "Go to the next option"),
        bind("up", "app.focus_previous", "Previous", "option.previous", "Go to the previous option"),
        bind("escape", "leave", "Switches", "option.leave", "Go to the switches"),
    ]

    def __init__(self, option: TypedOption) -> None:
        super().__init__(id=f"option-{option}", select_on_focus=False)
        self.option = option

    def action_leave(self) -> None:
        """Leave the input for the list below."""
        self.screen.query_one("#option-switches", SwitchList).focus()


class SwitchList(Options):
    """Switches under headings; a press posts `OptionSelected` with its id."""

    DEFAULT_CSS = """
    SwitchList.-textual-compact {
        background: transparent;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option-highlighted { background: transparent; text-style: none; }
        & > .option-list--option-hover { background: $cursor-ground; }
        &:focus {
            background-tint: transparent;
            & > .option-list--option-highlighted { background: $cursor-ground; text-style: bold; }
        }
    }
    """
    BINDING_GROUP_TITLE = "Switches"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "go(-1)", "Up", "ticks.up", "Go to the switch above"),
        bind("down,j", "go(1)", "Down", "ticks.down", "Go to the switch below"),
        bind("space,enter", "select", "On/off", "ticks.switch", "Switch it on or off"),
    ]

    def show_options(self, options: list[Option]) -> None:
        """Show these; the highlight stays on its switch."""
        if [option.id for option in options] == [option.id for option in self.options]:
            for index, option in enumerate(options):
                if option.prompt != self.options[index].prompt:
                    self.replace_option_prompt_at_index(index, option.prompt)
            return
        kept = None if self.highlighted_option is None else self.highlighted_option.id
        self.set_options(options)
        self.action_first()
        if kept is not None and any(option.id == kept for option in options):
            self.highlighted = self.get_option_index(kept)

    def action_go(self, by: int) -> None:
        """Move the highlight past headings, and not from the last to the first."""
        places = [index for index, option in enumerate(self.options) if not option.disabled]
        if self.highlighted in places:
            self.highlighted = places[max(0, min(places.index(self.highlighted) + by, len(places) - 1))]


def _switch(id: str, label: str, on: bool, note: str = "") -> Option:
    prompt = Content.assemble(
        (" ✓ ", "bold $good") if on else (" · ", "$text-dim"),
        (label, "$text-plain" if on else "$text-dim"),
        "  ",
        (note, "$text-dim"),
    )
    return Option(prompt, id)


def _heading(label: str, note: str) -> Option:
    prompt = Content.assemble("\n", (label, "bold $text-soft"), "  ", (note, "$text-dim"))
    return Option(prompt, disabled=True)


class OptionsTab(VerticalScroll, can_focus=False):
    """The options of a form; changes go into it at once, and `Changed` reports each one."""

    DEFAULT_CSS = """
    OptionsTab {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > Horizontal { height: 1; }
        & .option-label { width: 14; color: $text-soft; padding: 0 0 0 1; }
        & .option-unit { width: auto; color: $text-dim; padding: 0 1; }
        & #option-open_timeout, & #option-close_timeout { width: 9; padding: 0 1; }
        & .option-problem { display: none; height: auto; color: $bad; text-style: bold; padding: 0 0 0 3; }
        & .option-problem.-shown { display: block; }
        & SwitchList { margin-top: 1; }
    }
    """

    @dataclass
    class Changed(Message):
        """The form's options have changed."""

    def __init__(self, form: ClientForm, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.form = form
        self._inputs: dict[str, OptionInput] = {option: OptionInput(option) for option in FIELDS}

    def compose(self) -> ComposeResult:
        """Inputs above, switches below."""
        for option, (label, unit) in FIELDS.items():
            with Horizontal():
                yield Static(label, classes="option-label")
                yield self._inputs[option]
                yield Static(unit, classes="option-unit")
            yield Static("", id=f"problem-{option}", classes="option-problem", markup=False)
        yield SwitchList(id="option-switches", compact=True)

    def on_mount(self) -> None:
        """Show the form's options."""
        self.reread()

    def reread(self) -> None:
        """The form has changed: show it again."""
        for option, field in self._inputs.items():
            text = getattr(self.form.state, option)
            field.text = text
            problems = problems_of_option(option, text)
            field.set_class(bool(problems), "-wrong")
            said = self.query_one(f"#problem-{option}", Static)
            said.update(f"└ {problems[0].message}" if problems else "")
            said.set_class(bool(problems), "-shown")
        self.query_one(SwitchList).show_options(list(self._switches()))

    def _switches(self) -> Iterator[Option]:
        state = self.form.state
        yield _switch("compression", "compression", state.compression, "permessage-deflate")
        if state.steps:
            note = count_of(len(state.steps), "step")
            yield _switch("steps", "send the try's messages", state.play_steps, note)
        yield _heading("Sent automatically", "your header replaces it")
        omitted = {name.lower() for name in state.omit}
        own = {row.name.lower() for row in state.headers if row.on}
        for name in AUTOMATIC_HEADERS:
            on = name.lower() not in omitted
            note = "yours is sent" if name.lower() in own else "" if on else "left out"
            yield _switch(f"header:{name}", name, on, note)

    def focus_option(self, option: str) -> None:
        """Put the cursor into the input of an option."""
        self._inputs[option].focus()

    def focus_first(self) -> None:
        """Put the cursor into the first input."""
        self._inputs["open_timeout"].focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        field = event.input
        if isinstance(field, OptionInput) and field.text != getattr(self.form.state, field.option):
            self.form.type_option(field.option, field.text)
            self._changed()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.screen.focus_next()

    def on_descendant_blur(self) -> None:
        """Later changes are undone separately."""
        self.form.new_undo_step()

    @on(OptionList.OptionSelected)
    def _switched(self, event: OptionList.OptionSelected) -> None:
        form, switch = self.form, event.option_id or ""
        if switch == "compression":
            form.set_compression(not form.state.compression)
        elif switch == "steps":
            form.set_play_steps(not form.state.play_steps)
        else:
            name = switch.removeprefix("header:")
            omitted = name.lower() in (other.lower() for other in form.state.omit)
            form.set_sent_automatically(name, omitted)
        self._changed()

    def _changed(self) -> None:
        self.reread()
        self.post_message(self.Changed())
