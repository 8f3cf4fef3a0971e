"""What the keys and the palette of the main screen do."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual.app import SuspendNotSupported
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Input, TextArea

from wsplay.events.event import Event
from wsplay.export.request import FORMS
from wsplay.protocol.engine import ENGINES
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.tui.background.messages import Connect, Disconnect, Load, Restart, UseEngine
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.client.form import InvalidForm
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit.commands import Choice, Choices, CopyChoices, EngineChoices
from wsplay.tui.kit.help import HelpScreen, help_of
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.export import event_as_json, event_as_text, save
from wsplay.tui.main.keys import BINDINGS
from wsplay.tui.main.scenario_list import ScenarioList
from wsplay.tui.main.state import MainState
from wsplay.tui.timeline.view import TimelineView

#: Editors looked for where neither VISUAL nor EDITOR names one.
EDITORS = ("nano", "vim", "vi")
UPPER = ("scenarios", "endpoint", "client")
_PALETTES: dict[str, tuple[type[Choices], str]] = {
    "engines": (EngineChoices, "Run on which server?"),
    "copies": (CopyChoices, "Copy the request as ..."),
}


class MainActions(Screen[None]):
    """The actions; what they act on is in `MainScreen`."""

    library: Library
    proxy: PlaygroundProxy
    state: MainState
    scenario: Scenario | None
    attempt: str | None
    inspecting: bool

    if TYPE_CHECKING:

        @property
        def timeline(self) -> TimelineView: ...
        @property
        def narrow(self) -> bool: ...
        def turn_to(self, name: str) -> None: ...
        def set_inspecting(self, inspecting: bool) -> None: ...
        def show_scenario(self, scenario: Scenario) -> None: ...

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Tell the user something that may hold data."""
        self.notify(text, severity=severity, markup=False)

    # -- scenario

    def open_scenario(self, scenario: Scenario) -> None:
        """Show a scenario and load it, unless it is broken: then the last good one stays loaded."""
        self.show_scenario(scenario)
        self.state.choose(scenario)
        if scenario.problem is None:
            self.proxy.ask(Load(scenario))

    def stamp_of(self, scenario: Scenario) -> int | None:
        """When the scenario's file was changed last, in nanoseconds; None where that cannot be told."""
        try:
            return os.stat(scenario.file).st_mtime_ns
        except OSError:
            return None

    def action_reload(self) -> None:
        """Read the file again and load it."""
        if self.scenario is not None:
            self.open_scenario(self.library.refresh(self.scenario))

    def action_edit(self) -> None:
        """Open the file in the user's editor, then load what came of it."""
        if self.scenario is None:
            return
        named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
        command = shlex.split(named) or [name for name in EDITORS if shutil.which(name)][:1]
        if not command:
            self.say("no editor: set EDITOR to the command of yours", "warning")
            return
        before = self.stamp_of(self.scenario)
        try:
            with self.app.suspend():
                done = subprocess.run([*command, self.scenario.file], check=False)
        except SuspendNotSupported:
            self.say("this terminal cannot be lent to an editor", "warning")
            return
        except OSError as error:
            self.say(f"{command[0]}: {error.strerror or error}", "error")
            return
        if done.returncode:
            self.say(f"{command[0]} ended with {done.returncode}", "warning")
        if self.stamp_of(self.scenario) != before:
            self.action_reload()

    def action_digit(self, digit: str) -> None:
        """A digit of a scenario's number."""
        self.query_one(ScenarioList).digit(digit)

    # -- run

    def connect(self, handshake: Handshake, attempt: str | None) -> None:
        """Begin a run."""
        self.proxy.ask(Connect(handshake, attempt))

    def action_connect(self) -> None:
        """Connect as the client pane says; a connection that is there is left for the new one."""
        self.query_one(ScenarioList).settle_number()
        # A scenario chosen by that is opened by a message that is on its way: connect behind it.
        self.call_next(self.query_one(ClientPane).connect)

    def action_disconnect(self) -> None:
        """Leave the connection."""
        self.proxy.ask(Disconnect())

    def action_step_try(self, by: int) -> None:
        """Choose the next try, or the one before."""
        names = [attempt.name for attempt in self.scenario.tries] if self.scenario is not None else []
        if names:
            at = names.index(self.attempt) + by if self.attempt in names else 0
            self.choose_try(names[at % len(names)])

    def choose_try(self, name: str, connect: bool = False) -> None:
        """Fill the client pane from a try, and connect where that is wanted."""
        self.query_one(ClientPane).choose_try(name)
        if connect:
            self.action_connect()

    def action_restart(self) -> None:
        """Restart the server."""
        self.say("restarting the server")
        self.proxy.ask(Restart())

    def use_engine(self, name: str) -> None:
        """Run on another ASGI server."""
        self.proxy.ask(UseEngine(name))

    # -- looking

    def action_go(self, name: str) -> None:
        """To a pane."""
        if name in ("event", "inspector"):
            self.inspect(True)
            return
        self.unzoom()
        if name in UPPER:
            self.turn_to(name)
        if name == "scenarios":
            self.query_one(ScenarioList).focus_list()
        elif name == "client":
            pane = self.query_one(ClientPane)
            if pane.tabs.active in pane.tables:
                # At once, so that a key typed ahead goes there.
                self.set_focus(pane.tables[pane.tabs.active].rows)
            else:
                pane.show_tab(pane.tabs.active, enter=True)
        else:
            self.set_focus(self.query_one(f"#{name}"))

    def action_inspect(self) -> None:
        """Open the event under the cursor, or close it."""
        self.inspect(not self.inspecting)

    def inspect(self, open_it: bool) -> None:
        """Open the inspector beside the timeline, or above it where the screen is narrow; or close it."""
        self.unzoom()
        if open_it:
            self.turn_to("event")
            self.query_one(Inspector).show(self.timeline.event, self.state.run.timeline.start_ns)
            return
        inspector = self.query_one(Inspector)
        was_in = self.focused is not None and inspector in self.focused.ancestors_with_self
        self.set_inspecting(False)
        if was_in:
            self.set_focus(self.timeline)

    def action_search(self) -> None:
        """Search the timeline."""
        self.set_focus(self.timeline)
        self.timeline.action_find()

    def action_zoom(self) -> None:
        """Give the screen to the pane with the focus, or back."""
        if self.has_class("-zoomed"):
            self.unzoom()
            return
        nodes = [] if self.focused is None else self.focused.ancestors_with_self
        pane = next((node for node in nodes if node.has_class("pane")), self.timeline)
        pane.add_class("-zoom")
        self.add_class("-zoomed", "-zoom-upper" if pane.id in UPPER else "-zoom-lower")

    def unzoom(self) -> None:
        """Show all panes again."""
        self.remove_class("-zoomed", "-zoom-upper", "-zoom-lower")
        self.query(".pane.-zoom").remove_class("-zoom")

    def action_verdict(self) -> None:
        """Show all of the verdict, or a part."""
        bar = self.query_one(VerdictBar)
        bar.expanded = not bar.expanded

    def action_back(self) -> None:
        """Close what is open, the newest first; out of a field, go to the timeline."""
        bar = self.query_one(VerdictBar)
        if self.has_class("-zoomed"):
            self.unzoom()
        elif isinstance(self.focused, (Input, TextArea)):
            self.set_focus(self.timeline)
        elif self.inspecting:
            self.inspect(False)
        elif bar.expanded:
            bar.expanded = False
        else:
            self.timeline.action_clear()

    def action_help(self) -> None:
        """All keys."""
        self.app.push_screen(HelpScreen(help_of(self)))

    def press(self, what: str) -> None:
        """A piece of the status line was clicked."""
        match what:
            case "scenario":
                self.action_go("scenarios")
            case "attempt":
                self.action_go("client")
            case "engine":
                self.action_choose("engines")
            case "url":
                self.copy(self.address(), "the address")
            case "server" if not self.state.server.up:
                self.action_restart()

    # -- taking away

    def address(self) -> str:
        """Where any client connects."""
        return self.state.server.url + ("" if self.scenario is None else self.scenario.path)

    def copy(self, text: str, what: str) -> None:
        """Put text on the terminal's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(text)
        self.say(f"copied {what}")

    def event_to_copy(self) -> Event | None:
        """The event under the cursor; None, and told, where there is none."""
        event = self.timeline.event
        if event is None:
            self.say("no event to copy yet", "warning")
        return event

    def action_copy_event(self, form: str) -> None:
        """Copy the event under the cursor."""
        event = self.event_to_copy()
        if event is not None:
            form_of = event_as_json if form == "JSON" else event_as_text
            self.copy(form_of(event, self.state.run.timeline.start_ns), f"event {event.seq} as {form}")

    def copy_request(self, form: str) -> None:
        """Copy what the client pane asks for, in the form of another tool."""
        try:
            handshake = self.query_one(ClientPane).handshake()
        except InvalidForm as error:
            self.say(f"there is no such request: {error.problems[0].message}", "warning")
            return
        if not self.state.server.url:
            self.say("the server has no address yet", "warning")
            return
        self.copy(FORMS[form](self.state.server.url, handshake), f"the request as {form}")

    def save_run(self, form: str) -> None:
        """Write the timeline to a file in the current folder, without holding up the screen."""
        run = self.state.run
        events, start_ns = run.timeline[:], run.timeline.start_ns
        name = f"wsplay-{'run' if self.scenario is None else self.scenario.name}-{run.number}"

        def write() -> None:
            try:
                path = save(events, start_ns, name, form, Path.cwd())
            except OSError as error:
                self.app.call_from_thread(self.say, f"not saved: {error}", "error")
            else:
                self.app.call_from_thread(self.say, f"saved {len(events):,} events to {path.name}")

        self.run_worker(write, thread=True, group="save", exclusive=False)

    # -- palettes

    def action_choose(self, group: str) -> None:
        """Open a small palette."""
        provider, question = _PALETTES[group]
        self.app.push_screen(CommandPalette(providers=[provider], placeholder=question))

    def choices(self, group: str) -> Iterable[Choice]:
        """What the palettes offer."""
        match group:
            case "actions":
                return self._actions()
            case "scenarios":
                return [
                    _choice(f"Scenario {_number(one)}{one.title}", _told(one), self.open_scenario, one)
                    for one in self.library.scenarios
                ]
            case "tries":
                tries = () if self.scenario is None else self.scenario.tries
                return [
                    choice
                    for one in tries
                    for choice in (
                        _choice(f"Try: {one.name}", "Fill the client pane", self.choose_try, one.name),
                        _choice(
                            f"Run: {one.name}",
                            "Fill the client pane and connect",
                            self.choose_try,
                            one.name,
                            True,
                        ),
                    )
                ]
            case "engines":
                return [
                    _choice(f"Engine: {engine.label}", engine.about, self.use_engine, engine.name)
                    for engine in ENGINES
                ]
            case "copies":
                return self._copies()
            case "saves":
                return [
                    _choice(
                        "Save the timeline as JSON lines", "To the current folder", self.save_run, "jsonl"
                    ),
                    _choice("Save the timeline as text", "To the current folder", self.save_run, "txt"),
                ]
        return []

    def _actions(self) -> Iterable[Choice]:
        for binding in BINDINGS:
            id = binding.id if not isinstance(binding, tuple) else None
            if id is None or id.startswith("go.number") or isinstance(binding, tuple):
                continue
            name = binding.description[:1].upper() + binding.description[1:]
            yield _choice(name, binding.tooltip, self.run_action, binding.action)
        yield from self._copies()

    def _copies(self) -> Iterable[Choice]:
        for form in FORMS:
            tip = "What the client pane asks for"
            yield _choice(f"Copy the request as {form}", tip, self.copy_request, form)
        yield _choice("Copy the address", self.address(), self.copy, self.address(), "the address")
        yield Choice(
            "Copy the event as text", "The one under the cursor", lambda: self.action_copy_event("text")
        )
        yield Choice(
            "Copy the event as JSON", "The one under the cursor", lambda: self.action_copy_event("JSON")
        )


def _choice(title: str, help: str, do: Callable[..., object], *arguments: object) -> Choice:
    return Choice(title, help, lambda: do(*arguments))


def _number(scenario: Scenario) -> str:
    return "" if scenario.order is None else f"{scenario.order} "


def _told(scenario: Scenario) -> str:
    if scenario.problem is not None:
        return "broken: " + scenario.problem.message
    return scenario.group or scenario.filename
