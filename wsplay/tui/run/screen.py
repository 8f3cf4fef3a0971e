"""One run, opened from a table or a challenge: its timeline, the event under the cursor, the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content

from wsplay.events.timeline import Timeline
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.status_line import Piece, StatusLine, heading
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.source.line_of_event import line_of_event
from wsplay.tui.source.pane import SourceView
from wsplay.tui.timeline.view import TimelineView


class Code(Protocol):
    """The code that ran: a scenario, or what is kept of one."""

    @property
    def file(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def source(self) -> str: ...


class RunScreen(BaseScreen):
    """A finished run. Of several runs of an attack the last one decided; `[` and `]` show the others."""

    CSS_PATH = "run.tcss"
    KEY_ORDER: ClassVar[tuple[str, ...]] = (
        "run.next",
        "...",
        "run.back",
        "app.palette",
        "run.help",
        "app.quit",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left_square_bracket", "step(-1)", "previous run", "run.before", "Previous run", shown_as="["),
        bind("right_square_bracket", "step(1)", "next run", "run.next", "Next run", show=True, shown_as="]"),
        bind("i", "focus_on('inspector')", "event", "run.event", "Focus the event"),
        bind("e", "focus_on('endpoint')", "endpoint", "run.endpoint", "Focus the endpoint's source"),
        bind("t", "focus_on('timeline')", "timeline", "run.timeline", "Focus the timeline"),
        bind("v", "verdict", "verdict", "run.verdict", "Expand or shorten the verdict"),
        bind("escape,q", "dismiss", "back", "run.back", "Go back", show=True),
        bind("question_mark", "help", "help", "run.help", "All keys", show=True, shown_as="?"),
    ]

    def __init__(
        self,
        title: str,
        scenario: Code,
        timelines: Sequence[Timeline],
        verdict: Verdict,
        *,
        source: str | None = None,
        cursor: int | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._scenario = scenario
        self._timelines = tuple(timelines)
        self._verdict = verdict
        self._source = scenario.source if source is None else source
        self._cursor = cursor
        self._at = len(self._timelines) - 1

    def compose(self) -> ComposeResult:
        """Source and event above, the timeline below."""
        yield StatusLine(id="status")
        with Horizontal(id="upper"):
            yield SourceView(id="endpoint", classes="pane")
            yield Inspector(id="inspector", classes="pane -on")
        yield TimelineView(id="timeline", classes="pane")
        yield VerdictBar()
        yield KeyBar(self.KEY_ORDER, frozenset({"run.back", "run.help"}))

    def on_mount(self) -> None:
        """Show the run that decided."""
        self.draw()
        self.query_one(SourceView).show(self._scenario.file, self._source)
        timeline = self.query_one(TimelineView)
        timeline.focus()
        self._show()
        if self._cursor is not None:
            timeline.following = False
            timeline.select(self._cursor)

    def draw(self) -> None:
        """Draw the line at the top and the verdict."""
        self.query_one(StatusLine).show(*self.status)
        self.query_one(VerdictBar).verdict = self.verdict

    @property
    def status(self) -> tuple[list[Piece], list[Piece]]:
        """The left and the right of the line at the top."""
        return heading("Run", self._title), []

    @property
    def verdict(self) -> Verdict:
        """What the run came to."""
        return self._verdict

    @property
    def timeline_title(self) -> str:
        """The title of the timeline."""
        count = len(self._timelines)
        return f"Timeline  run {self._at + 1} of {count}" if count > 1 else "Timeline"

    def _show(self) -> None:
        view = self.query_one(TimelineView)
        view.show_timeline(self._timelines[self._at])
        view.border_title = Content(self.timeline_title)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable the keys for other runs only if there are any."""
        return action != "step" or len(self._timelines) > 1

    @on(TimelineView.Highlighted)
    def _highlighted(self, event: TimelineView.Highlighted) -> None:
        timeline = self._timelines[self._at]
        self.query_one(Inspector).show(event.event, timeline.start_ns)
        lit = None if event.event is None else line_of_event(event.event, timeline, self._scenario.filename)
        self.query_one(SourceView).light(*(lit or (None, "")))

    @on(TimelineView.BlankChanged)
    def _fit_verdict(self) -> None:
        """Let the verdict take blank rows below the timeline."""
        self.query_one(VerdictBar).take_blank(self.query_one(TimelineView).blank_rows)

    @on(TimelineView.Inspect)
    def _inspect(self) -> None:
        self.action_focus_on("inspector")

    def action_focus_on(self, name: str) -> None:
        """Focus a pane. If only one of the upper two fits, show this one from now on."""
        if name != "timeline":
            for pane in self.query("#upper > .pane"):
                pane.set_class(pane.id == name, "-on")
        self.query_one(f"#{name}").focus()

    def action_step(self, by: int) -> None:
        """Show the next run, or the previous one."""
        self._at = (self._at + by) % len(self._timelines)
        self._show()
