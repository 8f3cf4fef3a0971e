"""How one event is drawn as a row of the sequence diagram. Pure: an event and columns in, a line out.

A message is an arrow between two lifelines; a local event is a point on one. Client and server
speak over the wire, so a wire event is an arrow between client and wire, and an ASGI message one between wire
and server. What TCP itself does (connect, end of stream, reset) is dashed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from wsplay.events.event import ENDPOINT, Direction, Event, Lane
from wsplay.events.safe_text import visible
from wsplay.protocol.hold_points import DROPPED, WAITS
from wsplay.tui.kit.lanes import BAD_GLYPH, LANES, glyph, tone
from wsplay.tui.kit.styled_lines import StyledLine, StyledText, fit, join_cells

#: From this width on, the lifelines are apart and each label is next to its arrow; below it, they are close
#: together and every label is to the right.
WIDE: Final = 96
_CONN_COLOURS: Final = 6
_HELD: Final = frozenset({"wire.held", "asgi.held"})
_DASHED: Final = frozenset({"wire.connected", "wire.eof", "wire.reset"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The positions of the columns, in cells from the left; None if there is no such column."""

    width: int
    wide: bool
    tag: int | None
    client: int
    wire: int
    server: int
    label: int  # where labels start when the lifelines are close together
    line: int | None  # the last cell of the line numbers
    end: int  # where labels must end


class _Cells:
    """A row being drawn: a character of one cell, and its style, for each column."""

    def __init__(self, width: int) -> None:
        self._characters = [" "] * width
        self._styles = [""] * width

    def put(self, x: int, text: str, style: str, until: int | None = None) -> None:
        """Write `text` from column `x` on, up to column `until` at most."""
        room = (len(self._styles) if until is None else until) - x
        text = text[: max(room, 0)]
        self._characters[x : x + len(text)] = text
        self._styles[x : x + len(text)] = [style] * len(text)

    def line(self, start: int = 0, end: int | None = None) -> StyledLine:
        """The columns from `start` up to `end`."""
        return tuple(join_cells(self._characters[start:end], self._styles[start:end]))


def columns(width: int, *, tagged: bool = False) -> Columns:
    """The columns for a row of `width` cells; `tagged` if the connections are numbered."""
    client = 12 + (4 if tagged else 0)
    tag = 11 if tagged else None
    line: int | None
    if width >= WIDE:
        line, end = width - 2, width - 8
        span = end - client
        return Columns(
            width, True, tag, client, client + span * 22 // 100, client + span * 57 // 100, 0, line, end
        )
    gap = 8 if width >= 64 else 4
    line = width - 2 if width >= 56 else None
    end = width - 1 if line is None else line - 5
    server = client + 2 * gap
    return Columns(
        width, False, tag, client, client + gap, server, server + (3 if gap == 8 else 2), line, end
    )


def clock(nanoseconds: int) -> str:
    """A time since the run's start in at most 9 cells: `1.3 ms`, `12.345 s`, `61m02.5s`."""
    if abs(nanoseconds) < 10_000_000_000:
        return f"{nanoseconds / 1e6:.1f} ms"
    if abs(nanoseconds) < 1000_000_000_000:
        return f"{nanoseconds / 1e9:.3f} s"
    tenths = nanoseconds // 100_000_000
    return f"{tenths // 600}m{tenths % 600 // 10:02d}.{tenths % 10}s"


def conn_style(conn: int) -> str:
    """The style of connection `conn` (from 1)."""
    return f"conn-{(conn - 1) % _CONN_COLOURS + 1}"


def header(cols: Columns) -> StyledLine:
    """The headings, each with the glyph and colour of its lane."""
    cells = _Cells(cols.width)
    put = cells.put
    soft = "text-soft bold"
    put(6, "time", soft, cols.width)
    if cols.tag is not None:
        put(cols.tag, "conn" if cols.wide else "#", soft, cols.client)
    client, wire, asgi, server = (LANES[lane] for lane in Lane)
    glyphs = cols.wide or cols.wire - cols.client < 7
    for x, look, until in (
        (cols.client, client, cols.wire),
        (cols.wire, wire, cols.server),
        (cols.server, asgi, cols.end),
    ):
        word = "server (ASGI)" if look is asgi and cols.wide else "server" if look is asgi else look.word
        if glyphs:
            put(x, look.glyph, look.colour, until)
            if cols.wide:
                put(x + 2, word, soft, until)
        else:
            put(x, word, f"{look.colour} bold", until if look is not asgi else x + 7)
    if cols.wide:
        put(cols.server + 18, server.glyph, server.colour, cols.end)
        put(cols.server + 20, "process", soft, cols.end)
    else:
        put(cols.label + (5 if not glyphs else 1), "event", soft, cols.end)
    if cols.line is not None:
        put(cols.line - 3, "line", soft, cols.width)
    return cells.line()


