"""Challenge mode as its learner meets it: over an engine that plays, and over the real one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.pilot import Pilot

from wsplay.challenge.catalogue import Item
from wsplay.challenge.progress_file import read_progress
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.scenario.library import Library
from wsplay.server.parent.errors import LoadError
from wsplay.tui.app import WsplayApp
from wsplay.tui.background.job import Job
from wsplay.tui.background.messages import RunBegan
from wsplay.tui.challenge import screen as challenge_module
from wsplay.tui.challenge.badge import BadgeScreen
from wsplay.tui.challenge.choice_list import ChoiceList
from wsplay.tui.challenge.jobs import AllGraded
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.screen import ChallengeScreen
from wsplay.tui.challenge.session import Stage
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.source.explanation_pane import ExplanationPane
from wsplay.tui.source.patched_pane import PatchView
from wsplay.tui.timeline.view import TimelineView

pytestmark = pytest.mark.slow

WIDE, NARROW = (140, 40), (80, 24)


class Play(AppUnderTest):
    """The app under test, on the challenge screen."""

    limit = 40.0

    def __init__(self, app: WsplayApp, pilot: Pilot[None], progress: Path) -> None:
        super().__init__(app, pilot)
        self.progress = progress

    @property
    def screen(self) -> ChallengeScreen:
        screen = next(one for one in reversed(self.app.screen_stack) if isinstance(one, ChallengeScreen))
        assert isinstance(screen, ChallengeScreen)
        return screen

    @property
    def kept(self) -> bool:
        """Whether any progress is in the file."""
        return self.progress.exists()

    @property
    def status(self) -> str:
        """The line at the top of the challenge."""
        return self.screen.query_one("#status", StatusLine).text

    @property
    def timeline(self) -> TimelineView:
        return self.screen.query_one(TimelineView)

    @property
    def text(self) -> str:
        return self.screen.query_one(ChoiceList).text

    async def open(self) -> None:
        """Into the challenge of the main screen's scenario."""
        await self.until(lambda: self.main.state.loaded is not None, "loaded")
        await self.press("q")
        await self.until(lambda: isinstance(self.app.screen, ChallengeScreen), "the challenge")
        await self.pilot.pause(0.05)

    async def stage(self, stage: Stage) -> None:
        await self.until(lambda: self.screen.session.stage is stage, str(stage))
        await self.until(lambda: not self.screen.working, "the engine free")
        await self.pilot.pause(0.1)


@pytest.fixture(autouse=True)
def progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "learner" / "progress.json"
    monkeypatch.setenv("WSPLAY_PROGRESS", str(path))
    return path


@asynccontextmanager
async def playing(
    library: Library, scenario: str, progress: Path, engine: Any = None, size: tuple[int, int] = WIDE
) -> AsyncIterator[Play]:
    options = {} if engine is None else {"make_playground": engine}
    app = WsplayApp(library, scenario=scenario, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Play(app, pilot, progress)


# -- over the real engine


async def test_a_wrong_answer_then_the_right_one(library: Library, progress: Path) -> None:
    """Nothing is graded before the run; then the events that decide are under the cursor."""
    async with playing(library, "2", progress) as it:
        await it.open()
        assert "refuted" not in it.text
        assert not it.timeline.display
        await it.press("2")
        view = it.screen.query_one(PatchView)
        assert len(view.patched) == 1
        assert "query_params" in view.text
        await it.press("enter")
        await it.stage(Stage.REFUTED)
        assert it.headline == "REFUTED"
        assert it.text.count("refuted") == 1
        assert "confirmed" not in it.text
        assert "REFUSED 500" in it.text
        result = it.screen.session.result(1)
        assert result is not None
        assert it.timeline.timeline is result.timeline
        assert it.timeline.cursor == result.evidence[0]
        event = it.timeline.event
        assert event is not None
        assert event.kind == "client.error"
        assert read_progress(progress).records["header_check"].attempts == 1
        await it.press("3", "enter")
        await it.stage(Stage.DONE)
        assert it.headline == "CONFIRMED on attempt 2"
        assert it.text.count("refuted") == 3
        assert it.text.count("confirmed") == 1
        await it.press("4")
        await it.pilot.pause(0.1)
        assert "websocket.body" in view.text
        await it.until(lambda: view.border_subtitle and "AttributeError" in str(view.border_subtitle), "lit")
        record = read_progress(progress).records["header_check"]
        assert (record.attempts, record.solved, record.first_try) == (2, True, False)


async def test_what_the_client_gets_is_graded_for_each_observer(library: Library, progress: Path) -> None:
    async with playing(library, "3", progress) as it:
        await it.open()
        await it.press("1", "enter")
        await it.stage(Stage.REFUTED)
        result = it.screen.session.result(0)
        assert result is not None
        assert result.viewpoints == {"wire": False, "browser": False, "testclient": True}
        assert "✓ TestClient" in it.text
        await it.press("5", "enter")
        await it.stage(Stage.DONE)
        assert it.screen.session.solved


async def test_the_main_screen_is_as_it_was(library: Library, progress: Path) -> None:
    """Its run stays on show, its scenario is loaded, and a run goes on from there."""
    async with playing(library, "3", progress) as it:
        await it.until(lambda: it.main.state.loaded is not None, "loaded")
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "the run")
        before = list(it.main.state.run.timeline)
        await it.press("Q")
        await it.until(lambda: isinstance(it.app.screen, ChallengesScreen), "the list")
        await it.press("home", "down", "enter")
        await it.until(lambda: isinstance(it.app.screen, ChallengeScreen), "the challenge")
        assert it.screen.session.item.name == "header_check"
        await it.press("a")
        await it.stage(Stage.DONE)
        await it.press("escape", "escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")
        await it.pilot.pause(0.2)
        assert list(it.main.state.run.timeline) == before
        assert it.main.state.not_loaded is None
        await it.press("ctrl+r")
        await it.until(lambda: it.main.state.run.number == 2, "another run")
        await it.until(lambda: "403" in it.headline, "its verdict")
        scopes = [event for event in it.main.state.run.timeline if event.source is not None]
        assert {event.source.file for event in scopes if event.source} == {"close_before_accept.py"}


