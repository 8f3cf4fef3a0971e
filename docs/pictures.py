"""Make the pictures of the README: the real program, a real run, drawn without a terminal.

    python docs/pictures.py            writes docs/main.svg and docs/narrow.svg

Each picture is what the terminal UI shows after a real server refused a real client. The fonts are those of
the reader's machine, so a picture needs no network.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp

FOLDER = Path(__file__).parent
LIMIT = 30.0
PICTURES = {"main": (140, 40), "narrow": (80, 24)}


async def take(name: str, size: tuple[int, int]) -> None:
    """Run close_before_accept's first try in a screen of `size` and write what it shows to `name`.svg."""
    app = WsplayApp(Library.find(()), scenario="close_before_accept", port=8765)
    async with app.run_test(size=size) as pilot:
        await until(pilot, "listening")
        await pilot.press("ctrl+r")
        await until(pilot, "REFUSED 403")
        await pilot.pause(0.5)
        picture = app.export_screenshot(title="wsplay")
    (FOLDER / f"{name}.svg").write_text(without_web_fonts(picture), encoding="utf-8")
    sys.stdout.write(f"docs/{name}.svg\n")


async def until(pilot: object, text: str) -> None:
    """Wait until the screen shows `text`; raises TimeoutError if it never does."""
    async with asyncio.timeout(LIMIT):
        while text.replace(" ", "&#160;") not in pilot.app.export_screenshot():  # type: ignore[attr-defined]
            await pilot.pause(0.05)  # type: ignore[attr-defined]


def without_web_fonts(picture: str) -> str:
    """Textual's pictures load a font from the web; slides are often shown offline."""
    picture = re.sub(r"@font-face\s*\{.*?\}\s*", "", picture, flags=re.S)
    return picture.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


async def main() -> None:
    for name, size in PICTURES.items():
        await take(name, size)


if __name__ == "__main__":
    asyncio.run(main())
