"""An event in full, in sections. Pure: an event in, sections out; a section is built when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wsplay.events.event import CALL, ENDPOINT, RAISED, Direction, Event, Place
from wsplay.events.safe_text import visible
from wsplay.protocol.close_code import meaning
from wsplay.protocol.token import read
from wsplay.tui.inspector import parts
from wsplay.tui.inspector.parts import Para
from wsplay.tui.kit.lanes import BAD_GLYPH, LANES, direction_word, glyph, kind_look, tone
from wsplay.tui.kit.styled_lines import StyledLine


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an event. `key` names it for folding, `note` follows the title, `build` makes its lines."""

    key: str
    title: str
    note: str
    build: Callable[[], list[Para]]
    folded: bool = False


def head(event: Event, start_ns: int) -> list[Para]:
    """What it is, when and where: the lines at the top."""
    look = LANES[event.lane]
    wrong = tone(event)
    title: StyledLine = (
        (f"{glyph(event)} {look.word}  ", f"{wrong or look.colour} bold"),
        (visible(event.summary), "text-bright bold"),
    )
    way = direction_word(event.direction)
    what = kind_look(event.kind).word + (f", {way}" if way else "")
    rows: list[tuple[str, Any]] = [
        ("what", what),
        ("when", f"{(event.t_ns - start_ns) / 1e6:,.3f} ms after the run began"),
        ("event", f"{event.seq:,}" + (f" on connection {event.conn}" if event.conn is not None else "")),
    ]
    if (source := event.source) is not None:
        rows.append((_SOURCE_LABELS[source.by], _place(source, "lit-mark bold")))
        rows += [("called from", _place(place, "text-plain")) for place in reversed(source.chain[:-1])]
    return [Para(title, 4), *parts.facts(rows)]


_SOURCE_LABELS: Final = {CALL: "line", RAISED: "raised at", ENDPOINT: "endpoint at"}


def _place(place: Place, style: str) -> StyledLine:
    where = visible(f"{place.file}:{place.line}")
    return ((where, style), (f" in {visible(place.function)}()", "text-plain"))


def sections(event: Event, start_ns: int, *, width: int, now: int, all_frames: bool = False) -> list[Section]:
    """The sections of `event`, for lines of `width` cells.

    `now` is the time in seconds for a token's expiry; `all_frames` includes the library's frames of a
    traceback.
    """
    data = dict(event.data)
    first = [*_close(event.kind, data), *_exception(data, all_frames), *_frame(event, data)]
    later = [*_heads(data), *_messages(data, width), *_headers(data, now), *_payloads(data, width)]
    rest = {name: value for name, value in data.items() if value not in (None, "", [], {})}
    if rest:
        first.append(Section("fields", "Fields", "", lambda: _fields(rest)))
    raw = Section("raw", "Raw event", "J", lambda: parts.json_lines(event.to_json(start_ns)), folded=True)
    return [*first, *later, raw]


def _fields(rest: Mapping[str, Any]) -> list[Para]:
    plain = {name: value for name, value in rest.items() if not isinstance(value, dict)}
    paras = parts.facts(_named(name, value) for name, value in plain.items())
    for name, value in rest.items():
        if isinstance(value, dict):
            paras.append(Para(((visible(name), "text-soft"),)))
            paras.extend(parts.json_lines(value))
    return paras


#: Fields whose name contains a unit: their label, and the unit.
_UNITS: Final = {
    "raw_size": ("size", "bytes"),
    "ms": ("took", "ms"),
    "quiet_ms": ("idle for", "ms"),
    "latency_ms": ("latency", "ms"),
    "seconds": ("for", "s"),
    "open_timeout": ("open timeout", "s"),
}


def _named(name: str, value: Any) -> tuple[str, Any]:
    """A field's name in words, and its value with its unit."""
    words, unit = _UNITS.get(name, (name.replace("_", " "), ""))
    if unit and isinstance(value, int | float):
        value = f"{value:,} {unit}"
    return words, value