async def test_leaving_in_the_middle_leaves_the_engine_free(library: Library, progress: Path) -> None:
    async with playing(library, "5", progress) as it:
        await it.open()
        await it.press("2", "enter")
        await it.until(lambda: it.screen.bench is not None and it.screen.bench.done >= 1, "an attack")
        await it.press("escape")
        await it.stage(Stage.ASKING)
        assert it.headline == "STOPPED"
        assert not it.kept
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")
        await it.press("ctrl+r")
        await it.until(lambda: it.headline not in ("READY", "CONNECTING"), "a verdict")
        assert it.main.state.run.number == 1


async def test_a_dead_server_is_told_and_restarted(library: Library, progress: Path) -> None:
    async with playing(library, "1", progress) as it:
        await it.open()
        playground = it.app.proxy.worker._playground
        assert playground is not None
        os.kill(playground._server.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        await it.until(lambda: not playground.alive, "its end")
        await it.press("4", "enter")
        await it.until(lambda: it.headline == "NOT RUN", "told")
        assert it.screen.session.tried == []
        assert not it.kept
        await it.press("R")
        await it.until(lambda: playground.alive, "another server")
        await it.press("enter")
        await it.stage(Stage.DONE)
        assert it.screen.session.solved


# -- over an engine that plays


SOURCE = '''"""The answer stands here, so it is folded away: it is a 403."""

from fastapi import FastAPI, WebSocket

app = FastAPI()


# Anybody can knock.
# Who gets in is decided before the handshake is answered,
# so whoever does not get in never has a WebSocket:
# the answer is an HTTP response.
#
# (Some lines so that the endpoint stands where
# the run that is played has it.)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text("Welcome!")

# /// script
# [tool.wsplay]
# title = "Close before accept"
# order = 3
# topics = ["handshake"]
#
# [[tool.wsplay.try]]
# name = "no token"
#
# [tool.wsplay.challenge]
# question = "The check fails before `accept()`. What does the client get?"
# level = "advanced"
# seconds = 90
# seed = 3
# hint = "Is there a WebSocket yet that could carry a close frame?"
# explanation = """There is none: a close before accept is an **HTTP 403**,
# and the code goes nowhere."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The close code 1008"
# holds = { close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, and no WebSocket at all"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "`Welcome!`, if the check is turned round"
# patch = [["token != ", "token == "]]
# holds = { received = ["Welcome!"] }
# ///
'''


@pytest.fixture
def own(tmp_path: Path) -> Library:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "close_before_accept.py").write_text(SOURCE, encoding="utf-8")
    other = SOURCE.replace("Close before accept", "Another").replace("seed = 3", "").replace("order = 3", "")
    (folder / "another.py").write_text(other, encoding="utf-8")
    return Library([folder])


