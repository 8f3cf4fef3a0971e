"""How data looks in the inspector: tables, JSON, bytes, tracebacks. Pure: data in, lines out.

Text from outside is never markup, and always passes through `visible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from wsplay.events.safe_text import visible, visible_lines
from wsplay.tui.kit.styled_lines import StyledLine, StyledText, line_width

#: Containers nested deeper than this are not shown.
_DEEPEST: Final = 24
#: JSON up to this length is on one line.
_INLINE: Final = 56
_NAME_WIDTH: Final = 28
#: Bytes at the right of a hexdump: printable ASCII, and a dot for the rest (`·` in latin-1).
_ASCII: Final = bytes(byte if 0x20 <= byte < 0x7F else 0xB7 for byte in range(256))


class Para(NamedTuple):
    """A line, and its indentation if it must be broken."""

    line: StyledLine
    indent: int = 0


class Pairs(list[tuple[str, Any]]):
    """A JSON object as sent: in order, with duplicate names."""


def facts(pairs: Iterable[tuple[str, Any]]) -> list[Para]:
    """Names and values, one line each; a `StyledLine` as a value keeps its styles, None is shown as `-`."""
    rows = [(name, value) for name, value in pairs]
    width = min(max((len(name) for name, _ in rows), default=0), 16) + 2
    paras: list[Para] = []
    for name, value in rows:
        head: StyledText = (visible(name).ljust(width), "text-soft")
        if isinstance(value, tuple):
            paras.append(Para((head, *value), width))
            continue
        lines = shown(value).split("\n")
        paras.append(Para((head, (lines[0], "text-plain")), width))
        paras.extend(Para(((" " * width, ""), (line, "text-plain")), width) for line in lines[1:])
    return paras


def shown(value: Any) -> str:
    """A single value in plain words, safe to print."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return visible_lines(value) if value else "(empty)"
    if isinstance(value, list | tuple) and all(isinstance(part, str | int) for part in value):
        if len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int:
            return visible(f"{value[0]}:{value[1]}")  # an address
        return visible(", ".join(map(str, value))) if value else "none"
    return visible(_compact(value))


def headers(pairs: Sequence[Any]) -> list[Para]:
    """A table of header fields in their order, duplicates kept."""
    rows = [
        (visible(str(pair[0])), visible(str(pair[1])))
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2
    ]
    width = min(max((len(name) for name, _ in rows), default=0), _NAME_WIDTH) + 2
    return [
        Para(
            (
                (name.ljust(width) if len(name) < width else name + "  ", "accent"),
                (value or "(empty)", "text-plain"),
            ),
            width,
        )
        for name, value in rows
    ]


def is_headers(value: Any) -> bool:
    """Whether `value` is a list of pairs of strings."""
    return isinstance(value, list) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        for pair in value
    )


def text_lines(text: str) -> list[Para]:
    """Text unchanged, line by line."""
    return [Para(((line, "text-plain"),)) for line in visible_lines(text).split("\n")]


def hexdump(data: bytes, width: int) -> list[Para]:
    """Offset, hex and ASCII; 16 bytes per line if `width` has room, else 8, else 4."""
    row = next((count for count in (16, 8) if 6 + 3 * count + 2 + count <= width), 4)
    paras: list[Para] = []
    for start in range(0, len(data), row):
        part = data[start : start + row]
        line = (
            (f"{start:04x}  ", "text-dim"),
            (part.hex(" ").ljust(3 * row), "text-plain"),
            (" " + part.translate(_ASCII).decode("latin-1"), "code-string"),
        )
        paras.append(Para(line))
    return paras


