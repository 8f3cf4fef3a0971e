"""The lines of a scenario that receive or send ASGI messages: those at which a run can be held. Pure."""

from __future__ import annotations

import ast

#: The methods of Starlette's `WebSocket` that receive or send, and the parts of the ASGI calling convention.
_METHODS = frozenset(
    f"{what}{kind}" for what in ("receive", "send", "iter") for kind in ("", "_text", "_bytes", "_json")
) | {"accept", "close", "send_denial_response"}


def message_lines(source: str) -> dict[int, str]:
    """By number, the lines of `source` that call one of these methods, with their text. Empty if it is not
    Python.

    It is a guess from the names: a helper with another name can send too, and a line of these may never run.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    lines = source.splitlines()
    found = {
        node.func.end_lineno or node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) in _METHODS
    }
    return {number: lines[number - 1].strip() for number in sorted(found) if number <= len(lines)}


def _name(called: ast.expr) -> str:
    """`close` of `websocket.close`, or of a plain `close`, as an ASGI app calls `send`."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) and called.id in ("receive", "send") else ""
