"""Changes to try: what a challenge's choices replace in the code, and how a fix differs from it. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import short_name
from wsplay.scenario.source import Patch, PatchError
from wsplay.tui.source.highlight import lines_of
from wsplay.tui.source.patched_pane import code_lines

#: Characters of a change's old and new text that are shown.
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Change:
    """A change that can be applied: its own words, where it is from, and the text after it."""

    title: str
    about: str
    text: str


def changes_to(scenario: Scenario, fix: Scenario | None, patches: Sequence[Patch]) -> list[Change]:
    """The changes that fit the text of `scenario`: the patches in the order of their texts, none of them
    marked, then the differences to `fix`, hunk by hunk. Two that come to the same are one.
    """
    seen = {scenario.source}
    changes = []
    for change in (*_patches(scenario, patches), *_hunks(scenario, fix)):
        if change.text not in seen:
            seen.add(change.text)
            changes.append(change)
    return changes


def _patches(scenario: Scenario, patches: Sequence[Patch]) -> list[Change]:
    changes = []
    for patch in patches:
        try:
            text = scenario.patched(patch)
        except PatchError:
            continue  # it was applied already, or an edit is in its way
        title = " · ".join(_words(old, new) for old, new in patch)
        changes.append(Change(title, "A change that the challenge offers", text))
    return sorted(changes, key=lambda change: change.title)


def _hunks(scenario: Scenario, fix: Scenario | None) -> Iterator[Change]:
    if fix is None or scenario.problem is not None:
        return  # where its code begins and ends is not known
    here, there = code_lines(scenario.source), code_lines(fix.source)
    all_lines, fixed_lines = lines_of(scenario.source), lines_of(fix.source)
    old, new = all_lines[here.start - 1 : here.stop - 1], fixed_lines[there.start - 1 : there.stop - 1]
    matcher = difflib.SequenceMatcher(lambda line: not line.strip(), old, new, autojunk=False)
    for tag, first, end, new_first, new_end in matcher.get_opcodes():
        if tag == "equal" or not any(line.strip() for line in (*old[first:end], *new[new_first:new_end])):
            continue
        lines = [*old[:first], *new[new_first:new_end], *old[end:]]
        before, after = all_lines[: here.start - 1], all_lines[here.stop - 1 :]
        title = _words("\n".join(old[first:end]), "\n".join(new[new_first:new_end]))
        about = f"Line {here.start + first}, as in its fix ({short_name(fix)})"
        yield Change(title, about, "\n".join([*before, *lines, *after]))


def _words(old: str, new: str) -> str:
    """`old → new`, each on one line, without what they begin and end with alike."""
    one, two = old.split("\n"), new.split("\n")
    while one and two and one[0] == two[0]:
        del one[0], two[0]
    while one and two and one[-1] == two[-1]:
        del one[-1], two[-1]
    before, after = (visible(" ".join(" ".join(lines).split()), SHOWN) for lines in (one, two))
    if not before:
        return f"add: {after}"
    return f"{before} → {after}" if after else f"remove: {before}"
