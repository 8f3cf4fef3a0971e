"""The verdict in a coloured band: a glyph, a headline, a sentence or two, and whether it is as expected."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.tui.kit.lanes import BAD_GLYPH, GOOD_GLYPH
from wsplay.tui.kit.verdict import GLYPHS, Verdict

#: Lines of text in the band, with and without much room.
TALL, SHORT = 3, 2
#: Width in cells below which the band is short.
NARROW = 110


class VerdictBar(Widget):
    """The band. It is short on a small screen; `expanded` shows all of it."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    VerdictBar {
        height: auto;
        padding: 0 1 0 1;
        color: $text-plain;
        background: $info-ground;
        border-left: outer $info;
        &.-good { background: $good-ground; border-left: outer $good; }
        &.-bad { background: $bad-ground; border-left: outer $bad; }
        &.-warn { background: $warn-ground; border-left: outer $warn; }
    }
    """

    verdict: reactive[Verdict] = reactive(Verdict(), layout=True)
    expanded: reactive[bool] = reactive(False, layout=True)

    def watch_verdict(self, verdict: Verdict) -> None:
        """The background colour follows the tone."""
        for tone in GLYPHS:
            self.set_class(verdict.tone == tone, f"-{tone}")

    def on_click(self) -> None:
        """A click opens and closes the whole text."""
        self.expanded = not self.expanded

    @property
    def short(self) -> bool:
        """Whether the screen is small."""
        return self.app.size.width < NARROW or self.app.size.height < 30

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text needs, up to a limit."""
        fixed = SHORT if self.short else TALL
        if not self.expanded:
            return fixed
        return max(fixed, min(len(_wrapped(self._content(width), width)), max(self.app.size.height // 2, 3)))

    def render(self) -> RenderResult:
        """The text, cut with a hint if it does not fit."""
        width = max(self.size.width, 1)
        room = max(self.size.height, 1)
        content = self._content(width)
        lines = _wrapped(content, width)
        if len(lines) > room and not any(self.verdict.expected in line.plain for line in lines[:room]):
            content = content_of(self.verdict, one_flow=True)
            lines = _wrapped(content, width)
        if len(lines) <= room:
            return content
        hint = Content("… v more").stylize("$text-dim")
        last = lines[room - 1].truncate(max(width - hint.cell_length - 1, 1))
        return Content("\n").join([*lines[: room - 1], Content.assemble(last.rstrip(), " ", hint)])

    def _content(self, width: int) -> Content:
        return content_of(self.verdict, one_flow=self.short)


def content_of(verdict: Verdict, *, one_flow: bool) -> Content:
    """The verdict's text. `one_flow` puts the expectation after the headline, where it is never cut."""
    colour = f"${verdict.tone}"
    parts = [Content(f"{GLYPHS[verdict.tone]} {visible(verdict.headline)}").stylize(f"bold {colour}")]
    text = Content(visible(verdict.text)).stylize("$text-bright")
    browser = Content(visible(verdict.browser)).stylize("$warn")
    expected = Content()
    if verdict.met is not None:
        mark, hue = (GOOD_GLYPH, "$good") if verdict.met else (BAD_GLYPH, "$bad")
        expected = Content(f"{mark} {visible(verdict.expected)}").stylize(f"bold {hue}")
    next_step = Content(f"→ {visible(verdict.next_step)}" if verdict.next_step else "").stylize("$text-soft")
    if one_flow:
        parts += [expected, text, browser, next_step]
        return Content("  ").join(part for part in parts if part)
    flow = Content("  ").join(part for part in (*parts, text, browser) if part)
    last = Content("  ").join(part for part in (expected, next_step) if part)
    return Content("\n").join(part for part in (flow, last) if part)


def _wrapped(content: Content, width: int) -> list[Content]:
    return list(content.wrap(max(width, 1)))
