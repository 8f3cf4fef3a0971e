"""Enters the scenes: over a playground that plays what it is told, and jobs that grade and attack at once."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scenes import SCENES, WIDE, Scene

from wsplay.attack.attacks import ATTACKS
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.scenario.library import Library
from wsplay.tui.app import QuickApp, WsplayApp
from wsplay.tui.attack import screen as attack_module
from wsplay.tui.attack.jobs import AttackDone, AttackedNext
from wsplay.tui.background.messages import RunBegan
from wsplay.tui.challenge import screen as challenge_module
from wsplay.tui.challenge.jobs import AllGraded


@pytest.fixture
def with_broken(library: Library, tmp_path: Path) -> Library:
    """The built-in scenarios and one with a syntax error."""
    (tmp_path / "broken.py").write_text("app = (\n", encoding="utf-8")
    return Library.find(user_folders=(tmp_path,))


@pytest.fixture
def enter(
    with_broken: Library,
    fake_playgrounds: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    refused: tuple[Event, ...],
    make_timeline: Callable[..., Timeline],
) -> Callable[..., AbstractAsyncContextManager[Scene]]:
    """Enter a scene by its name, on a terminal of a size."""
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "progress.json"))

    def grade(item: Any, first: int | None, designs: Any) -> Any:
        async def work(playground: Any, job: Any) -> None:
            timeline = make_timeline(refused)
            job.post(RunBegan(timeline.start_ns))
            for event in refused:
                job.post(event)
            checks = (
                CheckResult("status", "403", "403", True, (8,)),
                CheckResult("received", '["Welcome!"]', "[]", False, (8,)),
            )
            seen = {"wire": True, "browser": False, "testclient": False}
            job.post(
                AllGraded(
                    tuple(
                        ChoiceResult(place == 0, "REFUSED 403", checks, "no token", False, seen, timeline)
                        for place in range(len(item.challenge.choices))
                    )
                )
            )

        return work

    def attacked(designs: Any) -> Any:
        async def work(playground: Any, job: Any) -> None:
            for column, design in enumerate(designs):
                job.post(AttackedNext(design.name))
                for row, one in enumerate(ATTACKS):
                    verdict = ("broken", "held", "n/a")[(row + column) % 3]
                    result = {
                        "scenario": design.name,
                        "attack": one,
                        "verdict": verdict,
                        "why": "because",
                        "event": None,
                    }
                    timelines = () if verdict == "n/a" else (make_timeline(refused),)
                    job.post(AttackDone(SimpleNamespace(**result, timelines=timelines)))  # type: ignore[arg-type]

        return work

    monkeypatch.setattr(challenge_module, "grade", grade)
    monkeypatch.setattr(attack_module, "attack", attacked)

    @asynccontextmanager
    async def entered(
        name: str, size: tuple[int, int] = WIDE, theme: str = "wsplay-dark"
    ) -> AsyncIterator[Scene]:
        go_on = threading.Event()

        def find() -> Library:
            assert go_on.wait(20)
            return with_broken

        app: WsplayApp
        options: dict[str, Any] = {"theme_name": theme, "make_playground": fake_playgrounds}
        if name == "first paint":
            app = QuickApp(find, **options)
        else:
            app = WsplayApp(with_broken, scenario="close_before_accept", **options)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            it = Scene(app, pilot, fake_playgrounds)
            try:
                await SCENES[name](it)
                await it.settled()
                yield it
            finally:
                go_on.set()

    return entered
