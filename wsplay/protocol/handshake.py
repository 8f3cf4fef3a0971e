"""What a client asks for: path, query, headers, subprotocols, and what it does once it is connected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from wsplay.protocol.http_request import Pairs
from wsplay.protocol.steps import SetupStep, Step, fill_step, step_texts

__all__ = ["AUTOMATIC_HEADERS", "Handshake", "Pairs"]

#: Headers the client sends by itself, in this order (RFC 6455 section 4.1; Origin only when asked for).
AUTOMATIC_HEADERS = (
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Protocol",
    "User-Agent",
)


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client asks for.

    `path` may be empty until it connects: then the app's routes say where (see `routes.default_path`).
    `headers` are sent in this order with duplicates kept; one that names an automatic header overrides it.
    `omit` names automatic headers to leave out. Names compare without case (RFC 9110 section 5.1).
    The steps in `before` run first, `steps` once the connection is open. `open_timeout` and `close_timeout`
    are seconds. Texts may contain placeholders such as `{token.valid}`, which `filled` fills in.
    """

    path: str = "/ws"
    query: Pairs = ()
    headers: Pairs = ()
    omit: tuple[str, ...] = ()
    subprotocols: tuple[str, ...] = ()
    compression: bool = True
    steps: tuple[Step, ...] = ()
    open_timeout: float = 5.0
    close_timeout: float = 2.0
    before: tuple[SetupStep, ...] = ()

    @property
    def target(self) -> str:
        """Path and query as in the request line."""
        if not self.query:
            return self.path
        return self.path + ("&" if "?" in self.path else "?") + urlencode(self.query)

    def filled(self, expand: Callable[[str], str]) -> Handshake:
        """The same with each placeholder filled in by `expand`, whose exceptions pass through. `expand` gets
        each whole text (a header's value, a query value, a message, a close reason, the path, an HTTP
        request's texts) and returns it filled in. `before` is not changed: its later steps need the values
        that its earlier ones saved.
        """
        once = {key: fill_step(step, expand) for key, step in self._distinct_steps().items()}
        return replace(
            self,
            path=expand(self.path),
            query=tuple((expand(name), expand(value)) for name, value in self.query),
            headers=tuple((name, expand(value)) for name, value in self.headers),
            subprotocols=tuple(expand(subprotocol) for subprotocol in self.subprotocols),
            steps=tuple(once[id(step)] for step in self.steps),
        )

    def texts(self) -> Iterator[tuple[str, str]]:
        """The texts that may contain placeholders, each with its field."""
        yield from (("headers", value) for _, value in self.headers)
        yield from (("query", text) for pair in self.query for text in pair)
        yield from (("subprotocols", name) for name in self.subprotocols)
        yield from (("steps", text) for step in self._distinct_steps().values() for text in step_texts(step))
        yield from (("before", text) for step in self.before for text in step_texts(step))
        yield "path", self.path

    def _distinct_steps(self) -> dict[int, Step]:
        """Each step once: one that is repeated, up to 100,000 times, is the same object every time."""
        return {id(step): step for step in self.steps}
