"""Challenge mode and the attack bench as pictures: the same grades every time, and no clock.

`pytest --snapshot-update tests/tui/challenge/test_pictures.py` takes them anew; look at them first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from wsplay.attack.attacks import ATTACKS
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.attack import screen as attack_module
from wsplay.tui.attack.jobs import AttackDone, AttackedNext
from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.background.messages import RunBegan
from wsplay.tui.challenge import screen as challenge_module
from wsplay.tui.challenge.badge import BadgeScreen
from wsplay.tui.challenge.jobs import AllGraded
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.progress_store import progress_store
from wsplay.tui.challenge.screen import ChallengeScreen
from wsplay.tui.challenge.session import Stage
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.source.explanation_pane import ExplanationPane
from wsplay.tui.source.patched_pane import PatchView

pytestmark = pytest.mark.slow

SIZES = [(80, 24), (140, 40)]
SIZE_NAMES = [f"{width}x{height}" for width, height in SIZES]

BODY = '''"""What this is about is folded away until the challenge is over."""

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
# title = "TITLE"
# order = ORDER
# topics = ["TOPIC"]
#
# [[tool.wsplay.try]]
# name = "wrong token"
#
# [tool.wsplay.challenge]
# question = "The check fails and the endpoint closes with 1008 before `accept()`. What does the client get?"
# level = "advanced"
# seconds = 120
# SEED
# hint = "Before accept there is no WebSocket yet. What protocol does the connection speak at that moment?"
# explanation = """The often taught answer is close code 1008. Look at who bears it out: TestClient, which
# reads the ASGI message and has no wire. A real client gets an HTTP answer, a browser's script 1006."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The connection closes with code 1008, and no message comes"
# holds = { close = 1008, received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "`Welcome!`, once the check is turned round"
# patch = [["token != ", "token == "]]
# holds = { received = ["Welcome!"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The connection stays open in silence"
# holds = { ended = "open" }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, and no WebSocket at all"
# holds = { opened = false, status = 403 }
# ///
'''
SCENARIOS = [
    ("close_before_accept", "Close before accept", 3, "handshake", "seed = 3"),
    ("cookie_only", "Cookies alone", 1, "handshake", "seed = 1"),
    ("jwt_before_accept", "JWT before accept", 5, "handshake", "seed = 5"),
    ("ask_by_message", "Ask by message", 6, "handshake", ""),
    ("ip_filter", "IP filter", 7, "browsers", ""),
]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A small library, and a learner who has come some way."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name, title, order, topic, seed in SCENARIOS:
        text = BODY.replace("TITLE", title).replace("ORDER", str(order))
        text = text.replace("TOPIC", topic).replace("# SEED", f"# {seed}".rstrip())
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "progress.json"))
    store = progress_store()
    store.clock_shown = False
    for name, confirmed in (("jwt_before_accept", False), ("cookie_only", True), ("jwt_before_accept", True)):
        assert store.add_answer(name, confirmed) == ""
    return Library([folder])


@pytest.fixture
def app(own: Library, fake_playgrounds: Any, monkeypatch: pytest.MonkeyPatch) -> WsplayApp:
    """The app over grades that are always the same."""
    fake_playgrounds.prepare = lambda playground: setattr(playground, "run_start_ns", 1)

    def run(scenario: Any, play: Any) -> tuple[list[Event], Timeline]:
        events: list[Event] = []
        played = fake_playgrounds(events.append, "uvicorn", 0)
        del fake_playgrounds.playgrounds[-1]
        played.scenario = scenario
        played.connecting(1)
        play(played)
        timeline = Timeline(1_000_000_000)
        for event in events:
            timeline.add(event)
        return events, timeline

    def grade(item: Any, first: int | None, designs: Any) -> Any:
        async def work(playground: Any, job: Any) -> None:
            events, timeline = run(item.scenario, fake_playgrounds.refused)
            job.post(RunBegan(timeline.start_ns))
            for event in events:
                job.post(event)
            job.post(AllGraded(results_of(timeline)))

        return work

    def attack(scenarios: Any) -> Any:
        async def work(playground: Any, job: Any) -> None:
            for column, scenario in enumerate(scenarios):
                job.post(AttackedNext(scenario.name))
                for row, one in enumerate(ATTACKS):
                    broken = (row * 7 + column * 5) % 4 == 0
                    _, timeline = run(
                        scenario, fake_playgrounds.accepted if broken else fake_playgrounds.refused
                    )
                    verdict, why = ("broken", 'received "Welcome!"') if broken else ("held", "REFUSED 403")
                    timelines: tuple[Timeline, ...] = (timeline,)
                    if (row + column) % 6 == 5:
                        verdict, why, timelines = "n/a", "does not apply", ()
                    result = {"scenario": scenario.name, "attack": one, "verdict": verdict, "why": why}
                    job.post(AttackDone(SimpleNamespace(**result, timelines=timelines)))  # type: ignore[arg-type]

        return work

    monkeypatch.setattr(challenge_module, "grade", grade)
    monkeypatch.setattr(attack_module, "attack", attack)
    return WsplayApp(own, scenario="3", make_playground=fake_playgrounds)


def results_of(timeline: Timeline) -> tuple[ChoiceResult, ...]:
    def result(
        confirmed: bool, checks: tuple[CheckResult, ...], wire: bool, test: bool, patched: bool = False
    ) -> ChoiceResult:
        seen = {"wire": wire, "browser": False, "testclient": test}
        return ChoiceResult(confirmed, "REFUSED 403", checks, "wrong token", patched, seen, timeline)

    return (
        result(
            False,
            (
                CheckResult("close", "1008", "none", False, (8,)),
                CheckResult("received", "[]", "[]", True, (8,)),
            ),
            False,
            True,
        ),
        result(False, (CheckResult("received", '["Welcome!"]', "[]", False, (8,)),), False, False, True),
        result(False, (CheckResult("ended", '"open"', '"refused"', False, (8,)),), False, False),
        result(
            True,
            (
                CheckResult("opened", "false", "false", True, (8,)),
                CheckResult("status", "403", "403", True, (5,)),
            ),
            True,
            False,
        ),
    )


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Wait, at most 20 s."""
    for _ in range(1000):
        if true():
            await pilot.pause(0.15)
            return
        await pilot.pause(0.02)
    raise AssertionError("the picture never came")


async def ready(pilot: Pilot[None]) -> None:
    screen: Any = pilot.app.screen_stack[0]
    await until(pilot, lambda: screen.query_one(VerdictBar).verdict.headline == "READY")


async def asking(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("q")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChallengeScreen))


async def patched(pilot: Pilot[None]) -> None:
    await asking(pilot)
    await pilot.press("2", "h")
    await pilot.pause(0.2)


async def refuted(pilot: Pilot[None]) -> None:
    await asking(pilot)
    await pilot.press("1", "enter")
    screen = pilot.app.screen
    assert isinstance(screen, ChallengeScreen)
    await until(pilot, lambda: screen.session.stage is Stage.REFUTED and not screen.working)
    await until(pilot, lambda: screen.query_one(PatchView).lit == 21)


async def confirmed(pilot: Pilot[None]) -> None:
    await refuted(pilot)
    screen = pilot.app.screen
    await pilot.press("4", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, BadgeScreen))
    await pilot.press("space")
    await until(pilot, lambda: pilot.app.screen is screen)
    await until(pilot, lambda: screen.query_one(PatchView).lit == 21)


async def explained(pilot: Pilot[None]) -> None:
    await confirmed(pilot)
    await pilot.press("I")
    await until(pilot, lambda: any(pane.text for pane in pilot.app.screen.query(ExplanationPane)))


async def badge(pilot: Pilot[None]) -> None:
    await asking(pilot)
    await pilot.press("4", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, BadgeScreen))
    below = pilot.app.screen_stack[-2]
    await until(pilot, lambda: below.query_one(PatchView).lit == 21)


async def listed(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("Q")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChallengesScreen))


async def attacked(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("b")
    await until(pilot, lambda: isinstance(pilot.app.screen, AttackScreen))
    screen = pilot.app.screen
    assert isinstance(screen, AttackScreen)
    await until(pilot, lambda: not screen.working)
    await pilot.press("home")
    await pilot.pause(0.2)


STATES = [asking, patched, refuted, confirmed, explained, badge, listed, attacked]


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("before", STATES, ids=lambda f: f.__name__)
def test_screen(
    snap_compare: Any, app: WsplayApp, size: Any, before: Callable[[Pilot[None]], Awaitable[None]]
) -> None:
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("theme", ["wsplay-light", "wsplay-contrast"])
@pytest.mark.parametrize("before", [confirmed, attacked], ids=lambda f: f.__name__)
def test_theme(snap_compare: Any, app: WsplayApp, theme: str, before: Any) -> None:
    app.theme = theme
    assert snap_compare(app, terminal_size=(140, 40), run_before=before)
