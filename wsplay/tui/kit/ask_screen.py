"""A question with one field, over a screen: a name, or a file with its path completed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Checkbox, Input, Static

from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.kit.text_input import TextInput

#: Names of a folder that are looked at for a completion.
LOOKED_AT = 2_000

#: Does what was asked for, with the text and whether the box is ticked; returns what is wrong, or nothing.
Submit = Callable[[str, bool], Awaitable[str]]


class AskScreen(ModalScreen[None], LateInputScreen[None]):
    """The question. It closes once `submit` finds nothing wrong; what is wrong is told below the field.

    `tick` is the label of a box below the field, which starts empty. With `paths`, names of files are
    completed, those that end in `suffix`.
    """

    DEFAULT_CSS = """
    AskScreen { align: center middle; background: $background 60%; }
    AskScreen > Vertical {
        width: 76; max-width: 100%; height: auto; padding: 1 2; background: $bar; border: round $edge;
        border-title-color: $accent; border-title-style: bold; border-subtitle-color: $text-soft;
    }
    AskScreen TextInput { background: $page; }
    AskScreen Checkbox {
        background: $bar; color: $text-plain; border: none; padding: 0; margin-top: 1;
        &:focus { background-tint: transparent; }
        & > .toggle--label { padding: 0 1; }
        & > .toggle--button, &.-on > .toggle--button { color: $text-bright; background: $bar; }
        &:focus > .toggle--label { background: $accent; color: $text-on-accent; text-style: bold; }
    }
    AskScreen Static { height: auto; margin-top: 1; color: $text-soft; }
    AskScreen .-wrong { color: $bad; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "leave", "Cancel", "ask.cancel", "Close without doing it", show=True),
    ]

    def __init__(
        self,
        title: str,
        submit: Submit,
        text: str = "",
        *,
        hint: str = "",
        tick: str = "",
        paths: bool = False,
        suffix: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._submit = submit
        self._text = text
        self._hint = hint
        self._tick = tick
        self._paths = paths
        self._suffix = suffix
        self._busy = False

    def compose(self) -> ComposeResult:
        """The field, the box, and a line below."""
        with Vertical() as card:
            card.border_title = Content(self._title)
            card.border_subtitle = "enter: go on  escape: cancel"
            yield _Field(self._text, suggester=_PathSuggester(self._suffix) if self._paths else None)
            if self._tick:
                yield _Box(Content(self._tick), compact=True)
            yield Static(Content(self._hint), id="ask-told", markup=False)

    def on_mount(self) -> None:
        """One types at once."""
        self.query_one(_Field).focus()

    def tell(self, problem: str) -> None:
        """Say below the field what is wrong."""
        told = self.query_one("#ask-told", Static)
        told.set_class(bool(problem), "-wrong")
        told.update(Content(problem or self._hint))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if not self._busy:
            self._busy = True
            self.run_worker(self._go_on(), group="ask")

    async def _go_on(self) -> None:
        ticked = any(box.value for box in self.query(Checkbox))
        try:
            problem = await self._submit(self.query_one(_Field).text, ticked)
        finally:
            self._busy = False
        if problem and self.stays_open:
            self.tell(problem)
        else:
            self.dismiss()

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss()


class _Box(Checkbox):
    """A box that is empty without its tick, so that its state is seen without colour too."""

    BUTTON_LEFT = BUTTON_RIGHT = ""
    BUTTON_INNER = "[ ]"

    def watch_value(self) -> None:
        """Draw the tick, or none."""
        self.BUTTON_INNER = "[✓]" if self.value else "[ ]"
        super().watch_value()


class _Field(TextInput):
    BINDING_GROUP_TITLE = "The field"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("tab", "complete", "Complete", "ask.complete", "Complete the path, or go to the next field"),
    ]

    def action_complete(self) -> None:
        """Take the completion, if there is one; or go on."""
        if self._suggestion and self.cursor_position == len(self.value):
            self.action_cursor_right()
        else:
            self.screen.focus_next()


class _PathSuggester(Suggester):
    def __init__(self, suffix: str) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._suffix = suffix

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(completed, value, self._suffix) if value else None


def completed(text: str, suffix: str) -> str | None:
    """The first path that begins with `text`: a folder, with a separator, or a file that ends in `suffix`;
    None if there is none.
    """
    folder, name = os.path.split(text)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as there:
            found = sorted(
                each.name + (os.sep if each.is_dir() else "")
                for each in islice(there, LOOKED_AT)
                if each.name.startswith(name)
                and (name or not each.name.startswith("."))
                and (each.is_dir() or each.name.endswith(suffix))
            )
    except OSError:
        return None
    return os.path.join(folder, found[0]) if found else None
