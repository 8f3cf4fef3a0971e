"""What the main screen shows: server, run, client and verdict. No widget, no clock.

`MainState.add_item` adds items from the background thread; `changes` notes what the screen has to draw.
Verdicts are computed from events alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.protocol.hold_points import NOTHING
from wsplay.scenario.file import Scenario
from wsplay.tui.background.messages import (
    ByHand,
    Failed,
    Held,
    Loaded,
    Lost,
    NotLoaded,
    NotStarted,
    OwnNext,
    PathWanted,
    Ready,
    RunAsked,
    RunBegan,
)
from wsplay.tui.client.state import ClientState
from wsplay.tui.kit.keys import KeyOf
from wsplay.tui.kit.verdict import GLYPHS, Tone, Verdict
from wsplay.tui.kit.wording import sentence
from wsplay.tui.main.code_edits import CodeEdits
from wsplay.tui.main.server_state import Phase, ServerState, after
from wsplay.tui.runs.kept_run import KeptRun
from wsplay.tui.runs.kept_runs import KeptRuns
from wsplay.verdict.diagnosis import diagnose, report
from wsplay.verdict.expectation import Expectation
from wsplay.verdict.outcome import PENDING, Outcome
from wsplay.verdict.run import MAX_FOLLOWED, RunRecord

#: What the user did, in words.
BY_HAND = {
    "send": "you sent a message",
    "ping": "you sent a ping",
    "close": "you closed the connection",
    "disconnect": "you disconnected",
    "drop": "you dropped what was held",
    "edit": "you edited the held request",
}


class Run(RunRecord):
    """The shown run: the request, and what was observed."""

    def __init__(self, began: RunBegan, engine: str) -> None:
        super().__init__(Timeline(began.start_ns), began.standing)
        self.standing = began.standing
        self.number = began.number  # 0: without a connection of ours
        self.try_name = began.try_name
        self.started_from = began.try_name or began.edited_from  # the try that the form was filled from
        self.expect = Expectation()
        self.lapsed = ""  # why nothing is expected any more: what the user did
        self.disconnected = False  # whether the user ended the connection
        self.engine = engine
        self.lost = 0  # events dropped on the way
        self.kept: KeptRun | None = None  # the run in the list of runs, once it is known what was asked for
        self.code: dict[int, Scenario] = {}  # what the server ran when a connection began

    def keep(self, asked: RunAsked, *, edited: bool) -> KeptRun:
        """The run as it is kept; it goes on growing."""
        self.kept = KeptRun(
            {**asked.header, "edited": edited},
            self.timeline,
            self.report,
            scenario=asked.scenario,
            minted=asked.minted,
            standing=self.standing,
        )
        return self.kept

    def report(self) -> dict[str, Any]:
        """The JSON form of the outcome so far, as `wsplay run --json` has it."""
        header: Mapping[str, Any] = {} if self.kept is None else self.kept.header
        outcome = self.outcome()
        judged = self.judged(Verdict(), outcome)
        return report(
            outcome,
            scenario=header.get("target"),
            try_name=header.get("try"),
            engine=self.engine,
            versions=header.get("versions"),
            expected=judged.met,
            mismatches=[judged.mismatch] if judged.mismatch else [],
        )

    def judged(self, verdict: Verdict, outcome: Outcome) -> Verdict:
        """The verdict, with whether the outcome of the run's own connection is as expected."""
        if not self.expect:
            return verdict
        mismatches = self.expect.mismatches(outcome)
        lapsed = self.lapsed or (BY_HAND["disconnect"] if self.disconnected and mismatches else "")
        if lapsed:
            return replace(verdict, lapsed=lapsed)
        if mismatches and not outcome.final:
            return verdict  # the missing events may still arrive
        return replace(verdict, met=not mismatches, mismatch="; ".join(mismatches))


