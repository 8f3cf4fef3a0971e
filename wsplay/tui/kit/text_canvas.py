"""Lines of coloured text that scroll, drawn only where they are seen; text can be selected with the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.styled_lines import Ink, Line, cells, plain
from wsplay.tui.kit.theme import colours


def scroll_bindings(prefix: str, *, sideways: bool = False) -> list[BindingType]:
    """Keys that scroll, with ids that start with `prefix`."""
    keys = [
        ("up,k", "scroll_up", "Up", "A line up"),
        ("down,j", "scroll_down", "Down", "A line down"),
        ("pageup", "page_up", "Page up", "A page up"),
        ("pagedown", "page_down", "Page down", "A page down"),
        ("home", "scroll_home", "Top", "To the top"),
        ("end", "scroll_end", "Bottom", "To the bottom"),
    ]
    if sideways:
        keys += [
            ("left", "scroll_left", "Left", "To the left"),
            ("right", "scroll_right", "Right", "To the right"),
        ]
    return [
        bind(key, action, description, f"{prefix}.{description.lower().replace(' ', '-')}", tip)
        for key, action, description, tip in keys
    ]


class TextCanvas(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines to read. A subclass calls `set_lines`, and says what stands beside and behind a line."""

    DEFAULT_CSS = """
    TextCanvas {
        background: $background;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        &:focus {
            border: round $border;
            border-title-color: $accent;
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._strips: LRUCache[int, Strip] = LRUCache(512)
        self._ink: Ink | None = None

    # For the class that is this and more

    aside_width: int = 0

    def aside(self, y: int) -> Line:
        """What stands left of line `y` and does not scroll sideways."""
        return ()

    def ground(self, y: int) -> str:
        """The colour behind line `y`, or nothing."""
        return ""

    # The lines

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(map(plain, self._lines))

    def set_lines(self, lines: Sequence[Line], width: int | None = None) -> None:
        """Show these lines; `width` is that of the widest, if it is known."""
        self._lines = lines
        if width is None:
            width = max(map(cells, lines), default=0)
        self.virtual_size = Size(self.aside_width + width, len(lines))
        self.redraw()

    def redraw(self) -> None:
        """Draw every line anew: what is beside or behind them has changed."""
        self._strips.clear()
        self.refresh()

    def jump_to(self, y: int) -> None:
        """Scroll line `y` to the top, or as far as it goes."""
        self.scroll_to(y=y, animate=False, immediate=True, force=True)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """A bar that comes after the lines were scrolled stands where they are."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        width = self.scrollable_content_region.width
        y += scroll_y
        ink = self._ink
        if ink is None:
            ink = self._ink = Ink(colours(self.app), self.rich_style)
        if not 0 <= y < len(self._lines):
            return ink.strip((), width)
        line, ground = self._lines[y], self.ground(y)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = ink.strip(line, max(cells(line), 1), ground)
        room = max(width - self.aside_width, 0)
        text = self._selected(strip, y).crop_extend(scroll_x, scroll_x + room, ink.style("", ground))
        if strip.cell_length > scroll_x + room > 0:
            more = Strip([Segment("›", ink.style("text-dim", ground))])  # the line goes on
            text = Strip.join([text.crop(0, room - 1), more])
        text = text.apply_offsets(scroll_x, y)
        if not self.aside_width:
            return text
        return Strip.join([ink.strip(self.aside(y), self.aside_width, ground), text])

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._ink = None

    # Selecting text

    def _selected(self, strip: Strip, y: int) -> Strip:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(y)
        if span is None:
            return strip
        text = plain(self._lines[y])
        start, end = cell_len(text[: span[0]]), strip.cell_length
        if span[1] != -1:
            end = cell_len(text[: span[1]])
        style = self.screen.get_component_rich_style("screen--selection")
        chosen = Strip(list(Segment.apply_style(strip.crop(start, end), post_style=style)))
        return Strip.join([strip.crop(0, start), chosen, strip.crop(end)])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()
