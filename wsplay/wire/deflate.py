"""permessage-deflate, read by an observer (RFC 7692).

The libraries' own decoders inflate a whole message at once and stop at the first error. An observer must keep
the context in bounded memory, so this uses zlib piece by piece; websockets' header parser reads the
extension's offer and response.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NoReturn

from websockets.exceptions import InvalidHeader
from websockets.headers import parse_extension

#: Maximum inflated size of a message, in bytes; a larger one is treated as a bomb.
MAX_INFLATED = 64 * 1024 * 1024
_PIECE = 65_536
_END_OF_MESSAGE = b"\x00\x00\xff\xff"  # section 7.2.2: what the sender left out
# A window of 15 bits reads data of any smaller one (section 7.1.2), so the agreed sizes are not needed.
_WINDOW = -15

NAME = "permessage-deflate"


class InflateError(ValueError):
    """A message that cannot be inflated; its text says why."""


def agreed(extensions: list[str]) -> tuple[dict[str, str | None] | None, list[str]]:
    """Read the values of a 101's Sec-WebSocket-Extensions headers.

    Returns the parameters of permessage-deflate (None if it was not agreed) and problems in words.
    """
    if not extensions:
        return None, []
    try:
        items = parse_extension(", ".join(extensions))
    except InvalidHeader as error:
        return None, [f"Sec-WebSocket-Extensions cannot be read: {error}"]
    parameters: dict[str, str | None] | None = None
    problems = []
    for name, values in items:
        if name == NAME and parameters is None:
            parameters = dict(values)
        elif name == NAME:
            problems.append(f"{NAME} agreed twice")
        else:
            problems.append(f"unknown extension {name}")
    return parameters, problems


class Inflater:
    """Inflates one direction's messages piece by piece, keeping the context between messages where agreed."""

    def __init__(self, *, takeover: bool, limit: int | None = None) -> None:
        self.lost = ""  # why later messages cannot be inflated
        self._takeover = takeover
        self._limit = MAX_INFLATED if limit is None else limit
        self._total = 0
        self._final = False  # the sender ended its stream, and has sent nothing since
        self._zlib = zlib.decompressobj(_WINDOW)

    def begin(self) -> None:
        """Begin a message."""
        self._total = 0
        if not self._takeover:
            self.lost = ""
            self._zlib = zlib.decompressobj(_WINDOW)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Inflate the message's next bytes, in pieces of bounded size. Raises `InflateError`."""
        if self.lost:
            raise InflateError(self.lost)
        self._final = self._final and not data
        while True:
            try:
                piece = self._zlib.decompress(data, _PIECE)
            except zlib.error as error:
                self._lose(f"does not inflate: {error}")
            self._total += len(piece)
            if self._total > self._limit:
                self._lose(f"inflates to more than {self._limit} bytes; not read further")
            if piece:
                yield piece
            data = self._zlib.unconsumed_tail
            if self._zlib.eof:
                # A sender may end with a final block (section 7.2.3.4); what follows is a new stream.
                data = self._zlib.unused_data
                self._zlib = zlib.decompressobj(_WINDOW)
                if not data:
                    self._final = True
                    return
            elif not data and len(piece) < _PIECE:
                return

    def end(self) -> Iterator[bytes]:
        """End the message: the bytes its sender left out are put back. Raises `InflateError`."""
        return self.feed(b"" if self._final else _END_OF_MESSAGE)

    def whole(self, data: bytes) -> bytes:
        """Inflate a short message in one piece. Raises `InflateError`. Only for messages so short that their
        inflated size needs no limit.
        """
        self.begin()
        stream = self._zlib
        try:
            out = stream.decompress(data + _END_OF_MESSAGE)
        except zlib.error as error:
            self._lose(f"does not inflate: {error}")
        if not stream.eof:
            return out
        rest = stream.unused_data
        self._zlib, self._final = zlib.decompressobj(_WINDOW), True
        if not rest.endswith(_END_OF_MESSAGE):
            return out + b"".join(self.feed(rest))
        return out + b"".join(self.feed(rest[: -len(_END_OF_MESSAGE)])) + b"".join(self.end())

    def _lose(self, why: str) -> NoReturn:
        self.lost = "compressed, and the context was lost earlier"
        raise InflateError(why)