class Grading:
    """Stands in for `grade`: plays the run of the fake engine and says what it is told to."""

    def __init__(self, fake: Any) -> None:
        self.fake = fake
        self.fail: Exception | None = None
        self.waits = False
        self.cut_short = 0
        self.asked: list[int | None] = []

    def __call__(self, item: Item, first: int | None, designs: Any) -> Any:
        self.asked.append(first)
        events: list[Event] = []
        played = self.fake(events.append, "uvicorn", 0)
        played.scenario = item.scenario
        played.connecting(1)
        self.fake.refused(played)
        del self.fake.playgrounds[-1]
        timeline = Timeline(1_000_000_000)
        for event in events:
            timeline.add(event)

        async def work(playground: Any, job: Job) -> None:
            job.post(events[0])  # of loading: before the first run, and not shown
            for number in range(self.cut_short + 1):
                job.post(RunBegan(timeline.start_ns + number))
                for event in events:
                    job.post(event)
            if self.waits:
                await asyncio.sleep(60)
            if self.fail is not None:
                raise self.fail
            job.post(AllGraded(self.results(timeline)))

        return work

    def results(self, timeline: Timeline) -> tuple[ChoiceResult, ...]:
        close = CheckResult("close", "1008", "none", False, (8,))
        opened, status = (
            CheckResult("opened", "false", "false", True, (8,)),
            CheckResult("status", "403", "403", True, (5,)),
        )
        received = CheckResult("received", '["Welcome!"]', "[]", False, (8,))
        return (
            ChoiceResult(False, "REFUSED 403", (close,), "no token", timeline=timeline),
            ChoiceResult(True, "REFUSED 403", (status, opened), "no token", timeline=timeline),
            ChoiceResult(False, "REFUSED 403", (received,), "no token", True, timeline=timeline),
        )


@pytest.fixture
def grading(fake_playgrounds: Any, monkeypatch: pytest.MonkeyPatch) -> Grading:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "run_start_ns", 1)
    grading = Grading(fake_playgrounds)
    monkeypatch.setattr(challenge_module, "grade", grading)
    return grading


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_run_plays_and_evidence_is_stepped_through(
    own, grading, progress, fake_playgrounds, size
) -> None:
    async with playing(own, "3", progress, fake_playgrounds, size) as it:
        await it.open()
        await it.press("down", "enter")
        await it.stage(Stage.DONE)
        assert it.timeline.display
        assert len(it.timeline.timeline or ()) == 8
        assert it.timeline.cursor == 5
        await it.press("space")  # the badge of a group of one
        await it.press("right")
        assert it.timeline.cursor == 8
        await it.press("right")
        assert it.timeline.cursor == 5
        await it.press("t", "enter")
        await it.until(lambda: isinstance(it.app.screen, RunScreen), "the run whole")
        assert it.app.screen.query_one(TimelineView).cursor == 5
        await it.press("escape")
        assert it.app.screen is it.screen


async def test_a_run_that_is_cut_short_takes_no_event_of_the_next(
    own, grading, progress, fake_playgrounds
) -> None:
    grading.cut_short = 2
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        await it.press("down", "enter")
        await it.stage(Stage.DONE)
        assert [event.seq for event in it.timeline.timeline or ()] == list(range(1, 9))


async def test_all_of_it_by_mouse(own, grading, progress, fake_playgrounds) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        rows = it.text.split("\n")
        y = next(at for at, row in enumerate(rows) if "HTTP 403" in row)
        choices = it.screen.query_one(ChoiceList)
        await it.pilot.click(choices, offset=(10, y + 1))
        assert choices.cursor == 1
        await it.pilot.click(choices, offset=(10, y + 1), times=2)
        await it.stage(Stage.DONE)
        assert it.screen.session.solved


async def test_what_explains_the_code_is_folded_until_it_is_over(
    own, grading, progress, fake_playgrounds
) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        view = it.screen.query_one(PatchView)
        assert "The answer stands here" not in view.text
        await it.press("e", "M")
        assert "holds" not in view.text
        await it.press("a")
        await it.stage(Stage.DONE)
        assert "The answer stands here" in view.text


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_explanation_opens_only_after_the_answer(
    own, grading, progress, fake_playgrounds, size
) -> None:
    async with playing(own, "3", progress, fake_playgrounds, size) as it:

        def explained() -> bool:
            panes = it.screen.query("#explanation")
            return any(pane.display and pane.region.height > 0 for pane in panes)

        await it.open()
        await it.press("I")
        assert not it.screen.query("#explanation")
        await it.press("1", "enter")  # refuted: the other choices are still open
        await it.stage(Stage.REFUTED)
        await it.press("I")
        assert not it.screen.query("#explanation")
        await it.press("a")
        await it.stage(Stage.DONE)
        await it.press("I")
        await it.until(explained, "the explanation")
        pane = it.screen.query_one(ExplanationPane)
        await it.until(lambda: it.screen.focused is pane, "its focus")
        assert pane.text.startswith("The answer stands here")
        assert not it.screen.query_one("#endpoint").display
        await it.press("I")
        await it.until(lambda: not explained(), "the source")
        assert it.screen.focused is it.screen.query_one(PatchView)
        await it.press("I")
        await it.until(explained, "the explanation again")
        await it.press("escape")
        await it.until(lambda: not explained(), "closed")
        assert it.app.screen is it.screen
        await it.press("I")
        await it.until(explained, "the explanation once more")
        await it.press("right_square_bracket")  # the next challenge: its answer is not given away
        await it.until(lambda: it.screen.session.stage is Stage.ASKING, "the next challenge")
        await it.until(lambda: not explained(), "its source")
        await it.press("I")
        await it.pilot.pause(0.05)
        assert not explained()


