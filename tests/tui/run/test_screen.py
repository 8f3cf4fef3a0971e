"""A run on a screen of its own: its runs, its panes, the verdict in full, and the palette."""

from __future__ import annotations

from textual.app import App

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.scenario.file import parse_scenario
from wsplay.tui.kit import theme
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.timeline.view import TimelineView

VERDICT = Verdict("bad", "BROKEN", "Word after word. " * 60)


class Host(App[None]):
    """The screen under test over an empty one."""

    def __init__(self, *summaries: str) -> None:
        super().__init__()
        theme.register(self)
        self.timelines = [Timeline(0) for _ in summaries]
        for timeline, summary in zip(self.timelines, summaries, strict=True):
            timeline.add(Event(1, Lane.CLIENT, "client.open", summary, 1))

    def on_mount(self) -> None:
        scenario = parse_scenario("probe", "/scenarios/probe.py", "app = None\n")
        self.push_screen(RunScreen("probe [/]", scenario, self.timelines, VERDICT))

    @property
    def shown(self) -> Timeline | None:
        return self.screen.query_one(TimelineView).timeline


async def test_the_last_run_is_shown_first_and_the_others_are_a_key_away() -> None:
    app = Host("first", "second")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert app.shown is app.timelines[1]
        await pilot.press("right_square_bracket")
        assert app.shown is app.timelines[0]
        await pilot.press("left_square_bracket")
        assert app.shown is app.timelines[1]


async def test_the_verdict_takes_the_blank_rows_below_a_short_run() -> None:
    app = Host("only")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        bar = app.screen.query_one(VerdictBar)
        lines = [line.text.removeprefix("▌") for line in bar.render_lines(bar.outer_size.region)]
        assert " ".join(" ".join(lines).split()).endswith("Word after word. Word after word.")
        assert len(lines) > 3


async def test_the_verdict_is_shown_in_full_at_a_key() -> None:
    app = Host("only")
    for number in range(60):
        app.timelines[0].add(Event(2 + number, Lane.CLIENT, "client.received", "no blank rows", 1))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        bar = app.screen.query_one(VerdictBar)
        before = bar.size.height
        await pilot.press("v")
        await pilot.pause()
        assert bar.size.height > before


async def test_its_keys_are_in_the_palette() -> None:
    app = Host("only")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, RunScreen)
        titles = [choice.title for choice in screen.choices()]
        assert {"Event", "Endpoint", "Verdict", "Back"} <= set(titles)
