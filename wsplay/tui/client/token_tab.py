"""The form's tokens, decoded, and buttons that mint others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wsplay.events.safe_text import visible
from wsplay.protocol.token import KINDS, Reading, TokenKit
from wsplay.tui.client.form import ClientForm
from wsplay.tui.client.tokens import OWN_KIT, FoundToken, claim_in_short, claim_text, read_with, tokens_in
from wsplay.tui.kit.chips import Chips
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.wording import count_of

#: Seconds between updates of the times while a token is shown.
TICK = 1.0
#: Cells between two claims on a line.
GAP = 3


class TokenTab(Vertical):
    """Shows the content of the form's tokens, and whether the scenario's key verifies them.

    `now` gives the time in seconds since the epoch. A press on a kind posts `Minted`. The readings come
    first: with little room the claims share lines, then the kinds have one line and scroll, and at last the
    first line says how much is below.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up", "read_on(-1)", "Up", "token.up", "Scroll the token up"),
        bind("down", "read_on(1)", "Down", "token.down", "Scroll the token down"),
    ]
    DEFAULT_CSS = """
    TokenTab {
        height: 1fr;
        & > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        & > #token-text { scrollbar-gutter: stable; }
        & > VerticalScroll:focus { background: $cursor-ground-blurred; }
        & > VerticalScroll:focus > Static { border-left: outer $accent; padding: 0; }
        & > #token-kinds { height: auto; margin-top: 1; overflow-y: auto; scrollbar-size-vertical: 1; }
        &.-flat > #token-kinds { height: 1; }
        &.-tight > #token-kinds { margin-top: 0; }
        & Static { width: 1fr; height: auto; padding: 0 0 0 1; }
    }
    """

    @dataclass
    class Minted(Message):
        """Put a new token of a kind into the Authorization header."""

        kind: str

    def __init__(self, form: ClientForm, *, now: Callable[[], float], id: str | None = None) -> None:
        super().__init__(id=id)
        self.form = form
        self.kit = OWN_KIT
        self._now = now
        names = [kind.replace("_", " ") for kind in KINDS]
        self.chips = Chips("Mint", names, tips=tuple(KINDS.values()), id="token-mint")
        self._text = Static("", markup=False)
        self._shown = Content()

    def compose(self) -> ComposeResult:
        """Readings above, kinds below."""
        with VerticalScroll(id="token-text"):
            yield self._text
        with Vertical(id="token-kinds"):  # no VerticalScroll, which would take up and down
            yield self.chips

    def on_mount(self) -> None:
        """Update the relative times while they are visible."""
        self.set_interval(TICK, self.reread)

    def on_show(self) -> None:
        """Read the current tokens."""
        self.reread()

    def focus_first(self) -> None:
        """Put the cursor into the kinds."""
        self.chips.focus()

    def use_kit(self, kit: TokenKit) -> None:
        """Mint and check with this kit."""
        self.kit = kit
        self.reread()

    def on_resize(self) -> None:
        """Another size has other lines."""
        self.call_after_refresh(self.reread)

    def reread(self) -> None:
        """The form, or the time, has changed."""
        if not self.is_mounted or not self.is_on_screen:
            return  # a token that is not shown need not be checked
        now = self._now()
        readings = [(token, read_with(self.kit, token.text, now)) for token in tokens_in(self.form.state)]
        size = self.size
        width = max(self.query_one("#token-text").scrollable_content_region.width - 1, 1)
        lines = self._lines(readings, now, width, one_each=True)
        room = size.height - self.chips.get_content_height(size, size, size.width)
        if len(lines) > room - 1:
            lines = self._lines(readings, now, width, one_each=False)
        self.set_class(len(lines) > room - 1, "-tight")
        self.set_class(len(lines) > room, "-flat")
        below = len(lines) - max(size.height - 1, 1) if len(lines) > room else 0
        if below > 0:
            hint = Content.styled(f"↓ {count_of(below, 'more line')}", "$accent")
            first = lines[0].truncate(max(width - hint.cell_length - 2, 1), ellipsis=True)
            lines[0] = Content.assemble(first.pad_right(width - hint.cell_length - first.cell_length), hint)
        text = Content("\n").join(lines)
        if not text.is_same(self._shown):  # the times often stay as they are
            self._shown = text
            self._text.update(text)

    def _lines(
        self, readings: list[tuple[FoundToken, Reading]], now: float, width: int, *, one_each: bool
    ) -> list[Content]:
        """What is shown, in lines of at most `width` cells; with `one_each`, each claim has its own."""
        blocks = [list(self._block(*reading, now, None if one_each else width)) for reading in readings]
        lines: list[Content] = []
        for block in blocks or [[self._nothing()]]:
            lines += [*([Content()] if lines else []), *block]
        lines += self._about_kit()
        return [wrapped for line in lines for wrapped in (line.wrap(width) if line else [line])]

    def action_read_on(self, by: int) -> None:
        """Scroll the readings."""
        self.query_one("#token-text").scroll_relative(y=by, animate=False)

    @on(Chips.Moved)
    def _moved(self, event: Chips.Moved) -> None:
        """Keep the kind under the cursor in sight."""
        self.query_one("#token-kinds").scroll_to(y=event.line, animate=False)

    @on(Chips.Pressed)
    def _pressed(self, event: Chips.Pressed) -> None:
        self.post_message(self.Minted(list(KINDS)[event.index]))

    def _nothing(self) -> Content:
        said = "You send no token. Mint one: it is put into the Authorization header, after Bearer."
        return Content.styled(said, "$text-soft")

    def _about_kit(self) -> Iterator[Content]:
        if self.kit is OWN_KIT:
            yield Content.styled("This scenario has no key: wsplay signs with its own.", "$text-dim")

    def _block(self, found: FoundToken, reading: Reading, now: float, width: int | None) -> Iterator[Content]:
        """A token's lines. Claims have a line each, or share lines of `width` cells."""
        yield Content.assemble((found.where, "$text-bright bold"), "  ", _judged(reading, self.kit))
        for problem in reading.problems:
            yield Content.styled(f" ✗ {problem}", "$bad")
        header = {str(name): visible(str(value), 40) for name, value in (reading.header or {}).items()}
        text = claim_text if width is None else claim_in_short
        claims = {str(name): text(name, value, now) for name, value in (reading.claims or {}).items()}
        if width is None:
            yield from _in_a_table(header, claims)
        else:
            yield from _in_a_row(claims, width)
            yield from _in_a_row(header, width)
        if reading.verified and reading.problems:
            yield Content.styled(" ✓ the signature is valid", "$text-soft")
        for note in reading.notes:
            yield Content.styled(f" · {note}", "$text-dim")


