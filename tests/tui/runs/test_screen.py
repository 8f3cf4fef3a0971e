"""The list of runs and a recording on screen: reopen, name, delete, save, open a file, play and step."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Static

from wsplay.export.run_file import read_run_file
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.compare.screen import CompareScreen
from wsplay.tui.kit.ask_screen import AskScreen, completed
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.runs.playback import Speed
from wsplay.tui.runs.recorded_screen import RecordedScreen
from wsplay.tui.runs.screen import RunList, RunsScreen
from wsplay.tui.source.pane import SourceView
from wsplay.tui.timeline.view import TimelineView

pytestmark = pytest.mark.slow


class Play(AppUnderTest):
    """The app with the list."""

    @property
    def top(self) -> Any:
        return self.app.screen

    async def ready(self) -> None:
        await self.until(lambda: self.headline == "READY", "ready")

    async def run(self) -> None:
        """One run, to its end."""
        number = self.main.state.run.number
        await self.press("ctrl+r")
        await self.until(lambda: self.main.state.run.number == number + 1, "the next run")
        await self.until(lambda: "403" in self.headline, "its end")

    async def listed(self, runs: int = 2) -> RunList:
        await self.ready()
        for _ in range(runs):
            await self.run()
        await self.press("o")
        await self.on(RunsScreen)
        listed: RunList = self.top.query_one(RunList)
        return listed

    async def on(self, kind: type) -> None:
        await self.until(lambda: isinstance(self.top, kind) and self.top.is_mounted, kind.__name__)
        await self.pilot.pause()

    async def recorded(self) -> RecordedScreen:
        await self.listed()
        await self.press("down", "enter")
        await self.on(RecordedScreen)
        screen: RecordedScreen = self.top
        return screen

    @property
    def line(self) -> str:
        text: str = self.top.query_one("#status", StatusLine).text
        return text

    @property
    def lines(self) -> list[str]:
        return [str(option.prompt) for option in self.top.query_one(RunList).options]

    async def type(self, text: str) -> None:
        await self.on(AskScreen)
        self.top.query_one(Input).value = text

    @property
    def problem(self) -> str:
        return str(self.top.query_one("#ask-told", Static).render())

    async def submit(self) -> None:
        await self.press("enter")
        await self.pilot.pause()


@pytest.fixture
def play(library: Library, fake_playgrounds: Any) -> Callable[..., Awaitable[None]]:
    async def run(
        test: Callable[[Play], Awaitable[None]], size: tuple[int, int] = (140, 40), **options: Any
    ) -> None:
        app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds, **options)
        async with app.run_test(size=size) as pilot:
            await test(Play(app, pilot, fake_playgrounds))

    return run


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_each_run_stays_in_the_list(play: Any, size: tuple[int, int]) -> None:
    async def test(it: Play) -> None:
        listed = await it.listed()
        assert len(it.lines) == 2
        assert all("403" in line for line in it.lines)
        assert "on screen" in it.lines[0]
        assert "on screen" not in it.lines[1]
        assert listed.run is it.main.state.run.kept
        assert "REFUSED" in it.headline
        assert "2 of 50" in it.line

    await play(test, size)


async def test_two_runs_are_marked_and_compared(play: Any) -> None:
    async def test(it: Play) -> None:
        listed = await it.listed(3)
        newest, middle, oldest = it.top.kept.runs
        await it.press("space", "down", "down", "space")
        lines = [str(listed.get_option_at_index(at).prompt) for at in range(3)]
        assert ["marked" in line for line in lines] == [True, False, True]
        await it.press("equals_sign")
        await it.on(CompareScreen)
        await it.until(lambda: it.top.compared, "the comparison")
        assert not it.top.compared.differs
        starts = [it.top._sides[place].start_ns for place in (0, 1)]
        assert starts == [oldest.timeline.start_ns, newest.timeline.start_ns]
        await it.press("escape")
        await it.on(RunsScreen)
        await it.press("space", "home", "space")  # no marks any more
        await it.press("equals_sign")  # with the run before
        await it.on(CompareScreen)
        assert it.top._sides[0].start_ns == middle.timeline.start_ns

    await play(test)


async def test_the_oldest_run_alone_has_none_to_compare_with(play: Any) -> None:
    async def test(it: Play) -> None:
        await it.listed(2)
        await it.press("end", "equals_sign")
        await it.until(lambda: any("mark another with space" in told for told in it.told), "the hint")
        await it.press("space", "space", "x")
        await it.press("equals_sign")
        assert isinstance(it.top, RunsScreen)

    await play(test)


async def test_the_run_on_the_main_screen_is_opened_by_going_back(play: Any) -> None:
    async def test(it: Play) -> None:
        await it.listed()
        await it.press("enter")
        await it.until(lambda: it.top is it.main, "the main screen")

    await play(test)


async def test_an_empty_list_says_what_to_do(play: Any) -> None:
    async def test(it: Play) -> None:
        await it.listed(runs=0)
        assert it.lines == ["No runs yet. Connect to make one, or press o to open a run file."]
        await it.press("enter", "s", "r", "x", "u")
        await it.pilot.pause()
        assert isinstance(it.top, RunsScreen)
        assert it.headline == "NO RUNS"
        assert it.told == ["no deleted run to bring back"]

    await play(test)


async def test_a_run_is_named_deleted_and_brought_back(play: Any) -> None:
    async def test(it: Play) -> None:
        listed = await it.listed()
        first = listed.run
        await it.press("r")
        await it.type("before [b]the[/b] fix\x1b")
        await it.submit()
        await it.until(lambda: "before [b]the[/b] fix" in it.lines[0], "the name")
        await it.press("x")
        assert len(it.lines) == 1
        assert listed.run is not first
        await it.press("u")
        assert "before [b]the[/b] fix" in it.lines[0]
        assert it.main.state.kept.runs[0] is first

    await play(test)


async def test_a_run_is_saved_and_a_file_is_replaced_only_when_that_is_confirmed(
    play: Any, tmp_path: Path
) -> None:
    path = tmp_path / "mine.jsonl"

    async def test(it: Play) -> None:
        await it.listed()
        await it.press("s")
        await it.type(str(path))
        await it.submit()
        await it.until(lambda: any("saved 8 events" in told for told in it.told), "saved")
        assert any("secrets redacted" in told for told in it.told)
        path.write_text("another's\n")
        await it.press("s")
        await it.type(str(path))
        await it.submit()
        await it.until(lambda: "is there already: enter again replaces it" in it.problem, "asked")
        assert path.read_text() == "another's\n"
        await it.submit()
        await it.until(lambda: isinstance(it.top, RunsScreen), "closed")
        run = read_run_file(path)
        assert (run.problems, run.cut, len(run.events)) == ([], False, 8)
        assert run.header["target"] == "close_before_accept"
        assert run.header["redacted"] is True
        assert run.outcome is not None
        assert run.outcome["status"] == 403
        assert path.stat().st_mode & 0o777 == 0o600

    await play(test)


async def test_what_cannot_be_saved_is_told_in_one_line(play: Any, tmp_path: Path) -> None:
    async def test(it: Play) -> None:
        await it.listed()
        await it.press("s")
        await it.type(str(tmp_path / "nowhere" / "x.jsonl"))
        await it.submit()
        await it.until(lambda: "not saved: cannot create" in it.problem, "told")
        await it.type(" ")
        await it.submit()
        await it.until(lambda: "type the name of a file" in it.problem, "told")
        await it.press("escape")
        await it.until(lambda: isinstance(it.top, RunsScreen), "closed")

    await play(test)


@pytest.mark.parametrize("keep", [False, True])
async def test_secrets_are_redacted_unless_the_box_is_ticked(play: Any, tmp_path: Path, keep: bool) -> None:
    """A token of the user's own stands in the request of a bundled scenario."""
    path, secret = tmp_path / "mine.jsonl", "a-token-of-the-users-own"

    async def test(it: Play) -> None:
        await it.ready()
        it.main.query_one("ClientPane").form.put_header("Authorization", f"Bearer {secret}")  # type: ignore[attr-defined]
        await it.run()
        await it.press("o")
        await it.on(RunsScreen)
        await it.press("s")
        await it.type(str(path))
        it.top.query_one(Checkbox).value = keep
        await it.submit()
        await it.until(lambda: any("saved" in told for told in it.told), "saved")
        assert (secret in path.read_text()) is keep
        assert read_run_file(path).header["redacted"] is not keep

    await play(test)


