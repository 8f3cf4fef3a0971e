"""A challenge's question and choices, chosen by number, arrows or mouse, with the result of each."""

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
    """The sheet of one `ChallengeSession`. Call `rebuild` after the session has changed."""

    BORDER_TITLE = "Challenge"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1)", "Up", "choices.up", "Previous choice"),
        bind("down,j", "move(1)", "Down", "choices.down", "Next choice"),
        bind("home", "move(-99)", "First", "choices.first", "First choice"),
        bind("end", "move(99)", "Last", "choices.last", "Last choice"),
        bind("pageup", "page_up", "Page up", "choices.page-up", "Scroll up a page"),
        bind("pagedown", "page_down", "Page down", "choices.page-down", "Scroll down a page"),
        bind("enter", "answer", "Answer", "choices.answer", "Answer with this choice and run it", show=True),
        bind(
            "right",
            "screen.evidence(1)",
            "evidence",
            "choices.evidence",
            "Next event that confirms or refutes the choice",
            show=True,
            shown_as="→",
        ),
        bind(
            "left",
            "screen.evidence(-1)",
            "Previous evidence",
            "choices.evidence-before",
            "Previous event that confirms or refutes the choice",
        ),
    ]

    cursor: reactive[int] = reactive(0, init=False)

    class Moved(Message):
        """The cursor is on another choice."""

    class Answered(Message):
        """The choice at `place` is the learner's answer."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._session: ChallengeSession | None = None
        self._rows: list[Row] = []

    def show(self, session: ChallengeSession) -> None:
        """Show another session, from its first choice on."""
        self._session = session
        self.set_reactive(ChoiceList.cursor, 0)
        self.rebuild()
        self.jump_to(0)

    def rebuild(self) -> None:
        """Show the session's new state."""
        if self._session is None:
            return
        _, _, width, height = self.scrollable_content_region
        if width <= 0:
            return  # it is not laid out yet
        self._rows = sheet(self._session, self.cursor, max(width, 20), height)
        self.set_lines([row.line for row in self._rows])
        self._reveal()
        self.refresh_bindings()

    @property
    def count(self) -> int:
        """How many choices there are."""
        return 0 if self._session is None else len(self._session.challenge.choices)

    def line_background(self, y: int) -> str:
        if self._rows[y].choice != self.cursor:
            return ""
        return "cursor-ground" if self.has_focus else "cursor-ground-blurred"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No answer where none can be given."""
        session = self._session
        return action != "answer" or (
            session is not None and session.open and self.cursor not in session.tried
        )

    def watch_cursor(self) -> None:
        """Show the details of the choice under the cursor, and scroll it into view."""
        self.rebuild()
        self.post_message(self.Moved())

    def _reveal(self) -> None:
        own = [y for y, row in enumerate(self._rows) if row.choice == self.cursor]
        height = self.scrollable_content_region.height
        if not own or height <= 0:
            return
        top = self.scroll_offset.y
        if own[-1] >= top + height:
            top = own[-1] - height + 1
        if own[0] < top or self.cursor == 0:
            # The question is shown with the first choice, if there is room.
            top = max(own[-1] - height + 1, 0) if self.cursor == 0 else own[0]
        self.jump_to(min(top, own[0]))

    def on_resize(self) -> None:
        """Break the lines again."""
        self.rebuild()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """A click goes to the choice; a double click answers with it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        y = offset.y + self.scroll_offset.y
        place = self._rows[y].choice if 0 <= y < len(self._rows) else None
        if place is None:
            return
        event.stop()
        self.cursor = place
        if event.chain == 2 and self.check_action("answer", ()):
            self.action_answer()

    def action_move(self, by: int) -> None:
        if self.count:
            self.cursor = min(max(self.cursor + by, 0), self.count - 1)

    def choose(self, number: int) -> None:
        """Go to the choice of that number, from 1, if there is one."""
        if 0 < number <= self.count:
            self.cursor = number - 1

    def action_answer(self) -> None:
        self.post_message(self.Answered(self.cursor))
