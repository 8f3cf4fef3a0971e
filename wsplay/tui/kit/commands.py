"""What the command palette offers, and the smaller palettes that one key opens.

Titles come from files and are data: nothing here is read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: its title, what it does in a few words, and the screen's action that does it."""

    title: str
    help: str
    action: str


class Choices(Provider):
    """Offers choices; a subclass lists them."""

    def choices(self) -> Iterable[Choice]:
        """What can be chosen now, in order."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for choice in self.choices():
            act = partial(self.screen.run_action, choice.action)
            yield DiscoveryHit(Content(choice.title), act, choice.title, _plain(choice.help))

    async def search(self, query: str) -> Hits:
        """Those that match what was typed."""
        matcher = self.matcher(query)
        for choice in self.choices():
            score = matcher.match(choice.title)
            if score > 0:
                act = partial(self.screen.run_action, choice.action)
                yield Hit(score, _highlighted(matcher, choice.title), act, choice.title, _plain(choice.help))


def palette(choices: Iterable[Choice], question: str) -> CommandPalette:
    """A palette of these choices alone."""
    given = list(choices)

    class Given(Choices):
        def choices(self) -> Iterable[Choice]:
            return given

    return CommandPalette(providers=[Given], placeholder=question)


def action(name: str, *arguments: object) -> str:
    """An action as Textual parses it, with its arguments as Python literals."""
    return f"{name}({', '.join(map(repr, arguments))})"


def _plain(help: str) -> str:
    # The palette reads help as markup.
    return help.replace("[", "\\[")


def _highlighted(matcher: Matcher, title: str) -> Content:
    # The matcher's own `highlight` reads its text as markup.
    content = Content(title)
    for offset in matcher.fuzzy_search.match(matcher.query, title)[1]:
        if not title[offset].isspace():
            content = content.stylize(matcher.match_style, offset, offset + 1)
    return content
