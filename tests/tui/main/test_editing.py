"""Editing on the main screen: which text is shown, which is served, and what is kept of an edit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.widgets import Input, Static

from wsplay.challenge.progress_file import VARIABLE as PROGRESS
from wsplay.scenario.library import Library
from wsplay.server.parent.errors import LoadError
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.commands import Palette
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.source.editor import CodeEditor
from wsplay.tui.source.pane import SourceView
from wsplay.tui.source.patched_pane import PatchView

pytestmark = pytest.mark.slow

SIZES = [(80, 24), (140, 40)]


class Edit(AppUnderTest):
    """The app under test, with what tests of editing ask of it."""

    @property
    def line(self) -> str:
        """The line about the edit; empty if it is not shown."""
        found = self.screen.query("#edit-line")
        return found.first(StatusLine).text if found and found.first().display else ""

    @property
    def editor(self) -> CodeEditor:
        return self.screen.query_one(CodeEditor)

    @property
    def source(self) -> SourceView:
        return self.screen.query_one("#endpoint", SourceView)

    @property
    def seen(self) -> str:
        return f"verdict {self.headline!r}, line {self.line!r}, focus {self.screen.focused}, {super().seen}"

    @property
    def served(self) -> str:
        """The text that the server was given last."""
        return str(self.fake.playground.scenario.source)

    async def edit(self) -> None:
        await self.press("ctrl+e")
        await self.until(lambda: isinstance(self.screen.focused, CodeEditor), "the editor")

    async def leave(self) -> None:
        await self.press("escape")
        await self.until(lambda: self.screen.focused is self.source, "the source")

    async def apply(self) -> None:
        await self.press("ctrl+s")
        await self.until(lambda: "server runs your edit" in self.line, "applied")


Test = Callable[[Edit], Awaitable[None]]


@pytest.fixture(autouse=True)
def progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRESS, str(tmp_path / "progress.json"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the edits are kept."""
    return tmp_path / "state" / "edits"


@pytest.fixture
def play(fake_playgrounds, library: Library, folder: Path):
    """Run a test's body in the app, once the scenario is loaded."""

    async def run(
        test: Test, size: tuple[int, int] = (140, 40), scenario: str = "3", scenarios: Library | None = None
    ) -> None:
        app = WsplayApp(
            scenarios or library,
            scenario=scenario,
            make_playground=fake_playgrounds,
            find_edits=lambda: folder,
        )
        async with app.run_test(size=size, notifications=True) as pilot:
            it = Edit(app, pilot, fake_playgrounds)
            await it.until(lambda: it.screen.state.loaded is not None, "loaded")
            await test(it)

    return run


def kept(folder: Path) -> list[str]:
    return sorted(path.read_text("utf-8") for path in folder.glob("*.py"))


def suffixes(folder: Path) -> list[str]:
    return [path.suffix for path in folder.iterdir()]


def spoil(folder: Path) -> None:
    """Make the only working copy unreadable."""
    [path] = folder.glob("*.py")
    path.write_bytes(b"\xff\xfe")


def add_line(path: str, line: str) -> None:
    """Save a file as another program does."""
    text = Path(path).read_text("utf-8")
    Path(path).write_text(f"{line}\n{text}", "utf-8")


def bytes_of(it: Edit) -> bytes:
    """The scenario's file."""
    return Path(it.screen.scenario.file).read_bytes()


def problem(it: Edit) -> str:
    """What is wrong with the name of a new scenario."""
    return str(it.app.screen.query_one("#save-as-problem", Static).content)


def original(it: Edit) -> str:
    return Path(it.screen.scenario.file).read_text("utf-8")


