"""The tries of a scenario as one-press presets."""

from __future__ import annotations

from collections.abc import Sequence

from wsplay.events.safe_text import visible
from wsplay.scenario.tries import Try
from wsplay.tui.kit.chips import Chips


class TryBar(Chips):
    """The tries as chips, the chosen one lit, with `*` once the form differs from it."""

    BINDING_GROUP_TITLE = "Tries"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("Try", empty="this scenario has no presets", id=id)

    def show_tries(self, tries: Sequence[Try], chosen: str | None) -> None:
        """Offer these tries; `chosen` is lit."""
        self.show_names([attempt.name for attempt in tries], chosen, [_tip(attempt) for attempt in tries])

    def show_chosen(self, chosen: str | None, *, edited: bool) -> None:
        """Light a try, and say whether the form still is as it was filled."""
        self.chosen = chosen
        self.mark = "*" if edited else ""


def _tip(attempt: Try) -> str:
    """What a try sends, in one line, as its file has it."""
    parts = [f"{name}: {value}" for name, value in attempt.handshake.headers]
    parts += [f"?{name}={value}" for name, value in attempt.handshake.query]
    parts += [f"subprotocol {name}" for name in attempt.handshake.subprotocols]
    parts += [f"without {name}" for name in attempt.handshake.omit]
    asked = visible(" · ".join(parts) or "no headers of its own", 120)
    # A tooltip is read as markup.
    return asked.replace("[", "\\[")
