"""What stands in the source's place: the source, the explanation, the speaker's notes, or a difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from textual.screen import Screen
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Standing

#: The panes that share the place; the first is always there, the others are made when they are first shown.
SOURCE, TEXT, DIFFERENCE = SHARED = ("endpoint", "explanation", "difference")

What = Literal["source", "explanation", "notes", "difference"]
_P = TypeVar("_P", bound=Widget)
_PANES: dict[What, str] = {
    "source": SOURCE,
    "explanation": TEXT,
    "notes": TEXT,
    "difference": DIFFERENCE,
}


class SourcePlace:
    """The place of the source in the upper part of `screen`, and what is shown there.

    `show_upper` brings a pane of the upper part to the front; `prepare` is called before any change.
    `focus_back` says what gets the focus when the source is back: it is given what had it before, or None.
    """

    def __init__(
        self,
        screen: Screen[Any],
        *,
        show_upper: Callable[[str], None],
        focus_back: Callable[[Widget | None], Widget],
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._screen = screen
        self._show_upper, self._focus_back, self._prepare = show_upper, focus_back, prepare
        self._focus_before: Widget | None = None
        self.what: What = "source"

    def show_text(
        self,
        what: Literal["explanation", "notes"],
        scenario: Scenario,
        standing: Standing,
        *,
        keys: bool = True,
    ) -> None:
        """Show a scenario's explanation, with the keys for its fix or without, or its speaker's notes."""
        # Imported now: the Markdown parser takes a moment, and the first paint does not need it.
        from wsplay.tui.source.explanation import Explanation, notes_lines
        from wsplay.tui.source.explanation_pane import ExplanationPane

        pane = self._pane(TEXT, ExplanationPane)
        if what == "explanation":
            pane.show(f"Explanation  {scenario.title}", Explanation(scenario, standing, keys=keys).lines)
        else:
            pane.show(f"Speaker's notes  {scenario.title}", lambda width: notes_lines(scenario, width))
        self._show(what)

    def show_difference(self, flawed: Scenario, fix: Scenario) -> None:
        """Show how a flawed scenario and its fix differ."""
        from wsplay.tui.source.patched_pane import PatchView

        pane = self._pane(DIFFERENCE, PatchView)
        title = f"Difference  - {visible(flawed.filename)}  + {visible(fix.filename)}"
        pane.show_difference(flawed.source, fix.file, fix.source, title)
        self._show("difference")

    def close(self) -> None:
        """Show the source again."""
        if self.what == "source":
            return
        before, screen = self._focus_before, self._screen
        had_focus = screen.focused is not None and screen.focused.id == _PANES[self.what]
        self._focus_before = None
        self._show("source")
        if had_focus:
            on_show = before is not None and before.is_attached and before.display
            screen.set_focus(self._focus_back(before if on_show else None))

    def _pane(self, id: str, kind: type[_P]) -> _P:
        found = self._screen.query(f"#{id}").results(kind)
        pane = next(iter(found), None)
        if pane is None:
            pane = kind(id=id, classes="pane -behind")
            self._screen.query_one("#upper").mount(pane, after=f"#{SOURCE}")
        return pane

    def _show(self, what: What) -> None:
        screen, name = self._screen, _PANES[what]
        if what != "source" and self.what == "source":
            self._focus_before = screen.focused
        self.what = what
        self._prepare()
        for shared in SHARED:
            screen.query(f"#{shared}").set_class(shared != name, "-behind")
        if what != "source":
            self._show_upper(SOURCE)
            screen.call_after_refresh(self._focus, name)

    def _focus(self, name: str) -> None:
        if self.what != "source" and _PANES[self.what] == name:
            self._screen.set_focus(self._screen.query_one(f"#{name}"))
