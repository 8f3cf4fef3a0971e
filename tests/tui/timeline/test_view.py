"""The timeline under a user's hands: it follows, is moved, searched, filtered and bounded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from wsplay.events.event import Direction, Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.export.event_filter import read_filter
from wsplay.tui.kit import theme
from wsplay.tui.timeline.find_bar import FindBar, FindInput
from wsplay.tui.timeline.view import TimelineView

Make = Callable[..., Event]
MakeTimeline = Callable[..., Timeline]


class Stage(App[None]):
    """The view alone, and what it said."""

    def __init__(self, timeline: Timeline | None = None, theme_name: str = theme.DEFAULT_THEME) -> None:
        super().__init__()
        theme.register(self, theme_name)
        self.timeline = timeline
        self.said: list[Any] = []

    def compose(self) -> ComposeResult:
        yield TimelineView()

    def on_mount(self) -> None:
        self.view.show_timeline(self.timeline)
        self.view.focus()

    @property
    def view(self) -> TimelineView:
        return self.query_one(TimelineView)

    def on_timeline_view_highlighted(self, message: TimelineView.Highlighted) -> None:
        self.said.append(message)

    def on_timeline_view_follow_changed(self, message: TimelineView.FollowChanged) -> None:
        self.said.append(message)

    def on_timeline_view_inspect(self, message: TimelineView.Inspect) -> None:
        self.said.append(message)

    def lines(self) -> list[str]:
        view = self.view
        return [view.render_line(y).text.rstrip() for y in range(view.scrollable_content_region.height)]

    def status(self) -> str:
        return str(self.view.border_subtitle)

    def said_below(self) -> str:
        return str(self.query_one("FindBar Static", Static).content)

    async def until(self, true: Callable[[], object], limit: float = 20.0) -> None:
        end = time.monotonic() + limit
        while not true():
            assert time.monotonic() < end, "never happened"
            await asyncio.sleep(0.01)


def frames(make_event: Make, count: int, start: int = 0) -> list[Event]:
    return [
        make_event(number, "wire.frame", f"text message {number}", 1, Direction.C2S)
        for number in range(start, start + count)
    ]


@pytest.fixture
def long(make_event: Make, make_timeline: MakeTimeline) -> Timeline:
    return make_timeline(frames(make_event, 200))


async def test_it_follows_until_the_user_moves_up_and_says_so(long: Timeline, make_event: Make) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        assert app.view.following
        assert app.view.cursor == 200
        assert "following · 200 events · / search" in app.status()
        assert "message 199" in app.lines()[-1]
        await pilot.press("up")
        assert not app.view.following
        assert app.view.cursor == 199
        for event in frames(make_event, 12, 200):
            long.add(event)
        before = app.lines()
        app.view.refresh_rows()
        assert app.lines() == before
        assert app.view.cursor == 199
        assert "paused · 12 new below · End follows" in app.status()
        await pilot.press("end")
        assert app.view.following
        assert app.view.cursor == 212
        assert "message 211" in app.lines()[-1]
        changes = [said.following for said in app.said if isinstance(said, TimelineView.FollowChanged)]
        assert changes == [False, True]


@pytest.mark.parametrize(
    ("keys", "cursor", "following"),
    [
        (["home"], 1, False),
        (["up", "k"], 198, False),
        (["pageup"], 179, False),
        (["home", "down", "j"], 3, False),
        (["home", "pagedown"], 22, False),
        (["up", "down"], 200, False),
        (["up", "down", "down"], 200, True),
        (["f"], 200, False),
        (["f", "f"], 200, True),
        (["pageup", "f"], 200, True),
    ],
)
async def test_keys_move_the_cursor(long: Timeline, keys: list[str], cursor: int, following: bool) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press(*keys)
        assert (app.view.cursor, app.view.following) == (cursor, following)
        marked = [line for line in app.lines() if line.startswith("▌")]
        assert len(marked) == 1
        assert f"message {cursor - 1}" in marked[0]


async def test_the_wheel_scrolls_and_ends_following(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot._post_mouse_events([_wheel("up")], TimelineView, offset=(5, 5))
        await app.until(lambda: not app.view.following)
        assert app.view.cursor == 200
        assert "message 199" not in app.lines()[-1]
        for _ in range(3):
            await pilot._post_mouse_events([_wheel("down")], TimelineView, offset=(5, 5))
        await app.until(lambda: app.view.following)


def _wheel(way: str) -> Any:
    from textual import events

    return events.MouseScrollUp if way == "up" else events.MouseScrollDown


async def test_a_click_selects_and_a_double_click_inspects(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("home")
        await pilot.click(TimelineView, offset=(20, 5))  # border, headings, then the rows from 1
        assert app.view.cursor == 4
        await pilot.click(TimelineView, offset=(20, 1))  # the headings are no row
        assert app.view.cursor == 4
        await pilot.double_click(TimelineView, offset=(20, 6))
        assert app.view.cursor == 5
        await app.until(lambda: any(isinstance(said, TimelineView.Inspect) for said in app.said))


async def test_the_cursor_is_told_once_it_rests_and_enter_inspects(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await app.until(lambda: app.said)
        app.said.clear()
        for _ in range(9):
            app.view.action_move(-1)
        await app.until(lambda: app.said[1:])  # that it follows no more, and then where the cursor is
        told = [said.event for said in app.said if isinstance(said, TimelineView.Highlighted)]
        last = long.get(191)
        assert told == [last]
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.said[-1], TimelineView.Inspect))
        assert app.said[-1].event is last


async def test_a_selection_stays_while_it_follows_and_nothing_comes(
    refused: Sequence[Event], make_timeline: MakeTimeline, make_event: Make
) -> None:
    timeline = make_timeline(refused)
    app = Stage(timeline)
    async with app.run_test(size=(140, 24)) as pilot:
        app.view.select(6)
        await pilot.resize_terminal(90, 20)
        await pilot.pause()
        app.view.refresh_rows()
        assert (app.view.cursor, app.view.following) == (6, True)
        assert app.view.event is timeline.get(6)
        timeline.add(make_event(5, "note", "late", None))
        app.view.refresh_rows()
        assert app.view.cursor == 12


async def test_searching_as_one_types(refused: Sequence[Event], make_timeline: MakeTimeline) -> None:
    app = Stage(make_timeline(refused))
    async with app.run_test(size=(140, 24)) as pilot:
        await pilot.press("slash")
        assert "type to search" in app.said_below()
        await pilot.press(*"FOR")  # F and N are letters now, not keys
        assert "/FOR 2 of 2" in app.status()  # in the summary of one, in the data of the newest
        assert app.said_below().startswith("2 of 2 · tab hides the others")
        assert app.view.cursor == 11
        await pilot.press("backspace", "backspace", "backspace", *"403")
        assert "3 of 3" in app.status()
        assert app.view.cursor == 11  # from where the search began on: the newest
        await pilot.press("enter", "n")
        assert app.view.cursor == 8
        await pilot.press("n")
        assert app.view.cursor == 9
        await pilot.press("N", "N")
        assert app.view.cursor == 11
        assert not app.view.following
        found = [line for line in app.lines() if line.startswith(("»", "▌"))]
        assert len(found) == 3
        await pilot.press("x")
        assert "403" not in app.status()


async def test_escape_while_typing_goes_back(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *"sage 17", "escape")
        assert (app.view.cursor, app.view.following) == (200, True)
        await pilot.press("pageup", "slash", *"sage 17", "escape")
        assert (app.view.cursor, app.view.following) == (179, False)


async def test_what_is_found_in_data_alone_is_marked(
    refused: Sequence[Event], make_timeline: MakeTimeline
) -> None:
    app = Stage(make_timeline(refused))
    async with app.run_test(size=(140, 24)):
        app.view.search(read_filter("validtokem"))
        assert "1 of 3" in app.status()
        assert app.view.cursor == 1
        assert sum(line.startswith("»") for line in app.lines()) == 2
        app.view.search(read_filter('"[/red] nothing"'))
        assert '/"[/red] nothing" none found' in app.status().replace("\\", "")


async def test_a_long_timeline_is_searched_in_slices(make_event: Make, make_timeline: MakeTimeline) -> None:
    timeline = make_timeline(frames(make_event, 30_000))
    app = Stage(timeline)
    async with app.run_test(size=(100, 24)):
        app.view.action_first()
        app.view.search(read_filter('"message 2999"'))
        await app.until(lambda: "of 11 ·" in app.status())
        assert app.view.cursor == 3000
        timeline.add(make_event(1, "wire.frame", "message 29990", 1, Direction.C2S))
        app.view.refresh_rows()
        await app.until(lambda: "of 12 ·" in app.status())


async def test_lanes_can_be_hidden(
    refused: Sequence[Event], make_timeline: MakeTimeline, make_event: Make
) -> None:
    timeline = make_timeline(refused)
    app = Stage(timeline)
    async with app.run_test(size=(140, 24)) as pilot:
        await pilot.press("W", "S")
        assert app.view.lanes == {Lane.CLIENT, Lane.ASGI}
        assert "6 of 11 events · without wire, server" in app.status()
        assert not any("GET /ws" in line for line in app.lines())
        timeline.add(make_event(3, "wire.eof", "another EOF", 1, Direction.C2S))
        timeline.add(make_event(4, "client.closed", "closed at last", 1))
        app.view.refresh_rows()
        assert app.view.cursor == 13
        assert not any("another EOF" in line for line in app.lines())
        await pilot.press("C", "A")  # none left means all
        assert app.view.lanes == set(Lane)
        app.view.set_lanes({Lane.SERVER})
        timeline = make_timeline([make_event(0, "wire.eof", "EOF", 1)])
        app.view.show_timeline(timeline)
        assert any("x shows all" in line for line in app.lines())
        assert app.view.event is None
        await pilot.press("x")
        assert app.view.cursor == 1


async def test_connections_can_be_told_apart_and_singled_out(
    refused: Sequence[Event], opened: Sequence[Event], make_timeline: MakeTimeline
) -> None:
    timeline = make_timeline(refused)
    app = Stage(timeline)
    async with app.run_test(size=(140, 40)) as pilot:
        assert "conn" not in app.lines()[0].split()
        for event in opened:
            timeline.add(event)
        app.view.refresh_rows()
        assert app.view.connections == (1, 2)
        assert "conn" in app.lines()[0].split()
        assert any("#1" in line for line in app.lines())
        assert any("#2" in line for line in app.lines())
        await pilot.press("number_sign")
        assert app.view.connection == 1
        assert "#1 only" in app.status()
        assert not any("#2" in line for line in app.lines())
        assert any("checking the token" in line for line in app.lines())  # belongs to no connection
        await pilot.press("number_sign", "number_sign")
        assert app.view.connection is None
        app.view.set_connection(2)
        app.view.show_timeline(make_timeline(refused))
        assert app.view.connection is None


async def test_what_was_dropped_is_told_and_what_is_read_stays_in_place(
    make_event: Make, make_timeline: MakeTimeline
) -> None:
    timeline = make_timeline(frames(make_event, 1000), max_events=1000)
    app = Stage(timeline)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press(*["pageup"] * 5)
        cursor = app.view.cursor
        before = app.lines()
        for event in frames(make_event, 300, 1000):
            timeline.add(event)
        app.view.refresh_rows()
        assert app.lines() == before
        assert app.view.cursor == cursor
        assert "300 dropped" in app.status()
        await pilot.press("home")
        assert "300 older events dropped" in app.lines()[1]
        assert "message 300" in app.lines()[2]
        for event in frames(make_event, 2000, 1300):
            timeline.add(event)
        app.view.refresh_rows()
        assert app.view.cursor == timeline.first_seq  # its own event is gone
        assert "2,300 older events dropped" in app.lines()[1]
        assert all(line for line in app.lines())


async def test_nothing_yet_is_said_in_words() -> None:
    app = Stage(None)
    async with app.run_test(size=(80, 24)) as pilot:
        assert any("No run to show." in line for line in app.lines())
        await pilot.press(
            "up", "down", "home", "end", "pageup", "enter", "n", "N", "number_sign", "w", "f", "x"
        )
        await pilot.press("slash", *"x", "enter")
        assert app.view.event is None


async def test_what_came_from_the_wire_is_shown_and_not_obeyed(
    make_event: Make, make_timeline: MakeTimeline
) -> None:
    hostile = make_event(0, "wire.frame", "[/] [bold]\x1b[2J\u202e", 1, Direction.C2S)
    app = Stage(make_timeline([hostile]))
    async with app.run_test(size=(100, 24)) as pilot:
        app.view.search(read_filter("[/]"))
        await pilot.pause()
        shown = next(line for line in app.lines() if "[bold]" in line)
        assert "[/] [bold]␛[2J<U+202E>" in shown


async def test_a_new_theme_recolours_every_row(refused: Sequence[Event], make_timeline: MakeTimeline) -> None:
    app = Stage(make_timeline(refused))
    async with app.run_test(size=(140, 24)) as pilot:
        for name, palette in theme.PALETTES.items():
            app.theme = name
            await pilot.pause()
            colours = {
                segment.style.color.name
                for y in range(12)
                for segment in app.view.render_line(y)
                if segment.style is not None and segment.style.color is not None
            }
            assert {palette.lane_client, palette.lane_wire, palette.lane_asgi, palette.bad} <= colours


def test_every_key_can_be_rebound_and_is_explained() -> None:
    bindings = [binding for binding in TimelineView.BINDINGS if isinstance(binding, Binding)]
    assert len(bindings) == len(TimelineView.BINDINGS)
    assert all(binding.id and binding.tooltip for binding in bindings)
    assert len({binding.id for binding in bindings}) == len(bindings)
    keys = {key for binding in bindings for key in binding.key.split(",")}
    assert not keys & {"ctrl+c", "ctrl+q"}


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
@pytest.mark.parametrize("theme_name", list(theme.PALETTES))
def test_picture(
    snap_compare: Callable[..., bool],
    refused: Sequence[Event],
    opened: Sequence[Event],
    make_timeline: MakeTimeline,
    size: tuple[int, int],
    theme_name: str,
) -> None:
    app = Stage(make_timeline([*refused, *opened]), theme_name)
    assert snap_compare(app, press=["up", "up", "up"], terminal_size=size)


def test_picture_of_one_refused_run(
    snap_compare: Callable[..., bool], refused: Sequence[Event], make_timeline: MakeTimeline
) -> None:
    async def select(pilot: Any) -> None:
        pilot.app.view.select(6)

    assert snap_compare(Stage(make_timeline(refused)), terminal_size=(140, 18), run_before=select)


def test_picture_of_a_search(
    snap_compare: Callable[..., bool], refused: Sequence[Event], make_timeline: MakeTimeline
) -> None:
    assert snap_compare(Stage(make_timeline(refused)), press=["slash", *"close"], terminal_size=(100, 18))


async def test_a_filter_typed_wrong_is_told_mended_and_hides_rows(
    refused: Sequence[Event], make_timeline: MakeTimeline
) -> None:
    timeline = make_timeline(refused)
    app = Stage(timeline)
    async with app.run_test(size=(140, 24)) as pilot:
        await pilot.press("slash", *"lane:wrie")
        assert app.said_below() == "column 6: no lane is called `wrie`; did you mean `wire`?"
        assert app.query_one("FindBar Static").has_class("-wrong")
        await pilot.press("enter")  # what cannot be read is not kept
        assert isinstance(app.focused, FindInput)
        await pilot.press(*["backspace"] * 3, *"ire")
        wire = [event for event in timeline if event.lane is Lane.WIRE]
        assert f" of {len(wire)} · tab hides the others" in app.said_below()
        assert not app.query_one("FindBar Static").has_class("-wrong")
        await pilot.press("tab")
        assert f"{len(wire)} of {len(timeline)} events" in app.status()
        rows = [line for line in app.lines()[1:] if line.strip(" │")]
        assert len(rows) == len(wire)
        assert "tab shows the others" in app.said_below()
        await pilot.press("enter")
        assert app.focused is app.view
        assert not app.query_one(FindBar).display
        assert f"{len(wire)} of {len(timeline)} events" in app.status()
        timeline.add(refused[0].numbered(0))
        app.view.refresh_rows()
        assert f"{len(wire)} of {len(timeline)} events" in app.status()
        timeline.add(wire[0].numbered(0))
        app.view.refresh_rows()
        await app.until(lambda: f"{len(wire) + 1} of {len(timeline)} events" in app.status())
        await pilot.press("x")
        assert "of " not in app.status()
        assert len([line for line in app.lines()[1:] if line.strip(" │")]) == len(timeline)


async def test_what_is_hidden_comes_back_when_the_search_ends(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *'"message 17"', "tab")
        assert "1 of 200 events" in app.status()
        await pilot.press("escape")
        assert "200 events" in app.status()
        assert "of 200" not in app.status()
        assert (app.view.cursor, app.view.following) == (200, True)


async def test_keys_of_a_burst_are_typed_and_no_commands(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        for key in ("slash", *"fx"):
            character = "/" if key == "slash" else key
            app.post_message(events.Key(key, character))
        await app.until(lambda: [each.text for each in app.query(FindInput)] == ["fx"])
        await pilot.press("escape")
        assert app.view.following


async def test_a_search_goes_on_where_it_was(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *"sage", "enter", "slash")
        assert app.query_one(FindInput).text == "sage"
        await pilot.press(*" 17")
        assert "of" in app.said_below()


async def test_words_of_the_language_are_completed(long: Timeline) -> None:
    app = Stage(long)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("slash", *"lane:w")
        await app.until(lambda: app.query_one(FindInput)._suggestion == "lane:wire")
        await pilot.press("right")
        assert app.query_one(FindInput).text == "lane:wire"
        await pilot.press(*" con")
        await app.until(lambda: app.query_one(FindInput)._suggestion == "lane:wire conn:")
        await pilot.press("right")
        await pilot.press("1")
        assert "of 200" in app.said_below()


async def test_without_events_a_filter_can_be_typed() -> None:
    app = Stage(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"lane:wire", "tab", "enter")
        assert any("No run to show." in line for line in app.lines())
