"""The list of the runs that are kept: reopen one, name it, delete it, save it, or open a run file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind, keys_of
from wsplay.tui.kit.option_list import LineList
from wsplay.tui.kit.status_line import StatusLine, heading, piece
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.verdict_bar import NARROW, VerdictBar
from wsplay.tui.runs.asking import ask_for_name, ask_to_open, ask_to_save, tell_problems
from wsplay.tui.runs.kept_run import KeptRun
from wsplay.tui.runs.kept_runs import MAX_BYTES, MAX_RUNS, KeptRuns, told_gone
from wsplay.tui.runs.recorded_screen import RecordedScreen
from wsplay.tui.runs.rows import about, header_line, run_line, verdict_of

if TYPE_CHECKING:
    from wsplay.verdict.compare import Side

KEY_ORDER: tuple[str, ...] = (
    "runs.open",
    "...",
    "runs.compare",
    "runs.save",
    "runs.file",
    "runs.rename",
    "runs.delete",
    "runs.back",
    "app.palette",
    "runs.help",
    "app.quit",
)
EMPTY = "No runs yet. Connect to make one, or press {} to open a run file."


class RunList(LineList, inherit_bindings=False):
    """The runs, newest first, a line each."""

    BORDER_TITLE = "Runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "cursor_up", "Up", "runs.up", "Newer run"),
        bind("down,j", "cursor_down", "Down", "runs.down", "Older run"),
        bind("pageup", "page_up", "Page up", "runs.page-up", "A page up"),
        bind("pagedown", "page_down", "Page down", "runs.page-down", "A page down"),
        bind("home", "first", "First", "runs.first", "Newest run"),
        bind("end", "last", "Last", "runs.last", "Oldest run"),
        bind("enter", "select", "Open", "runs.open", "Open the run, to look at it or play it", show=True),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._runs: Sequence[KeptRun] = ()
        self.empty = ""  # what an empty list says

    @property
    def run(self) -> KeptRun | None:
        """The run under the cursor."""
        at = self.highlighted
        return self._runs[at] if at is not None and at < len(self._runs) else None

    def show(
        self, runs: Sequence[KeptRun], live: KeptRun | None, marked: Sequence[KeptRun], *, wide: bool
    ) -> None:
        """Show these runs, with the cursor where it was. `live` is the one on the main screen, `marked` are
        those that are to be compared.
        """
        before, at = self.run, self.highlighted or 0
        self._runs = runs
        self.set_options(
            [Option(run_line(run, live=run is live, wide=wide, marked=run in marked)) for run in runs]
            or [Option(Content(self.empty), disabled=True)]
        )
        if before in runs:
            at = list(runs).index(before)  # type: ignore[arg-type]
        if runs:
            self.highlighted = min(at, len(runs) - 1)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click opens the run."""
        option = event.style.meta.get("option")
        if event.chain == 1:
            event.prevent_default()
            if option is not None and option < len(self._runs):
                self.highlighted = option


