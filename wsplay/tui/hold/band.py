"""The band that says what waits, for how long, what stands still meanwhile, and what to press."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from wsplay.events.safe_text import visible
from wsplay.protocol.waiting import Waiting
from wsplay.tui.kit.status_line import Piece, StatusLine

#: Marks what waits, here and in the timeline.
MARK = "‖"
#: Width in cells from which there is room for all that stands still.
WIDE = 138
#: What stands still while something waits, and what does not.
STILL = (
    "Stand still: the server's clock, pings, wsplay's time limits.  "
    "Go on: the time of day (a token's exp), other clients' limits, threads."
)
STILL_SHORT = "Our clocks stand still; the time of day, other clients and threads do not."


def time_words(nanoseconds: int) -> str:
    """For how long something waits, in whole seconds: `12 s`, `2 min 05 s`."""
    seconds = max(nanoseconds, 0) // 1_000_000_000
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60:02} s"


@dataclass(frozen=True, slots=True)
class Band:
    """What the band says of `waiting`. `own` is the number of the run's own connection, `more` what else
    waits. While the user types `in_field`, keys do nothing.
    """

    waiting: Waiting
    held_ns: int
    own: int | None = None
    more: int = 0
    editing: bool = False
    in_field: bool = False
    at_timeline: bool = True

    def head(self) -> Content:
        """What waits, and for how long."""
        waiting = self.waiting
        conn = "" if waiting.conn in (None, self.own) else f"#{waiting.conn} "
        source = waiting.source
        where = "" if source is None else f"{visible(source.file)}:{source.line}"
        more = "" if not self.more else f"+{self.more:,} more"
        return Content.assemble(
            (f"{MARK} WAITS {time_words(self.held_ns)}", "bold $warn"),
            "  ",  # on its own: otherwise some SVG viewers drop it
            (f"{conn}{visible(waiting.words)}", "$text-bright"),
            *(("  ", (more, "bold $text-plain")) if more else ()),
            *(("  ", (where, "$text-soft")) if where else ()),
        )

    def pieces(self) -> Sequence[Piece]:
        """What to press."""
        if self.editing:
            return [
                _key("ctrl+s", "send it changed", "hold_send"),
                _key("escape", "send it unchanged", "hold_step"),
            ]
        first = "escape, then " if self.in_field else ""
        pieces = [
            _key(f"{first}.", "step", "hold_step"),
            _key(">", "let all go", "hold_go"),
            _key("X", "drop", "hold_drop"),
        ]
        if self.waiting.editable:
            enter = "enter" if self.at_timeline else "t enter"
            pieces.append(_key(enter, "edit the request", "hold_edit", rank=1))
        pieces.append(_key("H", "where to hold", "choose_hold", rank=2))
        return pieces


def _key(key: str, name: str, action: str, rank: int = 0) -> Piece:
    return Piece(((key, "bold $accent"), (" ", ""), (name, "$text-bright")), action, "", rank)


class HoldBand(Vertical):
    """The band, three lines high. Its words can be clicked."""

    DEFAULT_CSS = """
    HoldBand {
        height: 3;
        padding: 0 1 0 1;
        color: $text-plain;
        background: $warn-ground;
        border-left: outer $warn;
    }
    HoldBand Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; background: $warn-ground; }
    HoldBand StatusLine { background: $warn-ground; }
    """

    def compose(self) -> ComposeResult:
        """What waits, what stands still, and the keys."""
        yield Static(id="hold-what", markup=False)
        yield Static(id="hold-still", markup=False)
        yield StatusLine(id="hold-keys")

    def show(self, band: Band) -> None:
        """Say this. Nothing is drawn that is the same as before."""
        if not self.is_mounted:
            self.call_after_refresh(self.show, band)
            return
        wide = self.app.size.width >= WIDE
        self.query_one("#hold-what", Static).update(band.head())
        self.query_one("#hold-still", Static).update(Content(STILL if wide else STILL_SHORT))
        self.query_one(StatusLine).show(band.pieces())
