"""The terminal UI, used fast: `fast_use.py palette|connect|attack TIMES`.

Prints the memory, in bytes, after each time.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp

#: The scenario that is open: its first try ends at once.
SCENARIO = "3"
PAGE = os.sysconf("SC_PAGE_SIZE")


def memory() -> int:
    """Bytes in use, as the system counts them."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


async def until(pilot: Pilot[object], true: Callable[[], object]) -> None:
    """Wait, at most 30 s."""
    for _ in range(3000):
        if true():
            return
        await pilot.pause(0.01)
    raise SystemExit("fast_use: it never came")


async def main(what: str, times: int) -> None:
    app = WsplayApp(Library.find(user_folders=()), scenario=SCENARIO)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await until(pilot, lambda: getattr(getattr(app.screen, "state", None), "loaded", None))
        main_screen = app.screen
        for _ in range(times):
            await pilot.press("t")
            if what == "connect":
                await pilot.press("ctrl+r")
                await pilot.pause(0.15)
            else:
                await pilot.press("ctrl+p" if what == "palette" else "b")
                await until(pilot, lambda: app.screen is not main_screen)
                await pilot.pause(0.1)
                while app.screen is not main_screen:
                    await pilot.press("escape")
                    await pilot.pause(0.05)
            print(memory(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
