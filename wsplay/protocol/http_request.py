"""An HTTP request that a client sends next to its WebSocket connection, and the response."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from wsplay.events.safe_text import visible

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request on a separate connection. `target` is path and query; `body` is sent as UTF-8.

    `headers` are sent in this order with duplicates kept; one with the name of an automatic header replaces
    it.
    """

    method: str = "GET"
    target: str = "/"
    headers: Pairs = ()
    body: str = ""

    def filled(self, expand: Callable[[str], str]) -> HttpRequest:
        """The same with each placeholder filled in by `expand`, whose exceptions pass through."""
        return replace(
            self,
            target=expand(self.target),
            headers=tuple((name, expand(value)) for name, value in self.headers),
            body=expand(self.body),
        )

    def texts(self) -> Iterator[str]:
        """The texts that may contain placeholders."""
        yield self.target
        yield from (value for _, value in self.headers)
        yield self.body

    def __str__(self) -> str:
        return f"{visible(self.method, 20)} {visible(self.target, 80)}"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What the server sent back; names and values of headers are decoded as latin-1."""

    status: int
    reason: str
    headers: Pairs
    body: bytes

    def __str__(self) -> str:
        return f"{self.status} {visible(self.reason, 60)}".rstrip()
