"""All challenges, by group, with what the learner has come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.challenge.progress import SEED_GROUP, Progress, Record
from wsplay.events.safe_text import visible
from wsplay.tui.challenge.session import minutes
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.score_bar import bar
from wsplay.tui.kit.styled_lines import Line, Span, cells, fit
from wsplay.tui.kit.text_canvas import TextCanvas

#: Cells of the bar beside a group's name.
BAR = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `item` is the challenge it stands for."""

    line: Line
    item: Item | None = None


def rows_of(catalogue: Catalogue, progress: Progress, width: int) -> list[Row]:
    """Groups and their challenges; one that is among the first five stands there alone."""
    rows: list[Row] = []
    seeds = catalogue.groups.get(SEED_GROUP, [])
    badges = progress.badges(catalogue.groups)
    for group, names in catalogue.groups.items():
        own = [name for name in names if group == SEED_GROUP or name not in seeds]
        if rows:
            rows.append(Row(()))
        above = len(names) - len(own)
        rows.append(Row(_group(group, names, above, progress, group in badges)))
        for name in own:
            item = catalogue.get(name)
            if item is not None:
                rows.append(Row(_challenge(item, progress.records.get(name), width), item))
    for name, problem in catalogue.problems:
        rows += [Row(()), Row(((f"  ✗ {visible(name, 40)}  ", "bad bold"), (visible(problem), "text-plain")))]
    return rows


def _group(group: str, names: list[str], above: int, progress: Progress, badge: bool) -> Line:
    done = progress.solved(names)
    full, empty = bar(done, len(names), BAR)
    spans: list[Span] = [
        (f"{visible(group, 24):<16}", "accent bold"),
        (full, "good"),
        (empty, "text-dim"),
        (f"  {done} of {len(names)}", "text-plain"),
    ]
    if badge:
        spans.append(("  ★ badge", "good bold"))
    if above:
        spans.append((f"  {above} of them above", "text-dim"))
    return tuple(spans)


def _challenge(item: Item, record: Record | None, width: int) -> Line:
    """Mark, number, title, level, time, how often it was answered, and the question where there is room."""
    glyph, tone = ("·", "text-dim")
    told = ""
    if record is not None and record.solved:
        glyph, tone = ("✓", "good bold")
        told = "first try" if record.first_try else f"{record.attempts} attempts"
    elif record is not None and record.attempts:
        glyph, tone = ("…", "warn bold")
        told = f"{record.attempts} attempt{'' if record.attempts == 1 else 's'}"
    number = "" if item.scenario.order is None else str(item.scenario.order)
    challenge, name_width = item.challenge, 40 if width >= 110 else 26
    spans: list[Span] = [
        (f"  {glyph} ", tone),
        (f"{number:>3}  ", "text-dim"),
        (f"{fit(item.title, name_width):<{name_width}}  ", "text-bright"),
        (f"{challenge.level:<12}  ", "text-soft"),
        (f"{minutes(challenge.seconds):>5}  ", "text-dim"),
        (f"{told:<12}", tone),
    ]
    room = width - cells(tuple(spans)) - 2
    if room >= 24:
        spans.append(("  " + fit(visible(challenge.question), room), "text-soft"))
    return tuple(spans)


class ChallengeTable(TextCanvas):
    """The list; Enter or a double click asks the challenge under the cursor."""

    BORDER_TITLE = "Challenges"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1)", "Up", "challenges.up", "The challenge before"),
        bind("down,j", "move(1)", "Down", "challenges.down", "The next challenge"),
        bind("pageup", "move(-10)", "Page up", "challenges.page-up", "Ten up"),
        bind("pagedown", "move(10)", "Page down", "challenges.page-down", "Ten down"),
        bind("home", "move(-999)", "First", "challenges.first", "The first"),
        bind("end", "move(999)", "Last", "challenges.last", "The last"),
        bind("enter", "ask", "Take it", "challenges.ask", "Take the challenge under the cursor", show=True),
    ]

    cursor: reactive[int] = reactive(0, init=False)

    class Moved(Message):
        """The cursor is on another challenge."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Chosen(Message):
        """The learner wants to take a challenge."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._catalogue = Catalogue((), {})
        self._progress = Progress()
        self._rows: list[Row] = []

    def show(self, catalogue: Catalogue, progress: Progress, name: str | None = None) -> None:
        """Show these, with the cursor on `name` if it is among them."""
        self._catalogue, self._progress = catalogue, progress
        self._build()
        names = [item.name for item in self._items()]
        if name in names:
            self.cursor = names.index(name)
        self._reveal()

    @property
    def item(self) -> Item | None:
        """The challenge under the cursor."""
        items = self._items()
        return items[self.cursor] if self.cursor < len(items) else None

    def _items(self) -> list[Item]:
        return [row.item for row in self._rows if row.item is not None]

    def _build(self) -> None:
        width = max(self.scrollable_content_region.width, 40)
        self._rows = rows_of(self._catalogue, self._progress, width)
        if not self._rows:
            self._rows = [Row((("None of these scenarios has a challenge.", "text-soft"),))]
        self.set_lines([row.line for row in self._rows])

    def ground(self, y: int) -> str:
        item = self._rows[y].item
        if item is None or item is not self.item:
            return ""
        return "cursor-ground" if self.has_focus else "cursor-ground-blurred"

    def watch_cursor(self) -> None:
        """Have it in sight, and tell of it."""
        self.redraw()
        self._reveal()
        if self.item is not None:
            self.post_message(self.Moved(self.item))

    def _reveal(self) -> None:
        at = next(
            (y for y, row in enumerate(self._rows) if row.item is not None and row.item is self.item), None
        )
        height, top = self.scrollable_content_region.height, self.scroll_offset.y
        if at is None or height <= 0:
            return
        if at - 1 < top:
            self.jump_to(max(at - 1, 0))  # with the group's name, if it is right above
        elif at >= top + height:
            self.jump_to(at - height + 1)

    def on_resize(self) -> None:
        self._build()
        self._reveal()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def action_move(self, by: int) -> None:
        count = len(self._items())
        if count:
            self.cursor = min(max(self.cursor + by, 0), count - 1)

    def action_ask(self) -> None:
        if self.item is not None:
            self.post_message(self.Chosen(self.item))

    def on_click(self, event: events.Click) -> None:
        """A click goes there, a double click takes it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        y = offset.y + self.scroll_offset.y
        item = self._rows[y].item if 0 <= y < len(self._rows) else None
        if item is None:
            return
        event.stop()
        self.cursor = self._items().index(item)
        if event.chain == 2:
            self.action_ask()
