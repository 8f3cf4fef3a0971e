"""All challenges, by group, with the learner's progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.widgets.option_list import Option

from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.challenge.progress import SEED_GROUP, Progress, Record
from wsplay.events.safe_text import visible
from wsplay.tui.challenge.clock import minutes
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import BAD_GLYPH, GOOD_GLYPH
from wsplay.tui.kit.option_list import LineList
from wsplay.tui.kit.status_line import bar
from wsplay.tui.kit.styled_lines import fit
from wsplay.tui.kit.verdict_bar import NARROW
from wsplay.tui.kit.wording import count_of

#: Cells of the bar next to a group's name, and of the column of titles.
BAR, TITLE = 12, 34


class ChallengeList(LineList, inherit_bindings=False):
    """The list. An option's id is the name of its challenge; each option is one line."""

    BORDER_TITLE = "Challenges"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "cursor_up", "Up", "challenges.up", "Previous challenge"),
        bind("down,j", "cursor_down", "Down", "challenges.down", "Next challenge"),
        bind("pageup", "page_up", "Page up", "challenges.page-up", "A page up"),
        bind("pagedown", "page_down", "Page down", "challenges.page-down", "A page down"),
        bind("home", "first", "First", "challenges.first", "First challenge"),
        bind("end", "last", "Last", "challenges.last", "Last challenge"),
        bind("enter", "select", "Open", "challenges.ask", "Open the challenge under the cursor", show=True),
    ]

    def __init__(self, catalogue: Catalogue, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._catalogue = catalogue
        self._progress = Progress()
        self._wide = False

    @property
    def item(self) -> Item | None:
        """The challenge under the cursor."""
        option = self.highlighted_option
        return None if option is None or option.id is None else self._catalogue.get(option.id)

    def show(self, progress: Progress, name: str | None = None) -> None:
        """Show this progress, with the cursor on the challenge `name`, or else on the first."""
        self._progress = progress
        self._wide = self.app.size.width >= NARROW
        self.set_options(options_of(self._catalogue, progress, wide=self._wide))
        if name in self._catalogue.names:
            self.highlighted = self.get_option_index(name)
        else:
            self.action_first()

    def on_resize(self) -> None:
        """The questions are shown if there is room."""
        if self._wide != (self.app.size.width >= NARROW):
            self.show(self._progress, None if self.item is None else self.item.name)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Scroll the challenge into view, with the group's name if that is right above it."""
        super().watch_highlighted(highlighted)
        if highlighted and self.options[highlighted - 1].disabled:
            self.scroll_to_region(Region(0, highlighted - 1, 1, 1), animate=False, immediate=True, force=True)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a double click opens the challenge."""
        option = event.style.meta.get("option")
        if event.chain == 1:
            event.prevent_default()
            if option is not None and not self.options[option].disabled:
                self.highlighted = option


def options_of(catalogue: Catalogue, progress: Progress, *, wide: bool) -> list[Option]:
    """Groups and their challenges; one of the first five is listed only among these.

    With `wide` there is room for the questions too.
    """
    options: list[Option] = []
    seeds = catalogue.groups.get(SEED_GROUP, [])
    badges = progress.badges(catalogue.groups)
    for group, names in catalogue.groups.items():
        own = [name for name in names if group == SEED_GROUP or name not in seeds]
        options += _heading(_group(group, names, len(names) - len(own), progress, group in badges), options)
        for name in own:
            item = catalogue.get(name)
            if item is not None:
                prompt = _challenge(item, progress.records.get(name), wide)
                options.append(Option(prompt, id=name))
    for name, problem in catalogue.problems:
        line = Content.assemble(
            "  ", (f"{BAD_GLYPH} {visible(name, 40)}", "bold $bad"), "  ", visible(problem)
        )
        options += _heading(line, options)
    return options or [Option(Content("None of these scenarios has a challenge."), disabled=True)]


def _heading(line: Content, above: Sequence[Option]) -> Iterator[Option]:
    """A line that cannot be chosen, after a blank one if there is anything above."""
    if above:
        yield Option(Content(" "), disabled=True)
    yield Option(line, disabled=True)


def _group(group: str, names: list[str], above: int, progress: Progress, badge: bool) -> Content:
    done = progress.solved(names)
    full, empty = bar(done, len(names), BAR)
    return Content.assemble(
        (f"{visible(group, 24):<16}", "bold $accent"),
        (full, "$good"),
        (empty, "$text-dim"),
        "  ",
        (f"{done} of {len(names)}", "$text-plain"),
        "  ",
        ("★ badge  " if badge else "", "bold $good"),
        (f"{above} of them listed above" if above else "", "$text-dim"),
    )


def _challenge(item: Item, record: Record | None, wide: bool) -> Content:
    """Mark, number, title, level, time, the attempts so far, and the question if there is room."""
    glyph, tone, told = "·", "$text-dim", ""
    if record is not None and record.attempts:
        solved = record.solved
        glyph, tone = (GOOD_GLYPH, "bold $good") if solved else ("…", "bold $warn")
        told = "first attempt" if solved and record.first_try else count_of(record.attempts, "attempt")
    number = "" if item.scenario.order is None else str(item.scenario.order)
    return Content.assemble(
        "  ",
        (f"{glyph:<{4 - len(number)}}", tone),
        (f"{number} ", "$text-dim"),
        (f"{fit(item.title, TITLE):<{TITLE}}  ", "$text-bright"),
        (f"{item.challenge.level:<12}  {minutes(item.challenge.seconds):>5}  ", "$text-soft"),
        (f"{told:<13}", tone),
        *(("  ", (visible(item.challenge.question), "$text-soft")) if wide else ()),
    )
