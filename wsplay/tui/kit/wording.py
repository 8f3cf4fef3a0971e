"""Sentences and counts for texts that are put together."""

from __future__ import annotations


def count_of(number: int, what: str) -> str:
    """`1 attempt`, `2,000 attempts`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def sentence(text: str, *, capital: bool = True) -> str:
    """`text` as a sentence: with a full stop and, if it is not the end of one, a capital letter."""
    text = text.strip()
    if text and text[-1] not in ".!?":
        text += "."
    return text[:1].upper() + text[1:] if capital else text
