"""The command palette's choices, and the smaller palettes that one key opens.

Titles come from files: they are data, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.errors import NoWidget
from textual.events import Click
from textual.fuzzy import Matcher

from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.kit.option_list import Options

#: The score of a choice that is found by its words alone: below any whose title fits.
BY_WORDS = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its title, a short description, and the screen's action that runs it.

    `key` is the key that does the same, as shown to the user. `words` are searched besides the title: every
    word that is typed must be in them.
    """

    title: str
    help: str
    action: str
    key: str = ""
    words: str = ""


class Choices(Provider):
    """A provider of choices; a subclass lists them."""

    def choices(self) -> Iterable[Choice]:
        """The current choices, in order."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """All choices, before anything is typed."""
        for choice in distinct(self.choices()):
            act = partial(self.screen.run_action, choice.action)
            title = _with_key(Content(choice.title), choice)
            yield DiscoveryHit(title, act, choice.title, _plain(choice.help))

    async def search(self, query: str) -> Hits:
        """The choices that match the typed text: by title, or else by all the words."""
        matcher = self.matcher(query)
        typed = query.casefold().split()
        for choice in distinct(self.choices()):
            score = matcher.match(choice.title)
            title = _highlighted(matcher, choice.title) if score > 0 else Content(choice.title)
            if score <= 0 and choice.words and all(word in choice.words for word in typed):
                score = BY_WORDS
            if score > 0:
                act = partial(self.screen.run_action, choice.action)
                yield Hit(score, _with_key(title, choice), act, choice.title, _plain(choice.help))


def distinct(choices: Iterable[Choice]) -> Iterator[Choice]:
    """The choices without those that do the same as an earlier one."""
    seen: set[str] = set()
    for choice in choices:
        if choice.action not in seen:
            seen.add(choice.action)
            yield choice


def _with_key(title: Content, choice: Choice) -> Content:
    return Content.assemble(title, "  ", (choice.key, "bold $accent")) if choice.key else title


class _List(CommandList, Options, can_focus=False):
    pass


class Palette(CommandPalette, LateInputScreen[None]):
    """Textual's palette, which survives late input and any size of the terminal, in colours of the theme."""

    DEFAULT_CSS = """
    Palette {
        & > Vertical, & > Vertical:dark { background: $bar; }
        & > .command-palette--help-text { color: $text-soft; text-style: none; }
        & #--input { border: hkey $edge; }
        & CommandList { border-bottom: hkey $edge; }
        & CommandList > .option-list--option-highlighted { background: $cursor-ground; color: $text-bright; }
        & SearchIcon { color: $text-soft; }
    }
    """

    def compose(self) -> ComposeResult:
        """As in Textual, with our list."""
        for widget in super().compose():
            yield _List() if isinstance(widget, CommandList) else widget

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the palette, and end the search."""
        self._cancel_gather_commands()
        return super().dismiss(result)

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        # What was typed just before the palette closed begins no search: there is no list to fill.
        if self.is_active and self.query(CommandList):
            await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]

    def _on_click(self, event: Click) -> None:  # type: ignore[override]
        # Textual asks for the widget there, and the terminal may have become smaller meanwhile.
        try:
            self.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:
            event.prevent_default()


def palette(choices: Iterable[Choice], question: str) -> Palette:
    """A palette with only these choices."""
    given = list(choices)

    class Given(Choices):
        def choices(self) -> Iterable[Choice]:
            return given

    return Palette(providers=[Given], placeholder=question)


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
