"""Which scenarios a search finds: on the command line, in the list of the terminal UI and in its palette."""

from __future__ import annotations

from collections.abc import Iterable

from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Standing


def contains(scenario: Scenario, words: Iterable[str], standing: Standing = Standing()) -> bool:  # noqa: B008
    """Whether number, name, title, topics, explanation and what it fixes together contain all the words, in
    any case.
    """
    text = searched_text(scenario, standing)
    return all(word.casefold() in text for word in words)


def searched_text(scenario: Scenario, standing: Standing = Standing()) -> str:  # noqa: B008 - it is frozen
    """What is searched, casefolded."""
    order = "" if scenario.order is None else str(scenario.order)
    parts = (order, scenario.name, scenario.title, *scenario.topics, scenario.explanation, standing.words)
    return " ".join(parts).casefold()
