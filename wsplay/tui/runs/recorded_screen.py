"""A kept run in the panes it was shown in live, marked RECORDED: whole, played, or step by step.

It has no server and no connection: what is observed meanwhile belongs to the main screen.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.timer import Timer

from wsplay.events.timeline import Timeline
from wsplay.export.run_file import EVENT_LIMIT, FILE_LIMIT, recorded_at
from wsplay.tui.kit.keys import bind, keys_of
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.status_line import Piece, heading, piece
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.wording import count_of
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.runs.asking import ask_to_save
from wsplay.tui.runs.kept_run import KeptRun
from wsplay.tui.runs.playback import Playback, Speed
from wsplay.tui.runs.rows import RECORDED, about, verdict_of
from wsplay.tui.timeline.view import TimelineView

#: Seconds between two draws while it is played, at least.
FRAME = 1 / 30
KEY_ORDER: tuple[str, ...] = (
    "recorded.play",
    "recorded.next",
    "recorded.previous",
    "...",
    "recorded.faster",
    "recorded.all",
    "run.back",
    "app.palette",
    "run.help",
    "app.quit",
)


class RecordedScreen(RunScreen):
    """The run. At first all of it is there."""

    CSS_PATH = "../run/run.tcss"
    KEY_ORDER = KEY_ORDER
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("space", "play", "play", "recorded.play", "Play the recording, or pause it", show=True),
        bind(
            "full_stop",
            "step_event(1)",
            "next event",
            "recorded.next",
            "One event further; after the last one, the first",
            show=True,
            shown_as=".",
        ),
        bind(
            "comma",
            "step_event(-1)",
            "event before",
            "recorded.previous",
            "One event back",
            show=True,
            shown_as=",",
        ),
        bind(
            "greater_than_sign",
            "speed('fast')",
            "fast",
            "recorded.faster",
            "Play fast: pauses last a tenth of a second at most",
            show=True,
            shown_as=">",
        ),
        bind(
            "less_than_sign",
            "speed('real time')",
            "real time",
            "recorded.slower",
            "Play in real time",
            show=True,
            shown_as="<",
        ),
        bind("w", "show_all", "whole run", "recorded.all", "Show all events", show=True),
        bind("ctrl+s", "save", "save", "recorded.save", "Save the run as a run file"),
        bind("ctrl+r", "connect", "connect", "recorded.connect", "Go back to the main screen and connect"),
    ]

    def __init__(self, kept: KeptRun) -> None:
        super().__init__(kept.name, _KeptCode(*kept.source), [kept.timeline], verdict_of(kept))
        self.kept = kept
        self._events = kept.timeline[:]
        start = kept.timeline.start_ns
        self.playback = Playback([(event.t_ns - start) / 1e9 for event in self._events])
        self._key_of = keys_of(self)
        self._drawn = self.playback.count  # events on show
        self._partial: Timeline | None = None  # these; None if all are
        self._timer: Timer | None = None

    # -- what is drawn

    @property
    def status(self) -> tuple[list[Piece], list[Piece]]:
        """The run's name, and how far it is played."""
        play = self.playback
        left = heading(RECORDED, self.kept.name)
        left[1] = piece(RECORDED, "bold $warn")
        right = [piece(f"{play.shown:,} of {count_of(play.count, 'event')}", "$text-plain", rank=1)]
        if play.playing:
            right.append(piece(f"playing, {play.speed}", "bold $warn"))
        elif not play.ended:
            right.append(piece("paused", "bold $text-bright"))
        return left, right

    @property
    def verdict(self) -> Verdict:
        """What the run came to; before its end, that it has not ended."""
        play = self.playback
        if play.ended:
            return replace(self._verdict, text=f"{self._verdict.text} {about(self.kept)}".strip())
        how = "playing" if play.playing else "paused"
        keys = [self._key_of(f"recorded.{name}") for name in ("play", "next", "previous", "all")]
        what = "The outcome is shown after the last event. {} plays, {} and {} step, {} shows all.".format(
            *keys
        )
        return Verdict("info", RECORDED, f"{how}, {play.shown:,} of {count_of(play.count, 'event')}. {what}")

    @property
    def timeline_title(self) -> str:
        """That it is a recording, and when it was made."""
        return f"Timeline  {RECORDED} {recorded_at(self.kept.header)}"

    def _draw_events(self) -> None:
        """Show the events that have happened: further ones are added, others need a new timeline."""
        shown, view = self.playback.shown, self.query_one(TimelineView)
        if shown != self._drawn:
            if self._partial is None or shown < self._drawn:
                self._partial, self._drawn = self._new_timeline(), 0
                view.show_timeline(self._partial)
                view.following = True
            for event in self._events[self._drawn : shown]:
                self._partial.add(event)
            self._drawn = shown
            view.refresh_rows()
            view.following = True
        self.draw()

    def _new_timeline(self) -> Timeline:
        return Timeline(self.kept.timeline.start_ns, max_events=EVENT_LIMIT, max_payload=2 * FILE_LIMIT)

    # -- playing

    def _play_on(self) -> None:
        """Show what has happened until now, and come back when more does."""
        self._timer = None
        if not self.stays_open:
            return
        now = monotonic()
        self.playback.tick(now)
        self._draw_events()
        wait = self.playback.wait(now)
        if wait is not None:
            self._timer = self.set_timer(max(wait, FRAME), self._play_on)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def action_play(self) -> None:
        """Play, or pause."""
        self._stop_timer()
        if self.playback.playing:
            self.playback.pause(monotonic())
        else:
            self.playback.play(monotonic())
        self._play_on()

    def action_step_event(self, by: int) -> None:
        """Show one event more, or one less."""
        self._stop_timer()
        self.playback.step(by)
        self._draw_events()

    def action_show_all(self) -> None:
        """Show all events."""
        self._stop_timer()
        self.playback.show_all()
        self._draw_events()

    def action_speed(self, speed: str) -> None:
        """Play fast, or in real time; a recording that stands still begins to play."""
        self._stop_timer()
        now = monotonic()
        self.playback.set_speed(Speed(speed), now)
        self.playback.play(now)
        self._play_on()

    # -- other things

    def action_save(self) -> None:
        """Save the run."""
        ask_to_save(self, self.kept)

    def action_connect(self) -> None:
        """Leave the recording, and connect."""
        self._stop_timer()
        self.post_message(OpenScreen(self, "connect"))


class _KeptCode(NamedTuple):
    """The code as the run kept it."""

    filename: str
    source: str

    @property
    def file(self) -> str:
        return self.filename
