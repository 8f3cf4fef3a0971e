"""Frees what Textual keeps of a screen that has closed: all lines that were drawn of it, about 0.3 MB."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def free_drawn_lines() -> None:
    """Let go of the drawn lines of widgets that are gone. The colours of those that are not are found again.

    `StylesCache.get_inner_outer` is a method with a cache of 1,024 answers by its arguments, and one of them
    is the object itself, with all lines it has drawn. See docs/upstream.md.
    """
    clear = getattr(StylesCache.get_inner_outer, "cache_clear", None)  # gone once Textual has mended it
    if clear is not None:
        clear()
