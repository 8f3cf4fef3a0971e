"""The scenarios, by topic: choose with the arrows, by number, by name, or with the mouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import FIX_MARK, FLAWED_MARK, Fixes, Standing
from wsplay.scenario.search import contains
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import BAD_GLYPH
from wsplay.tui.kit.option_list import Options

#: From this width on there is room to say in words what a scenario is to others.
WORDS_FROM = 60
#: Seconds to wait for another digit of a number.
DIGIT_PAUSE = 0.7


class _List(Options):
    BINDING_GROUP_TITLE = "Scenarios"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "select", "Load", "scenarios.load", "Load the scenario under the cursor"),
    ]


class ScenarioList(Vertical):
    """A list of scenarios under their topics, with a search line."""

    BORDER_TITLE = BINDING_GROUP_TITLE = "Scenarios"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "slash",
            "find",
            "find",
            "scenarios.find",
            "Find scenarios by words in their name, title, topics or explanation",
            show=True,
            shown_as="/",
        ),
        bind("escape", "end_find", "All", "scenarios.all", "Show all scenarios again"),
    ]
    DEFAULT_CSS = """
    ScenarioList {
        & > Input { height: 1; border: none; padding: 0 1; background: $bar; display: none; }
        & > Input:focus { border: none; }
        &.-finding > Input { display: block; }
        & > _List {
            height: 1fr; border: none; padding: 0; background: transparent; scrollbar-size-vertical: 1;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & > _List:focus { border: none; background-tint: transparent; }
        & > _List > .option-list--option { padding: 0; }
        & > _List > .option-list--option-disabled { color: $text-dim; text-style: bold; }
    }
    """

    class Chosen(Message):
        """A scenario was chosen; it can be broken, so that its error is shown."""

        def __init__(self, scenario: Scenario) -> None:
            super().__init__()
            self.scenario = scenario

    def __init__(
        self, scenarios: Iterable[Scenario] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._scenarios: tuple[Scenario, ...] = tuple(scenarios)
        self._current: str | None = None  # the name of the shown scenario
        self._digits = ""
        self._pause: Timer | None = None
        self._in_words = False  # whether marks are followed by words

    def compose(self) -> ComposeResult:
        yield Input(placeholder="find a scenario", select_on_focus=False)
        yield _List()

    def on_mount(self) -> None:
        self._fill()

    def on_resize(self) -> None:
        """In a wide list, say what the marks mean."""
        if self._in_words != (self.size.width >= WORDS_FROM):
            self._in_words = not self._in_words
            self._fill()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios, without the search."""
        return self._scenarios

    def show(self, scenarios: Sequence[Scenario], current: str | None) -> None:
        """Show other scenarios, or the same ones read again; `current` names the open one."""
        self._scenarios = tuple(scenarios)
        self._current = current
        if self.is_mounted:
            self._fill()

    def focus_list(self) -> None:
        """Put the cursor into the list."""
        self.screen.set_focus(self.query_one(_List))

    def digit(self, digit: str) -> None:
        """Add a typed digit to a scenario's number; it is chosen once no longer number is possible."""
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        self._digits += digit
        orders = [str(scenario.order) for scenario in self._scenarios if scenario.order is not None]
        if not any(order.startswith(self._digits) for order in orders):
            self._digits = digit
        if any(order != self._digits and order.startswith(self._digits) for order in orders):
            self._pause = self.set_timer(DIGIT_PAUSE, self._choose_number)
        else:
            self._choose_number()

    def finish_number(self) -> None:
        """Choose now, by the digits typed so far."""
        if self._pause is not None:
            self._pause.stop()
            self._choose_number()

    def action_find(self) -> None:
        """Open the search line."""
        self.add_class("-finding")
        self.screen.set_focus(self.query_one(Input))

    def action_end_find(self) -> None:
        """Close it and show all scenarios again."""
        self.remove_class("-finding")
        self.query_one(Input).value = ""
        self.focus_list()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape belongs to the screen unless the search line is open."""
        return self.has_class("-finding") if action == "end_find" else True

    @on(Input.Changed)
    def _looked_for(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(Input.Submitted)
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        scenario = self._at(self.query_one(_List).highlighted)
        self.action_end_find()
        if scenario is not None:
            self._choose(scenario)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        scenario = self._named(event.option.id)
        if scenario is not None:
            self._choose(scenario)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()

    def _choose_number(self) -> None:
        self._pause = None
        digits, self._digits = self._digits, ""
        scenario = next((one for one in self._scenarios if str(one.order) == digits), None)
        if scenario is not None:
            self._choose(scenario)

    def _choose(self, scenario: Scenario) -> None:
        self.post_message(self.Chosen(scenario))

    def _named(self, name: str | None) -> Scenario | None:
        return next((scenario for scenario in self._scenarios if scenario.name == name), None)

    def _at(self, index: int | None) -> Scenario | None:
        if index is None:
            return None
        return self._named(self.query_one(_List).get_option_at_index(index).id)

    def _fill(self) -> None:
        wanted = self.query_one(Input).value.split()
        fixes = Fixes(self._scenarios)
        shown = [one for one in self._scenarios if contains(one, wanted, fixes.of(one))]
        marks = {fixes.of(scenario).mark for scenario in self._scenarios}
        legend = [f"{mark} {word}" for mark, word in _LEGEND.items() if mark in marks]
        self.border_subtitle = Content("  ".join(legend)) if legend else None
        options: list[Option] = []
        highlighted = None
        for group in dict.fromkeys(scenario.group for scenario in shown):
            if group or options:
                options.append(Option(Content(visible(group or "other", 40).capitalize()), disabled=True))
            for scenario in shown:
                if scenario.group != group:
                    continue
                if scenario.name == self._current:
                    highlighted = len(options)
                prompt = prompt_of(
                    scenario,
                    scenario.name == self._current,
                    fixes.of(scenario),
                    marked=bool(legend),
                    in_words=self._in_words,
                )
                options.append(Option(prompt, id=scenario.name))
        if not options:
            options.append(Option(Content("nothing found" if wanted else "no scenarios"), disabled=True))
        view = self.query_one(_List)
        view.set_options(options)
        first = next((index for index, option in enumerate(options) if not option.disabled), None)
        view.highlighted = first if highlighted is None else highlighted


#: What the marks mean.
_LEGEND = {FLAWED_MARK: "flawed", FIX_MARK: "a fix"}


def prompt_of(
    scenario: Scenario,
    current: bool,
    standing: Standing = Standing(),  # noqa: B008 - it is frozen
    *,
    marked: bool = False,
    in_words: bool = False,
) -> Content:
    """A scenario as a line of the list. With `marked` there is a column that says whether it is flawed or
    fixes another; with `in_words` that is also said in words. A broken one has its error on a second line.
    """
    colour = "$warn" if standing.flawed else "$good"
    number = "" if scenario.order is None else str(scenario.order)
    mark = ("▌", "$accent") if current else (" ", "")
    title = Content.assemble(
        mark,
        (f"{number:>2} ", "$text-soft"),
        (f"{standing.mark:1} " if marked else "", f"bold {colour}"),
        (visible(scenario.title, 80), "bold $text-bright" if current else ""),
        (f"  {standing.words}" if in_words and standing.words else "", colour),
    )
    if scenario.problem is None:
        return title
    line = "" if scenario.problem.line is None else f"line {scenario.problem.line}: "
    why = Content(f"    {BAD_GLYPH} {line}{visible(scenario.problem.message, 160)}").stylize("$bad")
    return Content("\n").join([title, why])
