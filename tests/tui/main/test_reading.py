"""The explanation, the speaker's notes, and what is flawed and fixed, on the main screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.content import Content
from textual.widgets import OptionList

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.commands import Palette
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.source.explanation_pane import ExplanationPane
from wsplay.tui.source.pane import SourceView
from wsplay.tui.source.patched_pane import PatchView

pytestmark = pytest.mark.slow

WIDE, NARROW = (140, 40), (80, 24)
LOOK_FOR = "What to look for"


class Reading(AppUnderTest):
    """The app under test, and what can be read on it."""

    @property
    def timeline(self) -> str:
        """The timeline's lines."""
        view = self.screen.timeline
        return "\n".join(view.render_line(y).text for y in range(view.scrollable_content_region.height))

    @property
    def upper(self) -> set[str | None]:
        """The panes on show in the upper part."""
        panes = self.screen.query("#upper > .pane")
        return {pane.id for pane in panes if pane.display and pane.region.height}

    @property
    def name(self) -> str:
        assert self.screen.scenario is not None
        return self.screen.scenario.name

    @property
    def pane(self) -> ExplanationPane:
        return self.screen.query_one(ExplanationPane)

    @property
    def title(self) -> str:
        """The explanation's title; a border's own is markup."""
        return Content.from_markup(self.pane.border_title or "").plain

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause(0.05)

    async def ready(self) -> None:
        bar = self.screen.query_one(VerdictBar)
        await self.until(lambda: bar.verdict.headline == "READY", "ready")
        await self.pilot.pause(0.05)


Test = Callable[[Reading], Awaitable[None]]


@pytest.fixture
def read(fake_playgrounds, library: Library):
    """Run a test's body in the app."""

    async def run(test: Test, scenario: str, size: tuple[int, int] = WIDE, scenarios: Any = library) -> None:
        app = WsplayApp(scenarios, scenario=scenario, make_playground=fake_playgrounds)
        async with app.run_test(size=size, notifications=True) as pilot:
            reading = Reading(app, pilot)
            await reading.ready()
            await test(reading)

    return run


async def test_before_the_first_run_the_timeline_s_empty_space_explains_the_scenario(read) -> None:
    async def test(it: Reading) -> None:
        assert LOOK_FOR in it.timeline
        assert "✗ flawed on purpose: fixed in 2 Header check" in it.timeline
        await it.press("ctrl+r")
        await it.until(lambda: it.screen.state.run.number == 1, "a run")
        await it.pilot.pause(0.1)
        assert LOOK_FOR not in it.timeline
        await it.press("3")
        await it.until(lambda: it.name == "close_before_accept", "another scenario")
        await it.until(lambda: LOOK_FOR in it.timeline, "its explanation")
        assert "✓ fixes 4 A send that raises" in it.timeline

    await read(test, "1")


async def test_a_small_screen_has_the_beginning_and_says_how_to_see_the_rest(read) -> None:
    async def test(it: Reading) -> None:
        assert "Without the right token" in it.timeline
        assert "more lines · I shows the whole explanation" in it.timeline

    await read(test, "3", NARROW)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_one_key_shows_it_in_place_of_the_source_and_shows_the_source_again(read, size) -> None:
    async def test(it: Reading) -> None:
        await it.press("e")
        assert "endpoint" in it.upper
        await it.press("I")
        assert "explanation" in it.upper
        assert "endpoint" not in it.upper
        assert it.screen.focused is it.pane
        assert LOOK_FOR in it.pane.text
        assert "Sources\n• ASGI spec" in it.pane.text
        assert all(line.strip() in it.pane.text.splitlines()[0] for line in ["✓ fixes 4 A send that raises"])
        await it.press("end")
        assert it.pane.scroll_offset.y > 0
        await it.press("I")
        assert "endpoint" in it.upper
        assert "explanation" not in it.upper
        assert isinstance(it.screen.focused, SourceView)
        await it.press("I", "escape")
        assert "endpoint" in it.upper
        await it.press("I", "e")
        assert "endpoint" in it.upper
        assert isinstance(it.screen.focused, SourceView)

    await read(test, "3", size)


