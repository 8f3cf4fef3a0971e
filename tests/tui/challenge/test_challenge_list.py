"""The list of challenges: what it says, the mouse, what stays in sight, and what is data."""

from __future__ import annotations

from dataclasses import replace

from textual.app import App, ComposeResult
from textual.widgets import OptionList

from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.challenge.progress import SEED_GROUP, Progress
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import parse_scenario
from wsplay.tui.challenge.challenge_list import ChallengeList, options_of
from wsplay.tui.kit import theme

QUESTION = "What does [bold]close()[/] do?"
CHOICES = (Choice("a"), Choice("b"))


def item(number: int) -> Item:
    name = f"one_{number:02}"
    scenario = replace(
        parse_scenario(name, f"/{name}.py", "app = None\n"), title=f"One {number} [/]", order=number
    )
    return Item(scenario, Challenge(QUESTION, CHOICES, "beginner", 60))


ITEMS = tuple(item(number) for number in range(1, 31))
GROUPS = {"first": [one.name for one in ITEMS[:10]], "second": [one.name for one in ITEMS[10:]]}


class Host(App[None]):
    """The list alone; `opened` are the challenges that were chosen."""

    def __init__(self) -> None:
        super().__init__()
        theme.register(self)
        self.opened: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield ChallengeList(Catalogue(ITEMS, GROUPS))

    def on_mount(self) -> None:
        self.list.show(Progress())
        self.list.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.opened.append(event.option_id)

    @property
    def list(self) -> ChallengeList:
        return self.query_one(ChallengeList)

    @property
    def lines(self) -> list[str]:
        height = self.list.scrollable_content_region.height
        return [self.list.render_line(y).text.rstrip() for y in range(height)]


def test_the_list_tells_groups_progress_and_badges() -> None:
    one, two = ITEMS[0], ITEMS[1]
    groups = {SEED_GROUP: [one.name], "handshake": [one.name, two.name]}
    progress = Progress().answered(one.name, False).answered(one.name, True)
    options = options_of(Catalogue((one, two), groups, (("bad", "no choices"),)), progress, wide=True)
    said = [str(option.prompt) for option in options]
    assert [option.id for option in options if not option.disabled] == [one.name, two.name]
    assert "1 of 1  ★ badge" in said[0]
    assert "✓  1 One 1" in said[1]
    assert "2 attempts" in said[1]
    assert "1 of 2  1 of them listed above" in said[3]
    assert "★" not in said[3]
    assert "bad  no choices" in said[-1]


async def test_a_click_moves_and_a_double_click_opens() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        y = next(at for at, line in enumerate(app.lines) if "One 3 " in line) + 1
        await pilot.click(app.list, offset=(12, y))
        assert app.list.item == ITEMS[2]
        assert app.opened == []
        await pilot.click(app.list, offset=(3, 1))  # a group's name
        assert app.list.item == ITEMS[2]
        await pilot.click(app.list, offset=(12, y + 1), times=2)
        assert app.opened == [ITEMS[3].name]


async def test_the_first_of_a_group_is_seen_with_the_groups_name() -> None:
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        await pilot.press("end")
        assert "One 30" in "\n".join(app.lines)
        await pilot.press("home")
        assert app.lines[0].startswith("first")
        for name in ("end", *["up"] * 19):
            await pilot.press(name)
        assert app.list.item == ITEMS[10]
        assert app.lines[0].startswith("second")


async def test_questions_come_with_room_for_them_and_are_no_markup() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("j")
        assert "One 1 [/]" in app.lines[1]
        assert "What does" not in app.lines[1]
        await pilot.resize_terminal(140, 24)
        await pilot.pause()
        assert QUESTION in app.lines[1]
        assert app.list.item == ITEMS[1]
