"""What the child writes to stdout and stderr, split into lines.

Both use one pipe, whoever writes to it: `print`, `os.write`, a subprocess, or the interpreter as it crashes.
Python's own streams in the child put a stamp before each write (see `child/stdio.py`): its time and its line
of code. So a print appears in the timeline when it happened, not when the parent read it.
Pure: bytes in, lines out.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Bytes of a line that one piece can have. A longer line becomes several pieces.
MAX_PIECE = 16_384
#: The longest stamp, in bytes. What looks like a longer one is ordinary output.
MAX_STAMP = 2_048
#: The longest number in a stamp, in digits.
MAX_DIGITS = 18

#: Time and line of code of a write, and the name of the replaced scenario that wrote, or "".
Stamp = tuple[int, tuple[str, int, str] | None, str]


def stamp(
    token: bytes, size: int, t_ns: int, source: tuple[str, int, str] | None, replaced: str = ""
) -> bytes:
    """The bytes before a stamped write of `size` bytes. `token` is a secret that both processes know."""
    file, line, function = source or ("", 0, "")
    names = [name[:300].replace("\0", "?").replace("\x1f", "?") for name in (function, file, replaced[:80])]
    body = "\x1f".join((f"{size}\x1f{t_ns}\x1f{line}", *names))
    return b"\0" + token + body.encode("utf-8", "replace") + b"\0"


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its line feed. If `whole` is false, it is a piece of a long or unfinished line.
    `replaced` names the scenario that wrote it, if another was loaded by then.
    """

    text: str
    t_ns: int
    source: tuple[str, int, str] | None
    whole: bool
    replaced: str = ""


class OutputLines:
    """Splits the child's output into lines and reads the stamps in it.

    A stamp with a time before `since_ns` or after that of its arrival is ordinary output.
    """

    def __init__(self, token: bytes, since_ns: int = 0) -> None:
        self._mark = b"\0" + token
        self._since_ns = since_ns
        self._data = b""  # possibly the beginning of a stamp
        self._line = bytearray()
        self._began: Stamp = (0, None, "")  # the stamp of the line's first bytes
        self._tail = False  # the beginning of the line was returned already
        self._stamp: Stamp = (0, None, "")
        self._stamped = 0  # bytes to come that belong to the stamp

    @property
    def unfinished(self) -> bool:
        """Whether there is a line that has not ended."""
        return bool(self._line)

    def feed(self, data: bytes, now_ns: int) -> list[Line]:
        """The lines that end in `data`. `now_ns` is the time of output without a stamp."""
        data = self._data + data
        self._data = b""
        lines: list[Line] = []
        start = 0  # of what was not added yet
        while True:
            at = data.find(self._mark, start)
            if at < 0:
                end = len(data) - self._possible_mark(data[max(start, len(data) - len(self._mark)) :])
                self._add_output(data[start:end], now_ns, lines)
                self._data = data[end:]
                return lines
            self._add_output(data[start:at], now_ns, lines)
            body = at + len(self._mark)
            end = data.find(b"\0", body, at + MAX_STAMP + 1)
            if end < 0 and len(data) - at <= MAX_STAMP:
                self._data = data[at:]
                return lines
            read = _read_stamp(data[body:end]) if end >= 0 else None
            if read is None or not self._since_ns <= read[1][0] <= now_ns:
                self._add_output(data[at:body], now_ns, lines)
                start = body
            else:
                self._stamped, self._stamp = read
                start = end + 1

    def flush(self) -> list[Line]:
        """The unfinished line so far, once it has waited long enough."""
        lines: list[Line] = []
        self._emit(lines, _whole_characters(self._line))
        return lines

    def end(self, now_ns: int) -> list[Line]:
        """The rest, once the output has ended."""
        rest, self._data = self._data, b""
        lines: list[Line] = []
        self._add_output(rest, now_ns, lines)
        self._emit(lines, len(self._line))
        return lines

    def _possible_mark(self, data: bytes) -> int:
        """How many bytes at the end of `data` may be the beginning of a stamp."""
        at = data.rfind(b"\0", max(len(data) - len(self._mark) + 1, 0))
        return len(data) - at if at >= 0 and self._mark.startswith(data[at:]) else 0

    def _add_output(self, data: bytes, now_ns: int, lines: list[Line]) -> None:
        stamped = min(len(data), self._stamped)
        self._stamped -= stamped
        self._add(data[:stamped], self._stamp, lines)
        self._add(data[stamped:], (now_ns, None, ""), lines)

    def _add(self, data: bytes, current: Stamp, lines: list[Line]) -> None:
        if not data:
            return
        *ended, rest = data.split(b"\n")
        for part in ended:
            self._grow(part, current, lines)
            if self._line or not self._tail:
                self._began = self._began if self._line else current
                self._emit(lines, len(self._line), whole=True)
            self._tail = False
        self._grow(rest, current, lines)

    def _grow(self, part: bytes, current: Stamp, lines: list[Line]) -> None:
        while part:
            if not self._line:
                self._began = current
            room = MAX_PIECE - len(self._line)
            self._line += part[:room]
            part = part[room:]
            if len(self._line) >= MAX_PIECE:
                self._emit(lines, _whole_characters(self._line))

    def _emit(self, lines: list[Line], size: int, *, whole: bool = False) -> None:
        """Append the line's first `size` bytes to `lines`; `whole` says that the line ends there."""
        if not size and not whole:
            return
        text = self._line[:size].decode("utf-8", "replace")
        del self._line[:size]
        if whole:
            text = text.removesuffix("\r")
        t_ns, source, replaced = self._began
        lines.append(Line(text, t_ns, source, whole and not self._tail, replaced))
        self._tail = True


def _whole_characters(data: bytearray) -> int:
    """How many of these bytes come before an incomplete UTF-8 character at the end."""
    for back in range(1, min(4, len(data)) + 1):
        lead = data[-back]
        if lead >= 0xC0:
            needed = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return len(data) - back if needed > back else len(data)
        if lead < 0x80:
            break
    return len(data)


def _read_stamp(body: bytes) -> tuple[int, Stamp] | None:
    parts = body.decode("utf-8", "replace").split("\x1f")
    if len(parts) != 6 or not all(part.isascii() and part.isdecimal() for part in parts[:3]):
        return None
    size, t_ns, line, function, file, replaced = parts
    if max(map(len, parts[:3])) > MAX_DIGITS:
        return None
    return int(size), (int(t_ns), (file, int(line), function) if file else None, replaced)
