"""The WebSocket routes of an app: which take a path, and where a client connects that names none. Pure.

The routes are those of a `server.loaded` event: data from another process, of any form.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from wsplay.events.lenient import text
from wsplay.events.safe_text import visible

#: Where a client connects if no path is named and no WebSocket route is known.
FALLBACK = "/ws"

_PARAMETER = re.compile(r"\{[^{}]*?(:path)?\}")


class Route(NamedTuple):
    """The path of a route. A `mount` is an app of its own: it may match any path below."""

    path: str
    mount: bool = False

    @property
    def parameter(self) -> tuple[int, int] | None:
        """Where the first parameter of the path is, such as `{id}`; None if it has none."""
        found = _PARAMETER.search(self.path)
        return None if found is None else found.span()

    @property
    def complete(self) -> bool:
        """Whether a client can connect to the path as it is."""
        return not self.mount and self.path.startswith("/") and self.parameter is None

    def takes(self, path: str) -> bool:
        """Whether the route matches `path`."""
        expression, at = "", 0
        for match in _PARAMETER.finditer(self.path):
            expression += re.escape(self.path[at : match.start()]) + (".*" if match[1] else "[^/]+")
            at = match.end()
        expression += re.escape(self.path[at:]) + ("(/.*)?" if self.mount else "")
        return re.fullmatch(expression, path, re.DOTALL) is not None


def websocket_routes(routes: list[Any]) -> list[Route]:
    """The routes that can match a WebSocket, each once, in the app's order."""
    found: list[Route] = []
    for route in routes:
        kind, path = "", route
        if isinstance(route, dict):
            kind = (text(route, "type") or text(route, "kind") or text(route, "protocol")).lower()
            path = route.get("path")
            if route.get("methods"):
                continue
        elif isinstance(route, str) and " " in route:  # "WebSocket /ws"
            kind, _, path = route.rpartition(" ")
            kind = kind.lower()
        if not isinstance(path, str) or (not path.startswith("/") and path != ""):
            continue
        if kind and "websocket" not in kind and kind not in ("ws", "mount", "host"):
            continue
        # A mounted app reports neither routes nor methods: it may match any path below its own.
        mount = kind in ("mount", "host") or (isinstance(route, dict) and route.get("methods") == [])
        found.append(Route(path, mount))
    return list(dict.fromkeys(found))


def route_taking(path: str, routes: list[Any]) -> bool | None:
    """Whether one of `routes` matches `path`; None if the routes are not known."""
    if not routes:
        return None
    return any(route.takes(path) for route in websocket_routes(routes))


def default_path(routes: list[Any]) -> str | None:
    """Where a client connects that names no path; None if one has to be chosen.

    It is the app's only WebSocket route, unless a part of that has to be filled in; `/ws` if it is one of
    several, or if none is known.
    """
    found = websocket_routes(routes)
    if not found:
        return FALLBACK
    declared = [route for route in found if not route.mount]
    if len(declared) == 1 and declared[0].complete:
        return declared[0].path
    return FALLBACK if Route(FALLBACK) in declared else None


def listed(routes: list[Any], width: int = 200) -> str:
    """The WebSocket routes in one line that is safe to print: as many as fit into `width` characters, at
    least one, and how many more there are. Empty if there is none.
    """
    names = [visible(shown(route), 80) for route in websocket_routes(routes)]
    fit = names[:1]
    for name in names[1:]:
        if len(", ".join([*fit, name])) > width:
            break
        fit.append(name)
    more = len(names) - len(fit)
    return ", ".join(fit) + (f" and {more} more" if more else "")


def shown(route: Route) -> str:
    """A route's path for a person: that of a mount ends in `/...`."""
    return f"{route.path.rstrip('/')}/..." if route.mount else route.path
