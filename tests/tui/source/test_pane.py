"""The source: coloured, the right line lit and in sight, metadata folded, errors marked where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.binding import Binding

from wsplay.events.safe_text import visible
from wsplay.tui.kit import theme
from wsplay.tui.kit.styled_lines import plain
from wsplay.tui.source.highlight import coloured, endpoint_line, lines_of, metadata_lines
from wsplay.tui.source.pane import SourceView

SOURCE = '''"""What it does.

Several lines
that come
before the code.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        await websocket.close(code=1008)  # refused
        return
    await websocket.accept()
    await websocket.send_text(f"Welcome {token!r}, {None}!")


# /// script
# dependencies = ["fastapi"]
#
# [tool.wsplay]
# title = "Close before accept"
# ///
'''
CLOSE = 17


class Stage(App[None]):
    def __init__(self, source: str = SOURCE, theme_name: str = theme.DEFAULT_THEME) -> None:
        super().__init__()
        theme.register(self, theme_name)
        self.source = source

    def compose(self) -> ComposeResult:
        yield SourceView()

    def on_mount(self) -> None:
        self.view.show("/scenarios/close_before_accept.py", self.source)
        self.view.focus()

    @property
    def view(self) -> SourceView:
        return self.query_one(SourceView)

    def lines(self) -> list[str]:
        view = self.view
        return [view.render_line(y).text.rstrip() for y in range(view.scrollable_content_region.height)]

    def row(self, text: str) -> int:
        return next(y for y, line in enumerate(self.lines()) if text in line)

    def colours(self, y: int) -> dict[str, str]:
        """Text -> colour of the segments of row `y`."""
        return {
            segment.text.strip(): segment.style.color.name
            for segment in self.view.render_line(y)
            if segment.style is not None and segment.style.color is not None and segment.text.strip()
        }

    def ground(self, y: int) -> set[str]:
        return {
            segment.style.bgcolor.name
            for segment in self.view.render_line(y)
            if segment.style is not None and segment.style.bgcolor is not None
        }


@pytest.mark.parametrize("name", theme.PALETTES)
async def test_the_code_is_coloured_in_every_theme(name: str) -> None:
    palette = theme.PALETTES[name]
    app = Stage(theme_name=name)
    async with app.run_test(size=(100, 40)):
        definition = app.colours(app.row("async def"))
        assert definition["async"] == definition["def"] == palette.code_keyword
        assert definition["endpoint"] == palette.code_function
        assert definition["WebSocket"] == palette.code_builtin
        close = app.colours(app.row("close(code"))
        assert close["await"] == palette.code_keyword
        assert close["1008"] == palette.code_number
        assert close["# refused"] == palette.code_comment
        assert app.colours(app.row("validtoken"))['"validtoken"'] == palette.code_string
        welcome = app.colours(app.row("Welcome"))
        assert welcome["None"] == palette.code_constant  # code inside a string is code again
        assert app.colours(app.row("Several"))["Several lines"] == palette.code_string


async def test_it_starts_at_the_endpoint() -> None:
    app = Stage()
    async with app.run_test(size=(80, 12)):
        assert app.lines()[1].split() == ["13", '@app.websocket("/ws")']
        assert "close_before_accept.py" in str(app.view.border_title)


async def test_a_lit_line_is_marked_grounded_and_named() -> None:
    app = Stage()
    async with app.run_test(size=(80, 12)) as pilot:
        app.view.light(CLOSE, f"line {CLOSE} called close()")
        row = app.row("close(code")
        assert app.lines()[row].startswith(f"❱ {CLOSE}")
        assert app.ground(row) == {theme.DARK.lit_ground}
        assert app.view.render_line(row).cell_length == app.view.scrollable_content_region.width
        assert str(app.view.border_subtitle) == f"line {CLOSE} called close()"
        app.view.light(8)  # above: it scrolls
        await pilot.pause()
        assert any(line.startswith("❱  8") for line in app.lines())
        assert not any(line.startswith("❱ 17") for line in app.lines())
        app.view.light(None)
        assert not any("❱" in line for line in app.lines())
        assert not app.view.border_subtitle


async def test_a_lit_line_that_is_in_sight_moves_nothing() -> None:
    app = Stage()
    async with app.run_test(size=(80, 12)):
        before = app.view.scroll_offset
        app.view.light(CLOSE, "x")
        assert app.view.scroll_offset == before
        app.view.light(20, "x")
        assert app.row("Welcome") < 10


async def test_the_metadata_is_folded_until_it_is_asked_for() -> None:
    app = Stage()
    async with app.run_test(size=(80, 40)) as pilot:
        assert any("⋯ 6 lines of metadata · m shows them" in line for line in app.lines())
        assert "tool.wsplay" not in app.view.text
        await pilot.press("M")
        assert "# [tool.wsplay]" in app.view.text
        assert any(line.split()[:1] == ["28"] and "# ///" in line for line in app.lines())
        await pilot.press("M")
        assert "tool.wsplay" not in app.view.text


async def test_a_problem_is_marked_at_its_line_and_told_below_it() -> None:
    app = Stage()
    async with app.run_test(size=(80, 12)):
        app.view.show_problem("SyntaxError: '(' was never closed [/]", CLOSE)
        row = app.row("close(code")
        assert app.lines()[row].startswith(f"✗ {CLOSE}")
        assert "✗ SyntaxError: '(' was never closed [/]" in app.lines()[row + 1]
        assert app.ground(row) == app.ground(row + 1) == {theme.DARK.bad_ground}
        assert "line 17: SyntaxError" in str(app.view.border_subtitle)
        app.view.show("/scenarios/close_before_accept.py", SOURCE)
        assert "SyntaxError" not in app.view.text


async def test_problems_without_a_line_or_within_what_is_folded_are_seen_too() -> None:
    app = Stage()
    async with app.run_test(size=(80, 40)):
        for line in (None, 0, 999):
            app.view.show_problem("cannot be read", line)
            assert "✗ cannot be read" in app.lines()[0]
        app.view.show_problem("not TOML", 25)
        assert "not TOML" in app.lines()[app.row("tool.wsplay") - 1]


async def test_the_same_file_stays_in_place_and_another_starts_anew() -> None:
    app = Stage()
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("home")
        assert app.view.scroll_offset.y == 0
        app.view.show("/scenarios/close_before_accept.py", SOURCE.replace("1008", "1011"))
        assert app.view.scroll_offset.y == 0
        assert "1011" in app.view.text
        app.view.show("/scenarios/other.py", SOURCE)
        assert "@app.websocket" in app.lines()[1]


async def test_keys_scroll_and_long_lines_say_that_they_go_on() -> None:
    app = Stage(SOURCE + "x = " + "'long' + " * 40 + "''\n")
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.press("end")
        y = app.row("x = ")
        assert app.lines()[y].endswith("›")
        number = app.lines()[y][:5]
        await pilot.press(*["right"] * 5)
        assert app.view.scroll_offset.x == 5
        assert app.lines()[y].startswith(number)  # line numbers stay
        await pilot.press("left", "home", "down", "j", "up", "k")
        assert app.view.scroll_offset.y == 0
        await pilot.press("pagedown")
        assert app.view.scroll_offset.y > 5


async def test_text_is_selected_without_line_numbers() -> None:
    app = Stage()
    async with app.run_test(size=(80, 40)) as pilot:
        y = app.row("accept()")
        await pilot.mouse_down(SourceView, offset=(8, y + 1))
        await pilot.hover(SourceView, offset=(70, y + 2))
        await pilot.mouse_up(SourceView, offset=(70, y + 2))
        await pilot.pause()
        chosen = app.screen.get_selected_text() or ""
        assert "await websocket.accept()\n    await websocket.send_text" in chosen
        assert "19" not in chosen


async def test_a_source_that_is_empty_or_hostile_is_shown() -> None:
    app = Stage("")
    async with app.run_test(size=(80, 12)) as pilot:
        app.view.light(5, "line 5")
        app.view.show_problem("no app", 1)
        app.view.show("[/red].py", "x = '\x1b[2J\u202e' # [/]\r\ny = 1\rz = 2\n\tif")
        await pilot.pause()
        assert any("'␛[2J<U+202E>' # [/]" in line for line in app.lines())
        assert [line.split()[1] for line in app.lines()[:3]] == ["x", "y", "z"]


@given(
    source=st.text(st.sampled_from("ab\"'(){}#:\n\t\r f\\é汉\x00\x0c=@1"), max_size=80) | st.text(max_size=60)
)
def test_any_text_has_as_many_lines_as_before_and_is_safe(source: str) -> None:
    lines = coloured(source)
    assert len(lines) == len(lines_of(source))
    for line, original in zip(lines, lines_of(source), strict=True):
        assert plain(line) == visible(original.expandtabs(4))
    endpoint_line(source)
    metadata_lines(source)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("# /// script\n# a = 1\n# ///", (1, 3)),
        ("x = 1\n# /// script\n# a = 1\n#\n# b = 2\n# ///\nx = 2\n", (2, 6)),
        ("# /// script\n# a = 1\n", None),
        ("# /// script\nx = 1\n# ///\n", None),
        ("# /// script\n# ///\n# more\n# ///\nx", (1, 4)),
        ("x = 1\n", None),
    ],
)
def test_metadata_is_found_as_pep_723_says(source: str, lines: tuple[int, int] | None) -> None:
    assert metadata_lines(source) == lines


def test_the_endpoint_is_found() -> None:
    assert endpoint_line(SOURCE) == 13
    assert endpoint_line("  @router.api.websocket_route('/x')\n") == 1
    assert endpoint_line("# @app.websocket\nx = '@app.websocket'\n@app.get('/')") is None


def test_every_key_can_be_rebound_and_is_explained() -> None:
    bindings = [binding for binding in SourceView.BINDINGS if isinstance(binding, Binding)]
    assert len(bindings) == len(SourceView.BINDINGS)
    assert all(binding.id and binding.tooltip for binding in bindings)
    assert len({binding.id for binding in bindings}) == len(bindings)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
@pytest.mark.parametrize("theme_name", list(theme.PALETTES))
def test_picture(snap_compare: Callable[..., bool], size: tuple[int, int], theme_name: str) -> None:
    async def light(pilot: Any) -> None:
        pilot.app.view.light(CLOSE, f"line {CLOSE} called close()")

    assert snap_compare(Stage(theme_name=theme_name), terminal_size=size, run_before=light)


def test_picture_of_a_problem(snap_compare: Callable[..., bool]) -> None:
    async def spoil(pilot: Any) -> None:
        pilot.app.view.show_problem("SyntaxError: '(' was never closed", CLOSE)

    assert snap_compare(Stage(), terminal_size=(80, 24), run_before=spoil)
