"""What a try is expected to come to, and what a challenge's choice claims: predicates over an outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.events.lenient import Received, decoded
from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.verdict.outcome import ENDED, PENDING, Close, Failure, Outcome

#: How the absence of a close, an error or a subprotocol is spelled.
NONE = "none"
_SHOWN = 200


class ExpectationError(ValueError):
    """The table cannot be read. The message is one line, safe to print, and says what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """One key's result. `expected` and `observed` are short texts, safe to print."""

    key: str
    expected: str
    observed: str
    ok: bool

    def __str__(self) -> str:
        return f"{_LABELS.get(self.key, self.key)}: expected {self.expected}, observed {self.observed}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A parsed table. One without keys expects nothing and is satisfied by everything."""

    table: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def parse(cls, table: Mapping[str, Any], where: str = "expect") -> Expectation:
        """Check a table's keys and types; `where` names it in messages. Raises `ExpectationError`."""
        for key, value in table.items():
            if key not in _KEYS:
                raise ExpectationError(_unknown(where, key, list(_KEYS)))
            _KEYS[key].check(f"{where}.{key}", value)
        return cls(dict(table))

    def __bool__(self) -> bool:
        return bool(self.table)

    def checks(self, outcome: Outcome) -> list[Check]:
        """Each key's result, in the table's order. Of an outcome that is still pending nothing holds yet."""
        results = []
        for key, expected in self.table.items():
            rule = _KEYS[key]
            if outcome.ended == PENDING:
                results.append(Check(key, rule.wanted(expected), "nothing yet", False))
                continue
            differing, observed, ok = rule.look(expected, outcome)
            results.append(Check(key, rule.wanted(differing), observed, ok))
        return results

    def mismatches(self, outcome: Outcome) -> list[str]:
        """What differs, a line of words each, like `status: expected 403, observed 500`."""
        return [str(check) for check in self.checks(outcome) if not check.ok]

    def satisfied(self, outcome: Outcome) -> bool:
        """Whether all of it holds."""
        return all(check.ok for check in self.checks(outcome))

    def verdict(self, outcome: Outcome) -> bool | None:
        """Whether all of it holds; None where nothing is expected."""
        return self.satisfied(outcome) if self.table else None


# -- one rule a key


@dataclass(frozen=True, slots=True)
class _Rule:
    check: Callable[[str, Any], None]
    #: expected, outcome -> what of the expected differs (all of it, if none does); observed, in words; ok
    look: Callable[[Any, Outcome], tuple[Any, str, bool]]
    wanted: Callable[[Any], str]


def _show(value: Any) -> str:
    """One value, or a list of names."""
    if value is None or value in (NONE, []):
        return NONE
    if isinstance(value, list):
        return visible(", ".join(map(str, value)), _SHOWN)
    return visible(json.dumps(value, ensure_ascii=False, default=str), _SHOWN)


def _show_messages(expected: list[Any]) -> str:
    shown = [_show_message(message) for message in expected[:10]]
    return _listed(shown, len(expected))


def _show_message(message: str | Mapping[str, str]) -> str:
    if isinstance(message, str):
        return _show(message)
    if "hex" in message:
        return f"bytes {visible(message['hex'], 60)}"
    return f"a text with {_show(message['contains'])}"


def _show_received(message: Received) -> str:
    size = f" (the start of {message.size} bytes)" if message.truncated else ""
    if message.text is not None:
        return _show(message.text) + size
    return f"bytes {visible(decoded(message)[:30].hex(), 60)}{size}"


def _listed(shown: list[str], count: int) -> str:
    if count > len(shown):
        return f"{visible(', '.join(shown), 2 * _SHOWN)} and {count - len(shown)} more"
    return visible(", ".join(shown), 2 * _SHOWN) or NONE


def _show_parts(expected: Any) -> str:
    """A close code, "none", or the parts of a close or of what a browser sees, in words."""
    if not isinstance(expected, dict):
        return _show(expected)
    return ", ".join(_show_part(key, value) for key, value in expected.items()) or "a close"


def _show_part(key: str, value: Any) -> str:
    match key:
        case "code":
            return "no close" if value is None else f"code {value}"
        case "reason":
            return f"reason {_show(value)}" if value else "no reason"
        case "by":
            return f"by the {visible(value, 20)}" if value else "by either side"
        case "error":
            return "an error" if value else "no error"
        case "received":
            return f"messages {_show_messages(value)}" if value else "no messages"
    return key if value else f"not {key}"


def _contains(value: Any) -> str:
    return NONE if value == NONE else f"something with {_show(value)}"


def _unknown(where: str, key: object, keys: list[str]) -> str:
    hint = did_you_mean(str(key), keys, f"it can hold {', '.join(keys)}")
    return f"`{visible(where, 60)}` has an unknown key `{visible(str(key), 60)}`; {hint}"


def _kind(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "a table",
    }
    return names.get(type(value), f"a {type(value).__name__}")


