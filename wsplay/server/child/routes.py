"""The routes of an app, as far as they have the attributes that Starlette's have."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

_OWN_PAGES = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")
_MAX_DEPTH = 8
_FILES = ["GET", "HEAD"]


def routes_of(app: Any) -> list[dict[str, Any]]:
    """`[{"path", "methods": [...]} | {"path", "websocket": true}]`, without FastAPI's own pages.

    A mounted app that lists no routes has no methods either: it may take any path below its own.
    """
    return _routes(app, "", _pages(app), 0)


def _routes(router: Any, prefix: str, pages: Collection[Any], depth: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    listed = getattr(router, "routes", None)
    if not isinstance(listed, list | tuple) or depth > _MAX_DEPTH:
        return found
    for route in listed:
        included = getattr(route, "original_router", None)
        if included is not None:  # newer versions of FastAPI keep an included router as one entry
            inner = str(getattr(getattr(route, "include_context", None), "prefix", ""))
            found += _routes(included, prefix + inner, pages, depth + 1)
            continue
        path = getattr(route, "path", "" if hasattr(route, "host") else None)
        if not isinstance(path, str):
            continue
        methods = getattr(route, "methods", None)
        if "websocket" in type(route).__name__.lower():
            found.append({"path": prefix + path, "websocket": True})
        elif isinstance(getattr(route, "routes", None), list | tuple):
            mounted = getattr(route, "app", None)
            if route.routes or hasattr(mounted, "routes"):
                found += _routes(route, prefix + path, _pages(mounted), depth + 1)
            else:
                found.append({"path": prefix + path, "methods": _FILES if _serves_files(mounted) else []})
        elif path not in pages or getattr(route, "include_in_schema", True):
            found.append({"path": prefix + path, "methods": sorted(map(str, methods or ()))})
    return found


def _serves_files(app: Any) -> bool:
    """Whether it is Starlette's `StaticFiles`, which serves HTTP only."""
    return any(kind.__name__ == "StaticFiles" for kind in type(app).__mro__)


def _pages(app: Any) -> frozenset[Any]:
    return frozenset(getattr(app, name, None) for name in _OWN_PAGES)
