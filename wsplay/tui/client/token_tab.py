"""The form's tokens, decoded, and buttons that mint others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wsplay.events.safe_text import visible
from wsplay.protocol.token import KINDS, Reading, TokenKit
from wsplay.tui.client.form import ClientForm
from wsplay.tui.client.tokens import OWN_KIT, FoundToken, claim_text, read_with, tokens_in
from wsplay.tui.kit.chips import Chips
from wsplay.tui.kit.wording import count_of

#: Seconds between updates of the times while a token is shown.
TICK = 1.0


class TokenTab(Vertical):
    """Shows the content of the form's tokens, and whether the scenario's key verifies them.

    `now` gives the time in seconds since the epoch. A press on a kind posts `Minted`.
    """

    DEFAULT_CSS = """
    TokenTab {
        height: 1fr;
        & > VerticalScroll { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
        & > VerticalScroll:focus { background: $cursor-ground-blurred; }
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

    def compose(self) -> ComposeResult:
        """Kinds above, readings below."""
        yield self.chips
        with VerticalScroll():
            yield self._text

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

    def reread(self) -> None:
        """The form, or the time, has changed."""
        if not self.is_mounted or not self.is_on_screen:
            return  # a token that is not shown need not be checked
        found = list(tokens_in(self.form.state))
        now = self._now()
        blocks = [self._block(token, now) for token in found] or [self._nothing()]
        self._text.update(Content("\n\n").join(blocks))

    @on(Chips.Pressed)
    def _pressed(self, event: Chips.Pressed) -> None:
        self.post_message(self.Minted(list(KINDS)[event.index]))

    def _nothing(self) -> Content:
        said = "You send no token. Mint one: it is put into the Authorization header, after Bearer."
        return Content("\n").join([Content.styled(said, "$text-soft"), *self._about_kit()])

    def _about_kit(self) -> Iterator[Content]:
        if self.kit is OWN_KIT:
            yield Content.styled("This scenario has no key: wsplay signs with its own.", "$text-dim")

    def _block(self, found: FoundToken, now: float) -> Content:
        reading = read_with(self.kit, found.text, now)
        lines = [Content.assemble((found.where, "$text-bright bold"), "  ", _judged(reading, self.kit))]
        if reading.header is not None:
            said = "  ".join(
                f"{visible(str(k), 20)} {visible(str(v), 40)}" for k, v in reading.header.items()
            )
            lines.append(Content.assemble((" header  ", "$text-soft"), (said, "$text-plain")))
        if reading.claims is not None:
            size = max([6, *(len(visible(str(name), 12)) for name in reading.claims)])
            for name, value in reading.claims.items():
                shown = visible(str(name), 12).ljust(size)
                lines.append(
                    Content.assemble(
                        (f" {shown}  ", "$text-soft"), (claim_text(name, value, now), "$text-plain")
                    )
                )
        if reading.verified and reading.problems:
            lines.append(Content.styled(" ✓ the signature is valid", "$text-soft"))
        lines += [Content.styled(f" ✗ {problem}", "$bad") for problem in reading.problems]
        lines += [Content.styled(f" · {note}", "$text-dim") for note in reading.notes]
        lines += self._about_kit()
        return Content("\n").join(lines)


def _judged(reading: Reading, kit: TokenKit) -> Content:
    if reading.verified and not reading.problems:
        return Content.styled("✓ valid", "$good bold")
    if reading.problems:
        return Content.styled(f"✗ {count_of(len(reading.problems), 'problem')}", "$bad bold")
    return Content.styled("not checked" if kit is OWN_KIT else "", "$text-dim")
