"""What a user types as the address to connect to: a path, a whole address, with a query or without. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from wsplay.protocol.http_request import Pairs

_ORIGIN = re.compile(r"\s*(?:wss?|https?)://[^/?#]*", re.IGNORECASE)


def read_address(text: str, default: str = "") -> tuple[str, Pairs]:
    """The path, and the query's parameters.

    The scheme and host of a whole address are left out: the client connects to wsplay's own server. A query
    that would not be sent again exactly as it was typed stays in the path. `default` is the path of a query
    alone.
    """
    origin = _ORIGIN.match(text)
    rest = text.strip() if origin is None else text[origin.end() :].strip() or "/"
    path, mark, query = rest.partition("?")
    if path and not path.startswith("/"):
        path = f"/{path}"
    if not mark:
        return path, ()
    path = path or ("/" if origin else default or "/")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    if pairs and urlencode(pairs) == query:
        return path, pairs
    return path + mark + query, ()
