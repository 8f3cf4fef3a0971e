"""A request's head as text to edit, and the bytes of it. Pure.

Each line is one of the head's, which end with CR LF; every other control character is shown, and read back
(see `kit.typed_text`). Names keep their case, and nothing is checked: a wrong head is one to try.
"""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.tui.kit.typed_text import editable, typed

#: How a line ends, and the head: its last line, then an empty one.
LINE_END, HEAD_END = "\r\n", "\r\n\r\n"


class HeadTextError(ValueError):
    """The text cannot be sent; says why, for the user."""


@dataclass(frozen=True, slots=True)
class HeadText:
    """The text of `head`. The empty line at its end is not shown, and added again."""

    head: bytes

    @property
    def _end(self) -> str:
        return HEAD_END if self.head.endswith(HEAD_END.encode()) else ""

    @property
    def text(self) -> str:
        """The lines to edit."""
        return shown(self.head.decode("latin-1").removesuffix(self._end))

    def bytes_of(self, text: str) -> bytes:
        """The head that `text` is. Raises HeadTextError."""
        if text == self.text:
            return self.head
        lines = [typed(line) for line in text.split("\n")]
        for number, line in enumerate(lines, 1):
            for character in line:
                if ord(character) > 0xFF:
                    raise HeadTextError(f"line {number}: {character} is no byte: a head has U+0000 to U+00FF")
        head = (LINE_END.join(lines) + self._end).encode("latin-1")
        if not head.strip():
            raise HeadTextError("the head is empty: X drops the request")
        return head


def shown(text: str) -> str:
    """Text with any line ends as it is edited: the other control characters as pictures."""
    return "\n".join(editable(line) for line in text.split(LINE_END))


def pasted(text: str) -> str:
    """The same for what is typed or pasted, where a line feed or a carriage return alone ends a line too."""
    return shown(text.replace(LINE_END, "\n").replace("\r", "\n").replace("\n", LINE_END))
