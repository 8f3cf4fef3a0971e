"""What a name that does not exist was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from wsplay.events.safe_text import visible


def nearest(name: str, names: Iterable[str], count: int = 1) -> list[str]:
    """Those of `names` that look most like `name`, best first; case, `-` and spaces do not count."""
    folded: dict[str, str] = {}
    for candidate in names:
        folded.setdefault(_fold(candidate), candidate)
    return [folded[match] for match in difflib.get_close_matches(_fold(name), folded, count, 0.55)]


def suggest(near: Sequence[str]) -> str:
    """ "did you mean `a` or `b`?", safe to print; nothing if there are none."""
    return f"did you mean {' or '.join(f'`{visible(name, 60)}`' for name in near)}?" if near else ""


def did_you_mean(name: str, names: Iterable[str], otherwise: str | None = None) -> str:
    """ "did you mean `a`?", or `otherwise` if nothing looks like it: by default, which names there are."""
    known = list(names)
    there = "there are " + ", ".join(known) if otherwise is None else otherwise
    return suggest(nearest(name, known)) or there


def _fold(name: str) -> str:
    return name[:200].casefold().replace("-", "_").replace(" ", "_")
