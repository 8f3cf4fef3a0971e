"""Lines of styled text to read: they scroll, and text can be selected with the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip

from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.line_pane import LinePane
from wsplay.tui.kit.styled_lines import StyledLine, line_width, plain


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


class TextCanvas(LinePane):
    """Lines to read. A subclass calls `set_lines`, and defines a line's prefix and background."""

    #: Columns left of the lines, which do not scroll sideways.
    prefix_width: int = 0

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[StyledLine] = ()
        self._fitted = Size()  # the last size that was drawn

    def line_prefix(self, y: int) -> StyledLine:
        """The prefix of line `y`, `prefix_width` cells."""
        return ()

    def line_background(self, y: int) -> str:
        """The name of the background colour of line `y`, or empty."""
        return ""

    def fit_size(self) -> None:
        """The size may be another one: a subclass whose lines or whose place depend on it sets them anew."""

    def on_show(self) -> None:
        self.fit_size()

    def on_resize(self) -> None:
        self.fit_size()

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.size != self._fitted:
            # Textual reports no first size to a widget whose region was read before it was laid out.
            self._fitted = self.size
            self.call_later(self.fit_size)
        return super().render_lines(crop)

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(map(plain, self._lines))

    def set_lines(self, lines: Sequence[StyledLine], width: int | None = None) -> None:
        """Show these lines; `width` is that of the widest, if it is known."""
        self._lines = lines
        if width is None:
            width = max(map(line_width, lines), default=0)
        self.virtual_size = Size(self.prefix_width + width, len(lines))
        self.redraw()

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        width = self.scrollable_content_region.width
        y += scroll_y
        renderer = self.renderer
        if not 0 <= y < len(self._lines):
            return renderer.strip((), width)
        line, background = self._lines[y], self.line_background(y)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = renderer.strip(line, max(line_width(line), 1), background)
        room = max(width - self.prefix_width, 0)
        blank = renderer.rich_style("", background)
        text = self._with_selection(strip, y).crop_extend(scroll_x, scroll_x + room, blank)
        if strip.cell_length > scroll_x + room > 0:
            more = Strip([Segment("›", renderer.rich_style("text-dim", background))])  # the line goes on
            text = Strip.join([text.crop(0, room - 1), more])
        text = text.apply_offsets(scroll_x, y)
        if not self.prefix_width:
            return text
        return Strip.join([renderer.strip(self.line_prefix(y), self.prefix_width, background), text])

    # Selecting text

    def _with_selection(self, strip: Strip, y: int) -> Strip:
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
