"""One event in full: what, when, where, and all its data."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from wsplay.events.event import Event
from wsplay.tui.inspector.parts import Para
from wsplay.tui.inspector.sections import Section, head, sections
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.styled_lines import StyledLine, fit, line_width, wrap
from wsplay.tui.kit.text_canvas import TextCanvas, scroll_bindings


class Inspector(TextCanvas):
    """An event in sections; a click on a title folds or opens one. `now` gives the time in seconds."""

    BORDER_TITLE = "Event"

    BINDINGS: ClassVar[list[BindingType]] = [
        *scroll_bindings("inspector"),
        bind("n", "section(1)", "Next section", "inspector.next", "Go to the next section"),
        bind("N", "section(-1)", "Previous section", "inspector.previous", "Go to the previous section"),
        bind(
            "a", "frames", "All frames", "inspector.frames", "Show the whole traceback, or only your frames"
        ),
        bind("h", "fold('bytes')", "Hex", "inspector.bytes", "Fold or open the bytes in hex"),
        bind("J", "fold('raw')", "Raw event", "inspector.raw", "Fold or open the event as JSON"),
    ]

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._now = now
        self._event: Event | None = None
        self._start_ns = 0
        self._all_frames = False
        self._turned: set[str] = set()  # sections whose folding the user has changed
        self._titles: dict[int, str] = {}  # line -> section
        self._width = 0

    @property
    def event(self) -> Event | None:
        """The shown event."""
        return self._event

    def show(self, event: Event | None, start_ns: int = 0) -> None:
        """Show `event` from its top, or that there is none; `start_ns` is the start of its run."""
        same = event is not None and event is self._event
        self._event, self._start_ns = event, start_ns
        self._build()
        if not same:
            self.jump_to(0)

    def _build(self) -> None:
        event = self._event
        width = self._width = self.scrollable_content_region.width or self._width
        if not width:
            return  # it was never visible; it is built when it is
        self._titles = {}
        if event is None:
            self.border_subtitle = None
            self.set_lines([(("No event under the cursor.", "text-soft"),)])
            return
        lines: list[StyledLine] = _broken(head(event, self._start_ns), width)
        parts = sections(
            event, self._start_ns, width=width, now=int(self._now()), all_frames=self._all_frames
        )
        for section in parts:
            folded = section.folded != (section.key in self._turned)
            lines.append(())
            self._titles[len(lines)] = section.key
            lines.append(_title(section, folded, width))
            if not folded:
                lines.extend(_broken(section.build(), width))
        self.set_lines(lines, width)
        self.border_subtitle = "n p sections · J raw"

    def on_resize(self) -> None:
        self._build()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and (key := self._titles.get(offset.y + self.scroll_offset.y)) is not None:
            event.stop()
            self.action_fold(key)

    def action_fold(self, key: str) -> None:
        self._turned ^= {key}
        self._build()

    def action_frames(self) -> None:
        self._all_frames = not self._all_frames
        self._build()

    def action_section(self, step: int) -> None:
        top = self.scroll_offset.y
        lines = [0, *self._titles]
        there = [line for line in lines if (line > top if step > 0 else line < top)]
        if there:
            self.jump_to(min(there) if step > 0 else max(there))


def _title(section: Section, folded: bool, width: int) -> StyledLine:
    title = f"{'▸' if folded else '▾'} {section.title}"
    note = fit(f"  {section.note}" if section.note else "", width - len(title) - 2)
    line: StyledLine = ((title, "accent bold"), (note, "text-dim"), (" ", ""))
    return (*line, ("─" * max(width - line_width(line), 0), "edge"))


def _broken(paras: list[Para], width: int) -> list[StyledLine]:
    return [line for para in paras for line in wrap(para.line, width, para.indent)]