async def test_nothing_says_flawed_before_the_answer(library, progress, fake_playgrounds) -> None:
    async with playing(library, "1", progress, fake_playgrounds) as it:
        await it.open()
        flawed = 0
        for item in it.screen.catalogue.items:
            it.screen.open(item)
            flawed += item.scenario.flawed
            for place in range(len(item.challenge.choices)):
                await it.press(str(place + 1))
                assert it.screen.session.stage is Stage.ASKING
                lines = it.screen._compositor.render_strips()
                shown = "\n".join(strip.text for strip in lines) + it.screen.query_one(PatchView).text
                assert item.challenge.question.split()[0] in shown
                for word in ("flawed", "fixed in", "fixes "):
                    assert word not in shown.casefold(), (item.name, place)
        assert flawed > 10


async def test_after_the_answer_it_says_what_is_flawed(library, grading, progress, fake_playgrounds) -> None:
    async with playing(library, "1", progress, fake_playgrounds) as it:
        await it.open()
        count = len(it.screen.session.challenge.choices)
        grading.results = lambda timeline: tuple(
            ChoiceResult(place == 0, "X", (), timeline=timeline) for place in range(count)
        )
        await it.press("1", "enter")
        await it.stage(Stage.DONE)
        await it.press("I")
        await it.until(lambda: bool(it.screen.query("#explanation")), "the explanation")
        await it.pilot.pause(0.05)
        text = it.screen.query_one(ExplanationPane).text
        assert text.startswith("✗ flawed on purpose: fixed in 2 Header check\n")  # and names no keys


async def test_a_hint_is_given_once_and_kept(own, grading, progress, fake_playgrounds) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        await it.press("h", "h")
        assert "carry a close frame" in it.text
        assert read_progress(progress).records["close_before_accept"].hints == 1


async def test_an_answer_that_was_refuted_is_not_taken_again(
    own, grading, progress, fake_playgrounds
) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        await it.press("1", "enter")
        await it.stage(Stage.REFUTED)
        await it.press("enter", "enter")
        await it.pilot.pause(0.1)
        assert read_progress(progress).records["close_before_accept"].attempts == 1
        await it.press("2", "enter")
        await it.stage(Stage.DONE)
        assert grading.asked == [0]  # what was run once need not be run again
        assert read_progress(progress).streak == 1


@pytest.mark.parametrize("error", [LoadError("x", "/x/a.py", "boom", line=3), ZeroDivisionError("oh no")])
async def test_a_failure_is_told_and_does_not_count(own, grading, progress, fake_playgrounds, error) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        grading.fail = error
        await it.open()
        await it.press("1", "enter")
        await it.until(lambda: it.headline == "NOT RUN", "told")
        assert str(error) in it.screen.query_one(VerdictBar).verdict.text
        assert any(str(error) in told for told in it.told)
        assert not it.kept
        grading.fail = None
        await it.press("enter")
        await it.stage(Stage.REFUTED)


async def test_it_can_be_stopped_and_another_taken_meanwhile(
    own, grading, progress, fake_playgrounds
) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        grading.waits = True
        await it.open()
        await it.press("1", "enter")
        await it.until(lambda: len(it.timeline.timeline or ()) == 8, "the run, live")
        assert it.headline == "RUNNING"
        assert "refuted" not in it.text
        await it.press("escape")
        await it.until(lambda: it.headline == "STOPPED", "stopped")
        assert it.app.screen is it.screen
        await it.press("enter")
        await it.until(lambda: it.headline == "RUNNING", "running again")
        grading.waits = False
        await it.press("right_square_bracket")
        assert it.screen.session.item.name == "another"
        await it.press("2", "enter")
        await it.stage(Stage.DONE)
        assert set(read_progress(progress).records) == {"another"}


