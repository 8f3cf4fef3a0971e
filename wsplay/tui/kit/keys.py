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
    """A binding that a user can change (`id`) and that explains itself (`tip`); the help and the key bar read
    both. `keys` and `action` are as in Textual. `show` puts it on the key bar, as `shown_as` if that is
    given. With `priority` it works before the keys of the focused pane.
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
