"""The verdict in a coloured band: a glyph, a headline, a sentence or two, and whether it is as expected."""

from __future__ import annotations

from dataclasses import replace

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
#: The end of a text that is cut.
MORE = "… v more"
#: Width in cells below which the band is short.
NARROW = 110


class VerdictBar(Widget):
    """The band. It is short on a small screen, but takes rows that are blank elsewhere if its text needs
    them; `expanded` shows all of it.

    What is not as expected has a line of its own below the verdict, so that neither hides the other.
    """

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
    #: Rows that it may take above its usual height.
    free: int = 0

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

    @property
    def usual_height(self) -> int:
        """Its lines without much room for more."""
        return SHORT + (self.verdict.met is False) if self.short else TALL

    def take_blank(self, rows: int) -> None:
        """There are so many blank rows above it now, or so many too few (below 0): take those it needs."""
        self.free = max(rows + self.size.height - self.usual_height, 0)
        if self.size.width and self._lines_needed(self.size.width) != self.size.height:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text needs, up to a limit."""
        return self._lines_needed(width)

    def _lines_needed(self, width: int) -> int:
        usual = self.usual_height
        if not self.expanded and not self.free:
            return usual
        limit = max(self.app.size.height // 2, 3)
        if not self.expanded:
            limit = min(limit, usual + self.free)
        return max(usual, min(len(_wrapped(self._content(width), width)), limit))

    def _beside_mismatch(self, width: int, room: int) -> Content:
        """The verdict, then what is not as expected: at least a line of each."""
        verdict = _wrapped(content_of(replace(self.verdict, met=None), one_flow=True), width)
        mismatch = _wrapped(_expected(self.verdict), width)
        below = min(len(mismatch), max(1, room - len(verdict)))
        if below < len(mismatch):
            return Content("\n").join(
                [*_cut(verdict, room - below, width, "…"), *_cut(mismatch, below, width, MORE)]
            )
        return Content("\n").join([*_cut(verdict, room - below, width, MORE), *mismatch])

    def render(self) -> RenderResult:
        """The text, cut with a hint if it does not fit."""
        width = max(self.size.width, 1)
        room = max(self.size.height, 1)
        content = self._content(width)
        lines = _wrapped(content, width)
        if len(lines) > room and self.verdict.met is False:
            return self._beside_mismatch(width, room)
        if len(lines) > room and not any(self.verdict.expected in line.plain for line in lines[:room]):
            content = content_of(self.verdict, one_flow=True)
            lines = _wrapped(content, width)
        if len(lines) <= room:
            return content
        return Content("\n").join(_cut(lines, room, width, MORE))

    def _content(self, width: int) -> Content:
        return content_of(self.verdict, one_flow=self.short)


def content_of(verdict: Verdict, *, one_flow: bool) -> Content:
    """The verdict's text. `one_flow` puts the expectation after the headline, where it is never cut; what is
    not as expected can be long, and comes last.
    """
    colour = f"${verdict.tone}"
    parts = [Content(f"{GLYPHS[verdict.tone]} {visible(verdict.headline)}").stylize(f"bold {colour}")]
    text = Content(visible(verdict.text)).stylize("$text-bright")
    browser = Content(visible(verdict.browser)).stylize("$warn")
    expected = _expected(verdict)
    next_step = Content(f"→ {visible(verdict.next_step)}" if verdict.next_step else "").stylize("$text-soft")
    if one_flow:
        last = Content()
        if verdict.met is False:
            expected, last = last, expected
        parts += [expected, text, browser, next_step]
        flow = Content("  ").join(part for part in parts if part)
        return Content("\n").join(part for part in (flow, last) if part)
    flow = Content("  ").join(part for part in (*parts, text, browser) if part)
    last = Content("  ").join(part for part in (expected, next_step) if part)
    return Content("\n").join(part for part in (flow, last) if part)


def _expected(verdict: Verdict) -> Content:
    if not verdict.expected:
        return Content()
    mark, hue = {True: (GOOD_GLYPH, "$good"), False: (BAD_GLYPH, "$bad"), None: ("·", "$text-soft")}[
        verdict.met
    ]
    return Content(f"{mark} {visible(verdict.expected)}").stylize(f"bold {hue}")


def _cut(lines: list[Content], room: int, width: int, hint: str) -> list[Content]:
    """At most `room` lines; if some are left out, `hint` ends the last one."""
    if len(lines) <= room:
        return lines
    end = Content(hint).stylize("$text-dim")
    last = lines[room - 1].truncate(max(width - end.cell_length - 1, 1))
    return [*lines[: room - 1], Content.assemble(last.rstrip(), " ", end)]


def _wrapped(content: Content, width: int) -> list[Content]:
    return list(content.wrap(max(width, 1)))