def parse_json(text: str) -> Any:
    """The JSON object or array in `text`, with order and duplicates kept; None if it is not one."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, object_pairs_hook=Pairs)
    except (ValueError, RecursionError):
        return None


def json_lines(value: Any) -> list[Para]:
    """A value as indented JSON, coloured; short values are on one line."""
    paras: list[Para] = []
    _json(value, 0, (), "", paras)
    return paras


def _json(value: Any, depth: int, name: StyledLine, comma: str, paras: list[Para]) -> None:
    indent = "  " * depth
    tail: StyledLine = ((comma, "text-dim"),) if comma else ()
    members: list[tuple[StyledLine, Any]] | None = None
    if isinstance(value, Pairs | Mapping):
        pairs = value if isinstance(value, Pairs) else list(value.items())
        members = [
            (((visible(_quoted(str(key))), "code-function"), (": ", "text-dim")), one) for key, one in pairs
        ]
    elif isinstance(value, list | tuple):
        members = [((), one) for one in value]
    start: StyledLine = ((indent, ""), *name)
    if not members or depth >= _DEEPEST:
        paras.append(Para((*start, *_leaf(value), *tail), len(indent) + 2))
        return
    inline = _inline(value, _INLINE - len(indent))
    if inline is not None:
        paras.append(Para((*start, *inline, *tail), len(indent) + 2))
        return
    opening, closing = ("{", "}") if isinstance(value, Pairs | Mapping) else ("[", "]")
    paras.append(Para((*start, (opening, "text-dim"))))
    for number, (key, one) in enumerate(members, 1):
        _json(one, depth + 1, key, "," if number < len(members) else "", paras)
    paras.append(Para(((indent, ""), (closing, "text-dim"), *tail)))


def _inline(value: Any, room: int) -> StyledLine | None:
    """A list of plain values on one line, or None if it is too long or nested."""
    if isinstance(value, Pairs | Mapping):
        return None
    parts: list[StyledText] = [("[", "text-dim")]
    for number, one in enumerate(value):
        if isinstance(one, Pairs | Mapping | list | tuple):
            return None
        if number:
            parts.append((", ", "text-dim"))
        parts.extend(_leaf(one))
        room -= len(parts[-1][0]) + 2
        if room < 0:
            return None
    return (*parts, ("]", "text-dim"))


def _leaf(value: Any) -> StyledLine:
    if isinstance(value, str):
        return ((visible(_quoted(value)), "code-string"),)
    if value is None or isinstance(value, bool):
        return (({None: "null", True: "true", False: "false"}[value], "code-keyword"),)
    if isinstance(value, int | float):
        huge = isinstance(value, int) and value.bit_length() > 10_000  # Python refuses to print it
        return (("(huge)" if huge else json.dumps(value), "code-number"),)
    return ((visible(_compact(value)), "text-plain"),)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _compact(value: Any) -> str:
    try:
        return json.dumps(_dicts(value), ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return "… (nested too deep to show)"


def _dicts(value: Any) -> Any:
    """`Pairs` as dicts again, which is what `json.dumps` writes as objects."""
    if isinstance(value, Pairs):
        return {key: _dicts(one) for key, one in value}
    if isinstance(value, list):
        return [_dicts(one) for one in value]
    return value


def traceback(frames: Sequence[Mapping[str, Any]], yours: Sequence[Mapping[str, Any]]) -> list[Para]:
    """Frames, outermost first: where, and the line that ran. Those of `yours` have a mark."""
    own = {(frame.get("file"), frame.get("line")) for frame in yours}
    paras: list[Para] = []
    for frame in frames:
        mine = (frame.get("file"), frame.get("line")) in own
        file = str(frame.get("file", "?"))
        where = visible(f"{_short(file)}:{frame.get('line', '?')}")
        line = (
            ("❱ " if mine else "  ", "lit-mark"),
            (where, "text-bright bold" if mine else "text-soft"),
            (f"  {visible(str(frame.get('function', '')))}()", "text-soft"),
        )
        paras.append(Para(line, min(line_width(line), 4)))
        if code := str(frame.get("code") or ""):
            paras.append(Para((("    ", ""), (visible(code), "code-text" if mine else "text-soft")), 6))
    return paras


def _short(file: str) -> str:
    """The last two parts of a path, to tell `starlette/routing.py` from `fastapi/routing.py`."""
    return "/".join(file.replace("\\", "/").split("/")[-2:])