def run_file(path: Path, *, lines: int = 99, extra: str = "") -> None:
    """A run file with three events, or what is left of it."""
    source = "app = None\n\nasync def endpoint(websocket): ...\n"
    header = {
        "kind": "run",
        "v": 1,
        "started": "2026-11-30T22:02:03.000+00:00",
        "target": "mine",
        "try": "a try",
        "engine": "uvicorn",
        "source": {"file": "mine.py", "text": source},
        "edited": True,
    }
    eof = {"v": 1, "lane": "wire", "kind": "wire.eof", "conn": 1}
    events = [
        eof | {"seq": seq, "t_us": t_us, "summary": f"EOF {seq}"}
        for seq, t_us in ((1, 0), (2, 1_000), (3, 3_600_000_000))
    ]
    outcome = {"kind": "outcome", "ended": "rejected", "headline": "REFUSED 403", "tone": "bad"}
    outcome["verdict"] = "No."
    rows = [header, *events, outcome, {"kind": "end", "events": 3}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows[:lines]) + extra, encoding="utf-8")


async def opened(it: Play, path: Path) -> RecordedScreen:
    await it.listed(runs=0)
    await it.press("o")
    await it.type(str(path))
    await it.submit()
    await it.on(RecordedScreen)
    screen: RecordedScreen = it.top
    return screen


