"""Where a line of one text is in another text that was made from it. Pure."""

from __future__ import annotations

from functools import lru_cache

from wsplay.tui.source.highlight import lines_of


def line_in(before: str, after: str, line: int) -> int | None:
    """The number in `after` of line `line` (from 1) of `before`; None if it was changed or removed."""
    if before == after:
        return line
    for old, new, size in _blocks(before, after):
        if old <= line - 1 < old + size:
            return new + line - old
    return None


@lru_cache(maxsize=2)
def _blocks(before: str, after: str) -> list[tuple[int, int, int]]:
    import difflib  # for an edit only

    matcher = difflib.SequenceMatcher(None, lines_of(before), lines_of(after), autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]
