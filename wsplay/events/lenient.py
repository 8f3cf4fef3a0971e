"""Event data, read with care: it comes from the wire, from apps, and from other versions of this program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Received:
    """A message that the client received: text, or bytes as `hex`. `size` counts all its bytes."""

    text: str | None
    hex: str | None = None
    size: int = 0
    truncated: bool = False

    def to_json(self) -> str | dict[str, Any]:
        """Text as it is, `{"hex", "size"}` for bytes, `{"text", "size", "truncated"}` for capped text."""
        if self.text is not None and not self.truncated:
            return self.text
        kind: dict[str, Any] = {"hex": self.hex or ""} if self.text is None else {"text": self.text}
        return kind | {"size": self.size} | ({"truncated": True} if self.truncated else {})


def number(data: Mapping[str, Any], key: str, top: int = 65_535) -> int | None:
    """`data[key]` if it is a whole number from 0 to `top`."""
    value = data.get(key)
    return value if type(value) is int and 0 <= value <= top else None


def text(data: Mapping[str, Any], key: str) -> str:
    """`data[key]` if it is a string, otherwise empty."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """`data[key]` if it is a table, otherwise an empty one."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def pairs(data: Mapping[str, Any], key: str = "headers") -> _Pairs:
    """`data[key]` as pairs of strings; other items are left out."""
    value = data.get(key)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(
        (pair[0], pair[1])
        for pair in value
        if isinstance(pair, list | tuple)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], str)
    )


def strings(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The strings of the list `data[key]`."""
    value = data.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def header(headers: _Pairs, name: str) -> str | None:
    """The value of the header called `name`, several joined by commas (RFC 9110 section 5.3)."""
    values = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(values) if values else None


def payload(data: Mapping[str, Any]) -> Received:
    """A payload as `payload_data` made it."""
    size = number(data, "size", 2**63)
    return Received(
        text=data["text"] if isinstance(data.get("text"), str) else None,
        hex=text(data, "hex"),
        size=size or 0,
        truncated=data.get("truncated") is True,
    )


def decoded(part: Received) -> bytes:
    """The bytes of a payload that were kept."""
    if part.text is not None:
        return part.text.encode("utf-8", "surrogatepass")
    try:
        return bytes.fromhex(part.hex or "")
    except ValueError:
        return b""
