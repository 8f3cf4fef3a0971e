"""The one screen: scenarios, source, client, timeline, verdict.

It draws what `Board` knows and asks `Remote` for what is to happen; it never waits for either.
"""

from __future__ import annotations

from time import monotonic
from typing import Literal

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget

from wsplay.events.event import Event
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.tui.background.gc import Housekeeping
from wsplay.tui.background.messages import Disconnect, Load, TakeStep
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit.commands import ActionChoices, EngineChoices, SaveChoices, ScenarioChoices, TryChoices
from wsplay.tui.kit.fold_strip import Fold, FoldStrip
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.actions import MainActions
from wsplay.tui.main.keys import BINDINGS, KEPT, KEY_ORDER
from wsplay.tui.main.scenario_list import ScenarioList
from wsplay.tui.main.state import MainState, failure_words
from wsplay.tui.main.status_bar import Status, StatusBar
from wsplay.tui.source.line_of_event import line_of_event
from wsplay.tui.source.pane import SourceView
from wsplay.tui.timeline.view import TimelineView

#: Seconds between two looks at what came from the background thread.
TICK = 1 / 30
#: Seconds between two verdicts while events keep coming.
VERDICT_EVERY = 0.2
#: Seconds between two looks at the file on disk.
WATCH_EVERY = 1.0

FOLDS = (
    Fold("scenarios", "Scenarios", "s"),
    Fold("endpoint", "Endpoint", "e"),
    Fold("client", "Client", "c"),
    Fold("event", "Event", "i"),
)


