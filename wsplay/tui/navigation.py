"""The ways from the main screen into challenge mode and the attack bench; imported when one is taken."""

from __future__ import annotations

from wsplay.challenge.catalogue import read_catalogue
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.screen import ChallengeScreen


def open_screen(what: str, library: Library, proxy: PlaygroundProxy, scenario: Scenario | None) -> JobScreen:
    """The screen for `attack`, `challenge` (the scenario's own; all, if it has none) or `challenges`."""
    if what == "attack":
        return AttackScreen(library, proxy, scenario)
    catalogue = read_catalogue(library.scenarios)
    item = None if scenario is None or what != "challenge" else catalogue.get(scenario.name)
    if item is None:
        return ChallengesScreen(library, proxy, catalogue=catalogue)
    return ChallengeScreen(library, proxy, item, catalogue=catalogue)