def _close(kind: str, data: dict[str, Any]) -> Iterator[Section]:
    """Close code and reason of a frame, of the client's close, or of the connection's end."""
    if "code" not in data:
        return
    code, reason = data.pop("code"), data.pop("reason", None)
    rows: list[tuple[str, Any]] = [("code", close_code(code)), ("reason", reason)]
    if kind == "client.closed":
        rows += [("closed by", data.pop("by", None)), ("clean", data.pop("clean", None))]
        for name in ("received", "sent"):
            frame = data.pop(name, None)
            if isinstance(frame, dict):
                told = visible(f"{frame.get('code')} {frame.get('reason') or ''}".strip())
                rows.append((f"frame {name}", told))
            else:
                rows.append((f"frame {name}", "none"))
    yield Section("close", "Close", "", lambda: parts.facts(rows))


def close_code(code: Any) -> str:
    """A close code with its name."""
    return f"{code}  {meaning(code)}" if isinstance(code, int) else "none"


def _exception(data: dict[str, Any], all_frames: bool) -> Iterator[Section]:
    """An exception, named in full, and its traceback: the user's frames, or all."""
    inner = data.pop("exception", None)
    kind, message = data.get("type"), data.get("message")
    if isinstance(inner, dict):
        kind, message = inner.get("type"), inner.get("message")
    elif "." in str(kind) and message is not None:
        del data["type"], data["message"]
    else:
        kind = None
    if kind is not None:
        title = Para((("✗ ", "bad"), (visible(str(kind)), "bad bold")), 2)
        lines = [title, *parts.text_lines(str(message))]
        yield Section("exception", "Exception", "", lambda: lines)
    yours, every = _frames(data.pop("frames", None)), _frames(data.pop("rest", None))
    data.pop("traceback", None)
    every = every or yours
    if every:
        frames = every if all_frames or not yours else yours
        other = len(every) - len(yours)
        note = f"all {len(frames)} frames"
        if frames is yours and other:
            note = f"your frames; a shows {other} more"
        elif other and yours:
            note += "; a shows only yours"
        yield Section("traceback", "Traceback", note, lambda: parts.traceback(frames, yours))


def _frames(value: Any) -> list[dict[str, Any]]:
    return [frame for frame in value if isinstance(frame, dict)] if isinstance(value, list) else []


def _frame(event: Event, data: dict[str, Any]) -> Iterator[Section]:
    """The head of a WebSocket frame (RFC 6455 section 5.2)."""
    if event.kind != "wire.frame":
        return
    take = data.pop
    problem, opcode = take("problem", None), take("opcode", None)
    name, fin, masked = take("name", ""), take("fin", None), take("masked", None)
    rsv = [bool(take(f"rsv{number}", False)) for number in (1, 2, 3)]
    compressed, length, inflated = take("compressed", False), take("length", None), take("inflated", None)
    size = f"{length:,} bytes" if isinstance(length, int) else "-"
    if isinstance(inflated, int):
        size += f" on the wire, {inflated:,} inflated"
    bits = " ".join("1" if bit else "0" for bit in rsv) + ("  compressed (RSV1)" if compressed else "")
    rows: list[tuple[str, Any]] = []
    if problem:
        rows.append(("problem", ((f"{BAD_GLYPH} {visible(str(problem))}", "bad bold"),)))
    rows += [
        ("fin", "1  the message ends here" if fin else "0  more of the message follows"),
        ("rsv", bits),
        ("opcode", f"0x{opcode:x}  {visible(str(name))}" if isinstance(opcode, int) else visible(str(name))),
        ("masked", _masked(bool(masked), event.direction)),
        ("length", size),
    ]
    yield Section("frame", "Frame", "RFC 6455 5.2", lambda: parts.facts(rows))


def _masked(masked: bool, direction: Direction | None) -> str:
    """Clients mask, servers do not (RFC 6455 section 5.1)."""
    if direction is Direction.C2S:
        return "1  as a client must" if masked else "0  but a client must mask"
    return "1  but a server must not mask" if masked else "0  a server must not mask"


def _messages(data: dict[str, Any], width: int) -> Iterator[Section]:
    """An ASGI message or scope; its headers and payload are separate from the rest."""
    for key, title in (("scope", "Scope"), ("message", "Message")):
        value = data.get(key)
        if not isinstance(value, dict):
            continue
        del data[key]
        rest = dict(value)
        pairs = rest.get("headers")
        if pairs and parts.is_headers(pairs):
            data.setdefault("headers", rest.pop("headers"))
        yield Section(key, title, "ASGI", lambda rest=rest: parts.json_lines(rest))  # type: ignore[misc]
        if isinstance(value.get("text"), str):
            yield from _payload("Text", {"text": value["text"]}, width)
        elif isinstance(value.get("bytes"), dict):
            yield from _payload("Bytes", value["bytes"], width)
    data.pop("truncated", None)