@pytest.mark.parametrize("size", SIZES)
async def test_edit_apply_revert_and_undo(play, folder: Path, size) -> None:
    async def test(it: Edit) -> None:
        text = original(it)
        await it.edit()
        assert it.editor.region.height >= 8
        assert it.line == ""
        await it.press("x")
        edited = it.editor.edited_text
        assert len(edited) == len(text) + 1
        assert it.line.startswith("✎ edited, not applied: the server runs the file")
        assert "✎ edited" in str(it.editor.border_title)
        assert it.served == text
        await it.press("backspace", *"# mine", "enter")
        edited = it.editor.edited_text
        await it.apply()
        assert it.served == edited
        assert it.screen.focused is it.editor
        await it.leave()
        assert it.source.region.height > 0
        assert "# mine" in it.source.text
        assert "✎ edited" in str(it.source.border_title)
        await it.press("Z")
        await it.until(lambda: it.line == "", "no edit")
        assert it.served == text
        assert "# mine" not in it.source.text
        assert "edited" not in str(it.source.border_title)
        await it.edit()
        await it.press("ctrl+z")
        await it.until(lambda: "not applied" in it.line, "the edit is back")
        assert it.editor.edited_text == edited
        assert original(it) == text
        await it.until(lambda: kept(folder) == [edited], "kept")

    await play(test, size)


async def test_the_cursor_is_on_the_line_of_the_event(play) -> None:
    async def test(it: Edit) -> None:
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "a run")
        it.screen.timeline.focus()
        await it.press("home")
        while it.source.lit != 21:
            await it.press("down")
        await it.edit()
        assert it.editor.cursor_location[0] == 20

    await play(test)


async def test_a_line_is_lit_where_it_is_in_the_edited_text(play) -> None:
    async def test(it: Edit) -> None:
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "a run")
        it.screen.timeline.focus()
        await it.press("home")
        while it.source.lit != 21:
            await it.press("down")
        await it.edit()
        it.editor.go_to(1)
        await it.press("home", "enter")
        await it.leave()
        await it.until(lambda: it.source.lit == 22, "the line below")
        await it.edit()
        it.editor.go_to(22)
        await it.press("x")
        await it.leave()
        assert it.source.lit is None
        assert "in code that was edited since" in str(it.source.border_subtitle)

    await play(test)


@pytest.mark.parametrize("size", SIZES)
async def test_a_syntax_error_is_shown_at_its_line_and_the_file_is_still_served(play, size) -> None:
    async def test(it: Edit) -> None:
        text = original(it)
        await it.edit()
        it.editor.go_to(37)
        await it.press(*"app (", "ctrl+s")
        await it.until(lambda: it.line.startswith("✗ line 37: SyntaxError"), "the error")
        assert it.headline == "NOT LOADED"
        assert it.served == text
        row = 36 - it.editor.scroll_offset.y
        assert it.editor.render_line(row).text.lstrip().startswith("37✗ ")
        await it.leave()
        assert "✗ SyntaxError" in it.source.text
        await it.edit()
        await it.press(*(5 * ["ctrl+z"]))
        it.editor.put(text)
        await it.until(lambda: "server runs the file" in it.line or it.line == "", "typed on")
        await it.press("ctrl+s")
        await it.until(lambda: it.headline == "READY", "loaded again")
        assert it.line == ""

    await play(test, size)


async def test_an_import_error_is_shown_at_its_line_and_what_ran_goes_on(play) -> None:
    async def test(it: Edit) -> None:
        await it.edit()
        it.editor.go_to(2)
        await it.press("x")
        it.fake.playground.fail_load = LoadError(
            "x", it.screen.scenario.file, "no module", line=2, type="ModuleNotFoundError"
        )
        await it.press("ctrl+s")
        await it.until(lambda: "line 2: ModuleNotFoundError: no module" in it.line, "the error")
        assert "the server runs the file" in it.line
        it.fake.playground.fail_load = None
        await it.apply()

    await play(test)


