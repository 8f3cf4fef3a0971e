"""A timeline as plain text: one line per event, each lane indented further."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from wsplay.events.event import ENDPOINT, RAISED, Direction, Event, Lane
from wsplay.events.safe_text import visible, visible_lines

#: Styles a piece of text: (text, role) -> text. Roles: a lane's name, good, bad, warn, dim, strong.
Paint = Callable[[str, str], str]

#: Hex digits that are shown of bytes.
HEX_SHOWN = 160
_STEP = {Lane.CLIENT: 0, Lane.WIRE: 4, Lane.ASGI: 8, Lane.SERVER: 8}
_ARROWS = {Direction.C2S: "→", Direction.S2C: "←", None: "·"}
_GLYPHS = {
    "client.connecting": "●",
    "client.open": "●",
    "client.closed": "■",
    "client.error": "✗",
    "wire.reset": "✗",
    "wire.held": "‖",
    "wire.edited": "±",
    "asgi.held": "‖",
    "asgi.raised": "✗",
    "asgi.returned": "■",
    "server.stalled": "✗",
    "server.exited": "✗",
    "note": "›",
}
_BY = {RAISED: "raised at ", ENDPOINT: "endpoint at "}
_BAD = {"client.error", "wire.reset", "wire.stray", "asgi.raised", "server.stalled", "server.exited"}


def plain(text: str, role: str) -> str:
    """Paint nothing."""
    return text


def event_text(
    event: Event, start_ns: int, *, paint: Paint = plain, width: int | None = 100, tag: bool = False
) -> str:
    """One event as one line, at most `width` columns wide; with None, nothing is cut. `tag` shows the
    connection's number.
    """
    time = f"{(event.t_ns - start_ns) / 1e6:9.1f} ms"
    number = (f"#{event.conn} " if event.conn is not None else "   ").rjust(4) if tag else ""
    lane = f"{event.lane:<7}"
    glyph = _GLYPHS.get(event.kind) or _ARROWS[event.direction]
    stopped = event.kind == "server.exited" and event.data.get("expected") is True
    if stopped:
        glyph = "■"
    where, short = _where(event)
    room = max((width or 100) - len(time) - len(number) - len(lane) - 4 - _STEP[event.lane], 20)
    if width is not None and where and len(where) + 12 > room:
        where = short
    said = room - 2 - (len(where) + 2 if where else 0)
    summary = visible(event.summary, None if width is None else said)
    role = "bad" if event.kind in _BAD and not stopped else "dim" if event.kind == "note" else str(event.lane)
    line = (
        f"{paint(time, 'dim')}  {paint(number, 'dim')}{paint(lane, str(event.lane))}  "
        + " " * _STEP[event.lane]
        + paint(f"{glyph} {summary}", role)
    )
    if where:
        line += " " * max(said - len(summary), 0) + "  " + paint(where, "dim")
    return line.rstrip()


def _where(event: Event) -> tuple[str, str]:
    """`auth.py:21`, and `:21` where that is too long. A line that did not call says what it did."""
    source = event.source
    if source is None:
        return "", ""
    by = "" if event.kind == "asgi.raised" else _BY.get(source.by, "")
    return visible(f"{by}{source.file}:{source.line}"), "" if by else f":{source.line}"


def event_essentials(event: Event, *, whole: bool = False) -> Iterator[str]:
    """What a reader needs besides an event's line: a refusal in full, an exception with the user's lines.

    Of bytes, only the first are shown, unless `whole` is set.
    """
    data = event.data
    if event.kind == "client.error" and "status" in data:
        yield from headers_text(data.get("headers", ()))
        yield from _payload_lines(data.get("body"), whole)
    elif event.kind == "wire.edited":
        for name, sign in (("before", "-"), ("after", "+")):
            yield from (f"{sign} {line}" for line in _payload_lines(data.get(name), whole) if line)
    elif event.kind == "asgi.raised":
        for frame in data.get("frames", ()):
            where = f"{PurePath(str(frame.get('file'))).name}:{frame.get('line')} in {frame.get('function')}"
            yield visible(f"{where}: {str(frame.get('code') or '').strip()}")
        yield visible(f"{data.get('type')}: {data.get('message')}")


def event_details(event: Event, *, whole: bool = False) -> Iterator[str]:
    """What does not fit on one line: heads, bodies, payloads, the traceback. Lines are safe to print.

    Of bytes, only the first are shown, unless `whole` is set.
    """
    data = event.data
    if event.kind in ("wire.request", "wire.response"):
        yield from headers_text(data.get("headers", ()))
        yield from _payload_lines(data.get("body"), whole)
    elif event.kind == "wire.edited" or (event.kind == "client.error" and "status" in data):
        yield from event_essentials(event, whole=whole)
    elif event.kind == "wire.frame":
        bits = " ".join(
            name for name in ("fin", "rsv1", "rsv2", "rsv3", "masked", "compressed") if data.get(name)
        )
        yield f"{visible(str(data.get('name')))} · {bits or 'no flags'} · {data.get('length')} B"
        if data.get("problem"):
            yield visible(str(data["problem"]))
    elif event.kind == "wire.stray":
        yield from _payload_lines(data.get("payload"), whole)
    elif event.kind in ("asgi.receive", "asgi.send") and event.source is not None:
        for place in event.source.chain[:-1]:
            yield visible(f"from {place.file}:{place.line} in {place.function}()")
    elif event.kind == "asgi.raised":
        yield from visible_lines(str(data.get("traceback", "")).rstrip("\n")).split("\n")


def _payload_lines(payload: Mapping[str, Any] | None, whole: bool) -> Iterator[str]:
    if not payload:
        return
    text = payload.get("text")
    if text is not None:
        yield from visible_lines(text).split("\n") if text else ()
    elif payload.get("hex"):
        shown = payload["hex"] if whole else payload["hex"][:HEX_SHOWN]
        yield f"{payload['size']} B: {shown}{'' if len(shown) == len(payload['hex']) else '…'}"
    if payload.get("truncated"):
        yield f"(cut; {payload['size']} B total)"


def headers_text(headers: Sequence[Sequence[str]]) -> list[str]:
    """A header list as lines, in the order it was sent."""
    return [f"{visible(name)}: {visible(value)}" for name, value in headers]
