"""HTTP/1.1 heads (RFC 9112 section 2): found, checked by h11, and kept unchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import h11

#: Longest head; servers refuse much shorter ones with 431.
MAX_HEAD = 131_072
_END = re.compile(rb"\n\r?\n")
#: What h11 may buffer of an unfinished chunk header or trailer.
_MAX_INCOMPLETE = 65_536


class BadHead(ValueError):
    """A head that violates HTTP's grammar; the message says how."""


@dataclass(slots=True)
class Head:
    """A request's or response's head as sent."""

    start: tuple[str, str, str]  # request: method, target, version; response: version, status, reason
    headers: list[list[str]]
    raw: bytes
    parser: h11.Connection  # set to read the body that follows
    lossless: bool  # start line and headers alone give `raw` back byte for byte
    problem: str = ""

    def values(self, name: str) -> list[str]:
        """The values of every header called `name` (lower case)."""
        return [value for key, value in self.headers if key.lower() == name]

    def tokens(self, name: str) -> list[str]:
        """The comma-separated tokens of every header called `name`, in lower case."""
        return [token.lower() for token in self.names(name)]

    def names(self, name: str) -> list[str]:
        """The comma-separated tokens of every header called `name`, as sent."""
        return [token.strip() for value in self.values(name) for token in value.split(",") if token.strip()]

    def raw_data(self) -> dict[str, Any]:
        """`raw_head`, if the list of headers does not show all of it (unusual whitespace, folded lines)."""
        return {} if self.lossless else {"raw_head": self.raw.decode("latin-1")}


def _tells_all(raw: bytes, line: str, headers: list[list[str]]) -> bool:
    text = "".join([line, "\r\n", *(f"{name}: {value}\r\n" for name, value in headers), "\r\n"])
    return raw == text.encode("latin-1")


def end_of_head(data: bytes | bytearray, start: int) -> int:
    """Return the index after the first blank line at or after `start`, -1 if there is none."""
    match = _END.search(data, start)
    return -1 if match is None else match.end()


def _lines(raw: bytes) -> list[bytes]:
    return [line[:-1] if line.endswith(b"\r") else line for line in raw.lstrip(b"\r\n").split(b"\n")[:-2]]


def _line_problems(raw: bytes) -> list[str]:
    """Violations in how a head's lines are cut."""
    lines = raw.lstrip(b"\r\n").split(b"\n")[:-1]
    problems = []
    if any(line[:1] in (b" ", b"\t") for line in lines[1:]):
        problems.append("a folded header line (RFC 9112 section 5.2)")
    if not all(line.endswith(b"\r") for line in lines):
        problems.append("a line that ends with LF alone (RFC 9112 section 2.2)")
    return problems


def _headers(lines: list[bytes]) -> list[list[str]]:
    """Header lines as pairs, order, case and duplicates kept; folded lines are joined (RFC 9112 5.2)."""
    joined: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and joined:
            joined[-1] += b" " + line.strip(b" \t")
        else:
            joined.append(line)
    pairs = (line.partition(b":") for line in joined)
    return [[name.decode("latin-1"), value.strip(b" \t").decode("latin-1")] for name, _, value in pairs]


def request_head(raw: bytes) -> Head:
    """Read a request's head, `raw` ending with its blank line. Raises `BadHead`."""
    lines = _lines(raw)
    hosts = [line for line in lines[1:] if line[:5].lower() == b"host:"]
    problems, checked = _line_problems(raw), raw.lstrip(b"\r\n")
    # h11 refuses a request without exactly one Host, as a server must; here it is given one.
    if len(hosts) != 1:
        others = [line for line in lines[1:] if line not in hosts]
        checked = b"\r\n".join([lines[0], b"Host: h", *others, b"", b""])
        if len(hosts) > 1:
            problems.append("more than one Host header (RFC 9112 section 3.2)")
        elif lines[0].endswith(b"/1.1"):
            problems.append("no Host header (RFC 9112 section 3.2)")
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_INCOMPLETE + len(raw))
    event = _first_event(parser, checked)
    if not isinstance(event, h11.Request):
        raise BadHead("not an HTTP request")
    start = (event.method.decode("latin-1"), event.target.decode("latin-1"), event.http_version.decode())
    headers = _headers(lines[1:])
    lossless = _tells_all(raw, f"{start[0]} {start[1]} HTTP/{start[2]}", headers)
    return Head(start, headers, raw, parser, lossless, "; ".join(problems))


def response_head(raw: bytes, method: str) -> Head:
    """Read a response's head to a request with `method`. Raises `BadHead`."""
    lines = _lines(raw)
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_INCOMPLETE + len(raw))
    # h11 accepts a 101 only after an upgrade request; that is checked elsewhere.
    asked = [("Host", "h"), ("Upgrade", "x"), ("Connection", "upgrade")]
    parser.send(h11.Request(method=method, target="/", headers=asked))
    parser.send(h11.EndOfMessage())
    event = _first_event(parser, raw.lstrip(b"\r\n"))
    if not isinstance(event, h11.Response | h11.InformationalResponse):
        raise BadHead("not an HTTP response")
    start = (event.http_version.decode(), str(event.status_code), event.reason.decode("latin-1"))
    headers = _headers(lines[1:])
    lossless = _tells_all(raw, f"HTTP/{start[0]} {start[1]} {start[2]}", headers)
    return Head(start, headers, raw, parser, lossless, "; ".join(_line_problems(raw)))


def _first_event(parser: h11.Connection, data: bytes) -> object:
    parser.receive_data(data)
    try:
        return parser.next_event()
    except h11.RemoteProtocolError as error:
        raise BadHead(str(error)) from error