async def test_keys_of_the_screen_work_in_the_editor_and_letters_are_typed(play) -> None:
    async def test(it: Edit) -> None:
        await it.edit()
        text = it.editor.edited_text
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "a run")
        assert it.screen.focused is it.editor
        await it.press("ctrl+p")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the palette")
        await it.press("escape")
        await it.until(lambda: it.screen.is_active, "closed")
        await it.press("ctrl+s")
        await it.until(lambda: "the server runs this text already" in it.told, "told")
        assert it.editor.edited_text == text
        await it.press("home", *"ZEqF=!.>1[]/?", "tab")
        assert it.editor.edited_text.count("ZEqF=!.>1[]/?") == 1
        assert it.screen.is_active
        assert it.screen.focused is it.editor
        await it.press("ctrl+e")
        assert it.editor.cursor_location[1] == len(it.editor.document.get_line(it.editor.cursor_location[0]))

    await play(test)


async def test_ctrl_e_opens_the_editor_wherever_the_focus_is(play) -> None:
    async def test(it: Edit) -> None:
        for widget in [one for one in it.screen.query("*") if one.can_focus]:
            if isinstance(widget, (Input, CodeEditor)) or not all(
                node.display for node in widget.ancestors_with_self
            ):
                continue
            it.screen.set_focus(widget)
            await it.pilot.pause()
            await it.edit()
            await it.leave()

    await play(test)


async def test_the_edit_is_written_within_a_second_and_offered_at_the_next_start(play, folder: Path) -> None:
    edited = ""

    async def first(it: Edit) -> None:
        nonlocal edited
        await it.edit()
        await it.press("x")
        edited = it.editor.edited_text
        async with asyncio.timeout(20):
            while kept(folder) != [edited]:
                await it.pilot.pause(0.05)
        await it.press("y")
        edited = it.editor.edited_text  # written when the program ends

    async def again(it: Edit) -> None:
        assert kept(folder) == [edited]
        text = original(it)
        await it.until(lambda: it.line.startswith("✎ your edit of "), "offered")
        assert it.line.endswith("ctrl+e keep  = differences  Z discard")
        assert it.served == text
        await it.press("equals_sign")
        difference = it.screen.query_one(PatchView)
        await it.until(lambda: "your edit of" in str(difference.border_title), "the difference")
        await it.press("equals_sign")
        await it.edit()
        assert it.editor.edited_text == edited
        assert it.served == text
        await it.apply()
        assert it.served == edited

    async def third(it: Edit) -> None:
        await it.until(lambda: it.line.startswith("✎ your edit of "), "offered")
        await it.press("Z")
        await it.until(lambda: it.line == "", "discarded")
        await it.until(lambda: kept(folder) == [], "removed")
        await it.edit()
        await it.press("ctrl+z")
        assert it.editor.edited_text == edited
        await it.press("ctrl+y")
        assert it.editor.edited_text == original(it)

    for test in (first, again, third):
        await play(test)
    assert kept(folder) == []


async def test_an_offered_edit_can_be_applied_at_once(play, folder: Path) -> None:
    async def first(it: Edit) -> None:
        await it.edit()
        await it.press(*"# kept", "enter")

    async def again(it: Edit) -> None:
        await it.until(lambda: it.line.startswith("✎ your edit of "), "offered")
        await it.press("ctrl+s")
        await it.until(lambda: "server runs your edit" in it.line, "applied")
        assert "# kept" in it.served
        assert "# kept" in it.source.text

    for test in (first, again):
        await play(test)


async def test_edits_of_two_scenarios_stay_apart(play, folder: Path) -> None:
    async def test(it: Edit) -> None:
        await it.edit()
        await it.press(*"# three", "enter")
        await it.apply()
        await it.leave()
        await it.press("2")
        await it.until(lambda: it.screen.scenario.name == "header_check", "another")
        await it.until(lambda: it.line == "", "no edit of it")
        assert "# three" not in it.source.text
        await it.edit()
        assert "# three" not in it.editor.edited_text
        await it.press(*"# two", "enter")
        await it.leave()
        await it.press("3")
        await it.until(lambda: "server runs your edit" in it.line, "the edit of the first")
        assert "# three" in it.served
        await it.edit()
        assert "# three" in it.editor.edited_text
        assert "# two" not in it.editor.edited_text
        await it.until(lambda: len(kept(folder)) == 2, "both kept")

    await play(test)


