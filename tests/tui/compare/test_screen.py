"""Two runs compared, under a user's hands: differences walked, events opened, parts folded, events found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Static

from wsplay.tui.compare import screen as screen_module
from wsplay.tui.compare.layout import EventLine, TopLine
from wsplay.tui.compare.rows import HEADER
from wsplay.tui.compare.screen import CompareScreen
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit import theme
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.styled_lines import plain
from wsplay.verdict.compare import Side

pytestmark = pytest.mark.slow
WIDE, NARROW = (140, 40), (80, 24)


class Host(App[None]):
    """The screen under test over an empty one."""

    def __init__(self, left: Side, right: Side) -> None:
        super().__init__()
        theme.register(self)
        self.sides = left, right

    def on_mount(self) -> None:
        self.push_screen(CompareScreen(*self.sides))

    @property
    def compare(self) -> CompareScreen:
        screen = self.screen
        assert isinstance(screen, CompareScreen)
        return screen

    @property
    def lines(self) -> list[str]:
        view = self.compare.view
        return [view.render_line(y).text.rstrip() for y in range(view.scrollable_content_region.height)]

    @property
    def at(self) -> str:
        """The line under the cursor."""
        line = self.compare.view.line
        if isinstance(line, TopLine):
            return " ".join(plain(line.left).split())
        assert isinstance(line, EventLine)
        return line.event.summary

    async def until(self, true: Callable[[], object], limit: float = 20.0) -> None:
        end = time.monotonic() + limit
        while not true():
            assert time.monotonic() < end, "never happened"
            await asyncio.sleep(0.01)

    async def ready(self, pilot: Any) -> None:
        await self.until(lambda: isinstance(self.screen, CompareScreen) and self.compare.compared)
        await pilot.pause()

    @property
    def inspected(self) -> list[str]:
        """What is shown in full, left and right."""
        shown = [pane.event for pane in self.compare.query(Inspector) if pane.display and pane.region.height]
        return ["" if event is None else event.summary for event in shown]


async def test_the_cursor_walks_from_difference_to_difference(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        assert app.at.startswith("▾ Source differs")
        await pilot.press("right_square_bracket")
        assert app.at.startswith("▾ Outcome differs")
        await pilot.press("right_square_bracket")
        assert app.at == "websocket.accept"
        assert app.compare.view.status == "difference 3 of 3"
        await pilot.press("right_square_bracket")
        assert app.at == "websocket.accept"
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert app.at.startswith("▾ Source differs")


@pytest.mark.parametrize(("size", "marks"), [(WIDE, "~ differs"), (NARROW, "~< differs")])
async def test_both_runs_with_their_differences(
    left: Side, right: Side, size: tuple[int, int], marks: str
) -> None:
    app = Host(left, right)
    async with app.run_test(size=size) as pilot:
        await app.ready(pilot)
        text = "\n".join(app.lines)
        for said in (
            "close_before_accept @ no token",
            "accept_then_close @ no token",
            "✗ REFUSED 403",
            marks,
        ):
            assert said in text
        status = app.compare.query_one(StatusLine).text
        assert "outcomes differ" in status
        assert "6 events differ" in status
        assert app.lines[HEADER - 1].endswith("difference 1 of 3")


async def test_what_differs_in_an_event_is_named_below(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        await pilot.press("end", "up", "up", "up")
        assert app.at == "websocket.close 1008"
        assert "differs in message.reason, source" in app.compare.view.status


async def test_both_events_are_shown_in_full_side_by_side(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        await pilot.press("end", "up", "up", "up", "enter")
        await pilot.pause()
        assert app.inspected == ["websocket.close 1008", 'websocket.close 1008 "bad"']
        await pilot.press("down")
        await pilot.pause()
        assert app.inspected == ["", 'closed 1008 "bad"']
        await pilot.press("down")
        await pilot.pause()
        assert app.inspected == ["HTTP/1.1 403 Forbidden  0 B", ""]
        await pilot.press("escape")
        await pilot.pause()
        assert app.inspected == []
        assert isinstance(app.screen, CompareScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, CompareScreen)


async def test_in_one_column_the_event_of_the_line_is_shown_in_full(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=NARROW) as pilot:
        await app.ready(pilot)
        await pilot.press("end", "up", "up", "up", "enter")
        await pilot.pause()
        assert app.inspected == ['websocket.close 1008 "bad"']
        await pilot.press("up")
        await pilot.pause()
        assert app.inspected == ["websocket.close 1008"]
        await pilot.press("end")
        await pilot.pause()
        assert app.inspected == ["InvalidStatus: HTTP 403"]


async def test_a_part_is_folded_and_opened(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        await pilot.press("enter")
        assert app.at.startswith("▸ Source")
        assert not any("await websocket.accept()" in line for line in app.lines)
        await pilot.press("enter")
        assert app.at.startswith("▾ Source")
        assert any("await websocket.accept()" in line for line in app.lines)


async def test_a_click_folds_a_part_and_a_second_one_shows_an_event(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        lines = app.lines
        source = next(y for y, line in enumerate(lines) if "▾ Source" in line)
        await pilot.click("#compare", offset=(6, source + 1))
        assert app.at.startswith("▸ Source")
        request = next(y for y, line in enumerate(app.lines) if "GET /ws" in line)
        await pilot.click("#compare", offset=(20, request + 1))
        assert app.at == "GET /ws HTTP/1.1"
        await pilot.click("#compare", offset=(20, request + 1), times=2)
        await pilot.pause()
        assert app.inspected == ["GET /ws HTTP/1.1"] * 2


async def test_what_is_the_same_is_hidden_and_the_cursor_stays(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        await pilot.press("end", "equals_sign")
        assert app.at == "InvalidStatus: HTTP 403"
        assert not any("= same " in line for line in app.lines[HEADER:])
        await pilot.press("equals_sign")
        assert app.at == "InvalidStatus: HTTP 403"
        assert any("= same " in line for line in app.lines[HEADER:])


async def test_a_narrower_terminal_keeps_the_cursor_on_its_event(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        await pilot.press("end")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        assert app.at == "InvalidStatus: HTTP 403"
        assert any("<  only left" in line for line in app.lines)


async def test_events_are_found_and_the_others_hidden(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        await pilot.press("slash", *"lane:wire")
        await app.until(lambda: app.at == "GET /ws HTTP/1.1")
        says = app.compare.query_one("FindBar Static", Static)
        assert str(says.content).startswith("1 of 3 · tab hides the others")
        await pilot.press("tab")
        await pilot.pause()
        assert not any("websocket.accept " in line for line in app.lines[12:])
        await pilot.press("enter", "n")
        assert app.at == "HTTP/1.1 101 Switching Protocols"
        await pilot.press("N", "N")
        assert app.at == "HTTP/1.1 403 Forbidden  0 B"
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, CompareScreen)
        assert any("websocket.accept " in line for line in app.lines[12:])


async def test_a_filter_typed_wrong_is_told_and_escape_goes_back(left: Side, right: Side) -> None:
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        before = app.at
        await pilot.press("slash", *"lame:wire")
        await pilot.pause()
        assert "no key `lame`" in str(app.compare.query_one("FindBar Static", Static).content)
        await pilot.press("escape")
        await pilot.pause()
        assert app.compare.view.has_focus
        assert app.at == before


async def test_two_runs_that_are_the_same(left: Side) -> None:
    app = Host(left, left)
    async with app.run_test(size=WIDE) as pilot:
        await app.ready(pilot)
        assert "same outcome" in app.compare.query_one(StatusLine).text
        assert "same events" in app.compare.query_one(StatusLine).text
        assert app.compare.view.status == "no difference"
        await pilot.press("right_square_bracket")
        assert [note.message for note in app._notifications] == ["no further difference"]


async def test_hundred_thousand_events_are_walked_at_once(long_side: Callable[..., Side]) -> None:
    changed = frozenset((70_000, 99_990))
    app = Host(long_side(100_000), long_side(100_000, changed))
    async with app.run_test(size=NARROW) as pilot:
        await app.until(lambda: app.compare.compared, 120)
        await pilot.pause()
        assert app.at == "text message 70000"
        await pilot.press("right_square_bracket")
        assert app.at == "text message 99990"
        await pilot.press("equals_sign")
        assert len(app.lines) < 40
        assert sum("~" in line for line in app.lines[HEADER:]) == 4
        await pilot.press("equals_sign", "home", "slash", *"99999")
        await app.until(lambda: app.at == "text message 99999", 60)


async def test_a_long_comparison_says_how_far_it_is_and_ends_with_its_screen(
    monkeypatch: pytest.MonkeyPatch, left: Side, right: Side
) -> None:
    ended: list[BaseException] = []

    def compare(left: Side, right: Side, on_step: Callable[[int, int], None]) -> Any:
        try:
            while True:
                on_step(3_000, 8_000)
                time.sleep(0.005)
        except BaseException as error:
            ended.append(error)
            raise

    monkeypatch.setattr(screen_module, "compare", compare)
    app = Host(left, right)
    async with app.run_test(size=WIDE) as pilot:
        await app.until(lambda: isinstance(app.screen, CompareScreen))
        await app.until(lambda: any("Comparing 3,000 of 8,000 events" in line for line in app.lines))
        assert "3000 of 8000 events" in app.compare.query_one(StatusLine).text
        await pilot.press("right_square_bracket", "equals_sign", "enter")
        await pilot.press("escape")
        await app.until(lambda: ended)
        assert not isinstance(app.screen, CompareScreen)
