"""The line in which a filter is typed, below the timeline, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from wsplay.export.event_filter import KEYS, offers
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.text_input import TextInput

#: What can be done in the line: keep or leave it, hide the others, go to the next or the previous match.
What = Literal["keep", "blur", "leave", "hide", "next", "previous"]
#: Values by key, of the timeline that is shown: what its connections are numbered.
Known = Callable[[], Mapping[str, Iterable[str]]]


class FindInput(TextInput):
    """The input of a filter."""

    BINDING_GROUP_TITLE = "Find"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "done('keep')", "Keep", "find.keep", "Keep the filter", show=True),
        bind("escape", "done('leave')", "End", "find.leave", "End it, go back to the start", show=True),
        bind("tab", "done('hide')", "Hide others", "find.hide", "Hide or show all other events", show=True),
        bind("down", "done('next')", "Next", "find.next", "Next match"),
        bind("up", "done('previous')", "Previous", "find.previous", "Previous match"),
    ]

    @dataclass
    class Done(Message):
        """One of the input's keys was pressed."""

        what: What

    def action_done(self, what: What) -> None:
        """Tell what was pressed."""
        self.post_message(self.Done(what))

    def on_blur(self, event: events.Blur) -> None:
        """The search is kept when the focus goes elsewhere, unless the whole terminal lost it."""
        if self.app.app_focus:
            self.post_message(self.Done("blur"))


class _Offers(Suggester):
    """Completes the word that is typed: a key, or a value of its key."""

    def __init__(self, known: Known) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._known = known

    async def get_suggestion(self, value: str) -> str | None:
        if not value or value[-1].isspace():
            return None
        start, words = offers(value, len(value), self._known())
        typed = value[start:]
        longer = next((word for word in words if word.startswith(typed) and word != typed), None)
        return None if longer is None else value[:start] + longer


class FindBar(Vertical):
    """The input, and below it what the filter comes to or what is wrong with it. Hidden until `open`."""

    DEFAULT_CSS = """
    FindBar { display: none; height: 2; width: 1fr; background: $bar; }
    FindBar.-docked { dock: bottom; width: 100%; }
    FindBar FindInput { width: 1fr; }
    FindBar Static { height: 1; width: 1fr; padding: 0 1; color: $text-soft; }
    FindBar Static.-wrong { color: $bad; }
    """

    def __init__(self, known: Known, on_text: Callable[[str], None], on_done: Callable[[What], None]) -> None:
        """`on_text` gets each text as it is typed, `on_done` what one does then."""
        super().__init__()
        self.is_open = False
        self._on_text, self._on_done = on_text, on_done
        keys = " ".join(f"{key}:" for key in KEYS)
        self.input = FindInput(placeholder=f"text, or {keys}", suggester=_Offers(known))
        self._says = Static(markup=False)

    def compose(self) -> ComposeResult:
        """The input above, the words below."""
        yield self.input
        yield self._says

    def open(self, text: str) -> None:
        """Show the bar, and type on from `text`."""
        self.display = self.is_open = True
        with self.prevent(Input.Changed):
            self.input.text = text
        # Before its first layout it cannot have the focus.
        (self.call_after_refresh if not self.input.is_mounted else self.call_later)(self.input.focus)

    def close(self) -> None:
        """Hide the bar."""
        self.display = self.is_open = False

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show what the filter comes to, or what is wrong."""
        self._says.update(Content(text))
        self._says.set_class(wrong, "-wrong")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._on_text(self.input.text)

    @on(FindInput.Done)
    def _done(self, event: FindInput.Done) -> None:
        event.stop()
        self._on_done(event.what)