def row(
    event: Event,
    cols: Columns,
    start_ns: int,
    *,
    marker: str = " ",
    cursor: bool = False,
    search: Sequence[str] = (),
    waits: str = "",
) -> StyledLine:
    """`event` as a line of exactly `cols.width` cells.

    `marker` is the cell at the left edge, `cursor` brightens dim text, and the texts in `search` are
    highlighted in the label. `waits` says that what the event is about waits, and for how long.
    """
    cells = _Cells(cols.width)
    put = cells.put
    dim = "text-plain" if cursor else "text-dim"
    bad = tone(event)
    colour = LANES[event.lane].colour

    put(0, marker, "accent bold")
    put(1, clock(event.t_ns - start_ns).rjust(9), dim)
    if cols.tag is not None and event.conn is not None:
        put(cols.tag, f"#{event.conn}"[:4], f"{conn_style(event.conn)} bold")
    for x in (cols.client, cols.wire, cols.server):
        put(x, "│", "edge")

    ends = _crossing(event, cols)
    if ends is None:
        beside = {Lane.CLIENT: cols.client, Lane.WIRE: cols.wire}.get(event.lane, cols.server)
        put(beside, glyph(event), bad or colour)
    else:
        left, right = ends
        rule = "╌" if event.kind in _DASHED else "─"
        put(left + 1, rule * (right - left - 1), colour)
        if event.kind in _HELD:
            _put_held(cells, event, left, right, "warn bold" if waits else colour, colour)
        elif event.direction is Direction.C2S:
            put(left, "├", colour)
            put(right - 1, BAD_GLYPH if event.kind == "wire.reset" else "►", bad or colour)
            put(right, "│", colour)
        else:
            put(left, "│", colour)
            put(left + 1, BAD_GLYPH if event.kind == "wire.reset" else "◄", bad or colour)
            put(right, "┤", colour)
        beside = right

    if cols.line is not None and event.source is not None and event.source.by != ENDPOINT:
        number = str(event.source.line)[-5:]
        put(cols.line - len(number) + 1, number, "text-bright bold" if cursor else "text-plain")

    x = beside + 2 if cols.wide else cols.label
    room = cols.end - x
    text = visible(_summary(event, waits), 4 * max(room, 1))
    if bad and ends is not None:
        text = f"{BAD_GLYPH} {text}"
    text = fit(text, room)
    if not text:
        return cells.line()
    style = f"{bad or colour} bold" if cursor else bad or colour
    if waits:
        style = "warn bold"
    after = min(x + cell_len(text) + 1, cols.end)
    return (
        *cells.line(0, x),
        *_highlighted(text, style, search),
        (" " * (after - x - cell_len(text)), ""),
        *cells.line(after),
    )


def _put_held(cells: _Cells, event: Event, left: int, right: int, mark: str, colour: str) -> None:
    """An arrow that does not reach the other side; or the end of the wait, a point."""
    phase, middle = event.data.get("phase"), (left + right) // 2
    cells.put(left + 1, " " * (right - left - 1), "")
    if phase == WAITS and event.direction is Direction.C2S:
        cells.put(left, "├" + "─" * (middle - left - 1), colour)
    elif phase == WAITS:
        cells.put(middle + 1, "─" * (right - middle - 1) + "┤", colour)
    cells.put(middle, BAD_GLYPH if phase == DROPPED else glyph(event), mark)


def _summary(event: Event, waits: str) -> str:
    """What the row says; of what waits no more, that it was held."""
    if event.kind not in _HELD or event.data.get("phase") != WAITS:
        return event.summary
    about = event.data.get("about", "")
    return f"{waits}  {about}" if waits else f"held: {about}"


def _highlighted(text: str, style: str, search: Sequence[str]) -> StyledLine:
    """`text` with every occurrence of the texts in `search` (ignoring case) highlighted."""
    if not search:
        return ((text, style),)
    parts: list[StyledText] = []
    done = 0
    for found in re.finditer("|".join(map(re.escape, search)), text, re.IGNORECASE):
        parts.append((text[done : found.start()], style))
        parts.append((found.group(), "text-match bold on match-ground"))
        done = found.end()
    return (*parts, (text[done:], style))


def dropped_row(dropped: int, cols: Columns) -> StyledLine:
    """The line above the oldest row."""
    text = fit(f"⋮ {dropped:,} older events dropped", cols.width - 2)
    return ((" ", ""), (text, "warn"))


def _crossing(event: Event, cols: Columns) -> tuple[int, int] | None:
    """The lifelines an arrow runs between, or None for a point."""
    if event.direction is None:
        return None
    if event.lane is Lane.WIRE:
        return cols.client, cols.wire
    if event.lane is Lane.ASGI:
        return cols.wire, cols.server
    return None
