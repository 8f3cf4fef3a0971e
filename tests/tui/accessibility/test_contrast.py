"""What is drawn can be read: the contrast of every text on every screen, in every theme, at any focus.

Text has at least 4.5:1, in the theme of high contrast 7:1 (WCAG 2.2, 1.4.3 and 1.4.6); controls that are off
are no exception here. Lines and blocks (borders, lifelines, bars, scroll bars) are no text: those that tell
something have at least 3:1 (1.4.11); those in the colour `edge` only decorate. A screen that is covered, and
dimmed, by a dialog is inactive and not looked at.
"""

from __future__ import annotations

from typing import Any

import pytest
from drawn import is_ornament, own_pieces, text_of
from scenes import NARROW, SCENES, WIDE

from wsplay.tui.kit.theme import PALETTES

pytestmark = pytest.mark.slow

CASES = [(name, WIDE) for name in SCENES] + [(name, NARROW) for name in ("main", "event", "run", "compare")]
#: Where each widget gets the focus: one scene for each screen and each tab.
WALKED = {
    "connected",
    "headers",
    "query",
    "token",
    "options",
    "event",
    "difference",
    "challenge solved",
    "run",
    "compare, events",
}


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize(("name", "size"), CASES, ids=str)
async def test_every_text_can_be_read(enter: Any, name: str, size: tuple[int, int], theme: str) -> None:
    least = 7.0 if theme == "wsplay-contrast" else 4.5
    faint: dict[tuple[str, str, str, float], str] = {}
    async with enter(name, size, theme) as it:
        screen = it.app.screen
        for widget in screen.focus_chain if name in WALKED else [screen.focused]:
            if widget is not screen.focused:
                await it.focus(widget)
            for piece in own_pieces(screen):
                if text := text_of(piece):
                    wanted = least
                elif any(map(is_ornament, piece.text)):
                    text = piece.text.strip()
                    wanted = 0.0 if PALETTES[theme].edge in (piece.colour, piece.ground) else 3.0
                else:
                    continue
                if piece.ratio < wanted:
                    key = (text[:30], piece.colour, piece.ground, round(piece.ratio, 2))
                    faint.setdefault(key, f"with the focus on {widget}")
    told = "\n".join(f"{name} in {theme}: {key} {where}" for key, where in faint.items())
    if faint:
        pytest.fail(told, pytrace=False)
