"""What stands in the source's place: the source, the editor, the explanation, the notes, or a difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from textual.screen import Screen
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Standing

if TYPE_CHECKING:
    from wsplay.tui.source.editor import CodeEditor

#: The panes that share the place; the first is always there, the others are made when they are first shown.
SOURCE, EDITOR, TEXT, DIFFERENCE = SHARED = ("endpoint", "editor", "explanation", "difference")

What = Literal["source", "editor", "explanation", "notes", "difference"]
_P = TypeVar("_P", bound=Widget)
_PANES: dict[What, str] = {
    "source": SOURCE,
    "editor": EDITOR,
    "explanation": TEXT,
    "notes": TEXT,
    "difference": DIFFERENCE,
}


class SourcePlace:
    """The place of the source in the upper part of `screen`, and what is shown there.

    `show_upper` brings a pane of the upper part to the front; `prepare` is called before any change, `closed`
    when the source is back. `focus_back` says what gets the focus then: it is given what had it before, or
    None.
    """

    def __init__(
        self,
        screen: Screen[Any],
        *,
        show_upper: Callable[[str], None],
        focus_back: Callable[[Widget | None], Widget],
        prepare: Callable[[], None] = lambda: None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self._screen = screen
        self._closed = closed
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
        """Show how the code of a flawed scenario and of its fix differ."""
        title = f"Difference  - {visible(flawed.filename)}  + {visible(fix.filename)}"
        self.show_texts(flawed.source, fix.file, fix.source, title, code_only=True)

    def show_texts(self, before: str, file: str, after: str, title: str, *, code_only: bool = False) -> None:
        """Show how `after`, a text of `file`, differs from `before`."""
        from wsplay.tui.source.patched_pane import PatchView

        pane = self._pane(DIFFERENCE, PatchView)
        pane.show_difference(before, file, after, title, code_only=code_only)
        self._show("difference")

    def editor(self) -> CodeEditor:
        """The editor, which is made when it is first asked for."""
        from wsplay.tui.source.editor import CodeEditor

        return self._pane(EDITOR, CodeEditor)

    def show_editor(self) -> None:
        """Show the editor, and focus it."""
        self.editor()
        self._show("editor")

    def close(self) -> None:
        """Show the source again."""
        if self.what == "source":
            return
        before, screen = self._focus_before, self._screen
        had_focus = screen.focused is not None and screen.focused.id == _PANES[self.what]
        self._focus_before = None
        self._show("source")
        self._closed()
        if had_focus:
            on_show = before is not None and before.is_attached and before.display
            screen.set_focus(self._focus_back(before if on_show else None))

    def show_source(self) -> None:
        """Show the source again, and focus it."""
        self._focus_before = None
        self._show("source")
        self._closed()
        self._show_upper(SOURCE)
        self._screen.call_after_refresh(self._focus, "source", SOURCE)

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
        screen.set_class(what == "editor", "-editing")
        if what != "source":
            self._show_upper(SOURCE)
            screen.call_after_refresh(self._focus, what, name)

    def _focus(self, what: What, name: str) -> None:
        if self.what == what:
            self._screen.set_focus(self._screen.query_one(f"#{name}"))