def _headers(data: dict[str, Any], now: int) -> Iterator[Section]:
    pairs = data.get("headers")
    if not parts.is_headers(pairs):
        return
    del data["headers"]
    if not pairs:
        return
    yield Section("headers", "Headers", f"{len(pairs)}", lambda: parts.headers(pairs))
    for name, value in pairs:
        if name.lower() == "authorization" and value.count(".") == 2:
            yield Section("token", "Token", "in Authorization", lambda value=value: _token(value, now))  # type: ignore[misc]


def _token(value: str, now: int) -> list[Para]:
    """A JWT's content; its signature is not checked here."""
    reading = read(value, now=now)
    paras: list[Para] = []
    for name, part in (("header", reading.header), ("claims", reading.claims)):
        if part is not None:
            paras.append(Para(((name, "text-soft"),)))
            paras.extend(parts.json_lines(part))
    paras.extend(Para(((f"{BAD_GLYPH} {visible(line)}", "bad"),), 2) for line in reading.problems)
    paras.extend(Para(((f"· {visible(line)}", "text-soft"),), 2) for line in reading.notes)
    if reading.verified is None:
        paras.append(Para((("· the signature is not checked here", "text-soft"),), 2))
    return paras


def _heads(data: dict[str, Any]) -> Iterator[Section]:
    """The head that waits; or what it was before it was edited, and after, each line as it was sent."""
    if isinstance(data.get("head"), str):
        waits = data.pop("head")
        yield Section("head", "Head", f"{len(waits):,} B", lambda: _head_lines(waits))
    for key, title in (("before", "Before the edit"), ("after", "After the edit")):
        payload = data.get(key)
        if not isinstance(payload, dict) or not ({"text", "hex"} & payload.keys()):
            continue
        del data[key]
        text = payload.get("text")
        if not isinstance(text, str):
            text = bytes.fromhex(str(payload["hex"])).decode("latin-1")
        note = f"{payload.get('size', len(text)):,} B"
        yield Section(key, title, note, lambda text=text: _head_lines(text))  # type: ignore[misc]


def _head_lines(text: str) -> list[Para]:
    """A line for each that ends with CR LF; other line ends are shown."""
    lines = text.removesuffix("\r\n\r\n").split("\r\n")
    return [Para(((visible(line), "text-plain"),)) for line in lines]


def _payloads(data: dict[str, Any], width: int) -> Iterator[Section]:
    if "text" in data or "hex" in data:
        names = ("size", "text", "hex", "truncated")
        own: dict[str, Any] = {name: data.pop(name) for name in names if name in data}
        yield from _payload("Payload" if "size" in own else "Text", own, width)
    for key, title in (("payload", "Payload"), ("body", "Body")):
        if isinstance(data.get(key), dict):
            yield from _payload(title, data.pop(key), width)


def _payload(title: str, payload: Mapping[str, Any], width: int) -> Iterator[Section]:
    """A payload as JSON if it is JSON, as text if it is text, and as bytes."""
    text, raw = payload.get("text"), b""
    if isinstance(text, str):
        raw = text.encode("utf-8", "surrogatepass")
    else:
        text = None
        try:
            raw = bytes.fromhex(str(payload.get("hex", "")))
        except ValueError:
            text = str(payload.get("hex"))
    size = payload.get("size", len(raw))
    size = size if isinstance(size, int) else len(raw)
    note = f"{size:,} B" + (f", the first {len(raw):,} kept" if len(raw) < size else "")
    if not raw and text is None:
        yield Section("payload", title, note, lambda: [Para((("(empty)", "text-soft"),))])
        return
    if text is not None:
        value = parts.parse_json(text)
        if value is not None:
            yield Section("json", f"{title} as JSON", "", lambda: parts.json_lines(value))
        yield Section("payload", title, note, lambda: parts.text_lines(text))
        note = "h"
    if raw:
        yield Section("bytes", f"{title} in hex", note, lambda: parts.hexdump(raw, width))
