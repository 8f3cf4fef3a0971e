"""Make the pictures of the README: the real program, a real run, drawn without a terminal.

    python docs/pictures.py            writes main, narrow, compare, moving, edit-*.svg and held-*.svg

Each picture is what the terminal UI shows after a real server refused a real client. The moving one shows
the screens on the way there, in turn; it stands still for readers who prefer reduced motion. The fonts are
those of the reader's machine, so a picture needs no network.
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
MOVING = "moving"
#: The size of the moving picture, and the seconds for which each of its screens is shown.
SIZE, SECONDS = (100, 30), 3.5
#: The size of the pictures of an edit.
EDIT_SIZE = (140, 34)
#: The screens of the moving picture: what is pressed, and what is then to be seen.
SCREENS = (
    ((), "ctrl+r connects"),
    (("3",), "close_before_accept.py is loaded"),
    (("ctrl+r",), "REFUSED 403"),
    (("i",), "websocket.close"),
    (("i", "right_square_bracket", "ctrl+r"), "DROPPED"),
)


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


async def take_held() -> None:
    """Hold close_before_accept: its request, which is edited, then the app's close."""
    app = WsplayApp(Library.find(()), scenario="close_before_accept", port=8765)
    async with app.run_test(size=PICTURES["main"], notifications=False) as pilot:
        await until(pilot, "listening")
        app.screen.action_hold("all")  # type: ignore[attr-defined]
        await until(pilot, "HOLD: all")
        await pilot.press("t", "ctrl+r")
        await until(pilot, "edit the request")
        await pilot.press("enter")
        await until(pilot, "Sec-WebSocket-Version")
        await pilot.press("enter", *"Authorization: guess")
        await until(pilot, "Authorization: guess")
        write_picture(app, "held-request")
        await pilot.press("ctrl+s")
        await until(pilot, "waits to send websocket.close 1008")
        await until(pilot, "WAITS 3 s")
        write_picture(app, "held-close")


async def take_edits() -> None:
    """Edit the source: applied and run, then one that does not load, then the difference to the file."""
    app = WsplayApp(Library.find(()), scenario="close_before_accept", port=8765)
    async with app.run_test(size=EDIT_SIZE) as pilot:
        await until(pilot, "READY")
        await pilot.press("ctrl+r")
        await until(pilot, "REFUSED 403")
        await pilot.press("t", "home")
        while "called close()" not in str(app.screen.query_one("#endpoint").border_subtitle):
            await pilot.press("down")
            await pilot.pause()
        await pilot.press("ctrl+e")
        await until(pilot, "Editor")
        await pilot.pause(0.5)
        await pilot.press(*"await websocket.accept()", "enter", "ctrl+s")
        await until(pilot, "the server runs your edit")
        await pilot.press("ctrl+r")
        await until(pilot, "CLOSED 1008")
        write_picture(app, "edit-applied")
        await pilot.press(*"if (", "ctrl+s")
        await until(pilot, "SyntaxError")
        write_picture(app, "edit-error")
        await pilot.press("escape")
        await pilot.pause(0.5)
        await pilot.press("=")
        await until(pilot, "Difference")
        await pilot.pause(0.5)
        write_picture(app, "edit-difference")


def write_picture(app: WsplayApp, name: str) -> None:
    """Write what is on the screen to `name`.svg."""
    picture = without_web_fonts(app.export_screenshot(title="wsplay"))
    (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")
    sys.stdout.write(f"docs/{name}.svg\n")


#: The place of the screen that is shown where nothing moves.
STILL = 2


async def take_moving() -> None:
    """Choose a scenario, connect, see the 403, and connect with the right token: a screen of each."""
    app = WsplayApp(Library.find(()), scenario="no_auth", port=8765)
    screens = []
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, "listening")
        for keys, text in SCREENS:
            await pilot.press(*keys)
            await until(pilot, text)
            await pilot.pause(0.5)
            screens.append(without_web_fonts(app.export_screenshot(title="wsplay")))
    (FOLDER / f"{MOVING}.svg").write_text(in_turn(screens), encoding="utf-8")
    sys.stdout.write(f"docs/{MOVING}.svg\n")


def in_turn(screens: list[str]) -> str:
    """One picture that shows each of the pictures, all of one size, for a while, again and again."""
    opening = re.match(r"<svg [^>]*>", screens[0])
    assert opening is not None
    whole = SECONDS * len(screens)
    # Where nothing moves, one screen stands still.
    style = f".screen {{ visibility: hidden }} .screen-{STILL} {{ visibility: visible }}\n"
    style += f"@keyframes turn {{ 0% {{ visibility: visible }} {100 / len(screens):g}%, 100% "
    style += "{ visibility: hidden } }\n@media (prefers-reduced-motion: no-preference) {\n"
    style += f".screen {{ animation: turn {whole:g}s step-end infinite }}\n"
    for number in range(len(screens)):
        style += f".screen-{number} {{ animation-delay: {number * SECONDS - whole:g}s }}\n"
    style += "}\n"
    groups = []
    for number, screen in enumerate(screens):
        inner = re.sub(r"^<svg [^>]*>|</svg>\s*$", "", screen)
        # The classes of two pictures must differ.
        inner = re.sub(r"terminal-\d+", f"screen-{number}-of", inner)
        groups.append(f'<g class="screen screen-{number}">{inner}</g>')
    return f"{opening[0]}\n<style>\n{style}</style>\n" + "\n".join(groups) + "\n</svg>\n"


async def until(pilot: object, text: str) -> None:
    """Wait until the screen shows `text`; raises TimeoutError if it never does."""
    async with asyncio.timeout(LIMIT):
        while text.replace(" ", "&#160;") not in pilot.app.export_screenshot():  # type: ignore[attr-defined]
            await pilot.pause(0.05)  # type: ignore[attr-defined]


def without_web_fonts(picture: str) -> str:
    """Textual's pictures load a font from the web; slides are often shown offline."""
    picture = re.sub(r"@font-face\s*\{.*?\}\s*", "", picture, flags=re.S)
    return picture.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


async def take_compared() -> None:
    """Compare a refused run with one that is accepted and then closed."""
    app = WsplayApp(Library.find(()), scenario="close_before_accept")
    async with app.run_test(size=PICTURES["main"]) as pilot:
        await until(pilot, "listening")
        await pilot.press("ctrl+r")
        await until(pilot, "REFUSED 403")
        await pilot.press("6")
        await until(pilot, "accept_then_close.py is loaded")
        await pilot.press("ctrl+r")
        await until(pilot, "CLOSED 1008")
        await pilot.press("B")
        await until(pilot, "the run before")
        await pilot.press("b")
        await until(pilot, "outcomes differ")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await pilot.pause(0.5)
        picture = without_web_fonts(app.export_screenshot(title="wsplay"))
    (FOLDER / "compare.svg").write_text(picture, encoding="utf-8")
    sys.stdout.write("docs/compare.svg\n")


async def main() -> None:
    for name, size in PICTURES.items():
        await take(name, size)
    await take_compared()
    await take_moving()
    await take_edits()
    await take_held()


if __name__ == "__main__":
    asyncio.run(main())