class MainState:
    """The state behind the main screen. `key_of` says which key does what a verdict names."""

    def __init__(self, key_of: KeyOf) -> None:
        self._key_of = key_of
        self.server = ServerState()
        self.run = Run(RunBegan(0), "")
        self.chosen: Scenario | None = None  # the newest that was to be loaded
        #: The try that the form is filled from; an empty tuple until that is known.
        self.chosen_try: str | tuple[()] | None = ()
        self.loaded: Scenario | None = None  # what the server's process last said it loaded
        self.not_loaded: NotLoaded | None = None
        self.ran_since = False  # whether a run began since something did not load
        #: The files of the loaded scenario, and of the newest that did not load.
        self.files: frozenset[str] = frozenset()
        self.routes: list[Any] = []  # the loaded app's (see `wsplay.protocol.routes`)
        self.held = Held(NOTHING)  # where the user holds, and what waits
        self.path_wanted = False  # whether a connection waits for the user to choose a path
        self.client: ClientState = "idle"
        self.client_reason = ""  # why it is idle again
        self.code = CodeEdits()
        self.kept = KeptRuns()
        self.gone: list[KeptRun] = []  # runs that are no longer kept, to be told
        self.failures: list[Failed | Lost] = []
        self.port_refused: str | None = None
        #: "timeline" (a new one), "events" (more in it), "server", "client", "scenario", "verdict", "held"
        self.changes: set[str] = set()

    def add_item(self, item: object) -> None:
        """Add an event or a message of the background thread (see `background.messages`)."""
        if type(item) is Event:
            self.add_event(item)
            return
        match item:
            case RunBegan():
                self.run = Run(item, self.server.engine)
                self._expect(item)
                self.ran_since |= item.number > 0
                self.changes |= {"timeline", "verdict"}
                if item.number == 0:
                    self._set_client("idle")
            case Ready():
                self.server = replace(
                    self.server,
                    phase=Phase.LISTENING,
                    url=item.url,
                    engine=item.engine,
                    versions=item.versions,
                    warning=item.warning,
                )
                self.run.engine = item.engine
                self.changes |= {"server", "verdict"}
            case NotStarted():
                self.server = replace(self.server, phase=Phase.FAILED, detail=item.reason)
                if item.port:
                    self.port_refused = item.reason
                self.changes |= {"server", "verdict"}
            case ByHand():
                self._by_hand(item)
            case RunAsked():
                self.gone += self.kept.add(self.run.keep(item, edited=self.code.edited(item.scenario)))
                self.changes.add("runs")
            case OwnNext():
                self.run.expect_own()
            case Loaded():
                self._code_replaced(item.scenario)
                self.loaded, self.files, self.routes = item.scenario, item.files, list(item.routes)
                if item.scenario is not None and self._is_chosen(item.scenario):
                    self.not_loaded = None
                self.changes |= {"scenario", "verdict"}
            case NotLoaded():
                self.files = item.files
                if self._is_chosen(item.scenario):
                    self.not_loaded, self.ran_since = item, False
                self.changes |= {"scenario", "verdict"}
            case Held():
                self.held = item
                self.changes |= {"held", "verdict"}
            case PathWanted():
                self.routes, self.path_wanted = list(item.routes), True
                self.changes.add("client")
            case Lost():
                self.run.lost += item.events
                self.failures.append(item)
            case Failed():
                self.failures.append(item)

    def add_event(self, event: Event) -> None:
        """Add an event of the shown run, and update the server's and our client's state."""
        run = self.run
        run.add_event(event)
        if event.conn is not None and event.conn not in run.code and self.loaded is not None:
            run.code[event.conn] = self.loaded
            if len(run.code) > MAX_FOLLOWED:
                del run.code[next(iter(run.code))]
        self.changes.add("events")
        if event.lane is Lane.SERVER:
            state = after(self.server, event)
            if state is not self.server:
                self.server = state
                self.changes |= {"server", "verdict"}
        elif event.lane is Lane.CLIENT and event.conn == self.run.own:
            match event.kind:
                case "client.connecting":
                    self._set_client("connecting")
                case "client.open":
                    self._set_client("connected")
                case "client.closed":
                    self._set_client("idle", event.summary)
                case "client.error" if event.data.get("phase") != "open":
                    self._set_client("idle", event.summary)

    def _code_replaced(self, scenario: Scenario | None) -> None:
        """Other code is loaded: a connection that is open is closed by that, not by what its try does."""
        run, loaded = self.run, self.loaded
        other = scenario is not None and loaded is not None and scenario.source != loaded.source
        if other and run.number and self.client != "idle":
            run.lapsed = run.lapsed or "you replaced the code"

    def code_of(self, event: Event) -> str | None:
        """The text of the scenario's file that the server ran for an event; None if it is not known."""
        scenario = self.loaded if event.conn is None else self.run.code.get(event.conn)
        return None if scenario is None else scenario.source

    def _set_client(self, state: ClientState, reason: str = "") -> None:
        self.client, self.client_reason = state, reason
        self.changes.add("client")

    def choose(self, scenario: Scenario) -> None:
        """A scenario is about to be loaded; an earlier problem is cleared."""
        self.chosen, self.not_loaded, self.ran_since = scenario, None, False
        self._clear_reason()
        self.code.opened(scenario)
        if scenario.problem is not None:
            self.not_loaded = NotLoaded(scenario, scenario.problem.message, scenario.problem.line)
        self.changes |= {"scenario", "verdict"}

    def choose_try(self, name: str | None) -> None:
        """The form is filled from this try, or from none: what an earlier one came to is cleared."""
        if name != self.chosen_try:
            self.chosen_try = name
            self._clear_reason()
            self.changes.add("verdict")

    def _clear_reason(self) -> None:
        if self.client == "idle":
            self._set_client("idle")

    @property
    def run_is_current(self) -> bool:
        """Whether the shown run is one of the chosen scenario and try, and not of those before."""
        chosen, loaded = self.chosen, self.loaded
        if chosen is not None and loaded is not None and chosen.name != loaded.name:
            return False
        return self.chosen_try == () or self.run.started_from == self.chosen_try

    def _is_chosen(self, scenario: Scenario) -> bool:
        """Whether it is the newest that was chosen, and not another one or an earlier text of it."""
        chosen = self.chosen
        return chosen is None or (chosen.name, chosen.source) == (scenario.name, scenario.source)

    def verdict(self, conn: int | None = None) -> Verdict:
        """The current verdict on connection `conn`, or on the run's own."""
        problem = self.not_loaded
        if problem is not None and (self.loaded is None or not self.ran_since):
            return self._not_loaded(problem)
        run, server = self.run, self.server
        about = run.own if conn is None else conn
        outcome = run.outcome(about)
        trouble = self._trouble()
        if outcome.ended == PENDING:
            return trouble or self._waiting()
        if trouble is not None and not outcome.final:
            return trouble
        verdict = self._of_run(outcome, about)
        if server.phase is Phase.EXITED:
            verdict = replace(verdict, text=f"{verdict.text} {self._restarts()}")
        if problem is not None:
            verdict = replace(verdict, text=f"{verdict.text}{self._ran_instead(problem)}")
        return verdict

    def _of_run(self, outcome: Outcome, conn: int | None) -> Verdict:
        diagnosis = diagnose(outcome)
        headline = diagnosis.headline
        if conn != self.run.own:
            headline = f"#{conn} {headline}"
        elif self.run.number and not self.run_is_current:
            headline = f"{self._run_name()}: {headline}"
        tone: Tone = diagnosis.tone if diagnosis.tone in GLYPHS else "info"
        verdict = Verdict(tone, headline, diagnosis.text, diagnosis.browser, next_step=diagnosis.next_step)
        return self.run.judged(verdict, outcome) if conn == self.run.own else verdict

    def _expect(self, began: RunBegan) -> None:
        """What the new run is expected to come to, unless the user has edited the request or the code."""
        run, name = self.run, began.try_name or began.edited_from
        if name is None or self.loaded is None:
            return
        try_ = self.loaded.get_try(name)
        if try_ is not None:
            run.expect = try_.expect.on(run.engine)
        if began.edited_from is not None:
            run.lapsed = "you edited the request"
        elif self.code.edited(self.loaded):
            run.lapsed = "you edited the code"

    def _by_hand(self, item: ByHand) -> None:
        """The user took over: what comes now is not what the try alone would have come to."""
        run = self.run
        if item.what == "disconnect":
            run.disconnected = True
        else:
            run.lapsed = run.lapsed or BY_HAND[item.what]
        self.changes.add("verdict")

    def _trouble(self) -> Verdict | None:
        server = self.server
        match server.phase:
            case Phase.STALLED:
                return Verdict("warn", "STALLED", self._restarts("kills and restarts the server"))
            case Phase.EXITED:
                return Verdict("bad", "SERVER EXITED", self._restarts())
            case Phase.FAILED:
                return Verdict("bad", "NO SERVER", self._restarts("tries again"))
        return None

    def _restarts(self, does: str = "restarts it") -> str:
        return f"{sentence(self.server.detail)} {self._key_of('server.restart')} {does}."

    def _waiting(self) -> Verdict:
        if self.server.phase is Phase.STARTING:
            return Verdict("info", "STARTING", "The server is starting.")
        if self.client == "connecting":
            return Verdict("info", "CONNECTING")
        chosen, loaded = self.chosen, self.loaded
        if chosen is not None and (loaded is None or not self._is_chosen(loaded)):
            return Verdict("info", "LOADING", f"{chosen.filename} is being loaded.{self._still_running()}")
        if loaded is None:
            return Verdict("info", "READY", "Choose a scenario.")
        connects = f"{self._key_of('run.connect')} connects."
        return Verdict("info", "READY", f"{loaded.filename} is loaded. What will the client see? {connects}")

    def _not_loaded(self, problem: NotLoaded) -> Verdict:
        why = sentence(problem.reason, capital=False)
        return Verdict("bad", "NOT LOADED", f"{_place(problem)}: {why}{self._still_running()}")

    def _ran_instead(self, problem: NotLoaded) -> str:
        name = "" if self.loaded is None else self.loaded.filename
        which = "" if name == problem.scenario.filename else f" ({name})"
        comma = "" if problem.line is None else ","
        return f" This was the previous version{which}: {_place(problem)}{comma} did not load."

    def _run_name(self) -> str:
        """`run 1 (no token)`."""
        run = self.run
        return f"run {run.number}" + (f" ({run.started_from})" if run.started_from else "")

    def _still_running(self) -> str:
        if self.loaded is None:
            return ""
        return f" The previous version ({self.loaded.filename}) is still running."


def _place(problem: NotLoaded) -> str:
    """`auth.py, line 5`."""
    return problem.scenario.filename + ("" if problem.line is None else f", line {problem.line}")
