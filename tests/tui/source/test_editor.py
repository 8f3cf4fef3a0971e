"""The editor: coloured as Python, safe with any text, and undo brings back what was replaced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.widgets import Input

from wsplay.tui.kit import theme
from wsplay.tui.kit.lanes import BAD_GLYPH
from wsplay.tui.kit.theme import colours
from wsplay.tui.source.editor import CodeEditor
from wsplay.tui.source.highlight import MAX_COLOURED

pytestmark = pytest.mark.slow

SOURCE = """from fastapi import FastAPI

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket):
    await websocket.close(code=1008)  # refused
"""
CLOSE = 8


class Stage(App[None]):
    def __init__(self) -> None:
        super().__init__()
        theme.register(self)
        self.left = 0

    def compose(self) -> ComposeResult:
        yield Input()
        yield CodeEditor()

    def on_code_editor_leave(self) -> None:
        self.left += 1


Test = Callable[[CodeEditor, Any], Awaitable[None]]


async def with_editor(test: Test, source: str = SOURCE) -> None:
    app = Stage()
    async with app.run_test(size=(70, 14)) as pilot:
        editor = app.query_one(CodeEditor)
        editor.load(source)
        editor.focus()
        await pilot.pause()
        await test(editor, pilot)


def looks(editor: CodeEditor, row: int) -> list[tuple[str, str, bool]]:
    """The pieces of a line as drawn: text, colour, and whether it is bold."""
    strip = editor.render_line(row - editor.scroll_offset.y)
    return [
        (segment.text, segment.style.color.name if segment.style and segment.style.color else "", False)
        for segment in strip
        if segment.text.strip()
    ]


def drawn(editor: CodeEditor) -> str:
    return "\n".join(editor.render_line(y).text for y in range(editor.size.height))


@pytest.mark.parametrize("name", ["wsplay-dark", "wsplay-light", "wsplay-contrast"])
async def test_python_is_highlighted_in_the_colours_of_the_theme(name: str) -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        assert editor.is_syntax_aware
        editor.app.theme = name
        await pilot.pause()
        wanted = colours(editor.app)
        found = {text.strip(): colour for text, colour, _ in looks(editor, CLOSE - 1)}
        assert found["await"] == wanted["code-keyword"].lower()
        assert found["1008"] == wanted["code-number"].lower()
        assert found["# refused"] == wanted["code-comment"].lower()

    await with_editor(test)


async def test_escape_leaves_and_the_text_stays() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        await pilot.press("x", "escape")
        await pilot.pause()
        assert editor.app.left == 1  # type: ignore[attr-defined]
        assert editor.edited_text == "x" + SOURCE
        assert editor.has_focus

    await with_editor(test)


async def test_tab_indents_and_enter_keeps_the_indentation() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        editor.go_to(7)
        await pilot.press("end", "enter", *"if x:", "enter", *"y", "enter", "tab", *"z")
        lines = editor.edited_text.split("\n")
        assert lines[7:10] == ["    if x:", "        y", "            z"]
        assert editor.has_focus

    await with_editor(test)


async def test_control_characters_are_pictures_and_stay_in_the_text() -> None:
    hostile = "x = '\x1b[31m\x07 \u202e abc \U0001f600'\ty\n"

    async def test(editor: CodeEditor, pilot: Any) -> None:
        shown = drawn(editor)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "'␛[31m␇ � abc" in shown
        assert editor.edited_text == hostile
        await pilot.press("end", "a")
        assert editor.edited_text == hostile.replace("\n", "a\n")

    await with_editor(test, hostile)


async def test_half_a_surrogate_pair_is_replaced_wherever_it_comes_from() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        assert editor.edited_text == "a = '?'\n"
        editor.app.post_message(Paste("\udce9"))
        await pilot.pause()
        editor.put("b = '\udc00'\n")
        assert editor.edited_text == "b = '?'\n"
        await pilot.press("ctrl+z")
        assert editor.edited_text == "?a = '?'\n"

    await with_editor(test, "a = '\ud800'\n")


async def test_markup_is_text() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        assert "[b]x[/b] [@click=app.quit]y[/]" in drawn(editor)

    await with_editor(test, "[b]x[/b] [@click=app.quit]y[/]\n")


async def test_a_text_that_is_not_changed_is_given_back_as_it_was() -> None:
    """The editor breaks lines where Python does not: at a form feed."""
    text = "a = 1\n\x0c\nb = '\x1c'\n"

    async def test(editor: CodeEditor, pilot: Any) -> None:
        assert editor.edited_text == text
        await pilot.press("x", "backspace")
        assert editor.edited_text == text
        editor.put("c\x0b\n")
        assert editor.edited_text == "c\x0b\n"
        await pilot.press("ctrl+z")
        assert editor.edited_text == text

    await with_editor(test, text)


async def test_another_text_is_one_step_to_undo_and_the_cursor_stays_in_its_line() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        editor.go_to(CLOSE)
        await pilot.press("y")
        edited = editor.edited_text
        editor.put(SOURCE)
        assert editor.edited_text == SOURCE
        assert editor.cursor_location[0] == CLOSE - 1
        await pilot.press("ctrl+z")
        assert editor.edited_text == edited
        await pilot.press("ctrl+y")
        assert editor.edited_text == SOURCE
        await pilot.press("ctrl+z", "ctrl+z")
        assert editor.edited_text == SOURCE
        editor.put("x\n")
        assert editor.cursor_location[0] <= 1

    await with_editor(test)


async def test_the_line_that_did_not_load_is_marked_until_it_changes() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        editor.show_problem(CLOSE)
        await pilot.pause()
        row = CLOSE - 1 - editor.scroll_offset.y
        assert editor.render_line(row).text.startswith(f"{CLOSE}{BAD_GLYPH} ")
        assert [y for y in range(editor.size.height) if BAD_GLYPH in editor.render_line(y).text] == [row]
        editor.go_to(1)
        await pilot.press("x")
        assert BAD_GLYPH in editor.render_line(row).text
        editor.go_to(CLOSE)
        await pilot.press("x")
        assert BAD_GLYPH not in drawn(editor)
        editor.show_problem(999)
        editor.show_problem(None)
        assert BAD_GLYPH not in drawn(editor)

    await with_editor(test)


async def test_the_cursor_goes_to_a_line_and_brings_it_in_sight() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        editor.go_to(150)
        await pilot.pause()
        assert editor.cursor_location == (149, 4)
        assert editor.scroll_offset.y < 149 < editor.scroll_offset.y + editor.size.height
        for line in (0, -3, 10**9):
            editor.go_to(line)
        assert editor.cursor_location[0] == 200

    await with_editor(test, "    x\n" * 200)


async def test_a_huge_text_is_edited_without_colours() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        assert not editor.is_syntax_aware
        editor.load(SOURCE)
        assert editor.is_syntax_aware

    await with_editor(test, "#" * (MAX_COLOURED + 1))


async def test_the_cursor_does_not_blink() -> None:
    async def test(editor: CodeEditor, pilot: Any) -> None:
        assert not editor.cursor_blink

    await with_editor(test)
