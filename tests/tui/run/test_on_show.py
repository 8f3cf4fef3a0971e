"""The run a screen shows: live as its events come, later the one that decided, event by event."""

from __future__ import annotations

from textual.app import App, ComposeResult

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.tui.kit import theme
from wsplay.tui.run.on_show import RunOnShow
from wsplay.tui.timeline.view import TimelineView


class Host(App[None]):
    """A timeline, and what it shows."""

    def __init__(self) -> None:
        super().__init__()
        theme.register(self)

    def compose(self) -> ComposeResult:
        view = TimelineView()
        self.on_show = RunOnShow(view)
        yield view


def event(number: int) -> Event:
    return Event(number, Lane.CLIENT, "client.open", f"event {number}", 1)


async def test_only_events_of_a_run_that_is_watched_are_shown() -> None:
    app = Host()
    async with app.run_test() as pilot:
        it = app.on_show
        it.add_event(event(1))  # no run has begun
        it.show(it.begin(0), "live")
        it.add_event(event(2))
        it.end()
        it.add_event(event(3))  # the next scenario is loading
        it.draw()
        await pilot.pause()
        assert [one.summary for one in it.view.timeline or ()] == ["event 2"]
        assert it.view.border_title == "Timeline  live"
        it.clear()
        assert it.view.timeline is None


async def test_stepping_goes_round_the_events_that_decide() -> None:
    timeline = Timeline(0)
    for number in range(1, 10):
        timeline.add(event(number))
    seqs = [timeline[at].seq for at in (1, 4, 7)]
    app = Host()
    async with app.run_test() as pilot:
        it = app.on_show
        it.show(timeline, "graded", seqs[1])
        await pilot.pause()
        assert (it.view.cursor, it.view.following) == (seqs[1], False)
        steps = []
        for by in (1, 1, -1):
            it.step(seqs, by)
            steps.append(it.view.cursor)
        assert steps == [seqs[2], seqs[0], seqs[2]]
        it.select(timeline[5].seq)
        it.step(seqs, 1)  # from elsewhere
        assert it.view.cursor == seqs[0]
        it.step([], 1)
        assert it.view.cursor == seqs[0]
