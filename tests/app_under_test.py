"""The terminal UI under test, driven by Textual's Pilot: what the tests of its screens read and wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.screen import MainScreen

#: Seconds between two looks.
PAUSE = 0.02


class AppUnderTest:
    """A running app. A subclass adds what its tests ask for, and names another `limit`, in seconds.

    `fake` is the factory of the made-up playgrounds, if the test has one.
    """

    limit = 20.0

    def __init__(self, app: WsplayApp, pilot: Pilot[None], fake: Any = None) -> None:
        self.app, self.pilot, self.fake = app, pilot, fake

    @property
    def main(self) -> MainScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    @property
    def screen(self) -> Any:
        """The screen that the tests are about: the main one, unless a subclass says otherwise."""
        return self.main

    @property
    def headline(self) -> str:
        """The verdict's, on the screen on top."""
        return self.app.screen.query_one(VerdictBar).verdict.headline

    @property
    def status(self) -> str:
        """The main screen's line at the top."""
        return self.main.query_one("#status", StatusLine).text

    @property
    def told(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, true: Callable[[], object], what: str = "") -> None:
        """Wait, at most `limit` seconds, until something holds."""
        for _ in range(round(self.limit / PAUSE)):
            if true():
                return
            await self.pilot.pause(PAUSE)
        raise AssertionError(f"never came: {what} (on {self.app.screen}, {self.seen})")

    @property
    def seen(self) -> str:
        """What a failure says of the app."""
        return f"told {self.told}"
