"""A one-line input that keeps every character: control characters are shown as pictures and read back."""

from __future__ import annotations

import re
from typing import Any

from textual import events
from textual.widgets import Input

from wsplay.tui.kit.typed_text import editable, typed


class TextInput(Input):
    """A compact `Input` for any text. `text` is the real text, `value` what is shown.

    A line break that is pasted stays (Textual's own keeps the first line only) and is shown as `␊`; an escape
    or a bidirectional mark from a scenario file is shown and never reaches the terminal.
    """

    DEFAULT_CSS = """
    TextInput {
        background: $bar;
        color: $text-bright;
        &:focus { background: $cursor-ground; background-tint: 0%; }
        &:focus:nocolor { background: $bar; }  /* only its cursor is in reverse video */
        &:disabled { color: $text-dim; }
        &.-wrong { color: $bad; }
        & > .input--placeholder, & > .input--suggestion { color: $text-dim; }
        & > .input--selection { background: $accent; color: $text-on-accent; }
    }
    """

    def __init__(self, text: str = "", **options: Any) -> None:
        super().__init__(editable(text) or None, compact=True, **options)

    @property
    def text(self) -> str:
        """The real text of the input."""
        return typed(self.value)

    @text.setter
    def text(self, text: str) -> None:
        if text != self.text:
            self.value = editable(text)
            self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()  # without it, Input's own handler would paste the first line once more
        # Terminals paste a line feed as a carriage return.
        pasted = editable(re.sub("\r(?!\n)", "\n", event.text))
        if self.selection.is_empty:
            self.insert_text_at_cursor(pasted)
        else:
            self.replace(pasted, *self.selection)
