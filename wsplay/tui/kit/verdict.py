"""What a verdict band says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wsplay.tui.kit.lanes import BAD_GLYPH, GOOD_GLYPH, WARN_GLYPH

Tone = Literal["good", "bad", "warn", "info"]


GLYPHS: dict[Tone, str] = {"good": GOOD_GLYPH, "bad": BAD_GLYPH, "warn": WARN_GLYPH, "info": "●"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the band says. `browser` itself says that it is not observed; `met` is None without `expect`, and
    once what was expected no longer applies: `lapsed` says what the user did.
    """

    tone: Tone = "info"
    headline: str = ""
    text: str = ""
    browser: str = ""
    met: bool | None = None
    mismatch: str = ""  # what is not as expected
    next_step: str = ""
    lapsed: str = ""

    @property
    def expected(self) -> str:
        """`as expected`, `not as expected: ...`, `expectations no longer apply: ...`, or nothing."""
        if self.lapsed:
            return f"expectations no longer apply: {self.lapsed}"
        if self.met is None:
            return ""
        if self.met:
            return "as expected"
        return "not as expected: " + self.mismatch if self.mismatch else "not as expected"
