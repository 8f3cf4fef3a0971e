"""What waits, as the main screen shows it, and what the user decides about it."""

from __future__ import annotations

from time import perf_counter_ns

from textual.timer import Timer
from textual.widgets import Input, TextArea

from wsplay.events.event import Event
from wsplay.protocol.hold_points import NOTHING, WAITS
from wsplay.protocol.waiting import Waiting
from wsplay.tui.background.messages import Decide, EditHead, Hold
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.hold.band import Band, HoldBand, time_words
from wsplay.tui.hold.head_editor import HeadEditor
from wsplay.tui.hold.points import chosen, hold_choices, words_of
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.commands import palette
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.state import MainState
from wsplay.tui.timeline.view import TimelineView

#: Seconds between two looks at the clock while something waits.
EVERY = 1.0
#: Seconds for which the band stays once nothing waits: the next message is often there by then, and the rows
#: above do not jump.
STAYS = 0.25
#: Events that are searched for the one of what waits.
LOOK_BACK = 2_000


class Stepper:
    """What waits on `screen`, according to `state`; the user's decisions go to `proxy`."""

    def __init__(self, screen: BaseScreen, proxy: PlaygroundProxy, state: MainState) -> None:
        self._screen, self._proxy, self._state = screen, proxy, state
        self._clock: Timer | None = None
        self._leaves: Timer | None = None
        self._editor: HeadEditor | None = None
        self._sent: int | None = None  # the request that the user has just sent from the editor

    # -- what is shown

    @property
    def words(self) -> str:
        """Where the user holds, in words; empty if nowhere."""
        return words_of(self._state.held.points)

    @property
    def target(self) -> Waiting | None:
        """What is decided about next: the request that is edited, the event under the cursor if the user went
        there and it waits, or what has waited longest.
        """
        waiting = self._state.held.waiting
        timeline, editor = self._timeline, self._editor
        for each in waiting:
            if editor is not None and each.id == editor.number:
                return each
        if not timeline.following and (under := self._waits(timeline.event)) is not None:
            return under
        return waiting[0] if waiting else None

    def event_of(self, waiting: Waiting) -> Event | None:
        """The event with which it began to wait, if it is in the timeline."""
        timeline = self._state.run.timeline
        for index in range(len(timeline) - 1, max(len(timeline) - LOOK_BACK, 0) - 1, -1):
            event = timeline[index]
            if _is_wait(event) and event.data.get("id") == waiting.id:
                return event
        return None

    def draw(self) -> None:
        """Show what waits now, and for how long."""
        waiting = self._state.held.waiting
        editor = self._editor
        if editor is not None and not any(each.id == editor.number for each in waiting):
            if self._sent != editor.number:
                self._screen.say("the request does not wait any more: it was not changed by you", "warning")
            self._close_editor()
        self.tell_time()
        if waiting and self._clock is None:
            self._clock = self._screen.set_interval(EVERY, self.tell_time)
        elif not waiting and self._clock is not None:
            self._clock.stop()
            self._clock = None
        if self._leaves is not None:
            self._leaves.stop()
            self._leaves = None
        if waiting:
            self._show_band(True)
        else:
            self._leaves = self._screen.set_timer(STAYS, lambda: self._show_band(False))

    def tell_time(self) -> None:
        """Show for how long each waits by now."""
        now, waiting, target = perf_counter_ns(), self._state.held.waiting, self.target
        self._timeline.show_waiting({each.id: f"WAITS {time_words(now - each.since_ns)}" for each in waiting})
        if target is None:
            return
        focused = self._screen.focused
        band = Band(
            target,
            now - target.since_ns,
            self._state.run.own,
            len(waiting) - 1,
            editing=self._editor is not None,
            in_field=isinstance(focused, (Input, TextArea)),
            at_timeline=focused is self._timeline,
        )
        self._band().show(band)

    def _band(self) -> HoldBand:
        """The band, which is made when it is first needed."""
        band = next(iter(self._screen.query(HoldBand)), None)
        if band is None:
            band = HoldBand()
            band.display = False
            self._screen.mount(band, after=self._screen.query_one(VerdictBar))
        return band

    def _show_band(self, shown: bool) -> None:
        """Show the band in the place of the verdict, or the verdict again."""
        if not self._screen.is_attached:
            return
        for band in self._screen.query(HoldBand):
            band.display = shown
            self._screen.query_one(VerdictBar).display = not shown

    # -- where to hold

    def choose(self, source: str, line: int | None) -> None:
        """Ask where to hold; `source` is what the server runs, `line` the one under the cursor."""
        choices = hold_choices(self._state.held.points, source, line)
        self._screen.open_above(palette(choices, "Hold where?"))

    def hold(self, word: str) -> None:
        """Hold there too, or no more; `off` lets everything go."""
        points = chosen(self._state.held.points, word)
        self._proxy.ask(Hold(points))
        words = words_of(points)
        self._screen.say(f"hold: {words}, until you switch it off" if words else "hold: off")

    # -- what waits

    def step(self) -> None:
        """Let the next one pass."""
        if (target := self._wanted()) is None:
            return
        if self._editor is not None and target.id == self._editor.number:
            self.send(target.id, None)
        else:
            self._proxy.ask(Decide(target.id, "step"))

    def drop(self) -> None:
        """Drop the next one."""
        if (target := self._wanted()) is not None:
            self._proxy.ask(Decide(target.id, "drop"))

    def let_go(self) -> None:
        """Let everything pass, and hold no more."""
        held = self._state.held
        if held.points or held.waiting:
            self._proxy.ask(Hold(NOTHING))
            self._screen.say("hold: off")
        else:
            self._wanted()

    def _wanted(self) -> Waiting | None:
        """What is decided about; says so if nothing waits."""
        target = self.target
        if target is None:
            on = bool(self._state.held.points)
            self._screen.say("nothing waits now" if on else "nothing is held: H chooses where to hold")
        return target

    # -- the request that is edited

    def edit(self, event: Event | None = None) -> bool:
        """Edit the request that waits: the one of `event`, or the next one. False if it is none."""
        waiting = self.target if event is None else self._waits(event)
        if waiting is None or waiting.head is None:
            return False
        if self._editor is None:
            self._editor = HeadEditor(waiting.id, waiting.head)
            self._screen.add_class("-head")
            self._screen.mount(self._editor, before=self._screen.query_one(VerdictBar))
            self.tell_time()
        self._editor.focus()
        return True

    def send_edited(self) -> None:
        """Send what is in the editor."""
        if self._editor is not None:
            self._editor.action_send()

    def send(self, number: int, head: bytes | None) -> None:
        """Send the request on, with another head or as it was."""
        self._sent = number
        self._proxy.ask(Decide(number, "step") if head is None else EditHead(number, head))
        self._close_editor()

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        self._screen.remove_class("-head")
        had_focus = editor.has_focus
        editor.remove()
        if had_focus:
            self._screen.set_focus(self._timeline)

    # --

    @property
    def _timeline(self) -> TimelineView:
        return self._screen.query_one(TimelineView)

    def _waits(self, event: Event | None) -> Waiting | None:
        """What waits since this event."""
        if event is None or not _is_wait(event):
            return None
        number = event.data.get("id")
        return next((each for each in self._state.held.waiting if each.id == number), None)


def _is_wait(event: Event) -> bool:
    return event.kind in ("wire.held", "asgi.held") and event.data.get("phase") == WAITS
