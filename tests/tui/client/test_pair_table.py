"""The row editor, by keys and by mouse."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from wsplay.tui.client.form import ClientForm, ListName, Row
from wsplay.tui.client.pair_table import PairTable
from wsplay.tui.kit.theme import register

pytestmark = pytest.mark.slow

A, B, C = Row("A", "1"), Row("B", "2"), Row("C", "3")


class TableApp(App[None]):
    """A pair table, and something after it to go to."""

    CSS = "PairTable { height: 12; }"

    def __init__(self, rows: Iterable[Row], which: ListName = "headers", *, single: bool = False) -> None:
        super().__init__()
        register(self)
        self.form = ClientForm()
        for row in rows:
            self.form.add(which, row=row)
        self.table = PairTable(
            self.form,
            which,
            add_label="add a header",
            names=("Authorization", "Cookie"),
            values={"authorization": ("Bearer ",)},
            single=single,
        )
        self.which: ListName = which
        self.changes: list[str] = []
        self.undo_asked: list[bool] = []

    def compose(self) -> ComposeResult:
        yield self.table
        yield Input(id="after")

    def on_mount(self) -> None:
        self.table.rows.focus()

    def on_pair_table_changed(self, event: PairTable.Changed) -> None:
        self.changes.append(event.said)

    def on_pair_table_undo_asked(self, event: PairTable.UndoAsked) -> None:
        self.undo_asked.append(event.redo)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.form.rows(self.which)

    def shown(self) -> list[str]:
        """The lines of the table as they stand on the screen, without their ends."""
        rows = self.table.rows
        return [
            "".join(segment.text for segment in rows.render_line(y)).rstrip() for y in range(rows.size.height)
        ]


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await pilot.pause()


async def test_rows_are_shown_with_their_state() -> None:
    app = TableApp([A, Row("Origin", "https://evil.example", on=False)])
    async with app.run_test(size=(50, 16)):
        assert app.shown() == [
            " ✓ A              1",
            " · Origin         https://evil.example",
            " + add a header",
        ]


async def test_space_switches_a_row() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "down", "space")
        assert app.rows == (A, Row("B", "2", on=False))
        assert app.shown()[1].startswith(" · B")
        await press(pilot, "space")
        assert app.rows == (A, B)


async def test_enter_edits_the_value_in_place_and_goes_back() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        assert app.focused is app.table.cell
        assert app.table.cell.region.y == app.table.rows.region.y
        await press(pilot, "x")
        assert app.rows[0] == Row("A", "1x")
        await press(pilot, "enter")
        assert app.focused is app.table.rows
        assert not app.table.cell.display
        assert app.rows == (Row("A", "1x"), B)


async def test_escape_goes_back_and_keeps_what_is_typed() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "left", "enter", "x", "escape")
        assert app.focused is app.table.rows
        assert app.rows == (Row("Ax", "1"),)
        app.form.undo()
        assert app.rows == (A,)


async def test_add_types_name_then_value() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "end", "enter", *"Cookie", "enter", *"a=b", "enter")
        assert app.rows == (A, Row("Cookie", "a=b"))
        assert app.focused is app.table.rows


async def test_add_goes_below_the_row_under_the_cursor() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "a", "X", "escape")
        assert [row.name for row in app.rows] == ["A", "X", "B"]


async def test_a_row_added_and_left_alone_goes_again() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "a", "escape")
        assert app.rows == (A,)
        await press(pilot, "a")
        app.query_one("#after").focus()
        await pilot.pause()
        await pilot.pause()
        assert app.rows == (A,)
        assert not app.table.cell.display


async def test_duplicate_move_and_delete() -> None:
    app = TableApp([A, B, C])
    async with app.run_test() as pilot:
        await press(pilot, "d")
        assert app.rows == (A, A, B, C)
        assert app.table.rows.cursor == 1
        await press(pilot, "shift+down", "shift+down")
        assert app.rows == (A, B, C, A)
        await press(pilot, "K")
        assert app.rows == (A, B, A, C)
        await press(pilot, "x")
        assert app.rows == (A, B, C)
        assert app.changes[-1] == "deleted A; u undoes it"
        await press(pilot, "u", "U")
        assert app.undo_asked == [False, True]


async def test_keys_on_the_adding_line_harm_nothing() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "end", "space", "d", "x", "shift+up", "shift+down")
        assert app.rows == (A,)


async def test_tab_goes_through_the_cells_and_stays_in_the_rows() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "left", "enter", "x", "tab")
        assert app.table.rows.editing == (0, "value")
        await press(pilot, "y", "shift+tab")
        assert app.table.rows.editing == (0, "name")
        await press(pilot, "tab", "tab", "x")
        assert app.rows == (Row("Ax", "1y"), Row("Bx", "2"))
        assert app.table.rows.editing == (1, "name")
        await press(pilot, "tab", "tab", *"Cookie", "tab", *"a=1", "tab", *"D")
        assert app.rows == (Row("Ax", "1y"), Row("Bx", "2"), Row("Cookie", "a=1"), Row("D"))
        assert app.table.cell.has_focus
        await press(pilot, "escape")
        assert app.table.rows.editing is None
        assert app.focused is app.table.rows


async def test_tab_begins_again_after_a_row_that_stays_empty() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "end", "enter", "tab", "tab", "x")
        assert app.rows == (Row("Ax", "1"), B)
        await press(pilot, "shift+tab", "y")
        assert app.rows == (Row("Ax", "1"), Row("B", "2y"))
        await press(pilot, "down", "a", "shift+tab", "z")
        assert app.rows == (Row("Ax", "1"), Row("B", "2yz"))


@pytest.mark.parametrize("key", ["tab", "shift+tab"])
async def test_tab_stays_in_the_only_row_though_it_is_empty(key: str) -> None:
    app = TableApp([])
    async with app.run_test() as pilot:
        await press(pilot, "a", key, key, key, "x")
        assert app.table.cell.has_focus
        assert "".join(f"{row.name}{row.value}" for row in app.rows) == "x"


async def test_tab_goes_from_one_subprotocol_to_the_next() -> None:
    app = TableApp([Row("chat")], "subprotocols", single=True)
    async with app.run_test() as pilot:
        await press(pilot, "enter", "tab", *"v2", "shift+tab", "x")
        assert app.rows == (Row("chatx"), Row("v2"))


async def test_up_and_down_edit_the_neighbours() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "enter", "down", "x")
        assert app.rows == (A, Row("B", "2x"))
        assert app.table.cell.region.y == app.table.rows.region.y + 1
        await press(pilot, "up", "y")
        assert app.rows == (Row("A", "1y"), Row("B", "2x"))
        await press(pilot, "up")
        assert app.focused is app.table.rows


async def test_what_is_wrong_is_marked_at_once_and_kept() -> None:
    app = TableApp([A, B])
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, "left", "enter", "space")
        assert app.rows[0].name == "A "
        assert "└ a space cannot be in a name" in app.shown()[1]
        await press(pilot, "down")
        assert app.table.cell.region.y == app.table.rows.region.y + 2
        await press(pilot, "up", "backspace")
        assert "└" not in "".join(app.shown())


async def test_a_name_taken_away_is_missed() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "left", "enter", "backspace")
        assert "└ a header needs a name" in app.shown()[1]
        assert app.rows == (Row("", "1"),)


async def test_a_new_row_is_not_complained_about_before_it_is_typed() -> None:
    app = TableApp([])
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        assert "└" not in "".join(app.shown())
        await press(pilot, "tab", "x")
        assert "└ a header needs a name" in app.shown()[1]


async def test_a_pasted_line_break_is_kept_and_marked() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        app.table.cell.post_message(events.Paste("x\r\nSet: y"))
        await pilot.pause()
        await pilot.pause()
        assert app.rows[0].value == "1x\r\nSet: y"
        assert app.table.cell.value == "1x␍␊Set: y"
        assert "line break" in app.shown()[1]


async def test_a_line_break_comes_as_a_carriage_return_from_a_terminal() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        app.table.cell.post_message(events.Paste("x\ry"))
        await pilot.pause()
        await pilot.pause()
        assert app.rows[0].value == "1x\ny"


async def test_control_characters_of_a_file_never_reach_the_terminal() -> None:
    app = TableApp([Row("X", "\x1b[31mred\u202e")])
    async with app.run_test(size=(60, 16)) as pilot:
        assert "␛[31mred<U+202E>" in app.shown()[0]
        await press(pilot, "enter", "!")
        assert app.table.cell.value == "␛[31mred<U+202E>!"
        assert app.rows[0].value == "\x1b[31mred\u202e!"


async def test_markup_is_shown_and_not_obeyed() -> None:
    app = TableApp([Row("X", "[/] [bold]x[/bold] [@click=app.quit]y")])
    async with app.run_test(size=(60, 16)):
        assert "[/] [bold]x[/bold] [@click=app.quit]y" in app.shown()[0]


async def test_names_and_values_are_completed() -> None:
    app = TableApp([])
    async with app.run_test() as pilot:
        await press(pilot, "enter", *"auth")
        await app.workers.wait_for_complete()
        await press(pilot, "right", "enter", "b")
        await app.workers.wait_for_complete()
        await press(pilot, "right", "x", "enter")
        assert app.rows == (Row("Authorization", "Bearer x"),)


async def test_an_old_completion_is_not_carried_over() -> None:
    app = TableApp([Row("Authorization", "b")])
    async with app.run_test() as pilot:
        await press(pilot, "left", "enter", "backspace")
        await app.workers.wait_for_complete()
        await press(pilot, "tab", "right", "right")
        assert app.rows == (Row("Authorizatio", "b"),)


async def test_one_column() -> None:
    app = TableApp([Row("chat"), Row("v2")], "subprotocols", single=True)
    async with app.run_test() as pilot:
        assert app.shown()[0] == " ✓ chat"
        await press(pilot, "right", "enter", "x", "enter", "end", "enter", *"v3", "enter")
        assert app.rows == (Row("chatx"), Row("v2"), Row("v3"))
        assert app.focused is app.table.rows


@pytest.mark.parametrize("width", [34, 80])
async def test_the_mouse_does_it_all(width: int) -> None:
    app = TableApp([A, B])
    async with app.run_test(size=(width, 16)) as pilot:
        rows = app.table.rows
        await pilot.click(rows, offset=(1, 1))
        assert app.rows == (A, Row("B", "2", on=False))
        start = rows.widths(rows.size.width)["value"][0]
        await pilot.click(rows, offset=(start, 0))
        await press(pilot, "0")
        assert app.rows[0] == Row("A", "01"), "the caret goes where the mouse was"
        await pilot.click(rows, offset=(4, 1))
        await press(pilot, "B")
        assert app.rows[1].name == "BB"

        async def tool(what: str) -> None:
            tools = app.table.tools
            place = next(
                x for (x, *_), known in zip(tools._places(), tools.TOOLS, strict=True) if known[3] == what
            )
            await pilot.click(tools, offset=(place, 0))
            await pilot.pause()

        await press(pilot, "escape")
        await tool("duplicate")
        assert [row.name for row in app.rows] == ["A", "BB", "BB"]
        await tool("up")
        await tool("up")
        assert app.table.rows.cursor == 0
        assert [row.name for row in app.rows] == ["BB", "A", "BB"]
        await tool("down")
        await tool("delete")
        assert [row.name for row in app.rows] == ["A", "BB"]
        await tool("switch")
        assert app.rows[1].on
        await tool("undo")
        assert app.undo_asked == [False]
        await pilot.click(rows, offset=(5, 2))
        await press(pilot, "N", "escape")
        assert [row.name for row in app.rows] == ["A", "BB", "N"]


async def test_clicking_a_tool_while_editing_acts_on_that_row() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "down", "enter", "x", "escape", "enter")
        app.table.act("delete")
        await pilot.pause()
        assert app.rows == (A,)
        assert app.focused is app.table.rows


async def test_the_cursor_stays_in_sight_among_many() -> None:
    app = TableApp([Row(f"X-{number}", str(number)) for number in range(60)])
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, *["down"] * 40)
        region = app.table.rows.region
        line = region.y + app.table.rows.line_of(40)
        view = app.table.query_one("VerticalScroll").region
        assert view.y <= line < view.bottom
        await press(pilot, "enter", "!")
        assert view.contains_region(app.table.cell.region)
        assert app.rows[40].value == "40!"


async def test_a_change_from_outside_reaches_the_cell() -> None:
    app = TableApp([A, B])
    async with app.run_test() as pilot:
        await press(pilot, "enter", "x")
        app.form.undo()
        app.table.reread()
        await pilot.pause()
        assert app.table.cell.value == "1"
        app.form.delete("headers", 1)
        app.form.delete("headers", 0)
        app.table.reread()
        await pilot.pause()
        assert app.table.rows.editing is None
        assert app.focused is app.table.rows


async def test_a_terminal_that_loses_the_focus_ends_no_editing() -> None:
    app = TableApp([A])
    async with app.run_test() as pilot:
        await press(pilot, "a", "N")
        app.post_message(events.AppBlur())
        await pilot.pause()
        await pilot.pause()
        assert app.table.cell.display
        app.post_message(events.AppFocus())
        await pilot.pause()
        await press(pilot, "o")
        assert app.rows[1].name == "No"


async def test_a_long_value_is_cut_with_a_sign() -> None:
    app = TableApp([Row("Authorization", "Bearer " + "x" * 200)])
    async with app.run_test(size=(40, 16)):
        assert app.shown()[0].endswith("…")
        assert len(app.shown()[0]) == app.table.rows.size.width