async def test_a_run_file_is_opened_without_a_connection_and_marked(play: Any, tmp_path: Path) -> None:
    path = tmp_path / "there.jsonl"
    run_file(path)

    async def test(it: Play) -> None:
        screen = await opened(it, path)
        assert "RECORDED  mine @ a try" in it.line
        assert "RECORDED 2026-11-30 22:02 UTC" in str(screen.query_one(TimelineView).border_title)
        assert it.headline == "REFUSED 403"
        assert "The code was edited" in screen.query_one(VerdictBar).verdict.text
        assert "mine.py" in str(screen.query_one(SourceView).border_title)
        assert len(screen.query_one(TimelineView).timeline or ()) == 3
        await it.press("escape")
        await it.on(RunsScreen)
        assert "22:02:03" in it.lines[0]
        assert "RECORDED edited" in it.lines[0]

    await play(test)


async def test_a_cut_or_broken_file_says_where_and_shows_what_is_whole(play: Any, tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    run_file(path, lines=3, extra='{"v":1,"seq":3,')

    async def test(it: Play) -> None:
        screen = await opened(it, path)
        assert any("cut.jsonl:4: not JSON" in told for told in it.told)
        assert len(screen.query_one(TimelineView).timeline or ()) == 2
        assert it.headline == "NO OUTCOME"
        assert "cut short" in screen.query_one(VerdictBar).verdict.text

    await play(test)


async def test_what_is_no_run_file_is_told_in_one_line(play: Any, tmp_path: Path) -> None:
    (tmp_path / "no.jsonl").write_text("nothing\n")

    async def test(it: Play) -> None:
        await it.listed(runs=0)
        await it.press("o")
        for text, told in (
            (str(tmp_path / "no.jsonl"), "has no run in it"),
            (str(tmp_path / "none.jsonl"), "no file"),
            (str(tmp_path), "cannot be read"),
            ("", "type the name of a run file"),
        ):
            await it.type(text)
            await it.submit()
            await it.until(lambda told=told: told in it.problem or "is a " in it.problem, told)
            assert "\n" not in it.problem
        assert len(it.main.state.kept) == 0

    await play(test)


async def test_a_file_named_at_the_start_is_shown_at_first(play: Any, tmp_path: Path) -> None:
    path = tmp_path / "there.jsonl"
    run_file(path)

    async def test(it: Play) -> None:
        await it.on(RecordedScreen)
        assert it.headline == "REFUSED 403"
        assert len(it.main.state.kept) == 1

    await play(test, recording=(read_run_file(path), path))


async def test_a_recording_is_stepped_and_its_outcome_comes_last(play: Any, tmp_path: Path) -> None:
    path = tmp_path / "there.jsonl"
    run_file(path)

    async def test(it: Play) -> None:
        screen = await opened(it, path)
        view = screen.query_one(TimelineView)
        for shown in (1, 2):
            await it.press("full_stop")
            assert [event.summary for event in view.timeline or ()] == [f"EOF {n + 1}" for n in range(shown)]
            assert it.headline == "RECORDED"
            assert f"{shown} of 3 events" in it.line
            assert "paused" in it.line
        await it.press("comma")
        assert len(view.timeline or ()) == 1
        await it.press("full_stop", "full_stop")
        assert len(view.timeline or ()) == 3
        assert it.headline == "REFUSED 403"
        await it.press("comma", "w")
        assert it.headline == "REFUSED 403"

    await play(test)


async def test_a_recording_is_played_paused_and_played_fast(
    play: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the playback is the test's."""
    path = tmp_path / "there.jsonl"
    run_file(path)
    now = [100.0]
    monkeypatch.setattr("wsplay.tui.runs.recorded_screen.monotonic", lambda: now[0])

    async def test(it: Play) -> None:
        screen = await opened(it, path)
        view = screen.query_one(TimelineView)
        await it.press("space")
        assert len(view.timeline or ()) == 1
        assert "playing, real time" in it.line
        now[0] += 0.01
        await it.until(lambda: len(view.timeline or ()) == 2, "the second event")
        now[0] += 1_000
        await it.press("space")
        assert "paused" in it.line
        assert len(view.timeline or ()) == 2
        await it.press("greater_than_sign")
        assert "playing, fast" in it.line
        assert screen.playback.speed is Speed.FAST
        now[0] += 1
        await it.until(lambda: it.headline == "REFUSED 403", "the end")
        assert not screen.playback.playing
        assert screen._timer is None
        await it.press("less_than_sign")
        assert "playing, real time" in it.line

    await play(test)


async def test_leaving_a_recording_that_plays_stops_it(play: Any, tmp_path: Path) -> None:
    path = tmp_path / "there.jsonl"
    run_file(path)

    async def test(it: Play) -> None:
        await opened(it, path)
        await it.press("space", "escape")
        await it.on(RunsScreen)

    await play(test)


async def test_connecting_leaves_the_recording_and_starts_a_live_run(play: Any) -> None:
    async def test(it: Play) -> None:
        screen = await it.recorded()
        kept = screen.kept
        events = len(kept.timeline)
        await it.press("ctrl+r")
        await it.until(lambda: it.top is it.main, "the main screen")
        await it.until(lambda: it.main.state.run.number == 3, "a live run")
        await it.until(lambda: len(it.main.state.kept) == 3, "it is kept too")
        assert len(kept.timeline) == events

    await play(test)


async def test_nothing_that_is_observed_later_is_mixed_into_a_recording(play: Any) -> None:
    async def test(it: Play) -> None:
        screen = await it.recorded()
        view = screen.query_one(TimelineView)
        before = [event.summary for event in view.timeline or ()]
        it.fake.playground.say(9, "server", "server.log", "later")
        await it.until(lambda: it.main.state.run.timeline[-1].summary == "later", "observed")
        await it.pilot.pause()
        assert [event.summary for event in view.timeline or ()] == before

    await play(test)


async def test_one_is_told_when_a_run_goes(play: Any) -> None:
    async def test(it: Play) -> None:
        it.main.state.kept._max_runs = 1
        await it.ready()
        await it.run()
        await it.run()
        await it.until(
            lambda: "no longer kept, to make room: close_before_accept @ no token" in it.told, "told"
        )
        assert len(it.main.state.kept) == 1

    await play(test)


async def test_the_list_grows_while_it_is_open(play: Any) -> None:
    async def test(it: Play) -> None:
        await it.listed(runs=1)
        before = it.lines[0]
        it.fake.playground.say(9, "server", "server.log", "later")
        await it.until(lambda: it.lines[0] != before, "one more event")

    await play(test)


async def test_the_run_is_saved_and_a_file_opened_from_the_main_screen_too(play: Any, tmp_path: Path) -> None:
    path = tmp_path / "there.jsonl"

    async def test(it: Play) -> None:
        await it.ready()
        it.main.action_save_run()
        await it.until(lambda: it.told == ["no run to save yet"], "told")
        await it.run()
        it.main.action_save_run()
        await it.type(str(path))
        await it.submit()
        await it.until(path.exists, "saved")
        await it.until(lambda: it.top is it.main, "closed")
        it.main.action_open_run_file()
        await it.type(str(path))
        await it.submit()
        await it.on(RecordedScreen)
        assert it.headline == "REFUSED 403"

    await play(test)


def test_a_path_is_completed_to_a_folder_or_a_run_file(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.jsonl").touch()
    (tmp_path / "runs" / "a.txt").touch()
    (tmp_path / "runs" / ".hidden.jsonl").touch()
    assert completed(f"{tmp_path}/ru", ".jsonl") == f"{tmp_path}/runs/"
    assert completed(f"{tmp_path}/runs/", ".jsonl") == f"{tmp_path}/runs/a.jsonl"
    assert completed(f"{tmp_path}/runs/b", ".jsonl") is None
    assert completed(f"{tmp_path}/nowhere/b", ".jsonl") is None


async def test_tab_takes_the_completion(play: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_file(tmp_path / "there.jsonl")
    monkeypatch.chdir(tmp_path)

    async def test(it: Play) -> None:
        await it.listed(runs=0)
        await it.press("o")
        await it.on(AskScreen)
        await it.press(*"the")
        field = it.top.query_one(Input)
        await it.until(lambda: field._suggestion == "there.jsonl", "offered")
        await it.press("tab")
        assert field.value == "there.jsonl"
        await it.submit()
        await it.on(RecordedScreen)

    await play(test)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
@pytest.mark.parametrize("what", ["list", "recording", "stepped", "save"])
def test_how_it_looks(
    snap_compare: Any,
    library: Library,
    fake_playgrounds: Any,
    tmp_path: Path,
    size: tuple[int, int],
    what: str,
) -> None:
    path = tmp_path / "there.jsonl"
    run_file(path)

    async def prepare(pilot: Pilot[None]) -> None:
        it = Play(pilot.app, pilot, fake_playgrounds)  # type: ignore[arg-type]
        await it.listed(runs=2)
        for number, kept in enumerate(it.main.state.kept.runs):
            kept.header = {**kept.header, "started": f"2026-11-30T22:0{number}:00.000+00:00"}
        await it.press("o")
        await it.type(str(path))
        await it.submit()
        await it.on(RecordedScreen)
        it.main.state.kept.runs[0].file = "there.jsonl"
        if what == "list":
            await it.press("escape")
            await it.on(RunsScreen)
        else:
            await it.press("escape", "down", "down", "enter")
            await it.on(RecordedScreen)
            if what == "stepped":
                await it.press(*["full_stop"] * 4)
            elif what == "save":
                await it.press("ctrl+s")
                await it.on(AskScreen)
        it.app.clear_notifications()
        for _ in range(5):
            await it.pilot.pause()

    app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds)
    assert snap_compare(app, terminal_size=size, run_before=prepare)