class RunsScreen(BaseScreen):
    """The list. `live` gives the run on the main screen, which is opened by going back there."""

    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("space", "mark", "mark", "runs.mark", "Mark the run for comparing, or take the mark away"),
        bind(
            "equals_sign",
            "compare",
            "compare",
            "runs.compare",
            "Compare the two marked runs, or this one with the run before",
            show=True,
            shown_as="=",
        ),
        bind("s", "save", "save", "runs.save", "Save the run as a run file", show=True),
        bind("o", "open_file", "open a file", "runs.file", "Open a run file", show=True),
        bind("r", "rename", "rename", "runs.rename", "Name the run", show=True),
        bind("x", "delete", "delete", "runs.delete", "Delete the run from the list", show=True),
        bind("u", "undo", "undo", "runs.undo", "Bring back the run that was deleted last"),
        bind("v", "verdict", "verdict", "runs.verdict", "Expand or shorten the verdict"),
        bind("escape,q", "dismiss", "back", "runs.back", "Go back", show=True),
        bind("question_mark", "help", "help", "runs.help", "All keys", show=True, shown_as="?"),
    ]

    def __init__(self, kept: KeptRuns, live: Callable[[], KeptRun | None]) -> None:
        super().__init__()
        self.kept = kept
        self._live = live
        self._marked: list[KeptRun] = []  # two at most, the newest mark last
        self._key_of = keys_of(self)

    def compose(self) -> ComposeResult:
        """The list, and what the run under the cursor came to."""
        yield StatusLine(id="status")
        yield Static(id="runs-head", markup=False)
        yield RunList(id="runs", classes="pane")
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, frozenset({"runs.open", "runs.back", "runs.help"}))

    def on_mount(self) -> None:
        """The list has the keys. It is drawn again while the run on the main screen goes on."""
        self.kept.on_change = self._changed
        listed = self.query_one(RunList)
        listed.empty = EMPTY.format(self._key_of("runs.file"))
        listed.focus()
        self.draw()

    def on_unmount(self) -> None:
        """The list is no longer shown."""
        self.kept.on_change = None

    def _changed(self) -> None:
        if self.stays_open:
            self.draw()

    def on_screen_resume(self) -> None:
        """A run may have been named, or more may have happened."""
        self.draw()

    def on_resize(self) -> None:
        """Show the engines if there is room."""
        self.draw()

    def draw(self) -> None:
        """Show the list as it is now."""
        runs, wide = self.kept.runs, self.app.size.width >= NARROW
        listed = self.query_one(RunList)
        self.query_one("#runs-head", Static).update(Content(header_line(wide=wide)))
        self._marked = [run for run in self._marked if run in runs]
        listed.show(runs, self._live(), self._marked, wide=wide)
        megabytes = f"{self.kept.bytes / 1e6:,.0f} of {MAX_BYTES / 1e6:,.0f} MB"
        self.query_one(StatusLine).show(
            heading("Runs"),
            [
                piece(f"{len(runs)} of {MAX_RUNS}", "$text-plain", rank=1),
                piece(megabytes, "$text-soft", rank=2),
            ],
        )
        self._draw_verdict()
        self.refresh_bindings()

    @on(OptionList.OptionHighlighted)
    def _draw_verdict(self) -> None:
        run = self.query_one(RunList).run
        if run is None:
            verdict = Verdict("info", "NO RUNS", "Each run stays here while wsplay is open.")
        else:
            verdict = verdict_of(run)
            verdict = replace(verdict, text=f"{verdict.text} {about(run)}".strip())
        self.query_one(VerdictBar).verdict = verdict

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done with a run only if there is one."""
        if action in ("save", "rename", "delete", "mark"):
            return bool(self.kept.runs)
        if action == "compare":
            return len(self.kept.runs) > 1
        return True

    # -- what is done with the run under the cursor

    @on(OptionList.OptionSelected)
    def _open(self) -> None:
        run = self.query_one(RunList).run
        if run is None:
            return
        if run is self._live():
            self.dismiss()  # the main screen shows it
        else:
            self.open_above(RecordedScreen(run))

    def action_mark(self) -> None:
        """Mark the run, or take its mark away. A third mark takes the oldest away."""
        run = self.query_one(RunList).run
        if run is None:
            return
        if run in self._marked:
            self._marked.remove(run)
        else:
            self._marked = [*self._marked[-1:], run]
        self.draw()

    def action_compare(self) -> None:
        """Compare the two marked runs; else this run with the marked one, or with the run before."""
        from wsplay.tui.compare.screen import CompareScreen  # when it is asked for

        run = self.query_one(RunList).run
        if run is None:
            return
        pair = list(self._marked)
        if len(pair) < 2:
            other = next((each for each in pair if each is not run), None) or self.kept.before(run)
            if other is None:
                self.say("no run before this one: mark another with space, then compare")
                return
            pair = [run, other]
        # The older one is on the left.
        left, right = sorted(pair, key=list(self.kept.runs).index, reverse=True)
        self.open_above(CompareScreen(_side(left), _side(right)))

    def action_save(self) -> None:
        """Save the run."""
        if (run := self.query_one(RunList).run) is not None:
            ask_to_save(self, run)

    def action_rename(self) -> None:
        """Name the run."""
        if (run := self.query_one(RunList).run) is not None:
            ask_for_name(self, run, self.draw)

    def action_delete(self) -> None:
        """Delete the run."""
        if (run := self.query_one(RunList).run) is not None:
            self.kept.delete(run)
            self.say(f"deleted {run.name}: {self._key_of('runs.undo')} brings it back")
            self.draw()

    def action_undo(self) -> None:
        """Bring back the run that was deleted last."""
        run = self.kept.undo()
        self.say("no deleted run to bring back" if run is None else f"brought back {run.name}")
        self.draw()

    def action_open_file(self) -> None:
        """Open a run file."""
        ask_to_open(self, self.add_opened)

    def add_opened(self, run: KeptRun) -> None:
        """A run file was read: it is in the list, and on show."""
        if told := told_gone(self.kept.add(run)):
            self.say(told)
        self.query_one(RunList).highlighted = None
        self.draw()
        self.query_one(RunList).highlighted = 0
        tell_problems(self, run)
        self.open_above(RecordedScreen(run))


def _side(run: KeptRun) -> Side:
    side = run.side
    return replace(side, header={**side.header, "recorded": True}) if run.from_disk else side
