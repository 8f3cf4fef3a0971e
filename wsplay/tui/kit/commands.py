"""What the command palette offers, and the smaller palettes that one key opens.

A provider asks the screen for its choices, so that what is offered is what can be done now. Titles come from
files and are data: nothing here is read as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: what it is called, what it does in a few words, and doing it."""

    title: str
    help: str
    do: Callable[[], object]


class Offers(Protocol):
    """A screen that has choices to offer, by group."""

    def choices(self, group: str) -> Iterable[Choice]: ...


class Choices(Provider):
    """The choices of one group of the screen's."""

    group = ""

    def _offered(self) -> list[Choice]:
        offers = getattr(self.screen, "choices", None)
        return [] if offers is None else list(offers(self.group))

    async def discover(self) -> Hits:
        """All of them, in their order, before anything is typed."""
        for choice in self._offered():
            yield DiscoveryHit(Content(choice.title), choice.do, choice.title, _plain(choice.help))

    async def search(self, query: str) -> Hits:
        """Those that match what was typed."""
        matcher = self.matcher(query)
        for choice in self._offered():
            score = matcher.match(choice.title)
            if score > 0:
                shown = _highlighted(matcher, choice.title)
                yield Hit(score, shown, choice.do, choice.title, _plain(choice.help))


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


class ActionChoices(Choices):
    """Everything a key does."""

    group = "actions"


class ScenarioChoices(Choices):
    """Every scenario."""

    group = "scenarios"


class TryChoices(Choices):
    """Every try of the scenario that is open."""

    group = "tries"


class EngineChoices(Choices):
    """Every ASGI server."""

    group = "engines"


class CopyChoices(Choices):
    """Every form in which something can be copied."""

    group = "copies"


class SaveChoices(Choices):
    """Every form in which the timeline can be saved."""

    group = "saves"
