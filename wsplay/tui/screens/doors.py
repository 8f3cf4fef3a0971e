"""The ways from the main screen into challenge mode and the attack bench; imported when one is taken."""

from __future__ import annotations

from wsplay.library import Library
from wsplay.model.scenario import Scenario
from wsplay.tui.game import read_catalogue
from wsplay.tui.remote import Remote
from wsplay.tui.screens.attack import AttackScreen
from wsplay.tui.screens.challenge import ChallengeScreen
from wsplay.tui.screens.challenges import ChallengesScreen
from wsplay.tui.screens.desk import Desk


def open_screen(what: str, library: Library, remote: Remote, scenario: Scenario | None) -> Desk:
    """The screen for `attack`, `challenge` (the scenario's own; all, if it has none) or `challenges`."""
    if what == "attack":
        return AttackScreen(library, remote, scenario)
    catalogue = read_catalogue(library.scenarios)
    item = None if scenario is None or what != "challenge" else catalogue.get(scenario.name)
    if item is None:
        return ChallengesScreen(library, remote, catalogue=catalogue)
    return ChallengeScreen(library, remote, item, catalogue=catalogue)
