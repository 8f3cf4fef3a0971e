"""The attack bench on the screen: it fills as the runs come, can be stopped, and each cell opens its run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from app_under_test import AppUnderTest

from wsplay.attack.attacks import ATTACKS, Attack
from wsplay.attack.result import AttackResult, AttackVerdict
from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.attack import screen as attack_module
from wsplay.tui.attack.jobs import AttackDone, AttackedNext, NotAttacked
from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.background.job import Job
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.source.pane import SourceView
from wsplay.tui.timeline.view import TimelineView

pytestmark = pytest.mark.slow

WIDE, NARROW = (140, 40), (80, 24)


class Play(AppUnderTest):
    """The app under test, on the attack screen."""

    limit = 60.0

    @property
    def screen(self) -> AttackScreen:
        return next(one for one in self.app.screen_stack if isinstance(one, AttackScreen))

    @property
    def table(self) -> AttackTable:
        return self.screen.query_one(AttackTable)

    @property
    def lines(self) -> list[str]:
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]

    @property
    def band(self) -> str:
        verdict = self.app.screen.query_one(VerdictBar).verdict
        return f"{verdict.headline} {verdict.text}"

    async def free(self) -> None:
        await self.until(lambda: not self.screen.working, "the engine free")
        await self.pilot.pause(0.1)


@asynccontextmanager
async def attacking(
    library: Library, scenario: str = "5", engine: Any = None, size: tuple[int, int] = WIDE
) -> AsyncIterator[Play]:
    options = {} if engine is None else {"make_playground": engine}
    app = WsplayApp(library, scenario=scenario, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        it = Play(app, pilot)
        await it.until(lambda: it.main.state.loaded is not None, "loaded")
        await it.press("b")
        await it.until(lambda: isinstance(app.screen, AttackScreen), "the bench")
        yield it


async def test_the_real_bench_fills_is_stopped_and_opens_its_runs(library: Library) -> None:
    async with attacking(library, "3") as it:
        await it.until(lambda: it.screen.state.done >= 2, "two attacks")
        assert it.screen.state.running
        await it.press("escape")
        await it.free()
        assert it.app.screen is it.screen
        assert not it.screen.state.running
        done = it.screen.state.done
        assert 2 <= done < it.screen.state.total
        await it.press("home")
        assert "BROKEN" in it.band
        assert "received" in it.band.lower()
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, RunScreen), "the run")
        view = it.app.screen.query_one(TimelineView)
        await it.pilot.pause(0.1)
        assert view.event is not None
        assert view.event.kind == "client.received"
        assert "cookie_only.py" in str(it.app.screen.query_one(SourceView).border_title)
        await it.press("escape", "escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.band, "a run of the scenario that was loaded")


async def test_the_scenario_of_the_main_screen_can_be_attacked_alone(library: Library) -> None:
    async with attacking(library, "no_auth") as it:
        await it.press("c")
        await it.until(lambda: len(it.screen.state.designs) == 1, "one design")
        await it.until(lambda: it.screen.state.done >= 1 or it.screen.state.problems, "what came of it")


# -- over an engine that plays


class Bench:
    """Stands in for `attack`: every third attack breaks in, the last has no meaning."""

    def __init__(self, fake: Any) -> None:
        self.fake = fake
        self.stop_after = 999
        self.refuses: str | None = None

    def __call__(self, scenarios: Any) -> Any:
        async def work(playground: Any, job: Job) -> None:
            for scenario in scenarios:
                job.post(AttackedNext(scenario.name))
                if scenario.name == self.refuses:
                    job.post(NotAttacked(scenario.name, f"{scenario.name}: nobody is let in [/]"))
                    continue
                for number, attack in enumerate(ATTACKS):
                    if number >= self.stop_after:
                        await asyncio.sleep(60)
                    job.post(AttackDone(self.result(scenario, attack, number)))

        return work

    def result(self, scenario: Any, attack: Attack, number: int) -> AttackResult:
        events: list[Event] = []
        played = self.fake(events.append, "uvicorn", 0)
        played.scenario = scenario
        played.connecting(1)
        broken = number % 3 == 0
        (self.fake.accepted if broken else self.fake.refused)(played)
        del self.fake.playgrounds[-1]
        timeline = Timeline(1_000_000_000)
        for event in events:
            timeline.add(event)
        if number == len(ATTACKS) - 1:
            return AttackResult(scenario.name, attack, AttackVerdict.NOT_APPLICABLE, "does not apply")
        verdict = AttackVerdict.BROKEN if broken else AttackVerdict.HELD
        why = 'received "Welcome!"' if broken else "REFUSED 403"
        return AttackResult(scenario.name, attack, verdict, why, (timeline, timeline), timeline.first_seq + 1)


@pytest.fixture
def bench(fake_playgrounds: Any, monkeypatch: pytest.MonkeyPatch) -> Bench:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "run_start_ns", 1)
    bench = Bench(fake_playgrounds)
    monkeypatch.setattr(attack_module, "attack", bench)
    return bench


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_whole_table_is_told_by_glyph_and_word(library, bench, fake_playgrounds, size) -> None:
    async with attacking(library, engine=fake_playgrounds, size=size) as it:
        await it.free()
        rows = it.lines
        for row, attack in enumerate(ATTACKS):
            line = next(text for text in rows if attack.title in text)
            words = "· n/a" if row == len(ATTACKS) - 1 else "✗ BROKEN" if row % 3 == 0 else "✓ held"
            assert line.count(words) == 4
        broken = sum(number % 3 == 0 for number in range(len(ATTACKS) - 1))
        assert next(text for text in rows if "total" in text).count(f"{broken} broken") == 4


async def test_why_and_the_run_go_with_the_cursor(library, bench, fake_playgrounds) -> None:
    async with attacking(library, engine=fake_playgrounds) as it:
        await it.free()
        await it.press("home")
        assert it.band.startswith("BROKEN no credentials against")
        await it.press("down", "left")
        assert it.band.startswith("HELD")
        result = it.table.result
        assert result is not None
        assert it.screen.query_one(TimelineView).timeline is result.timelines[-1]
        await it.press("end")
        assert it.band.startswith("N/A")
        view = it.screen.query_one(TimelineView)
        assert view.timeline is None
        text = "\n".join(view.render_line(y).text for y in range(view.size.height))
        assert "No run to show." in text
        assert "connect" not in text
        await it.press("enter")
        assert it.app.screen is it.screen  # there is no run to open
        await it.press("up", "enter")
        await it.until(lambda: isinstance(it.app.screen, RunScreen), "the run")
        view = it.app.screen.query_one(TimelineView)
        assert view.timeline is not None
        assert view.cursor == view.timeline.first_seq + 1  # the event that decided
        assert "run 2 of 2" in str(view.border_title)
        await it.press("right_square_bracket")
        assert "run 1 of 2" in str(view.border_title)
        await it.press("q")
        assert it.app.screen is it.screen


async def test_results_are_reached_by_mouse(library, bench, fake_playgrounds) -> None:
    async with attacking(library, engine=fake_playgrounds) as it:
        await it.free()
        column = it.lines[0].index(it.screen.state.designs[2].title)
        await it.pilot.click(it.table, offset=(column + 4, 4))
        assert (it.table.cursor_row, it.table.cursor_column) == (2, 2)
        await it.pilot.click(it.table, offset=(column + 4, 5), times=2)
        await it.until(lambda: isinstance(it.app.screen, RunScreen), "the run")


async def test_the_cursor_goes_with_the_attacks_until_it_is_moved(library, bench, fake_playgrounds) -> None:
    bench.stop_after = 4
    async with attacking(library, engine=fake_playgrounds) as it:
        await it.until(lambda: it.screen.state.done == 4, "four attacks")
        await it.pilot.pause(0.1)
        assert (it.table.cursor_row, it.table.cursor_column) == (4, 0)
        assert "… running" in it.lines[5]
        assert "Running now" in it.band
        await it.press("up")
        assert it.table.cursor_row == 3
        assert not it.table.following
        await it.press("escape")
        await it.free()
        assert "… running" not in "".join(it.lines)
        await it.press("escape")
        assert it.app.screen is it.main


async def test_a_design_that_cannot_be_attacked_is_told_and_the_rest_goes_on(
    library, bench, fake_playgrounds
) -> None:
    bench.refuses = "cookie_only"
    async with attacking(library, engine=fake_playgrounds) as it:
        await it.free()
        assert it.screen.state.done == 3 * len(ATTACKS)
        assert "! not run" in it.lines[1]
        await it.press("home", "left", "left", "left")
        assert "nobody is let in [/]" in it.band
        assert any("nobody is let in [/]" in note.message for note in it.app._notifications)