class MainScreen(MainActions, Screen[None]):
    """All panes; below 110 columns the upper ones fold into tabs."""

    CSS_PATH = "main.tcss"
    BINDINGS = BINDINGS
    COMMANDS = {ActionChoices, ScenarioChoices, TryChoices, EngineChoices, SaveChoices}  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (160, "-very-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall"), (38, "-very-tall"), (50, "-giant")]  # noqa: RUF012

    def __init__(self, library: Library, proxy: PlaygroundProxy, scenario: Scenario | None) -> None:
        super().__init__()
        self.library = library
        self.proxy = proxy
        self.state = MainState()
        self._housekeeping = Housekeeping()
        self.scenario = scenario  # the one on show
        self.attempt: str | None = None
        self.file_changed = False
        self.fold = "scenarios"  # which of the upper panes is on show where there is room for one
        self.inspecting = False
        self._file_stamp: int | None = None
        self._verdict_due = True
        self._verdict_at = 0.0
        self._under_cursor: Event | None = None

    def compose(self) -> ComposeResult:
        """The panes, from the top."""
        yield StatusBar()
        yield FoldStrip(FOLDS, id="fold")
        with Horizontal(id="upper"):
            yield ScenarioList(self.library.scenarios, id="scenarios", classes="pane")
            yield SourceView(id="endpoint", classes="pane")
            yield ClientPane(id="client", classes="pane")
        with Horizontal(id="lower"):
            yield TimelineView(id="timeline", classes="pane")
            yield Inspector(id="inspector", classes="pane")
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, KEPT)

    def on_mount(self) -> None:
        """Show what is known without a server; the server starts after the first paint."""
        for name, title in (("scenarios", "Scenarios"), ("endpoint", "Endpoint"), ("client", "Client")):
            self.pane(name).border_title = title
        self.pane("inspector").border_title = "Event"
        self.turn_to("scenarios")
        self.query_one(ScenarioList).focus_list()
        if self.scenario is not None:
            self.show_scenario(self.scenario)
            self.state.choose(self.scenario)
        self.draw_status()
        self.draw_verdict()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        scenario = self.scenario
        broken = scenario is not None and scenario.problem is not None
        if not self.proxy.started:
            self.proxy.start(None if broken else scenario)
        elif scenario is not None and not broken:
            self.proxy.ask(Load(scenario))
        self.set_interval(TICK, self._tick)
        self.set_interval(WATCH_EVERY, self.look_at_file)

    # -- what the engine tells

    def _tick(self) -> None:
        if self.proxy.hand_out(self.state.take):
            self._housekeeping.busy()
        if self.state.changes or self.state.failures or self._verdict_due:
            self.draw()

    def draw(self) -> None:
        """Draw what changed since the last time."""
        state = self.state
        changes, state.changes = state.changes, set()
        if "timeline" in changes:
            self._under_cursor = None
            run = state.run
            self.timeline.show_timeline(run.timeline)
            self.timeline.border_title = f"Timeline  run {run.number}" if run.number else "Timeline"
            self.light(None)
            if run.number and self.narrow and self.fold == "scenarios":
                # The list has done its work: on a small screen the source takes its place.
                self.set_focus(self.timeline)
                self.turn_to("endpoint")
        elif "events" in changes:
            self.timeline.refresh_rows()
        if "scenario" in changes:
            self._draw_problem()
            if not self._housekeeping.started and not self.app.is_headless:
                self._housekeeping.start()  # in tests the process is not ours alone
        if "link" in changes:
            self.query_one(ClientPane).set_state(state.link, state.link_reason)
            self.refresh_bindings()
        if changes & {"timeline", "server", "scenario", "link"}:
            self.draw_status()
        self._verdict_due |= bool(changes)
        now = monotonic()
        if self._verdict_due and (changes - {"events"} or now - self._verdict_at > VERDICT_EVERY):
            self._verdict_at = now
            self._verdict_due = False
            self.draw_verdict()
        failures, state.failures = state.failures, []
        for failure in failures:
            self.say(failure_words(failure), "error")
        if state.port_refused is not None:
            self.app.exit(return_code=3, message=state.port_refused)

    def draw_status(self) -> None:
        """The line at the top."""
        scenario, run = self.scenario, self.state.run
        title = ""
        if scenario is not None:
            title = scenario.title if scenario.order is None else f"{scenario.order} {scenario.title}"
        path = "" if scenario is None else scenario.path
        self.query_one(StatusBar).status = Status(self.state.server, title, self.attempt, run.number, path)

    def draw_verdict(self) -> None:
        """The band: our connection's, unless the cursor stands on another's."""
        conn = None if self._under_cursor is None else self._under_cursor.conn
        if self.timeline.following and self.state.run.own is not None:
            conn = None
        self.query_one(VerdictBar).verdict = self.state.verdict(conn)

    def _draw_problem(self) -> None:
        problem = self.state.not_loaded
        if problem is not None and self.scenario is not None and problem.scenario.name == self.scenario.name:
            self.query_one(SourceView).show_problem(problem.reason, problem.line)

    # -- panes

    def pane(self, name: str) -> Widget:
        """A pane by its name."""
        return self.query_one(f"#{name}")

    @property
    def timeline(self) -> TimelineView:
        """The timeline's view."""
        return self.query_one(TimelineView)

    @property
    def narrow(self) -> bool:
        """Whether the upper panes are folded into tabs."""
        return self.has_class("-narrow")

    def turn_to(self, name: str) -> None:
        """Where panes are folded, show this one of the upper ones; `event` opens the inspector over them."""
        if name != "event":
            self.fold = name
            # The class goes on the panes: one on the screen would style every widget anew.
            for fold in FOLDS[:-1]:
                self.pane(fold.key).set_class(fold.key == name, "-on")
        self.set_inspecting(name == "event" or (self.inspecting and not self.narrow))

    def set_inspecting(self, inspecting: bool) -> None:
        """Open or close the inspector: beside the timeline, or where the upper panes are."""
        self.inspecting = inspecting
        for name in ("upper", "timeline", "inspector"):
            self.pane(name).set_class(inspecting, "-inspecting")
        self.query_one(FoldStrip).active = "event" if inspecting else self.fold

    def show_scenario(self, scenario: Scenario) -> None:
        """Put a scenario on show; loading it is another matter."""
        self.scenario = scenario
        self.file_changed = False
        self._file_stamp = self.stamp_of(scenario)
        self.query_one(ScenarioList).show(self.library.scenarios, scenario.name)
        source = self.query_one(SourceView)
        source.show(scenario.file, scenario.source)
        if scenario.problem is not None:
            source.show_problem(scenario.problem.message, scenario.problem.line)
        else:
            self.query_one(ClientPane).load_tries(scenario)
        self.draw_status()

    def light(self, event: Event | None) -> None:
        """Light the source line that did `event`, or the last one before it on its connection."""
        scenario = self.scenario
        lit = None
        if event is not None and scenario is not None:
            lit = line_of_event(event, self.state.run.timeline, scenario.filename)
        self.query_one(SourceView).light(*(lit or (None, "")))

    def look_at_file(self) -> None:
        """Offer to load the file again where it has changed on disk."""
        self._housekeeping.look()
        if self.scenario is None or self.file_changed:
            return
        stamp = self.stamp_of(self.scenario)
        if stamp is not None and stamp != self._file_stamp:
            self.file_changed = True
            self.say(f"{self.scenario.filename} has changed on disk: L loads it again")

    def action_open(self, what: Literal["attack", "challenge", "challenges"]) -> None:
        """Open a screen for the scenario: the attack bench, its challenge, or the list of challenges."""
        self.post_message(OpenScreen(what, self.scenario))

    # -- messages

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Where panes are folded, the one with the focus is on show."""
        if not self.narrow:
            return
        for node in event.widget.ancestors_with_self:
            if node.id in ("scenarios", "endpoint", "client") and (node.id != self.fold or self.inspecting):
                self.turn_to(node.id)

    @on(FoldStrip.Turned)
    def _turned(self, event: FoldStrip.Turned) -> None:
        self.action_go(event.key)

    @on(ScenarioList.Chosen)
    def _chosen(self, event: ScenarioList.Chosen) -> None:
        self.open_scenario(event.scenario)

    @on(TimelineView.Highlighted)
    def _highlighted(self, event: TimelineView.Highlighted) -> None:
        self._under_cursor = event.event
        self.light(event.event)
        if self.inspecting:
            self.query_one(Inspector).show(event.event, self.state.run.timeline.start_ns)
        self._verdict_due = True

    @on(TimelineView.Inspect)
    def _inspect(self) -> None:
        self.inspect(True)

    @on(TimelineView.FollowChanged)
    def _follow_changed(self) -> None:
        self._verdict_due = True

    @on(ClientPane.TryChosen)
    def _try_chosen(self, event: ClientPane.TryChosen) -> None:
        self.attempt = event.name
        self.draw_status()

    @on(ClientPane.Connect)
    def _connect(self, event: ClientPane.Connect) -> None:
        self.connect(event.handshake, event.try_name)

    @on(ClientPane.Disconnect)
    def _disconnect(self) -> None:
        self.proxy.ask(Disconnect())

    @on(ClientPane.SendMessage)
    def _send(self, event: ClientPane.SendMessage) -> None:
        payload = event.payload
        self.proxy.ask(TakeStep(SendText(payload) if isinstance(payload, str) else SendBinary(payload)))

    @on(ClientPane.Ping)
    def _ping(self, event: ClientPane.Ping) -> None:
        self.proxy.ask(TakeStep(Ping(event.payload)))

    @on(ClientPane.CloseWith)
    def _close(self, event: ClientPane.CloseWith) -> None:
        self.proxy.ask(TakeStep(Close(event.code, event.reason)))

    @on(StatusBar.Pressed)
    def _pressed(self, event: StatusBar.Pressed) -> None:
        self.press(event.what)
