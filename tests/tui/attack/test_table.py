"""The attack table as a widget: what stays in sight, where the cursor may go, and its colours."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from textual.app import App, ComposeResult

from wsplay.attack.attacks import ATTACKS
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.tui.attack.state import BenchState
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.kit import theme


class Host(App[None]):
    """The table alone."""

    def __init__(self, state: BenchState) -> None:
        super().__init__()
        theme.register(self)
        self.state = state

    def compose(self) -> ComposeResult:
        yield AttackTable()

    def on_mount(self) -> None:
        self.table.show(self.state)
        self.table.focus()

    @property
    def table(self) -> AttackTable:
        return self.query_one(AttackTable)

    @property
    def lines(self) -> list[str]:
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]


def design(name: str) -> Scenario:
    return replace(parse_scenario(name, f"/scenarios/{name}.py", "app = None\n"), title=f"[b]{name}[/]")


def full(designs: int = 4) -> BenchState:
    state = BenchState([design(str(number)) for number in range(designs)])
    for column in state.designs:
        for attack in ATTACKS:
            result: Any = SimpleNamespace(
                scenario=column.name, attack=attack, verdict="held", why="", timelines=()
            )
            state.add_result(result)
    return state


async def test_on_a_small_screen_the_design_under_the_cursor_comes_into_sight_with_the_names() -> None:
    app = Host(full())
    async with app.run_test(size=(50, 8)) as pilot:
        await pilot.pause()
        assert "[b]3" not in app.lines[0]
        await pilot.press("right", "right", "right", "end")
        await pilot.pause()
        assert "[b]3" in app.lines[0]  # data, not markup
        shown = "\n".join(app.lines)
        assert ATTACKS[-1].title in shown
        assert "total" in shown
        assert "▸✓ held" in shown
        await pilot.press("home")
        await pilot.pause()
        assert ATTACKS[0].title in app.lines[1]


async def test_the_cursor_is_in_sight_wherever_it_is_put() -> None:
    app = Host(full())
    async with app.run_test(size=(50, 8)) as pilot:
        await pilot.pause()
        for row, column in ((len(ATTACKS) - 1, 3), (0, 0)):
            app.table.go(row, column)
            await pilot.pause()
            assert any(ATTACKS[row].title in line and "▸" in line for line in app.lines), row
            assert f"[b]{column}" in app.lines[0]
        app.table.go(len(ATTACKS) - 1, 3)
        app.table.go(0, 0)  # before the first was drawn
        await pilot.pause()
        assert ATTACKS[0].title in app.lines[1]


async def test_a_count_that_is_not_final_fits_the_narrowest_column() -> None:
    state = full()
    del state.results[state.designs[0].name, ATTACKS[-1].name]
    app = Host(state)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        assert "0 broken…" in next(line for line in app.lines if "total" in line)


async def test_the_cursor_stays_off_the_totals() -> None:
    app = Host(full())
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        await pilot.press("end", "down")
        assert app.table.cursor_row == len(ATTACKS) - 1
        await pilot.press("home")
        await pilot.click(app.table, offset=(22, len(ATTACKS) + 1))
        assert app.table.cursor_row == len(ATTACKS) - 1


async def test_a_click_on_an_attacks_name_goes_to_it_on_the_same_design() -> None:
    app = Host(full())
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        await pilot.press("right", "right")
        await pilot.click(app.table, offset=(2, 4))
        assert tuple(app.table.cursor_coordinate) == (3, 2)


async def test_another_theme_has_its_own_colours() -> None:
    app = Host(full(1))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()

        def colour() -> str:
            segment = next(one for one in app.table.render_line(2) if "held" in one.text)
            assert segment.style is not None
            assert segment.style.color is not None
            return segment.style.color.name

        assert colour() == theme.PALETTES["wsplay-dark"].good
        app.theme = "wsplay-light"
        await pilot.pause()
        assert colour() == theme.PALETTES["wsplay-light"].good


async def test_another_width_keeps_the_cursor_where_it_was() -> None:
    app = Host(full())
    async with app.run_test(size=(140, 20)) as pilot:
        await pilot.pause()
        await pilot.press("down", "right")
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert tuple(app.table.cursor_coordinate) == (1, 1)
        assert sum("held" in line for line in app.lines) == len(ATTACKS)