async def test_a_click_below_the_rows_shows_it_too(read) -> None:
    async def test(it: Reading) -> None:
        await it.pilot.click(it.screen.timeline, offset=(10, 8))
        await it.pilot.pause(0.05)
        assert "explanation" in it.upper

    await read(test, "3")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_speaker_s_notes_have_a_key_of_their_own(read, size) -> None:
    async def test(it: Reading) -> None:
        asked = "Let the audience predict"
        assert asked not in it.timeline
        await it.press("I")
        assert asked not in it.pane.text
        await it.press("P")
        assert it.pane.text.startswith(asked)
        assert it.title == "Speaker's notes  Close before accept"
        await it.press("P")
        assert "explanation" not in it.upper

    await read(test, "3", size)


async def test_another_scenario_s_explanation_follows(read) -> None:
    async def test(it: Reading) -> None:
        await it.press("I")
        await it.press("2")
        await it.until(lambda: "Header check" in it.title, "the other explanation")
        assert "✓ fixes 1 No authentication" in it.pane.text
        await it.press("I", "=")
        assert "difference" in it.upper
        await it.press("3")
        await it.until(lambda: "difference" not in it.upper, "the source")
        assert "endpoint" in it.upper

    await read(test, "1")


async def test_it_is_broken_anew_when_the_screen_gets_another_size(read) -> None:
    async def test(it: Reading) -> None:
        await it.press("I", "z")
        wide = it.pane.text
        assert it.pane.region.width > 100
        await it.pilot.resize_terminal(80, 24)
        await it.until(lambda: it.pane.text != wide, "other lines")
        assert max(map(len, it.pane.text.splitlines())) < 80

    await read(test, "3")


async def test_its_text_is_data(read, library: Library) -> None:
    odd = replace(
        library.get("3"),
        explanation="[bold red]x[/] [@click=app.quit]y[/] [z](http://q/) <b>\x1b[31m \u202e",
        notes="[/]",
        sources=("[link=x]s[/]",),
        title="[b]T\x1b",
    )

    class Odd:
        scenarios = (odd,)
        get = staticmethod(lambda ref: odd)
        refresh = staticmethod(lambda scenario: scenario)

    async def test(it: Reading) -> None:
        shown = "[bold red]x[/] [@click=app.quit]y[/] z (http://q/) <b>␛[31m <U+202E>"
        assert shown in it.timeline
        assert "[link=x]s[/]" in it.timeline
        await it.press("I", "z")
        assert shown in it.pane.text
        assert it.title == "Explanation  [b]T␛"
        await it.press("P")
        assert it.pane.text == "[/]"

    await read(test, "3", WIDE, Odd())


# -- flawed and fixed


async def test_list_title_and_palette_mark_a_flawed_scenario_and_its_fix(read) -> None:
    async def test(it: Reading) -> None:
        options = it.screen.query_one("#scenarios OptionList", OptionList).options
        prompts = {option.id: str(option.prompt) for option in options}
        assert prompts["no_auth"] == "▌ 1 ✗ No authentication"
        assert prompts["header_check"] == "  2 ✓ Header check"
        assert prompts["missing_parameter"] == "  8   Missing parameter"
        assert str(it.screen.query_one("#scenarios").border_subtitle) == "✗ flawed  ✓ a fix"
        assert "1 No authentication  ✗  flawed: fixed in 2" in it.status
        titles = [choice.title for choice in it.screen.choices()]
        assert "Scenario 1 No authentication  ✗ flawed: fixed in 2" in titles
        assert "Scenario 2 Header check  ✓ fixes 1" in titles
        assert "Scenario 8 Missing parameter" in titles
        await it.press("2")
        await it.until(lambda: "2 Header check  ✓  fixes 1" in it.status, "the fix's title")
        await it.press("8")
        await it.until(lambda: "8 Missing parameter" in it.status, "a third")
        assert "✗" not in it.status
        assert "✓" not in it.status

    await read(test, "1")