async def test_a_folder_that_cannot_be_written_is_one_line(play, folder: Path) -> None:
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file in its place")

    async def test(it: Edit) -> None:
        await it.edit()
        for key in "xy":
            await it.press(key)
            await it.pilot.pause(0.7)
        await it.until(lambda: any("your edit is not kept" in told for told in it.told), "told")
        assert len([told for told in it.told if "not kept" in told]) == 1
        await it.apply()

    await play(test)


async def test_a_broken_copy_is_set_aside_and_one_line(play, folder: Path) -> None:
    async def first(it: Edit) -> None:
        await it.edit()
        await it.press("x")

    async def again(it: Edit) -> None:
        await it.until(lambda: any("an edit is not read" in told for told in it.told), "told")
        assert it.line == ""
        assert suffixes(folder) == [".broken"]

    await play(first)
    spoil(folder)
    await play(again)


@pytest.fixture
def mine(tmp_path: Path) -> tuple[Library, Path]:
    """A library of one scenario of the user's."""
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "mine.py"
    path.write_text('from fastapi import FastAPI\n\napp = FastAPI()\nx = "before"\n', "utf-8")
    return Library([path.parent]), path


async def test_a_save_of_the_file_leaves_the_edit_and_says_so(play, mine) -> None:
    library, path = mine

    async def test(it: Edit) -> None:
        await it.edit()
        await it.press(*"# edit", "enter")
        await it.apply()
        path.write_text(path.read_text("utf-8").replace("before", "after"), "utf-8")
        it.screen.look_at_file()
        await it.until(lambda: any("your edit stays" in told for told in it.told), "told")
        await it.until(lambda: "the file was saved since" in it.line, "said")
        assert "# edit" in it.served
        assert "before" in it.editor.edited_text
        await it.leave()
        await it.press("Z")
        await it.until(lambda: "after" in it.served, "the file's text")
        assert "# edit" not in it.source.text
        path.write_text(path.read_text("utf-8").replace("after", "later"), "utf-8")
        it.screen.look_at_file()
        await it.until(lambda: "later" in it.served, "follows the file again")

    await play(test, scenario="mine", scenarios=library)


async def test_an_edit_is_written_back_when_asked_for_and_confirmed(play, mine, folder: Path) -> None:
    library, path = mine
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    async def test(it: Edit) -> None:
        before = path.read_bytes()
        await it.edit()
        await it.press(*"# edit", "enter")
        await it.leave()
        await it.screen.run_action("write_back")
        await it.until(lambda: isinstance(it.app.screen, Palette), "it asks")
        await it.press("enter")
        await it.until(lambda: it.screen.is_active, "answered")
        assert path.read_bytes() == before  # the first answer leaves it
        await it.screen.run_action("write_back")
        await it.until(lambda: isinstance(it.app.screen, Palette), "it asks again")
        await it.press("down", "enter")
        await it.until(lambda: path.read_bytes() != before, "written")
        assert path.read_bytes().startswith(b"# edit\r\nfrom fastapi")
        await it.until(lambda: it.line == "", "no edit any more")
        await it.until(lambda: it.served.startswith("# edit\n"), "served")
        await it.until(lambda: kept(folder) == [], "nothing to keep")
        it.screen.look_at_file()
        assert not any("was saved" in told for told in it.told)

    await play(test, scenario="mine", scenarios=library)


async def test_an_edit_is_not_written_over_another_change(play, mine) -> None:
    library, path = mine

    async def test(it: Edit) -> None:
        await it.edit()
        await it.press(*"# edit", "enter")
        path.write_text("app = None  # by another program\n", "utf-8")
        await it.screen.run_action("write_back(True)")
        await it.until(lambda: any("has changed since" in told for told in it.told), "refused")
        assert path.read_text("utf-8") == "app = None  # by another program\n"
        assert "# edit" in it.editor.edited_text

    await play(test, scenario="mine", scenarios=library)


