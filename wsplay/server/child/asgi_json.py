"""ASGI scopes and messages as data for JSON.

Plain data is shown by value. Of any other object that an app or server puts there, only the type is shown:
looking at its value would run its code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from wsplay.events.payload import PAYLOAD_CAP

#: JSON readers other than Python's take no larger numbers.
_LARGEST = 2**63
_quoted = json.encoder.encode_basestring_ascii
_MAX_DEPTH = 8
_MAX_ITEMS = 1_000
#: Keys whose bytes are latin-1 text according to the specification, shown as text and not as hex.
_TEXTUAL = frozenset(("headers", "query_string", "raw_path", "root_path", "reason"))


def scope_data(scope: Mapping[str, Any]) -> dict[str, Any]:
    """`{"scope": {...}}`: bytes as latin-1 text, the types of the values in `state`."""
    fields: dict[str, Any] = {}
    for key, value in scope.items():
        if key == "state" and isinstance(value, Mapping):
            fields[key] = {str(name): _type(part) for name, part in list(value.items())[:_MAX_ITEMS]}
        else:
            fields[str(key)] = _plain(value, text=True)
    return {"scope": fields}


def message_data(message: Any) -> dict[str, Any]:
    """`{"message": {...}}`: bytes as `{"hex", "size"}`, headers as latin-1 pairs.

    Text and bytes are cut to `PAYLOAD_CAP`; then "truncated": true and the full "size" in bytes are added.
    """
    if not isinstance(message, Mapping):
        return {"message": {"type": None}, "not_a_dict": _type(message)}
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"message": fields}
    for key, value in message.items():
        if isinstance(value, str) and len(value) > PAYLOAD_CAP:
            fields[str(key)] = value[:PAYLOAD_CAP]
            data["truncated"] = True
            data["size"] = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            continue
        fields[str(key)] = _plain(value, text=key in _TEXTUAL)
        if isinstance(value, bytes | bytearray | memoryview) and len(value) > PAYLOAD_CAP:
            data["truncated"] = True
            data["size"] = len(value)
    return data


def message_json(message: Any) -> dict[str, Any] | str:
    """The same as JSON text, written directly for plain messages, which come by the thousand."""
    if type(message) is not dict:
        return message_data(message)
    parts = []
    for key, value in message.items():
        if type(key) is not str:
            return message_data(message)
        kind = type(value)
        if kind is str and len(value) <= PAYLOAD_CAP:
            parts.append(f"{_quoted(key)}:{_quoted(value)}")
        elif value is None:
            parts.append(f"{_quoted(key)}:null")
        elif kind is int and -_LARGEST <= value < _LARGEST:
            parts.append(f"{_quoted(key)}:{value}")
        elif kind is bytes and len(value) <= PAYLOAD_CAP and key not in _TEXTUAL:
            parts.append(f'{_quoted(key)}:{{"hex":"{value.hex()}","size":{len(value)}}}')
        else:
            return message_data(message)
    return f'{{"message":{{{",".join(parts)}}}}}'


def _plain(value: Any, *, text: bool, depth: int = 0) -> Any:
    if value is None or type(value) in (str, bool):
        return value
    if isinstance(value, int):
        return int(value) if -_LARGEST <= value < _LARGEST else f"<int of {int(value).bit_length()} bits>"
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, bytes | bytearray | memoryview):
        kept = bytes(value[:PAYLOAD_CAP])
        return kept.decode("latin-1") if text else {"hex": kept.hex(), "size": len(value)}
    if depth >= _MAX_DEPTH:
        return _type(value)
    if isinstance(value, Mapping):
        items = list(value.items())[:_MAX_ITEMS]
        return {str(key): _plain(part, text=text, depth=depth + 1) for key, part in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part, text=text, depth=depth + 1) for part in list(value)[:_MAX_ITEMS]]
    if isinstance(value, str):  # of a subclass, such as an enum
        return str.__str__(value)
    return _type(value)


def _type(value: Any) -> str:
    return f"<{type(value).__qualname__}>"
