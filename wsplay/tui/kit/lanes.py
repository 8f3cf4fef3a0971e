"""How each lane and each kind of event looks: a glyph, a word and a colour, never only a colour.

Every glyph here is one cell wide in a terminal and has no emoji form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wsplay.events.event import Direction, Event, Lane

BAD_GLYPH: Final = "✗"
GOOD_GLYPH: Final = "✓"
WARN_GLYPH: Final = "!"
STOPPED_GLYPH: Final = "□"


@dataclass(frozen=True, slots=True)
class LaneLook:
    """The look of a lane: `word` in headings, `glyph` next to it, `colour` the name of a theme colour."""

    lane: Lane
    word: str
    glyph: str
    colour: str
    tells: str  # what is observed there, for tooltips and help


LANES: Final[Mapping[Lane, LaneLook]] = {
    look.lane: look
    for look in (
        LaneLook(Lane.CLIENT, "client", "●", "lane-client", "what a client library reports"),
        LaneLook(Lane.WIRE, "wire", "◆", "lane-wire", "the bytes between client and server"),
        LaneLook(Lane.ASGI, "asgi", "▲", "lane-asgi", "receive() and send() of the app"),
        LaneLook(
            Lane.SERVER, "server", "■", "lane-server", "the server's process: log, prints, stalls, exit"
        ),
    )
}


@dataclass(frozen=True, slots=True)
class KindLook:
    """A kind of event: `word` names it in plain English, `glyph` marks it if it is a point on its lane."""

    word: str
    glyph: str


KINDS: Final[Mapping[str, KindLook]] = {
    "client.connecting": KindLook("connecting", "○"),
    "client.open": KindLook("open", "●"),
    "client.sent": KindLook("sent", "→"),
    "client.received": KindLook("received", "←"),
    "client.closed": KindLook("closed", "○"),
    "client.error": KindLook("error", BAD_GLYPH),
    "client.request": KindLook("HTTP request", "→"),
    "client.response": KindLook("HTTP response", "←"),
    "wire.connected": KindLook("TCP connected", "◆"),
    "wire.request": KindLook("HTTP request", "◆"),
    "wire.response": KindLook("HTTP response", "◆"),
    "wire.frame": KindLook("frame", "◆"),
    "wire.stray": KindLook("stray bytes", "?"),
    "wire.eof": KindLook("end of stream", "◆"),
    "wire.reset": KindLook("TCP reset", BAD_GLYPH),
    "wire.held": KindLook("held on the wire", "‖"),
    "wire.edited": KindLook("request edited", "±"),
    "asgi.scope": KindLook("ASGI scope", "▲"),
    "asgi.receive": KindLook("receive()", "▲"),
    "asgi.send": KindLook("send()", "▲"),
    "asgi.raised": KindLook("the app raised", BAD_GLYPH),
    "asgi.returned": KindLook("the app returned", "△"),
    "asgi.held": KindLook("held at the app", "‖"),
    "server.starting": KindLook("starting", "□"),
    "server.listening": KindLook("listening", "■"),
    "server.loaded": KindLook("scenario loaded", "■"),
    "server.log": KindLook("log", "■"),
    "server.print": KindLook("print", "■"),
    "server.stalled": KindLook("the event loop is blocked", WARN_GLYPH),
    "server.exited": KindLook("exited", BAD_GLYPH),
    "note": KindLook("note", "·"),
}

_BAD_LEVELS: Final = frozenset({"ERROR", "CRITICAL", "FATAL"})


def kind_look(kind: str) -> KindLook:
    """The look of `kind`; an unknown kind keeps its own name."""
    return KINDS.get(kind) or KindLook(kind, "·")


def tone(event: Event) -> str | None:
    """`"bad"` or `"warn"` if the event itself says that something went wrong, otherwise None. This is about
    the single event, not the run: a refusal may be the expected result.
    """
    kind, data = event.kind, event.data
    if kind in ("client.error", "asgi.raised", "wire.reset", "wire.stray"):
        return "bad"
    if kind == "wire.frame":
        return "bad" if data.get("problem") else None
    if kind == "client.closed":
        return None if data.get("clean", True) else "bad"
    if kind == "server.exited":
        return None if data.get("expected") else "bad"
    if kind == "server.stalled":
        return "warn"
    if kind == "server.log":
        level = str(data.get("level", "")).upper()
        return "bad" if level in _BAD_LEVELS else "warn" if level in ("WARNING", "WARN") else None
    if kind == "note":
        why = data.get("why")
        return "bad" if why == "load failed" else "warn" if why == "timeout" else None
    return None


def glyph(event: Event) -> str:
    """The glyph of `event` as a point on its lane; errors have their own."""
    if event.kind == "server.exited" and event.data.get("expected"):
        return STOPPED_GLYPH
    return {"bad": BAD_GLYPH, "warn": WARN_GLYPH}.get(tone(event) or "") or kind_look(event.kind).glyph


def direction_word(direction: Direction | None) -> str:
    """`client → server`, `server → client`, or nothing."""
    if direction is None:
        return ""
    return "client → server" if direction is Direction.C2S else "server → client"
