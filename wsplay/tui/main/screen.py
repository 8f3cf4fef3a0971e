"""The main screen: scenarios, source, client, timeline, verdict.

It draws `MainState` and sends requests to the background thread; it waits for neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from wsplay.config.config import LAYOUTS, Config
from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.request import FORMS
from wsplay.protocol.routes import Route, default_path, websocket_routes
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Fixes, Standing
from wsplay.scenario.library import Library
from wsplay.tui.background.gc import Housekeeping
from wsplay.tui.background.messages import Connect, Disconnect, Load, Restart, TakeStep, UseEngine
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.client.address_bar import AddressBar
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.client.form import InvalidForm
from wsplay.tui.client.message_bar import MessageBar
from wsplay.tui.client.typed_address import read_address
from wsplay.tui.client.validation import problems_of_option
from wsplay.tui.hold.head_editor import HeadEditor
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.commands import Choice, action, palette
from wsplay.tui.kit.help import HelpScreen, help_of
from wsplay.tui.kit.keep_setting import KeepSetting
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import keys_of
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.status_line import Piece, StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.kit.wording import sentence
from wsplay.tui.main.comparing import Comparing
from wsplay.tui.main.editing import Editing
from wsplay.tui.main.export import event_as, save_text
from wsplay.tui.main.first_steps import FirstSteps, first_lines
from wsplay.tui.main.keys import BINDINGS, KEPT, KEY_ORDER
from wsplay.tui.main.palette import (
    change_choices,
    copy_choices,
    engine_choices,
    keep_choice,
    partner_choices,
    picked_try_choices,
    route_choices,
    save_choices,
    scenario_choices,
    try_choices,
    write_back_choices,
)
from wsplay.tui.main.panes import UPPER, Panes
from wsplay.tui.main.scenario_list import ScenarioList
from wsplay.tui.main.source_file import SourceFile
from wsplay.tui.main.state import MainState
from wsplay.tui.main.status import address_piece, scenario_pieces, server_pieces
from wsplay.tui.main.stepper import Stepper
from wsplay.tui.runs.kept_run import KeptRun
from wsplay.tui.runs.kept_runs import told_gone
from wsplay.tui.source.line_of_event import line_of_event
from wsplay.tui.source.pane import SourceView
from wsplay.tui.source.source_place import SourcePlace
from wsplay.tui.timeline.view import NO_ROOM, TimelineView

if TYPE_CHECKING:
    from wsplay.tui.main.changes import Change
    from wsplay.tui.main.save_as import NewScenario

#: The layouts of the settings.
WITHOUT_EVENT, WITH_EVENT = LAYOUTS
#: Columns from which the upper panes are next to each other.
WIDE = 110
#: The most cells of the address on the line at the top.
ADDRESS_WIDTH = 60
#: Seconds between two checks for items from the background thread.
TICK = 1 / 30
#: Seconds between two verdicts while events keep arriving.
VERDICT_EVERY = 0.2
#: Seconds between two checks of the file on disk.
WATCH_EVERY = 1.0


class MainScreen(BaseScreen):
    """All panes; below 110 columns the upper ones fold into tabs."""

    CSS_PATH = "main.tcss"
    BINDINGS = BINDINGS
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (160, "-very-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall"), (38, "-very-tall"), (50, "-giant")]  # noqa: RUF012

    def __init__(
        self,
        library: Library,
        proxy: PlaygroundProxy,
        scenario: Scenario | None,
        config: Config = Config(),  # noqa: B008 - it is frozen
        first_steps: FirstSteps | None = None,
        edits: Path | None = None,
        recording: KeptRun | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.library = library
        self.proxy = proxy
        self._first_steps = first_steps
        self._key_of = keys_of(self)
        self._recording = recording  # to be shown at first
        self.state = MainState(self._key_of)
        self.panes = Panes(self)
        self.address_bar = AddressBar(self._keep_path, self._path_closed, lambda: self._choose_path(False))
        self.place = SourcePlace(
            self,
            show_upper=self.panes.show_upper,
            focus_back=lambda before: self.timeline if before is None else before,
            prepare=self.panes.unzoom,
            closed=self._source_is_back,
        )
        #: What the user edits; the edits are kept in the folder `edits`, if there is one.
        self.editing = Editing(self, self.place, self.state, folder=edits, serve=self.serve)
        self.stepper = Stepper(self, proxy, self.state)
        self.comparing = Comparing(self, self.state, self.editing, proxy, self._as_in_file)
        self.scenario = scenario  # the one on show
        self.file: SourceFile | None = None  # its file
        self._changes: list[Change] = []  # that were offered last
        self._asked_for_changes = ""  # the scenario whose changes were asked for once
        self._run_once_loaded: str | None = None  # the text to run
        self._jumped_from = ""  # the name of the scenario that F was pressed on
        self._painted = False
        #: The focus and the upper pane before the message got the focus by itself.
        self._left_for_message: tuple[Widget | None, str] | None = None
        self._housekeeping = Housekeeping()
        self._verdict_due = True
        self._verdict_at = 0.0

    def compose(self) -> ComposeResult:
        """The panes, from the top."""
        yield StatusLine(id="status")
        yield Static(id="network-warning", markup=False)
        yield StatusLine(id="fold", classes="-tabs")
        yield self.address_bar
        with Horizontal(id="upper"):
            yield ScenarioList(self.library.scenarios, id="scenarios", classes="pane")
            yield SourceView(id="endpoint", classes="pane")
            yield ClientPane(id="client", classes="pane")
        with Horizontal(id="lower"):
            yield TimelineView(hint="No events yet: connect to see some.", id="timeline", classes="pane")
            yield Inspector(id="inspector", classes="pane")
        if self._first_steps is not None:
            yield self._first_steps
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, KEPT)

    @property
    def timeline(self) -> TimelineView:
        """The timeline's pane."""
        return self.query_one(TimelineView)

    @property
    def try_name(self) -> str | None:
        """The try of the shown scenario that filled the client pane, edited or not."""
        pane = self.query_one(ClientPane)
        return pane.chosen_try if pane.scenario is self.scenario else None

    def on_mount(self) -> None:
        """Show everything that needs no server; the server starts after the first paint."""
        self.app.screen_change_signal.subscribe(self, lambda _: self._housekeeping.leave_behind())
        self.panes.show_upper("scenarios")
        if self.config.layout == WITH_EVENT and self.app.size.width >= WIDE:
            self.panes.show_inspector(True)
        self.query_one(ScenarioList).focus_list()
        if self.scenario is not None:
            self.show_scenario(self.editing.opened(self.scenario))
            self.state.choose(self.scenario)
        self.draw_status()
        self.draw_verdict()
        if self._first_steps is not None:
            self._first_steps.fill()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._painted = True
        scenario = self.scenario
        if scenario is not None and scenario.problem is not None:
            scenario = None
        if not self.proxy.started:
            self.proxy.start(scenario)
        elif scenario is not None:
            self.proxy.ask(Load(scenario))
        self.set_interval(TICK, self._tick)
        self.set_interval(WATCH_EVERY, self.look_at_file)
        self.call_after_refresh(self._explain_below)
        self.editing.look_for_edits()
        if self._recording is not None:
            self.open_recording(self._recording)
            self._recording = None

    async def on_unmount(self) -> None:
        """Write the edit that is not written yet."""
        self.editing.write_now()
        await asyncio.to_thread(self.editing.close)

    # -- drawing what came from the background thread

    def _tick(self) -> None:
        if not self.stays_open:
            return
        if self.proxy.hand_out(self.state.add_item):
            self._housekeeping.busy()
        if self.state.changes or self.state.failures or self._verdict_due:
            self.draw()

    def draw(self) -> None:
        """Draw what changed since the last time."""
        state = self.state
        changes, state.changes = state.changes, set()
        if "timeline" in changes:
            self._draw_new_run()
        elif "events" in changes:
            self.timeline.refresh_rows()
        if "scenario" in changes:
            self.editing.draw_problem()
            self.editing.draw()
            self._run_when_loaded()
            if self.file is not None:
                self.file.watch(state.files)
            if not self._housekeeping.started and not self.app.is_headless:
                self._housekeeping.start()  # in tests the process is shared
        if "held" in changes:
            self.stepper.draw()
            self._draw_title()
            self.light(self.timeline.event)
        if state.path_wanted:
            state.path_wanted = False
            self._choose_path()
        if "client" in changes:
            self._draw_client()
            self.refresh_bindings()
        if changes & {"timeline", "server", "scenario", "client", "held"}:
            self.draw_status()
        self._verdict_due |= bool(changes)
        now = monotonic()
        if self._verdict_due and (changes - {"events"} or now - self._verdict_at > VERDICT_EVERY):
            self._verdict_at = now
            self._verdict_due = False
            self.draw_verdict()
            self._draw_runs()
        failures, state.failures = state.failures, []
        for failure in failures:
            self.say(failure.words, "error")
        if state.port_refused is not None:
            self.app.exit(return_code=3, message=state.port_refused)

    def _draw_client(self) -> None:
        """Draw the connection's state. While it is open, the message has the focus."""
        pane = self.query_one(ClientPane)
        before = pane.bar.state
        pane.set_state(self.state.client, self.state.client_reason)
        if self.state.client == before:
            return
        if self.state.client == "connected":
            busy = self.panes.zoomed or isinstance(self.focused, (Input, TextArea))
            busy = busy or bool(self.state.held.points)  # its keys are not to be typed
            if self.is_active and not busy:
                self._left_for_message = (self.focused, self.panes.upper)
                self.set_focus(pane.bar.message)
        elif self._left_for_message is not None:
            (focused, upper), self._left_for_message = self._left_for_message, None
            if self.focused is pane.bar.message and not pane.bar.message.value:
                self.set_focus(focused)
                self.panes.show_upper(upper)

    def draw_status(self) -> None:
        """Draw the line at the top."""
        self.query_one("#status", StatusLine).show(
            scenario_pieces(
                self.scenario,
                self.try_name,
                self.query_one(ClientPane).form.edited,
                self.state.run.number if self.state.run_is_current else 0,
                self.standing,
            ),
            server_pieces(
                self.state.server,
                self._key_of,
                None if self.panes.narrow else self._address(ADDRESS_WIDTH),
                self.stepper.words,
            ),
        )
        fold = self.query_one("#fold", StatusLine)
        tabs = fold.pieces[0]
        address = self._address(self.size.width - sum(tab.width for tab in tabs) - 1)
        fold.show(tabs, [] if address is None else [address])
        warning = self.state.server.warning
        line = self.query_one("#network-warning", Static)
        line.update(f"! {sentence(warning)}")
        line.display = bool(warning)
        self.set_class(bool(warning), "-warned")

    def _address(self, width: int) -> Piece | None:
        routes = len(websocket_routes(self.state.routes))
        wrong = bool(problems_of_option("path", self.path))
        return address_piece(self.state.server.url, self.path, routes, width, wrong=wrong)

    def draw_verdict(self) -> None:
        """Draw the verdict: of the run's own connection, unless the cursor is on an event of another one."""
        event = self.timeline.event
        follows_own = self.timeline.following and self.state.run.own is not None
        self.query_one(VerdictBar).verdict = self.state.verdict(
            None if event is None or follows_own else event.conn
        )

    @on(TimelineView.BlankChanged)
    def fit_verdict(self) -> None:
        """Let the verdict take blank rows below the timeline, but none from an inspector beside it."""
        beside = self.panes.inspecting and not self.panes.narrow
        self.query_one(VerdictBar).take_blank(NO_ROOM if beside else self.timeline.blank_rows)

    def _draw_new_run(self) -> None:
        run = self.state.run
        self.comparing.run_began()
        self._housekeeping.leave_behind()
        self.timeline.show_timeline(run.timeline)
        self._draw_title()
        self.light(None)
        self._explain_below()
        if run.number and self.panes.narrow and self.panes.upper == "scenarios":
            # The list is no longer needed: on a small screen show the source in its place.
            self.set_focus(self.timeline)
            self.panes.show_upper("endpoint")

    def _draw_title(self) -> None:
        """The timeline's title: which run, and where it is held."""
        run, held = self.state.run.number, self.stepper.words
        parts = ["Timeline", f"run {run}" if run else "", f"HOLD: {held}" if held else ""]
        self.timeline.border_title = "  ".join(part for part in parts if part)

    def light(self, event: Event | None) -> None:
        """Highlight the source line that caused `event`, or the last one before it on its connection.

        While the newest events are followed, what waits comes first.
        """
        lit: tuple[int | None, str] = (None, "")
        if self.timeline.following and (waiting := self.stepper.target) is not None:
            event = self.stepper.event_of(waiting) or event
        if event is not None and self.scenario is not None:
            found = line_of_event(event, self.state.run.timeline, self.scenario.filename)
            if found is not None:
                lit = self.editing.line_now(self.state.code_of(event), *found)
        self.query_one(SourceView).light(*lit)

    # -- scenario and file

    def open_scenario(self, scenario: Scenario) -> None:
        """Show a scenario and load it, unless it is broken: then the previous one stays loaded. What the user
        has applied since the start is served in place of the file's text.
        """
        self._show_and_load(self.editing.opened(scenario))
        self.editing.look_for_edits()

    def serve(self, scenario: Scenario) -> None:
        """Load another text of the scenario on show."""
        self._show_and_load(scenario, edited=True)

    def _show_and_load(self, scenario: Scenario, *, edited: bool = False) -> None:
        self.show_scenario(scenario)
        self.state.choose(scenario)
        if scenario.problem is None:
            self.proxy.ask(Load(scenario, edited))

    def show_scenario(self, scenario: Scenario) -> None:
        """Show a scenario, without loading it."""
        same = self.scenario is not None and self.scenario.file == scenario.file
        self.scenario = scenario
        self.file = SourceFile(scenario.file)
        self.query_one(ScenarioList).show(self.library.scenarios, scenario.name)
        self.editing.show()
        if scenario.problem is not None:
            self.query_one(SourceView).show_problem(scenario.problem.message, scenario.problem.line)
        else:
            self.query_one(ClientPane).load_tries(scenario)
        self._read_on(scenario, same)
        self.editing.draw()
        self.light(self.timeline.event)
        self.draw_status()

    def _source_is_back(self) -> None:
        """The source is shown again: the text may have been edited meanwhile."""
        self.editing.show()
        self.editing.draw_problem()
        self.light(self.timeline.event)

    def look_at_file(self) -> None:
        """Load the scenario again if one of its files was saved; once no other screen covers this one."""
        self._housekeeping.look()
        if self.file is None or self.app.screen is not self:
            return
        self.editing.look()
        if saved := self.file.saved():
            self.state.code.saved(self.scenario, saved)
            self.say(self.editing.words_for_save(saved))
            self.action_reload()

    @on(ScenarioList.Chosen)
    def _scenario_chosen(self, event: ScenarioList.Chosen) -> None:
        self.open_scenario(event.scenario)

    def action_digit(self, digit: str) -> None:
        """Type a digit of a scenario's number."""
        self.query_one(ScenarioList).digit(digit)

    def action_open_scenario(self, name: str) -> None:
        """Open a scenario by its name."""
        for scenario in self.library.scenarios:
            if scenario.name == name:
                self.open_scenario(scenario)

    def action_reload(self) -> None:
        """Read the file again and load it."""
        if self.scenario is not None:
            self.open_scenario(self.library.refresh(self.scenario))

    def action_open(self, what: Literal["attack", "challenge", "challenges", "runs"]) -> None:
        """Open a screen: the attack bench or the challenge of the scenario, all challenges, or the runs."""
        scenario = self.scenario
        if what == "attack" and scenario is not None:
            scenario = self.editing.for_others(scenario)
        self.post_message(OpenScreen(self, what, scenario))

    # -- editing

    def action_edit(self) -> None:
        """Edit the source here, at the highlighted line."""
        self.panes.unzoom()
        self.editing.edit(self.query_one(SourceView).line_in_sight)

    def on_code_editor_leave(self) -> None:
        """Leave the editor; the text stays."""
        self.editing.leave()

    @on(TextArea.Changed, "#editor")
    def _text_edited(self) -> None:
        self.editing.changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to apply an edit only where there is one."""
        return action != "apply" or self.editing.can_apply

    def action_apply(self) -> None:
        """Give the edited text to the server."""
        self.editing.apply()

    def action_revert(self) -> None:
        """Take the file's text again."""
        self.editing.revert()

    def action_own_editor(self) -> None:
        """Open the working copy in the user's own editor."""
        self.editing.open_own_editor(self.config.editor, self.query_one(SourceView).line_in_sight)

    def action_write_back(self, sure: bool = False) -> None:
        """Ask, then write the edit to its file."""
        if not sure:
            refused = self.editing.not_written_back()
            if refused or self.scenario is None:
                self.say(refused, "warning")
                return
            name = self.scenario.filename
            self.open_above(palette(write_back_choices(name), f"Write your edit to {visible(name, 40)}?"))
        elif self.editing.write_back() and self.file is not None and self.scenario is not None:
            self.file.saved()  # our own save needs no notice
            self.open_scenario(self.library.refresh(self.scenario))

    def action_save_as(self) -> None:
        """Ask for a name, then save the text on the screen as a scenario of the user's."""
        from wsplay.scenario.new_file import problem_with_name
        from wsplay.tui.main.save_as import SaveAsScreen

        scenario = self.scenario
        if scenario is None or self.editing.copy is None:
            return
        taken = {one.name for one in self.library.scenarios}
        numbers = range(2, len(taken) + 3)
        names = (f"my_{scenario.name}", *(f"my_{scenario.name}_{number}" for number in numbers))
        free = next(name for name in names if name not in taken)
        if self.is_active:
            ask = SaveAsScreen(free, lambda name: problem_with_name(name, taken))
            self.app.push_screen(ask, self._save_as)

    def _save_as(self, wanted: NewScenario | None) -> None:
        from wsplay.scenario.library import own_folder
        from wsplay.scenario.new_file import NotWritten, new_file

        copy = self.editing.copy
        if wanted is None or copy is None:
            return
        name, tries, challenge = wanted.name, wanted.with_tries, wanted.with_challenge
        try:
            made = new_file(name, copy.text, own_folder(), with_tries=tries, with_challenge=challenge)
        except NotWritten as error:
            self.say(str(error), "error")
            return
        self.say(f"saved as {visible(made.file, 200)}")
        self.open_scenario(self.library.open(made.file))

    def action_changes(self) -> None:
        """Offer the changes to try; where they may give a challenge's answer away, only when asked twice."""
        scenario = self._in_file()
        if scenario is None:
            return
        if self._is_unanswered(scenario) and self._asked_for_changes != scenario.name:
            self._asked_for_changes = scenario.name
            self.say(
                "the challenge is not answered yet, and a change may give its answer away: "
                "q opens it, ! again shows the changes",
                "warning",
            )
            return
        self._changes = self.editing.changes(scenario, self.standing.fix)
        if self._changes:
            self.open_above(palette(change_choices(self._changes), "Try which change? It runs at once."))
        else:
            self.say("there is no change to try on this text")

    def action_try_change(self, number: int) -> None:
        """Apply a change that was offered, and connect once it is loaded."""
        if number < len(self._changes):
            self._run_once_loaded = self._changes[number].text
            self.editing.use(self._run_once_loaded)

    def _run_when_loaded(self) -> None:
        """Connect once the server runs the text of the change; not if it did not load."""
        text = self._run_once_loaded
        if text is not None and self.editing.served == text:
            self._run_once_loaded = None
            self.action_connect()
        elif self.state.not_loaded is not None:
            self._run_once_loaded = None

    def _in_file(self) -> Scenario | None:
        """The scenario on show as it is in its file."""
        return None if self.scenario is None else self._as_in_file(self.scenario)

    def _as_in_file(self, scenario: Scenario) -> Scenario:
        """A scenario as it is in its file."""
        return next((one for one in self.library.scenarios if one.file == scenario.file), scenario)

    def _is_unanswered(self, scenario: Scenario) -> bool:
        """Whether it has a challenge that was never answered."""
        from wsplay.tui.challenge.progress_store import progress_store

        record = progress_store().progress.records.get(scenario.name)
        return scenario.challenge is not None and (record is None or not record.attempts)

    # -- explanation, and what is flawed and fixed

    @property
    def standing(self) -> Standing:
        """What the scenario is to others: flawed, a fix, or neither."""
        return Standing() if self.scenario is None else Fixes(self.library.scenarios).of(self.scenario)

    def _explain_below(self) -> None:
        """Before the first run, show the explanation in the timeline's empty space."""
        if not self._painted:
            return
        scenario = self.scenario
        if scenario is None or scenario.problem is not None or self.state.run.number:
            self.timeline.show_below(None)
            return
        # Imported now: the Markdown parser takes a moment, and the first paint does not need it.
        from wsplay.tui.source.explanation import Explanation

        self.timeline.show_below(Explanation(scenario, self.standing).lines_for)

    def _read_on(self, scenario: Scenario, same: bool) -> None:
        """Another scenario, or another text of the `same`, is on show: bring what is in the source's place up
        to date.
        """
        self._explain_below()
        if self.place.what in ("explanation", "notes"):
            self.place.show_text(self.place.what, scenario, self.standing)
        elif not (same and self.place.what == "editor"):
            self.place.close()

    def action_read(self, what: Literal["explanation", "notes"]) -> None:
        """Show the explanation or the speaker's notes in place of the source, or the source again."""
        if self.scenario is not None and self.place.what != what:
            self.place.show_text(what, self.scenario, self.standing)
        else:
            self.place.close()

    @on(TimelineView.BelowClicked)
    def _below_clicked(self) -> None:
        if self.place.what != "explanation":
            self.action_read("explanation")

    def action_partner(self) -> None:
        """Open the fix of a flawed scenario, or the flawed scenario that this one fixes."""
        if (partner := self._partner("open_partner", "Open which flawed scenario?")) is not None:
            self.action_open_partner(partner.name)

    def action_open_partner(self, name: str) -> None:
        """Open the other one of a pair; the same key leads back."""
        self._jumped_from = "" if self.scenario is None else self.scenario.name
        self.action_open_scenario(name)

    def action_difference(self) -> None:
        """Show how the edit and the file differ, or else how the scenario and its fix do, in place of the
        source; or the source again.
        """
        if self.place.what == "difference":
            self.place.close()
        elif (edit := self.editing.difference()) is not None:
            self.place.show_texts(edit.before, edit.file, edit.after, edit.title)
        else:
            self.action_pair_difference()

    def action_pair_difference(self) -> None:
        """Show how the scenario and its fix differ."""
        if (partner := self._partner("show_difference", "Compare with which flawed scenario?")) is not None:
            self.action_show_difference(partner.name)

    def action_show_difference(self, name: str) -> None:
        """Show how the scenario and its fix, or one that it fixes, differ."""
        standing = self.standing
        partner = next((one for one in standing.partners if one.name == name), None)
        if self.scenario is not None and partner is not None:
            pair = (self.scenario, partner) if partner is standing.fix else (partner, self.scenario)
            self.place.show_difference(*pair)

    def _partner(self, do: str, question: str) -> Scenario | None:
        """The other one of a pair. Of several, the one that F was pressed on; or else a palette asks."""
        standing = self.standing
        if not standing.partners:
            what = "this scenario is not flawed, and fixes no other"
            if standing.flawed:
                what = "this scenario is flawed and names no fix"
            if standing.missing:
                what = f'there is no scenario "{visible(standing.missing, 60)}", which is named as the fix'
            self.say(what, "warning")
            return None
        for partner in standing.partners:
            if len(standing.partners) == 1 or partner.name == self._jumped_from:
                return partner
        self.open_above(palette(partner_choices(standing.partners, do), question))
        return None

    # -- client and server

    def action_connect(self) -> None:
        """Connect with the client pane's settings; an open connection is closed first."""
        if not self.address_bar.keep():
            return
        self.query_one(ScenarioList).finish_number()
        # A scenario chosen this way is opened by a queued message: connect after it.
        self.call_next(self.query_one(ClientPane).connect)

    def _choose_path(self, connect: bool = True) -> None:
        """Ask which of the app's routes to use, and to connect to if asked to."""
        routes = websocket_routes(self.state.routes)
        if routes:
            question = "Connect to which route?" if connect else "Which route?"
            self.open_above(palette(route_choices(routes, connect), question))
        else:
            self.say("no WebSocket route of the app is known")

    def action_use_path(self, path: str, connect: bool = False) -> None:
        """Use a path, and connect to it if asked to."""
        self.address_bar.close()
        self.query_one(ClientPane).use_address(path)
        if connect:
            self.action_connect()

    def action_edit_path(self, path: str | None = None) -> None:
        """Edit the path that the client connects to, or another one that is to be filled in."""
        self.panes.unzoom()
        for line in ("#status", "#fold"):
            self.query_one(line).add_class("-editing")
        part = None if path is None else Route(path).parameter or (len(path), len(path))
        self.address_bar.open(self.state.server.url, self.path if path is None else path, self.path, part)

    def _keep_path(self, text: str) -> str:
        """Use what was typed as the address; returns what is wrong with it, and says so."""
        problem = self.query_one(ClientPane).use_address(*read_address(text, self.path))
        if problem:
            self.say(problem, "warning")
        return problem

    def _path_closed(self) -> None:
        for line in ("#status", "#fold"):
            self.query_one(line).remove_class("-editing")
        if self.focused is None:
            self.set_focus(self.timeline)

    @on(ClientPane.PathProblem)
    def _path_problem(self) -> None:
        self.action_edit_path()

    def action_disconnect(self) -> None:
        """Disconnect, or stop connecting."""
        self.proxy.ask(Disconnect())

    def action_step_try(self, by: int) -> None:
        """Choose the next try, or the previous one."""
        names = [try_.name for try_ in self.scenario.tries] if self.scenario is not None else []
        if names:
            at = names.index(self.try_name) + by if self.try_name in names else 0
            self.action_choose_try(names[at % len(names)])

    def action_choose_try(self, name: str, connect: bool = False) -> None:
        """Fill the client pane from a try, and connect if asked to."""
        self.query_one(ClientPane).choose_try(name)
        if connect:
            self.action_connect()

    def _choose_try(self) -> None:
        if self.scenario is None or not self.scenario.tries:
            self.say("this scenario has no tries")
            return
        self.open_above(palette(picked_try_choices(self.scenario), "Which try?"))

    def action_write(self) -> None:
        """Write a message."""
        self.panes.unzoom()
        self.panes.show_upper("client")
        self.set_focus(self.query_one(ClientPane).bar.message)

    def action_metadata(self) -> None:
        """Show or hide the metadata in the source."""
        self.place.close()
        self.query_one(SourceView).action_metadata()

    def action_restart(self) -> None:
        """Restart the server."""
        self.say("restarting the server")
        self.proxy.ask(Restart())

    def action_use_engine(self, name: str) -> None:
        """Run on another ASGI server."""
        self.proxy.ask(UseEngine(name))

    def action_keep_request(self) -> None:
        """Keep the request, or not, when another scenario is opened."""
        self.query_one(ClientPane).toggle_keep()

    @on(ClientPane.TryChanged)
    def _try_changed(self, event: ClientPane.TryChanged) -> None:
        self.state.choose_try(event.name)
        self.draw_status()

    @on(ClientPane.RequestMoved)
    def _request_moved(self, event: ClientPane.RequestMoved) -> None:
        self.say(event.words)

    @on(ClientPane.Connect)
    def _connect(self, event: ClientPane.Connect) -> None:
        self.comparing.asked(event)
        self.proxy.ask(Connect(event.handshake, event.try_name, event.edited_from, event.minted))

    @on(ClientPane.Disconnect)
    def _disconnect(self) -> None:
        self.proxy.ask(Disconnect())

    @on(MessageBar.Send)
    def _send(self, event: MessageBar.Send) -> None:
        self.proxy.ask(TakeStep(event.step))

    # -- holding

    def action_choose_hold(self) -> None:
        """Choose where to hold."""
        loaded, line = self.state.loaded, self.query_one(SourceView).lit
        if self.place.what == "editor":
            line = self.place.editor().cursor_location[0] + 1
        self.stepper.choose("" if loaded is None else loaded.source, line)

    def action_hold(self, word: str) -> None:
        """Hold at a point, or no more."""
        self.stepper.hold(word)

    def action_hold_no_line(self, line: int) -> None:
        """Say why a line cannot be held."""
        self.say(f"line {line} neither receives nor sends, so nothing can wait there", "warning")

    def action_hold_step(self) -> None:
        """Let what waits pass."""
        self.stepper.step()

    def action_hold_go(self) -> None:
        """Let everything pass, and hold no more."""
        self.stepper.let_go()

    def action_hold_drop(self) -> None:
        """Drop what waits."""
        self.stepper.drop()

    def action_hold_edit(self) -> None:
        """Edit the request that waits."""
        if not self.stepper.edit():
            self.say("no request waits")

    def action_hold_send(self) -> None:
        """Send the request that is edited."""
        self.stepper.send_edited()

    @on(HeadEditor.Send)
    def _head_sent(self, event: HeadEditor.Send) -> None:
        self.stepper.send(event.number, event.head)

    @on(HeadEditor.Refused)
    def _head_refused(self, event: HeadEditor.Refused) -> None:
        self.say(f"not sent: {event.why}", "warning")

    def action_compare_menu(self) -> None:
        """Offer what the run on show can be compared with."""
        self.comparing.ask()

    def action_compare(self, which: Literal["b", "e", "t", "x"]) -> None:
        """Compare the run on show."""
        self.comparing.compare(which)

    # -- panes

    def action_help(self) -> None:
        """Show the first steps and all keys."""
        self.open_above(HelpScreen(help_of(self), first_lines(self)))

    def on_resize(self, event: events.Resize) -> None:
        """Show the first steps only where there is room, and as much of the address as fits."""
        self.call_after_refresh(self.draw_status)
        if self._first_steps is not None:
            self._first_steps.fit(event.size)

    def on_click(self) -> None:
        """A click anywhere ends the first steps."""
        if self._first_steps is not None:
            self._first_steps.close()

    def action_go(self, name: str) -> None:
        """Focus a pane."""
        if name == "event":
            self.inspect(True)
            return
        self.panes.unzoom()
        if name == "endpoint":
            self.place.close()
        if name in UPPER:
            self.panes.show_upper(name)
        if name == "scenarios":
            self.query_one(ScenarioList).focus_list()
        elif name == "client":
            pane = self.query_one(ClientPane)
            pane.show_tab(pane.tabs.active, enter=True)
        else:
            self.set_focus(self.query_one(f"#{name}"))

    def action_inspect(self) -> None:
        """Open the event under the cursor, or close it."""
        self.inspect(not self.panes.inspecting)

    def inspect(self, open_it: bool) -> None:
        """Open or close the inspector."""
        self.panes.unzoom()
        inspector = self.query_one(Inspector)
        if not self.panes.narrow and open_it != self.panes.inspecting:
            self.post_message(KeepSetting("layout", WITH_EVENT if open_it else WITHOUT_EVENT))
        was_in = self.focused is not None and inspector in self.focused.ancestors_with_self
        self.panes.show_inspector(open_it)
        self.fit_verdict()
        if open_it:
            inspector.show(self.timeline.event, self.state.run.timeline.start_ns)
        elif was_in:
            self.set_focus(self.timeline)

    def action_search(self) -> None:
        """Search the timeline."""
        self.set_focus(self.timeline)
        self.timeline.action_find()

    def action_zoom(self) -> None:
        """Zoom the focused pane, or show all panes again."""
        if self.panes.zoomed:
            self.panes.unzoom()
            return
        nodes = [] if self.focused is None else self.focused.ancestors_with_self
        self.panes.zoom(next((node for node in nodes if node.has_class("pane")), self.timeline))

    def action_back(self) -> None:
        """Close the newest open part; in a field, go to the timeline."""
        bar = self.query_one(VerdictBar)
        if self.panes.zoomed:
            self.panes.unzoom()
        elif isinstance(self.focused, (Input, TextArea)):
            self.set_focus(self.timeline)
        elif self.panes.inspecting:
            self.inspect(False)
        elif self.place.what != "source":
            self.place.close()
        elif bar.expanded:
            bar.expanded = False
        else:
            self.timeline.action_clear()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """If panes are folded, show the focused one."""
        self.panes.focused(event.widget)
        self.stepper.tell_time()

    @on(TimelineView.Highlighted)
    def _highlighted(self, event: TimelineView.Highlighted) -> None:
        self.light(event.event)
        if self.panes.inspecting:
            self.query_one(Inspector).show(event.event, self.state.run.timeline.start_ns)
        self._verdict_due = True
        self.stepper.tell_time()

    @on(TimelineView.Inspect)
    def _inspect(self, event: TimelineView.Inspect) -> None:
        if not self.stepper.edit(event.event):
            self.inspect(True)

    @on(TimelineView.FollowChanged)
    def _follow_changed(self) -> None:
        self._verdict_due = True
        self.stepper.tell_time()

    # -- copying and saving

    @property
    def address(self) -> str:
        """The address for any client."""
        return self.state.server.url + self.path

    @property
    def path(self) -> str:
        """Where the client pane's request goes; empty if that is not known yet, or has to be chosen."""
        typed = self.query_one(ClientPane).form.state.path
        return typed or (default_path(self.state.routes) if self.state.loaded else None) or ""

    def copy(self, text: str, what: str) -> None:
        """Put text on the terminal's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(text)
        self.say(f"copied {what}")

    def action_copy_address(self) -> None:
        """Copy the address that any client can connect to."""
        self.copy(self.address, "the address")

    def action_copy_event(self, form: Literal["text", "JSON"]) -> None:
        """Copy the event under the cursor."""
        event = self.timeline.event
        if event is None:
            self.say("no event to copy yet", "warning")
        else:
            text = event_as(form, event, self.state.run.timeline.start_ns)
            self.copy(text, f"event {event.seq} as {form}")

    def action_copy_request(self, form: str) -> None:
        """Copy the client pane's request, in the form of another tool."""
        try:
            handshake = replace(self.query_one(ClientPane).handshake(), path=self.path)
        except InvalidForm as error:
            self.say(f"cannot copy the request: {error.problems[0].message}", "warning")
            return
        if not self.state.server.url:
            self.say("the server has no address yet", "warning")
            return
        self.copy(FORMS[form](self.state.server.url, handshake), f"the request as {form}")

    def action_save_run(self) -> None:
        """Save the run on show as a run file."""
        from wsplay.tui.runs.asking import ask_to_save  # with the playground, which the first paint waits for

        kept = self.state.run.kept
        if kept is None:
            self.say("no run to save yet", "warning")
        else:
            ask_to_save(self, kept)

    def action_open_run_file(self) -> None:
        """Open a run file."""
        from wsplay.tui.runs.asking import ask_to_open

        ask_to_open(self, self.open_recording)

    def open_recording(self, kept: KeptRun) -> None:
        """Keep a run that was read from a file, and show it."""
        from wsplay.tui.runs.asking import tell_problems
        from wsplay.tui.runs.recorded_screen import RecordedScreen

        self.state.gone += self.state.kept.add(kept)
        self._tell_gone()
        tell_problems(self, kept)
        self.open_above(RecordedScreen(kept))

    def _tell_gone(self) -> None:
        """Say which runs are no longer kept, on the screen on top."""
        gone, self.state.gone = self.state.gone, []
        if told := told_gone(gone):
            self.app.notify(told, markup=False)

    def _draw_runs(self) -> None:
        """A run began or grew: others may have to go, and what shows the list draws it again."""
        self.state.gone += self.state.kept.trim()
        self._tell_gone()
        self.state.kept.tell()

    def action_save_text(self) -> None:
        """Write the timeline as text to a file in the current folder, without blocking the screen."""
        run = self.state.run
        events, start_ns = run.timeline[:], run.timeline.start_ns
        name = f"wsplay-{'run' if self.scenario is None else self.scenario.name}-{run.number}"

        def write() -> None:
            try:
                path = save_text(events, start_ns, name, Path.cwd())
            except OSError as error:
                self.app.call_from_thread(self.say, f"not saved: {error}", "error")
            else:
                self.app.call_from_thread(self.say, f"saved {len(events):,} events to {path.name}")

        self.run_worker(write, thread=True, group="save", exclusive=False)

    # -- palettes

    def choices(self) -> Iterable[Choice]:
        """The command palette's choices."""
        yield from super().choices()
        yield from copy_choices(self.address)
        yield from scenario_choices(self.library.scenarios)
        yield from try_choices(self.scenario)
        if self.stepper.target is not None and self.stepper.target.editable:
            yield Choice("Edit the request that waits", "As bytes", action("hold_edit"))
        yield from engine_choices()
        yield keep_choice(self.query_one(ClientPane).bar.keep)
        yield from save_choices()
        if self.standing.partners and self.editing.difference() is not None:
            about = "How a flawed scenario and its fix differ, without your edit"
            yield Choice("Difference of flawed and fixed", about, action("pair_difference"))
        if self.scenario is not None:
            about = "The text on the screen, as a scenario of your own"
            yield Choice("Save as a new scenario", about, action("save_as"))
        if not self.editing.not_written_back():
            yield Choice("Write back", "Write your edit to its file", action("write_back"))

    def action_choose(self, group: Literal["engines", "copies", "tries"]) -> None:
        """Open a small palette."""
        if group == "tries":
            self._choose_try()
        elif group == "engines":
            self.open_above(palette(engine_choices(), "Run on which server?"))
        else:
            self.open_above(palette(copy_choices(self.address), "Copy the request as ..."))
