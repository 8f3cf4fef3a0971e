"""Comparing the run on show: what it can be compared with, and the screen that does it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wsplay.protocol.routes import default_path
from wsplay.scenario.file import Scenario
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.key_menu import KeyMenu
from wsplay.tui.main.editing import Editing
from wsplay.tui.main.last_runs import LastRun, LastRuns
from wsplay.tui.main.state import MainState

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsplay.tui.compare.menu import Pair, Which


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
        self._asked: ClientPane.Connect | None = None
        self.last = LastRuns()

    def asked(self, request: ClientPane.Connect) -> None:
        """The user connects with this."""
        self._asked = request

    def run_began(self) -> None:
        """The shown run is another one; without a connection of ours it is none to compare."""
        state, asked = self._state, self._asked
        if not state.run.number or asked is None or state.loaded is None:
            return
        path = asked.handshake.path or default_path(state.routes) or ""
        self.last.add(
            LastRun(
                state.run,
                replace(asked.handshake, path=path),
                asked.try_name or "",
                state.loaded,
                self._in_file(state.loaded),
                state.server,
                state.files,
                datetime.now(UTC),
            )
        )

    def pairs(self) -> dict[Which, Pair]:
        """What can be compared now, by its key."""
        # Imported now: with the playground, which the first paint does not wait for.
        from wsplay.tui.compare.menu import Shown, pairs

        if not self.last.runs:
            return {}
        now, *before = self.last.runs
        ran = now.scenario.source
        source = None if ran == now.in_file.source else ran
        shown = Shown(now.side, now.in_file, now.try_, source)
        copy = self._editing.copy
        edit = copy.text if copy is not None and copy.file == now.in_file.file and copy.edited else None
        return pairs(shown, before[0] if before else None, before, edit)

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