def _in_a_table(header: Mapping[str, str], claims: Mapping[str, str]) -> Iterator[Content]:
    if header:
        said = "  ".join(f"{visible(name, 20)} {value}" for name, value in header.items())
        yield Content.assemble((" header  ", "$text-soft"), (said, "$text-plain"))
    size = max([6, *(len(visible(name, 12)) for name in claims)])
    for name, value in claims.items():
        yield Content.assemble((f" {visible(name, 12).ljust(size)}  ", "$text-soft"), (value, "$text-plain"))


def _in_a_row(values: Mapping[str, str], width: int) -> Iterator[Content]:
    """Names and values one after another, as many on a line as fit."""
    line = Content()
    for name, value in values.items():
        one = Content.assemble((f" {visible(name, 12)} ", "$text-soft"), (value, "$text-plain"))
        if line and line.cell_length + GAP + one.cell_length > width:
            yield line
            line = Content()
        line = Content.assemble(line, " " * (GAP - 1), one) if line else one
    if line:
        yield line


def _judged(reading: Reading, kit: TokenKit) -> Content:
    if reading.verified and not reading.problems:
        return Content.styled("✓ valid", "$good bold")
    if reading.problems:
        return Content.styled(f"✗ {count_of(len(reading.problems), 'problem')}", "$bad bold")
    return Content.styled("not checked" if kit is OWN_KIT else "", "$text-dim")
