"""Comparing the run on show: what it can be compared with, and the screen that does it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.routes import default_path
from wsplay.scenario.file import Scenario, Try
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.key_menu import KeyMenu
from wsplay.tui.main.editing import Editing
from wsplay.tui.main.state import MainState, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsplay.tui.compare.menu import Pair, Which


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """What the newest run was asked for, as it was typed: what it takes to run it again."""

    run: Run
    handshake: Handshake
    try_name: str  # empty for a request that is none of the tries
    scenario: Scenario  # with the text that ran
    in_file: Scenario  # as in its file

    @property
    def try_(self) -> Try:
        known = self.in_file.get_try(self.try_name) if self.try_name else None
        return Try(self.try_name, self.handshake, timeout=None if known is None else known.timeout)


class Comparing:
    """What `B` offers on the main screen. `in_file` gives a scenario as it is in its file."""

    def __init__(
        self,
        screen: BaseScreen,
        state: MainState,
        editing: Editing,
        proxy: PlaygroundProxy,
        in_file: Callable[[Scenario], Scenario],
    ) -> None:
        self._screen, self._state, self._editing, self._proxy = screen, state, editing, proxy
        self._in_file = in_file
        self._request: ClientPane.Connect | None = None
        self._asked: _Asked | None = None

    def asked(self, request: ClientPane.Connect) -> None:
        """The user connects with this."""
        self._request = request

    def run_began(self) -> None:
        """The shown run is another one; without a connection of ours it is none to compare."""
        state, request = self._state, self._request
        if not state.run.number or request is None or state.loaded is None:
            return
        path = request.handshake.path or default_path(state.routes) or ""
        handshake = replace(request.handshake, path=path)
        in_file = self._in_file(state.loaded)
        self._asked = _Asked(state.run, handshake, request.try_name or "", state.loaded, in_file)

    def pairs(self) -> dict[Which, Pair]:
        """What can be compared now, by its key."""
        # Imported now: with the playground, which the first paint does not wait for.
        from wsplay.tui.compare.menu import Shown, pairs

        asked = self._asked
        if asked is None or (now := asked.run.kept) is None:
            return {}
        ran = asked.scenario.source
        source = None if ran == asked.in_file.source else ran
        shown = Shown(now.side, asked.in_file, asked.try_, source)
        others = [run for run in self._state.kept.runs if run is not now and not run.from_disk]
        copy = self._editing.copy
        edit = copy.text if copy is not None and copy.file == asked.in_file.file and copy.edited else None
        return pairs(shown, others[0] if others else None, others, edit)

    def ask(self) -> None:
        """Open the menu."""
        from wsplay.tui.compare.menu import choices

        offered = self.pairs()
        if offered:
            self._screen.open_above(KeyMenu(choices(offered), "Compare this run with", self._screen))
        else:
            self._screen.say("no run to compare yet: ctrl+r connects")

    def compare(self, which: Which) -> None:
        """Compare with what was chosen; what is missing is run."""
        from wsplay.tui.compare.screen import CompareScreen

        pair = self.pairs().get(which)
        if pair is not None:
            self._screen.open_above(CompareScreen(pair.left, pair.right, self._proxy))
