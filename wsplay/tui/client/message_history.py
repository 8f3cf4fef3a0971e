"""The sent messages, to send them again."""

from __future__ import annotations

from dataclasses import dataclass

#: Maximum number of messages.
MAX_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as typed, and the kind it was sent as."""

    kind: str
    text: str


class MessageHistory:
    """The sent messages, oldest first, and a position; the current text is kept as the newest."""

    def __init__(self) -> None:
        self._sent: list[Draft] = []
        self._place: int | None = None
        self._draft: Draft | None = None

    def add(self, draft: Draft) -> None:
        """Add a sent message; an equal one moves to the end."""
        if draft in self._sent:
            self._sent.remove(draft)
        self._sent.append(draft)
        del self._sent[:-MAX_MESSAGES]
        self._place = self._draft = None

    def older(self, draft: Draft) -> Draft | None:
        """The message before the shown one; `draft` is the input's text. None at the oldest."""
        if self._place is None:
            place = len(self._sent)
            if place and self._sent[-1] == draft:
                place -= 1  # it is still in the input after sending
            self._draft = draft
        else:
            place = self._place
        if place == 0:
            return None
        self._place = place - 1
        return self._sent[self._place]

    def newer(self) -> Draft | None:
        """The message after the shown one, at the end the typed text. None if no message is shown."""
        if self._place is None:
            return None
        if self._place + 1 < len(self._sent):
            self._place += 1
            return self._sent[self._place]
        draft, self._place, self._draft = self._draft, None, None
        return draft

    def typed(self, draft: Draft) -> None:
        """`draft` is the input's text; if it is not the shown message, it is a new one."""
        if self._place is not None and self._sent[self._place] != draft:
            self._place = self._draft = None
