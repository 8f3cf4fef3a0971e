"""A challenge's question and choices, by number, arrows or mouse; what the runs said stands with them."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from wsplay.tui.challenge.session import ChallengeSession
from wsplay.tui.challenge.sheet import Row, sheet
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.text_canvas import TextCanvas


class ChoiceList(TextCanvas):
    """The sheet of one `Game`. Call `redraw_game` after the game has changed."""

    BORDER_TITLE = "Challenge"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1)", "Up", "choices.up", "The choice before"),
        bind("down,j", "move(1)", "Down", "choices.down", "The next choice"),
        bind("home", "move(-99)", "First", "choices.first", "The first choice"),
        bind("end", "move(99)", "Last", "choices.last", "The last choice"),
        bind("pageup", "page_up", "Page up", "choices.page-up", "A page up"),
        bind("pagedown", "page_down", "Page down", "choices.page-down", "A page down"),
        bind("enter", "answer", "Answer", "choices.answer", "Answer, and have it run", show=True),
        bind(
            "right",
            "evidence(1)",
            "evidence",
            "choices.evidence",
            "The next event that speaks to the choice",
            show=True,
            shown_as="→",
        ),
        bind(
            "left", "evidence(-1)", "Before", "choices.evidence-before", "The event before that speaks to it"
        ),
    ]

    cursor: reactive[int] = reactive(0, init=False)

    class Moved(Message):
        """The cursor is on another choice."""

        def __init__(self, choices: ChoiceList, place: int) -> None:
            super().__init__()
            self.choices = choices
            self.place = place

        @property
        def control(self) -> ChoiceList:
            return self.choices

    class Answered(Message):
        """The choice at `place` is the learner's answer."""

        def __init__(self, choices: ChoiceList, place: int) -> None:
            super().__init__()
            self.choices = choices
            self.place = place

        @property
        def control(self) -> ChoiceList:
            return self.choices

    class Stepped(Message):
        """To the next piece of evidence (1), or the one before (-1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._session: ChallengeSession | None = None
        self._rows: list[Row] = []

    def show(self, session: ChallengeSession) -> None:
        """Another sitting: from the first choice on."""
        self._session = session
        self.set_reactive(ChoiceList.cursor, 0)
        self.redraw_game()
        self.jump_to(0)

    def redraw_game(self) -> None:
        """Draw what the game has come to."""
        if self._session is None:
            return
        _, _, width, height = self.scrollable_content_region
        if width <= 0:
            return  # it has no place yet
        self._rows = sheet(self._session, self.cursor, max(width, 20), height)
        self.set_lines([row.line for row in self._rows])
        self._reveal()
        self.refresh_bindings()

    @property
    def count(self) -> int:
        """How many choices there are."""
        return 0 if self._session is None else len(self._session.challenge.choices)

    def ground(self, y: int) -> str:
        if self._rows[y].choice != self.cursor:
            return ""
        return "cursor-ground" if self.has_focus else "cursor-ground-blurred"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No answer where none can be given, no evidence where nothing was run."""
        session = self._session
        if action == "answer":
            return session is not None and session.open and self.cursor not in session.tried
        if action == "evidence":
            mark = None if session is None else session.mark(self.cursor)
            return mark is not None and len(mark.evidence) > 1
        return True

    def watch_cursor(self, cursor: int) -> None:
        """Tell the choice under the cursor in full, and have it in sight."""
        self.redraw_game()
        self.post_message(self.Moved(self, cursor))

    def _reveal(self) -> None:
        own = [y for y, row in enumerate(self._rows) if row.choice == self.cursor]
        height = self.scrollable_content_region.height
        if not own or height <= 0:
            return
        top = self.scroll_offset.y
        if own[-1] >= top + height:
            top = own[-1] - height + 1
        if own[0] < top or self.cursor == 0:
            # The question is seen with the first choice, as far as there is room.
            top = max(own[-1] - height + 1, 0) if self.cursor == 0 else own[0]
        self.jump_to(min(top, own[0]))

    def on_resize(self) -> None:
        """The lines are broken anew."""
        self.redraw_game()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """A click goes to the choice; a double click answers."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        y = offset.y + self.scroll_offset.y
        place = self._rows[y].choice if 0 <= y < len(self._rows) else None
        if place is None:
            return
        event.stop()
        self.cursor = place
        if event.chain == 2:
            self.action_answer()

    def action_move(self, by: int) -> None:
        if self.count:
            self.cursor = min(max(self.cursor + by, 0), self.count - 1)

    def choose(self, number: int) -> None:
        """Go to the choice of that number, from 1, if there is one."""
        if 0 < number <= self.count:
            self.cursor = number - 1

    def action_answer(self) -> None:
        if self.check_action("answer", ()):
            self.post_message(self.Answered(self, self.cursor))

    def action_evidence(self, by: int) -> None:
        self.post_message(self.Stepped(by))
