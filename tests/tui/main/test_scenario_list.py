"""Choosing a scenario: by arrow, by number, by name, by mouse; a broken one says what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from textual.app import App, ComposeResult
from textual.widgets import Input, OptionList

from wsplay.cli.main import cli
from wsplay.scenario.file import Problem, Scenario
from wsplay.scenario.library import Library
from wsplay.tui.kit import theme
from wsplay.tui.main.scenario_list import DIGIT_PAUSE, ScenarioList, prompt_of

pytestmark = pytest.mark.slow


class Lists(App[None]):
    def __init__(self, scenarios: list[Scenario]) -> None:
        super().__init__()
        theme.register(self)
        self.scenarios = scenarios
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield ScenarioList(self.scenarios)

    def on_mount(self) -> None:
        self.view.show(self.scenarios, self.scenarios[0].name if self.scenarios else None)
        self.view.focus_list()

    @property
    def view(self) -> ScenarioList:
        return self.query_one(ScenarioList)

    @property
    def prompts(self) -> list[str]:
        return [str(option.prompt) for option in self.query_one(OptionList).options]

    def on_scenario_list_chosen(self, message: ScenarioList.Chosen) -> None:
        self.chosen.append(message.scenario.name)


@pytest.fixture
def scenarios(library: Library) -> list[Scenario]:
    one = library.get("no_auth")
    return [
        replace(
            one, name=f"s{number}", title=f"Scenario {number}", order=number, topics=(topic,), flawed=False
        )
        for number, topic in [(1, "handshake"), (2, "handshake"), (3, "browsers"), (12, "browsers")]
    ]


async def test_scenarios_stand_under_their_topic(scenarios: list[Scenario]) -> None:
    app = Lists(scenarios)
    async with app.run_test():
        assert app.prompts == [
            "Handshake",
            "▌ 1 Scenario 1",
            "  2 Scenario 2",
            "Browsers",
            "  3 Scenario 3",
            " 12 Scenario 12",
        ]


async def test_arrows_and_enter_choose(scenarios: list[Scenario]) -> None:
    app = Lists(scenarios)
    async with app.run_test() as pilot:
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert app.chosen == ["s3"]


async def test_the_mouse_chooses(scenarios: list[Scenario]) -> None:
    app = Lists(scenarios)
    async with app.run_test() as pilot:
        await pilot.click(OptionList, offset=(4, 2))
        await pilot.pause()
        assert app.chosen == ["s2"]
        await pilot.click(OptionList, offset=(4, 0))
        await pilot.pause()
        assert app.chosen == ["s2"]


async def test_a_number_chooses_at_once_where_no_longer_one_can_be_meant(scenarios: list[Scenario]) -> None:
    app = Lists(scenarios)
    async with app.run_test() as pilot:
        app.view.digit("3")
        await pilot.pause()
        assert app.chosen == ["s3"]
        app.view.digit("1")
        await pilot.pause()
        app.view.digit("2")
        await pilot.pause()
        assert app.chosen == ["s3", "s12"]
        app.view.digit("1")
        await pilot.pause(DIGIT_PAUSE + 0.5)
        assert app.chosen == ["s3", "s12", "s1"]
        app.view.digit("9")
        await pilot.pause()
        assert app.chosen == ["s3", "s12", "s1"]


async def test_a_part_of_a_name_finds_it(scenarios: list[Scenario]) -> None:
    app = Lists(scenarios)
    async with app.run_test() as pilot:
        await pilot.press("slash", *"brow 12")
        await pilot.pause()
        assert app.prompts == ["Browsers", " 12 Scenario 12"]
        await pilot.press("enter")
        await pilot.pause()
        assert app.chosen == ["s12"]
        assert len(app.prompts) == 6
        await pilot.press("slash", *"[/nothing")
        await pilot.pause()
        assert app.prompts == ["nothing found"]
        await pilot.press("enter")
        await pilot.pause()
        assert app.chosen == ["s12"]
        await pilot.press("slash", "x", "escape")
        await pilot.pause()
        assert len(app.prompts) == 6
        assert not isinstance(app.focused, Input)


def test_a_broken_scenario_says_what_is_wrong_and_where(scenarios: list[Scenario]) -> None:
    problem = Problem("no `app` \x1b[31m[/", 7, "s1.py")
    broken = replace(scenarios[0], problem=problem, title="[/broken")
    assert prompt_of(broken, False).plain == "  1 [/broken\n    ✗ line 7: no `app` ␛[31m[/"


async def test_an_empty_library_says_so() -> None:
    app = Lists([])
    async with app.run_test() as pilot:
        assert app.prompts == ["no scenarios"]
        await pilot.press("down", "enter")
        app.view.digit("1")
        await pilot.pause()
        assert app.chosen == []


@pytest.mark.parametrize("words", ["TestClient", "cookie origin", "403", "HANDSHAKE", "no-such-word"])
async def test_the_search_finds_what_list_finds(library: Library, words: str) -> None:
    listed = CliRunner().invoke(cli, ["list", "--json", *words.split()], env={"WSPLAY_SCENARIOS": ""})
    names = [json.loads(line)["name"] for line in listed.stdout.splitlines()]
    app = Lists(list(library.scenarios))
    async with app.run_test() as pilot:
        app.view.action_find()
        app.query_one(Input).value = words
        await pilot.pause()
        shown = [option.id for option in app.query_one(OptionList).options if option.id is not None]
    assert sorted(shown) == sorted(names)
    assert bool(names) is (words != "no-such-word")