async def test_a_bundled_scenario_is_never_written_to(play) -> None:
    async def test(it: Edit) -> None:
        data = bytes_of(it)
        await it.edit()
        await it.press("x")
        assert not any(choice.title == "Write back" for choice in it.screen.choices())
        await it.screen.run_action("write_back")
        await it.screen.run_action("write_back(True)")
        why = "a bundled scenario is never written to"
        await it.until(lambda: [told.startswith(why) for told in it.told] == [True, True], "told")
        assert bytes_of(it) == data

    await play(test)


async def test_expectations_lapse_while_code_is_edited(play) -> None:
    async def test(it: Edit) -> None:
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "a run")
        assert it.screen.query_one(VerdictBar).verdict.expected == "as expected"
        await it.edit()
        it.editor.go_to(35)
        await it.press(*"x = 1", "enter")
        await it.apply()
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "another run")
        assert "you edited the code" in str(it.screen.query_one(VerdictBar).verdict.lapsed)
        await it.leave()
        await it.press("Z")
        await it.until(lambda: it.line == "", "reverted")
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "a third run")
        assert it.screen.query_one(VerdictBar).verdict.expected == "as expected"

    await play(test)


async def test_an_open_connection_is_not_closed_by_us_when_an_edit_is_applied(play, fake_playgrounds) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)

    async def test(it: Edit) -> None:
        await it.press("ctrl+r")
        await it.until(lambda: it.screen.state.client == "connected", "connected")
        await it.press("escape")
        await it.edit()
        await it.press(*"# x", "enter")
        await it.apply()
        assert it.fake.playground.sessions[0].open
        assert it.screen.state.run.number == 1
        assert it.screen.state.run.lapsed == "you replaced the code"

    await play(test)


async def test_changes_are_offered_after_the_answer_or_when_asked_twice_and_run_at_once(play) -> None:
    async def test(it: Edit) -> None:
        await it.press("exclamation_mark")
        await it.until(lambda: any("not answered yet" in told for told in it.told), "not yet")
        assert it.screen.is_active
        await it.press("exclamation_mark")
        await it.until(lambda: isinstance(it.app.screen, Palette), "asked twice")
        titles = [change.title for change in it.screen._changes if "challenge" in change.about]
        assert len(titles) > 1
        assert titles == sorted(titles)
        assert any("as in its fix" in change.about for change in it.screen._changes)
        text = it.screen._changes[0].text
        await it.press("enter")
        await it.until(lambda: it.served == text, "applied")
        await it.until(lambda: it.screen.state.run.number == 1, "run at once")
        assert "server runs your edit" in it.line
        await it.edit()
        await it.press("ctrl+z")
        assert it.editor.edited_text == original(it)

    await play(test, scenario="send_before_accept")


async def test_a_change_that_does_not_load_is_not_run(play) -> None:
    async def test(it: Edit) -> None:
        await it.press("exclamation_mark", "exclamation_mark")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the changes")
        it.fake.playground.fail_load = LoadError("x", it.screen.scenario.file, "no", line=2, type="OSError")
        await it.press("enter")
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        assert it.screen.state.run.number == 0
        assert not [call for call in it.fake.playground.calls if call[0] == "connect"]

    await play(test, scenario="send_before_accept")


async def test_without_a_change_to_try_it_says_so(play, mine) -> None:
    library, _ = mine

    async def test(it: Edit) -> None:
        await it.press("exclamation_mark")
        await it.until(lambda: "there is no change to try on this text" in it.told, "told")

    await play(test, scenario="mine", scenarios=library)