def _must(where: str, value: object, what: str, example: str) -> ExpectationError:
    kind = _kind(value)
    wrong = "" if what.startswith(kind) else f"is {kind} but "
    return ExpectationError(f"`{where}` {wrong}must be {what}, like `{example}`")


def _is_int(value: object) -> bool:
    return type(value) is int


def _a(kind: Callable[[object], bool], what: str, example: str) -> Callable[[str, Any], None]:
    def check(where: str, value: Any) -> None:
        if not kind(value):
            raise _must(where, value, what, f"{where.rpartition('.')[2]} = {example}")

    return check


def _simple(observe: Callable[[Outcome], Any]) -> Callable[[Any, Outcome], tuple[Any, str, bool]]:
    def look(expected: Any, outcome: Outcome) -> tuple[Any, str, bool]:
        observed = observe(outcome)
        wanted = None if expected == NONE else expected
        return expected, _show(observed), observed == wanted

    return look


def _table(kinds: Mapping[str, str], numbers: bool, none: bool) -> Callable[[str, Any], None]:
    """A check for a close code, "none", or a table with some of the keys of `kinds`."""
    types = {"int": int, "str": str, "bool": bool, "list": list}
    words = {"int": "a whole number", "str": "a string", "bool": "true or false", "list": "an array"}

    def check(where: str, value: Any) -> None:
        key = where.rpartition(".")[2]
        if (numbers and _is_int(value)) or (none and value == NONE):
            return
        if not isinstance(value, dict):
            what = 'a close code, "none" or a table' if none else "a close code or a table"
            raise _must(where, value, what, f"{key} = 1008")
        for name, part in value.items():
            if name not in kinds:
                raise ExpectationError(_unknown(where, name, list(kinds)))
            if type(part) is not types[kinds[name]]:
                raise ExpectationError(f"`{where}.{name}` is {_kind(part)} but must be {words[kinds[name]]}")
            if name == "received":
                _check_messages(f"{where}.received", part)

    return check


def _look_close(observe: Callable[[Outcome], Close | None], by: bool) -> Callable[..., tuple[Any, str, bool]]:
    def look(expected: Any, outcome: Outcome) -> tuple[Any, str, bool]:
        close = observe(outcome)
        if close is None:
            return expected, NONE, expected == NONE
        facts: dict[str, Any] = {"code": close.code, "reason": close.reason}
        if by:
            facts["by"] = close.by
        if isinstance(expected, dict):
            wrong = {key: value for key, value in expected.items() if facts[key] != value}
            told = wrong or expected
            return told, _show_parts({key: facts[key] for key in told} or facts), not wrong
        return expected, str(close.code), expected == close.code

    return look


def _look_failure(
    observe: Callable[[Outcome], Failure | None],
) -> Callable[[Any, Outcome], tuple[Any, str, bool]]:
    def look(expected: Any, outcome: Outcome) -> tuple[Any, str, bool]:
        failure = observe(outcome)
        if failure is None:
            return expected, NONE, expected == NONE
        told = f"{failure.type}: {failure.message}" if failure.message else failure.type
        return expected, visible(told, _SHOWN), expected != NONE and expected in told

    return look


def _look_ended(expected: str, outcome: Outcome) -> tuple[str, str, bool]:
    return expected, outcome.ended, expected == outcome.ended


def _look_body(expected: str, outcome: Outcome) -> tuple[str, str, bool]:
    if outcome.body is None:
        return expected, NONE, expected == NONE
    shown = _show(outcome.body) if outcome.body else "an empty one"
    return expected, shown, _in_body(expected, outcome.body)


def _in_body(expected: str, body: str) -> bool:
    return not body if expected in (NONE, "") else expected in body


def _check_messages(where: str, value: Any) -> None:
    key = where.rpartition(".")[2]
    if not isinstance(value, list):
        raise _must(where, value, "an array of messages", f'{key} = ["Welcome!"]')
    for item in value:
        if isinstance(item, str):
            continue
        if isinstance(item, dict) and len(item) == 1:
            (kind, part), *_ = item.items()
            if kind not in ("hex", "contains"):
                raise ExpectationError(_unknown(where, kind, ["hex", "contains"]))
            if isinstance(part, str) and (kind == "contains" or _bytes(part) is not None):
                continue
            must = "pairs of hexadecimal digits" if kind == "hex" else "a string"
            raise ExpectationError(f"`{where}` holds a `{kind}` that is not {must}")
        raise ExpectationError(
            f"`{where}` holds {_kind(item)}; "
            'a message is a string, `{ hex = "00ff" }` or `{ contains = "part" }`'
        )


def _bytes(digits: str) -> bytes | None:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return None