async def test_progress_that_cannot_be_kept_is_told_and_counts_all_the_same(
    own, grading, progress, fake_playgrounds
) -> None:
    progress.parent.write_text("in the way")
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        await it.press("2", "enter")
        await it.stage(Stage.DONE)
        assert any("progress is not saved" in told for told in it.told)
        assert "1 of 2 solved" in it.status


@pytest.mark.parametrize("key", ["c", "l"])
async def test_progress_that_cannot_be_read_is_told_once(
    own, grading, progress, fake_playgrounds, key
) -> None:
    progress.parent.mkdir(exist_ok=True)
    os.mkfifo(progress)
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        assert len([told for told in it.told if "progress is not read" in told]) == 1
        await it.press("l" if key == "l" else "right_square_bracket")
        await it.pilot.pause()
        assert len([told for told in it.told if "progress is not read" in told]) == 1
    assert progress.is_fifo()


async def test_a_finished_group_earns_its_badge_once(own, grading, progress, fake_playgrounds) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        await it.press("2", "enter")
        await it.until(lambda: isinstance(it.app.screen, BadgeScreen), "the badge")
        await it.press("x")
        assert it.app.screen is it.screen
        await it.stage(Stage.DONE)
        assert "★ 1 badge" in it.status
        await it.press("ctrl+r")
        await it.press("2", "enter")
        await it.stage(Stage.DONE)
        assert it.app.screen is it.screen


async def test_two_keys_at_once_close_the_badge_alone(own, grading, progress, fake_playgrounds) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        await it.press("2", "enter")
        await it.until(lambda: isinstance(it.app.screen, BadgeScreen), "the badge")
        it.app.simulate_key("space")
        it.app.simulate_key("space")
        await it.until(lambda: not isinstance(it.app.screen, BadgeScreen), "its end")
        await it.pilot.pause(0.2)
        assert it.app.screen is it.screen


async def test_the_clock_can_be_off_and_is_no_limit(own, grading, progress, fake_playgrounds) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        assert " left" in it.status
        it.screen.clock.used = 95.0
        await it.until(lambda: "time is up" in it.status, "late")
        await it.until(lambda: any("suggestion" in told for told in it.told), "told")
        await it.press("2", "enter")
        await it.until(lambda: it.screen.session.solved, "an answer all the same")
        await it.until(lambda: isinstance(it.app.screen, BadgeScreen), "the badge")
        await it.press("x", "o")
        assert "clock off" in it.status
        await it.press("right_square_bracket")
        assert it.screen.clock.shown is False


async def test_the_list_begins_at_what_is_not_solved(own, grading, progress, fake_playgrounds) -> None:
    progress.parent.mkdir()
    progress.write_text(json.dumps({"records": {"close_before_accept": {"attempts": 1, "solved": True}}}))
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.until(lambda: it.main.state.loaded is not None, "loaded")
        await it.press("Q")
        await it.until(lambda: isinstance(it.app.screen, ChallengesScreen), "the list")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, ChallengeScreen), "a challenge")
        assert it.screen.session.item.name == "another"
        await it.press("l")
        await it.until(lambda: isinstance(it.app.screen, ChallengesScreen), "the list again")
        await it.press("escape")
        assert it.app.screen is it.main


@pytest.mark.parametrize("key", ["question_mark", "ctrl+p"])
async def test_help_and_palette_know_every_key(own, grading, progress, fake_playgrounds, key) -> None:
    async with playing(own, "3", progress, fake_playgrounds) as it:
        await it.open()
        for node in (it.screen, *it.screen.walk_children()):
            for _, binding in node._bindings:
                if binding.id is not None:
                    assert binding.tooltip, binding
        await it.press(key)
        await it.pilot.pause(0.2)
        assert it.app.screen is not it.screen
        await it.press("escape")
        assert it.app.screen is it.screen


def test_nothing_of_it_is_imported_before_it_is_asked_for() -> None:
    code = "import json, sys, wsplay.tui.app, wsplay.tui.main.screen; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    own = {name for name in json.loads(done.stdout) if name.startswith("wsplay.")}
    assert "wsplay.tui.main.screen" in own
    late = (
        "challenge.",
        "attack.",
        "play.",
        "tui.challenge.",
        "tui.attack.",
    )
    own.remove("wsplay.play.saves")  # the main screen watches its file with it
    assert not [name for name in own if name.removeprefix("wsplay.").startswith(late)]