async def test_the_own_editor_is_given_the_working_copy_and_its_saves_are_applied(
    play, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given"

    async def test(it: Edit) -> None:
        data = bytes_of(it)

        def open_editor(app: Any, path: str, *, line: int | None, editor: Any, look: Any) -> None:
            given.write_text(f"{path}:{line}")
            add_line(path, "# first")
            look()
            add_line(path, "# second")

        monkeypatch.setattr("wsplay.tui.main.own_editor.open_editor", open_editor)
        await it.press("t", "E")
        await it.until(lambda: it.served.startswith("# second\n# first\n"), "applied")
        path, _, line = given.read_text().rpartition(":")
        assert Path(path).parent == folder
        assert int(line) > 30
        assert bytes_of(it) == data
        assert "# second" in it.source.text
        # An editor in another window saves later.
        add_line(path, "# third")
        it.screen.look_at_file()
        await it.until(lambda: it.served.startswith("# third\n"), "applied again")
        await it.edit()
        await it.press("ctrl+z")
        await it.until(lambda: it.editor.edited_text.startswith("# second"), "undone")

    await play(test)


async def test_without_a_terminal_to_lend_the_own_editor_says_so(play, monkeypatch) -> None:
    monkeypatch.setenv("VISUAL", "true")

    async def test(it: Edit) -> None:
        await it.press("t", "E")
        await it.until(lambda: any("cannot open an editor" in told for told in it.told), "told")

    await play(test)


async def test_a_file_that_cannot_be_read_is_not_edited(play, tmp_path: Path) -> None:
    path = tmp_path / "gone.py"

    async def test(it: Edit) -> None:
        path.unlink()
        await it.press("L")
        await it.until(lambda: it.headline == "NOT LOADED", "gone")
        await it.press("ctrl+e", "E")
        why = "the file cannot be read, so there is nothing to edit"
        await it.until(lambda: it.told.count(why) == 2, "told")

    path.write_text("app = None\n", "utf-8")
    await play(test, scenario="gone", scenarios=Library([tmp_path]))


@pytest.mark.parametrize("size", SIZES)
async def test_an_edit_is_saved_as_a_scenario_of_the_user_s(
    play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))

    async def test(it: Edit) -> None:
        data = bytes_of(it)
        await it.edit()
        it.editor.go_to(1)
        await it.press("home", *"# mine", "enter", "escape")
        await it.screen.run_action("save_as")
        await it.until(lambda: it.app.screen.query("#save-as-name"), "it asks")
        name = it.app.screen.query_one(Input)
        assert name.value == "my_close_before_accept"
        name.value = "json"
        await it.until(lambda: "would hide the Python module json" in problem(it), "refused")
        await it.press("enter")
        assert it.screen.focused is not None
        name.value = "no_auth"
        await it.until(lambda: 'there is already a scenario "no_auth"' in problem(it), "refused")
        name.value = "my own one"
        await it.until(lambda: "cannot be a name" in problem(it), "refused")
        name.value = "mine"
        await it.until(lambda: not problem(it), "a name")
        await it.press("enter", "down", "enter")  # with its tries
        await it.until(lambda: it.screen.scenario.name == "mine", "opened")
        await it.until(lambda: it.served.startswith("# mine\n"), "served")
        assert [try_.name for try_ in it.screen.scenario.tries] == ["no token", "valid token", "wrong token"]
        assert it.screen.scenario.challenge is None
        assert str(tmp_path) in it.screen.scenario.file
        assert it.line == ""
        it.screen.action_open_scenario("close_before_accept")
        await it.until(lambda: "edited, not applied" in it.line, "the edit stays")
        assert bytes_of(it) == data

    await play(test, size, scenarios=Library.find(user_folders=()))


async def test_saving_as_a_scenario_can_be_cancelled_and_a_full_disk_is_told(
    play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("wsplay.scenario.library.own_folder", lambda: tmp_path / "file" / "scenarios")

    async def test(it: Edit) -> None:
        await it.screen.run_action("save_as")
        await it.until(lambda: it.app.screen.query("#save-as-name"), "it asks")
        await it.press("escape")
        await it.until(lambda: it.screen.is_active, "cancelled")
        await it.screen.run_action("save_as")
        await it.until(lambda: it.app.screen.query("#save-as-name"), "it asks again")
        await it.press("enter", "enter")
        await it.until(lambda: any("cannot write" in told for told in it.told), "told")
        assert it.screen.scenario.name == "close_before_accept"

    await play(test, scenarios=Library.find(user_folders=()))
