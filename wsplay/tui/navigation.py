"""Which screen opens which: the one place that knows every screen; imported when the first is opened."""

from __future__ import annotations

from typing import Any

from textual.app import App

from wsplay.challenge.catalogue import read_catalogue
from wsplay.scenario.library import Library
from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.screen import ChallengeScreen
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.main.screen import MainScreen
from wsplay.tui.runs.screen import RunsScreen


def open_screen(app: App[Any], library: Library, proxy: PlaygroundProxy, wanted: OpenScreen) -> None:
    """Show the requested screen. A scenario without a challenge opens the list of all challenges."""
    if wanted.what == "attack":
        app.push_screen(AttackScreen(library, proxy, wanted.scenario))
        return
    if wanted.what in ("runs", "connect"):
        main = next(screen for screen in app.screen_stack if isinstance(screen, MainScreen))
        if wanted.what == "runs":
            app.push_screen(RunsScreen(main.state.kept, lambda: main.state.run.kept))
            return
        while app.screen is not main:
            app.pop_screen()
        main.call_next(main.action_connect)
        return
    catalogue = read_catalogue(library.scenarios)
    item = None if wanted.scenario is None else catalogue.get(wanted.scenario.name)
    if wanted.what == "challenge" and item is not None:
        app.push_screen(ChallengeScreen(library, proxy, item, catalogue=catalogue))
    elif not isinstance(app.screen, ChallengeScreen):
        app.push_screen(ChallengesScreen(library, proxy, catalogue=catalogue))
    elif any(isinstance(screen, ChallengesScreen) for screen in app.screen_stack):
        app.screen.dismiss()  # the list is below the challenge
    else:
        app.switch_screen(ChallengesScreen(library, proxy, catalogue=catalogue))
