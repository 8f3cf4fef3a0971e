"""The editor in place of the source: Python, with the source's own colours."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from wsplay.events.safe_text import visible
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import BAD_GLYPH
from wsplay.tui.kit.styled_lines import LineRenderer
from wsplay.tui.kit.theme import colours
from wsplay.tui.source.highlight import MAX_COLOURED, capture_styles, python_language

_THEME = "wsplay"
_LANGUAGE = "python"


class CodeEditor(TextArea):
    """Text to edit. What is pasted or loaded is data: control characters are shown, never printed."""

    DEFAULT_CSS = """
    CodeEditor {
        width: 1fr;
        color: $code-text;
        background: $page;
        scrollbar-size: 1 1;
        & .text-area--cursor { text-style: reverse; }
        & .text-area--gutter { color: $text-dim; }
        & .text-area--cursor-gutter { color: $text-bright; background: $lit-ground; text-style: bold; }
        & .text-area--cursor-line { background: $lit-ground; }
        & .text-area--selection { color: $text-on-accent; background: $accent; }
        & .text-area--matching-bracket { text-style: underline bold; background: $cursor-ground; }
    }
    """
    BORDER_TITLE = BINDING_GROUP_TITLE = "Editor"
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority: TextArea itself takes escape to leave the field.
        bind(
            "escape",
            "leave",
            "leave",
            "editor.leave",
            "Leave the editor; the text stays",
            show=True,
            priority=True,
        ),
        bind("ctrl+z", "undo", "Undo", "editor.undo", "Undo"),
        bind("ctrl+y", "redo", "Redo", "editor.redo", "Redo"),
    ]

    class Leave(Message):
        """The user leaves the editor."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(
            tab_behavior="indent",
            soft_wrap=False,
            show_line_numbers=True,
            compact=True,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
        self._bad_line: int | None = None  # counted from 0
        self._bad_text = ""
        #: Texts as they were given, by what the editor makes of them: it breaks lines at a form feed, too.
        self._given: dict[str, str] = {}
        language, query = python_language()
        self.register_language(_LANGUAGE, language, query)

    def load(self, text: str) -> None:
        """Edit another text, from its beginning, with nothing to undo."""
        text = _storable(text)
        wanted = _LANGUAGE if len(text) <= MAX_COLOURED else None
        if self.language != wanted:
            self.language = wanted
        self.load_text(text)
        self._given = {self.text: text}

    @property
    def edited_text(self) -> str:
        """The text; one that was given and not changed is as it was given."""
        text = self.text
        return self._given.get(text, text)

    def edit(self, edit: Edit) -> EditResult:
        """Make a change, of characters that a file can hold."""
        edit.text = _storable(edit.text)
        return super().edit(edit)

    def put(self, text: str) -> None:
        """Replace the whole text, as an edit of its own that can be undone; the cursor stays in its line."""
        text = _storable(text)
        if text == self.edited_text:
            return
        row, column = self.cursor_location
        self.history.checkpoint()
        self.replace(text, self.document.start, self.document.end)
        self.history.checkpoint()
        self._given[self.text] = text
        self.move_cursor(self.clamp_visitable((row, column)))

    def go_to(self, line: int) -> None:
        """Put the cursor at the first character of a line (from 1), a third down the pane."""
        row = min(max(line, 1), self.document.line_count) - 1
        text = self.document.get_line(row)
        self.move_cursor((row, len(text) - len(text.lstrip())))
        self.call_after_refresh(self._reveal, row)

    def _reveal(self, row: int) -> None:
        height = self.scrollable_content_region.height
        if not self.scroll_offset.y <= row < self.scroll_offset.y + height - 1:
            self.scroll_to(y=max(row - height // 3, 0), animate=False, immediate=True)

    def show_problem(self, line: int | None) -> None:
        """Mark a line (from 1) as wrong until its text changes, or none."""
        row = None if line is None or not 1 <= line <= self.document.line_count else line - 1
        self._bad_text = "" if row is None else self.document.get_line(row)
        if row != self._bad_line:
            self._bad_line = row
            self._line_cache.clear()
            self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            # What Textual inserts is the line break alone.
            event.stop()
            event.prevent_default()
            self._replace_via_keyboard("\n" + self._indentation(), *self.selection)
        else:
            await super()._on_key(event)

    def _indentation(self) -> str:
        """That of the next line: as far as the line before the cursor, and further after a colon."""
        row, column = min(self.selection)
        before = self.document.get_line(row)[:column]
        indentation = before[: len(before) - len(before.lstrip())]
        return indentation + " " * (self.indent_width if before.rstrip().endswith(":") else 0)

    def action_leave(self) -> None:
        """Leave the editor."""
        self.post_message(self.Leave())

    # Drawing

    def get_line(self, line_index: int) -> Text:
        """The line as it is shown."""
        return Text(_shown(self.document.get_line(line_index)), end="", no_wrap=True)

    def render_line(self, y: int) -> Strip:
        strip = _spaces_apart(super().render_line(y))
        row = self._bad_line
        if row is None or y + self.scroll_offset.y != row or row >= self.document.line_count:
            return strip
        if self.document.get_line(row) != self._bad_text:
            return strip  # it was changed: what is wrong may be no more, and is said anew when it is applied
        renderer = LineRenderer(colours(self.app))
        mark = Strip([Segment(BAD_GLYPH, renderer.rich_style("bad bold", "bad-ground"))], 1)
        at = self.gutter_width - 2  # the number is left of it
        return Strip.join([strip.crop(0, at), mark, strip.crop(at + 1)])

    def on_mount(self) -> None:
        self._use_colours()

    def notify_style_update(self) -> None:
        """Take the new theme's colours."""
        super().notify_style_update()
        if self.is_mounted:
            self._use_colours()

    def _use_colours(self) -> None:
        renderer = LineRenderer(colours(self.app))
        styles = {name: renderer.rich_style(style) for name, style in capture_styles().items()}
        self.register_theme(TextAreaTheme(_THEME, syntax_styles=styles))
        if self.theme == _THEME:
            self._set_theme(_THEME)
        else:
            self.theme = _THEME
        self._line_cache.clear()
        self.refresh()


def _spaces_apart(strip: Strip) -> Strip:
    """The strip with space before text as a segment of its own: otherwise some SVG viewers drop it."""
    segments = []
    for text, style, control in strip:
        bare = text.lstrip(" ")
        if bare and bare != text:
            segments.append(Segment(" " * (len(text) - len(bare)), style, control))
            text = bare
        segments.append(Segment(text, style, control))
    return Strip(segments, strip.cell_length)


def _storable(text: str) -> str:
    """The text without halves of surrogate pairs, which neither a file nor the editor can hold."""
    return text.encode("utf-8", "replace").decode()


def _shown(line: str) -> str:
    """The line with a picture for each character that is not printed, as many characters as it has."""
    if line.isprintable() and line.isascii():
        return line
    return "".join(char if char == "\t" else _picture(char) for char in line)


def _picture(char: str) -> str:
    shown = visible(char)
    return shown if len(shown) == 1 else "�"