def _same(expected: str | Mapping[str, str], message: Received) -> bool:
    """Whether a message is the expected one. Of a capped one, what was kept and the size must fit."""
    if isinstance(expected, str):
        if message.text is None:
            return False
        if not message.truncated:
            return message.text == expected
        size = len(expected.encode("utf-8", "surrogatepass"))
        return size == message.size and expected.startswith(message.text)
    if "contains" in expected:
        return message.text is not None and expected["contains"] in message.text
    if message.text is not None:
        return False
    wanted, kept = _bytes(expected["hex"]) or b"", decoded(message)
    return len(wanted) == message.size and wanted.startswith(kept) and (message.truncated or wanted == kept)


def _look_messages(expected: list[Any], received: tuple[Received, ...], count: int) -> tuple[str, bool]:
    ok = count == len(expected) and all(map(_same, expected, received))
    return _listed([_show_received(message) for message in received[:10]], count), ok


def _look_received(expected: list[Any], outcome: Outcome) -> tuple[Any, str, bool]:
    return expected, *_look_messages(expected, outcome.received, outcome.received_count)


def _look_browser(expected: Any, outcome: Outcome) -> tuple[Any, str, bool]:
    browser = outcome.browser
    if not isinstance(expected, dict):
        return expected, _show(browser.code), browser.code == (None if expected == NONE else expected)
    shown: dict[str, str] = {}
    wrong: dict[str, Any] = {}
    for key, wanted in expected.items():
        if key == "received":
            count = outcome.received_count if browser.received else 0
            messages, ok = _look_messages(wanted, browser.received, count)
            shown[key] = "no messages" if messages == NONE else f"messages {messages}"
        else:
            observed = getattr(browser, key)
            ok = observed == wanted
            shown[key] = _show_part(key, observed)
        if not ok:
            wrong[key] = wanted
    told = wrong or expected
    return told, ", ".join(shown[key] for key in told) or "a close", not wrong


def _check_ended(where: str, value: Any) -> None:
    if not isinstance(value, str):
        raise _must(where, value, "a string", 'ended = "refused"')
    if value not in ENDED:
        hint = did_you_mean(value, ENDED, f"it can be {', '.join(ENDED)}")
        raise ExpectationError(f"`{where}` is `{visible(value, 60)}`; {hint}")


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


_CLOSE = {"code": "int", "reason": "str", "by": "str"}
_ASKED = {"code": "int", "reason": "str"}
_BROWSER = {
    "opened": "bool", "received": "list", "error": "bool", "code": "int", "reason": "str", "clean": "bool",
}  # fmt: skip

#: What a line calls a key, where its name is no plain word.
_LABELS: Mapping[str, str] = {
    "received": "messages",
    "asked": "app's close",
    "error": "client's exception",
    "server_error": "app's exception",
    "browser": "in a browser",
    "received_count": "number of messages",
    "asgi": "ASGI messages",
}

_KEYS: Mapping[str, _Rule] = {
    "status": _Rule(
        _a(lambda value: _is_int(value) or value == NONE, 'an HTTP status or "none"', "403"),
        _simple(lambda outcome: outcome.status),
        _show,
    ),
    "opened": _Rule(
        _a(lambda value: isinstance(value, bool), "true or false", "true"),
        _simple(lambda outcome: outcome.opened),
        _show,
    ),
    "received": _Rule(_check_messages, _look_received, _show_messages),
    "close": _Rule(_table(_CLOSE, True, True), _look_close(lambda outcome: outcome.close, True), _show_parts),
    "ended": _Rule(_check_ended, _look_ended, str),
    "asked": _Rule(
        _table(_ASKED, True, True), _look_close(lambda outcome: outcome.asked, False), _show_parts
    ),
    "error": _Rule(
        _a(_is_text, 'part of the client\'s exception, or "none"', '"InvalidStatus"'),
        _look_failure(lambda outcome: outcome.client_error),
        _contains,
    ),
    "server_error": _Rule(
        _a(_is_text, 'part of the app\'s exception, or "none"', '"RuntimeError"'),
        _look_failure(lambda outcome: outcome.server_error),
        _contains,
    ),
    "browser": _Rule(_table(_BROWSER, True, True), _look_browser, _show_parts),
    "subprotocol": _Rule(
        _a(_is_text, 'a subprotocol or "none"', '"chat.v1"'),
        _simple(lambda outcome: outcome.subprotocol),
        _show,
    ),
    "body": _Rule(
        _a(lambda value: isinstance(value, str), 'part of the answer\'s body, or "none"', '"Unauthorized"'),
        _look_body,
        lambda value: "an empty one" if value == "" else _contains(value),
    ),
    "received_count": _Rule(
        _a(lambda value: _is_int(value) and value >= 0, "a whole number from 0", "1000"),  # type: ignore[operator]
        _simple(lambda outcome: outcome.received_count),
        _show,
    ),
    "asgi": _Rule(
        _a(_is_strings, "an array of ASGI message types", '["websocket.connect", "websocket.close"]'),
        _simple(lambda outcome: list(outcome.asgi)),
        _show,
    ),
}
