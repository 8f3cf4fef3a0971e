"""How every key of the program is declared."""

from __future__ import annotations

from textual.binding import Binding


def bind(
    keys: str,
    action: str,
    name: str,
    id: str,
    tip: str,
    *,
    show: bool = False,
    shown_as: str = "",
    priority: bool = False,
) -> Binding:
    """A binding that can be moved (`id`) and explains itself (`tip`); the help and the key bar read both.

    `keys` and `action` are as Textual takes them. `show` puts it on the key bar, as `shown_as` where that is
    given. With `priority` it works before the keys of the pane that has the focus.
    """
    return Binding(
        keys,
        action,
        name,
        show=show,
        id=id,
        tooltip=tip,
        key_display=shown_as or None,
        priority=priority,
    )