async def test_the_mark_takes_no_letter_of_a_short_title(read) -> None:
    async def test(it: Reading) -> None:
        shown = "\n".join(strip.text for strip in it.screen._compositor.render_strips())
        assert "3 ✓ Close before accept" in shown

    await read(test, "1")


async def test_a_wide_list_says_it_in_words_and_can_be_searched_for_them(read) -> None:
    async def test(it: Reading) -> None:
        def prompts() -> list[str]:
            options = it.screen.query_one("#scenarios OptionList", OptionList).options
            return [str(option.prompt) for option in options if not option.disabled]

        assert prompts()[:2] == [
            "▌ 1 ✗ No authentication  flawed: fixed in 2",
            "  2 ✓ Header check  fixes 1",
        ]
        await it.press("slash", *"flawed")
        await it.until(lambda: all("flawed" in prompt for prompt in prompts()), "only the flawed")
        assert len(prompts()) == sum(scenario.flawed for scenario in it.screen.library.scenarios)

    await read(test, "1", NARROW)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_one_key_leads_to_the_fix_and_back(read, size) -> None:
    async def test(it: Reading) -> None:
        await it.press("F")
        await it.until(lambda: it.name == "header_check", "the fix")
        await it.press("F")
        await it.until(lambda: it.name == "no_auth", "the flawed one")
        await it.press("s", "1", "1")
        await it.until(lambda: it.name == "return_without_accept", "one of two that 3 fixes")
        await it.press("F")
        await it.until(lambda: it.name == "close_before_accept", "their fix")
        await it.press("F")
        await it.until(lambda: it.name == "return_without_accept", "the one it came from")

    await read(test, "1", size)


async def test_of_several_flawed_ones_a_palette_asks(read) -> None:
    async def test(it: Reading) -> None:
        await it.press("F")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the question")
        await it.pilot.pause(0.3)
        await it.press("down", "enter")
        await it.until(lambda: it.name in ("send_before_accept", "return_without_accept"), "one of them")
        await it.press("F")
        await it.until(lambda: it.name == "close_before_accept", "back")
        await it.press("=")
        await it.until(lambda: "difference" in it.upper, "the difference from the one it came from")

    await read(test, "3")


async def test_what_has_no_other_says_so(read) -> None:
    async def test(it: Reading) -> None:
        await it.press("F", "=")
        assert it.told == ["this scenario is not flawed, and fixes no other"] * 2
        await it.press("s", "1", "0")
        await it.until(lambda: it.name == "raise_or_return", "a flaw without a fix")
        assert "✗  flawed" in it.status
        await it.press("F")
        assert it.told[-1] == "this scenario is flawed and names no fix"

    await read(test, "8")


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("scenario", ["1", "2"])
async def test_one_key_shows_the_difference_from_either_side(read, size, scenario: str) -> None:
    async def test(it: Reading) -> None:
        await it.press("=")
        assert "difference" in it.upper
        view = it.screen.query_one(PatchView)
        assert it.screen.focused is view
        assert str(view.border_title) == "Difference  - no_auth.py  + header_check.py"
        lines = [view.render_line(y).text for y in range(view.scrollable_content_region.height)]
        assert any(line.startswith("+") and "TOKEN" in line for line in lines)
        assert '    await websocket.send_text("Connected")' in view.text
        for text in (LOOK_FOR, "[tool.wsplay]"):
            assert text not in view.text
        await it.press("=")
        assert "difference" not in it.upper

    await read(test, scenario, size)


async def test_the_mouse_leads_to_the_fix(read) -> None:
    async def test(it: Reading) -> None:
        line = it.screen.query_one("#status", StatusLine)
        await it.pilot.click(line, offset=(line.text.index("✗"), 0))
        await it.until(lambda: it.name == "header_check", "the fix")

    await read(test, "1")
