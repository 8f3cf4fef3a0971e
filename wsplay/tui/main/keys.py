"""The keys of the main screen. Each has an id, so that it can be moved, and a tooltip, which is its help."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding, BindingType


def _key(
    keys: str, action: str, name: str, id: str, tip: str, *, show: bool = False, as_: str = ""
) -> Binding:
    return Binding(keys, action, name, show=show, id=id, tooltip=tip, key_display=as_ or None)


BINDINGS: list[BindingType] = [
    _key("ctrl+r", "connect", "connect", "run.connect", "Connect as the client pane says", show=True),
    _key("D", "disconnect", "disconnect", "run.disconnect", "Leave the connection, or stop connecting"),
    _key("left_square_bracket", "step_try(-1)", "try before", "run.try-before", "The try before", as_="["),
    _key("right_square_bracket", "step_try(1)", "next try", "run.try-next", "The next try", as_="]"),
    _key("ctrl+e,o", "edit", "edit", "source.edit", "Open the file in your editor, then load it", show=True),
    _key("L", "reload", "load again", "source.reload", "Read the scenario's file again and load it"),
    _key("i", "inspect", "inspect", "event.inspect", "See the event under the cursor whole", show=True),
    _key("slash", "search", "search", "timeline.search", "Search the timeline", show=True, as_="/"),
    _key("y", "copy_event('text')", "copy event", "event.copy", "Copy the event under the cursor as text"),
    _key(
        "Y", "copy_event('JSON')", "copy JSON", "event.copy-json", "Copy the event under the cursor as JSON"
    ),
    _key(
        "r",
        "choose('copies')",
        "copy request",
        "request.copy",
        "Copy the request for curl, wscat, websocat, Python",
    ),
    _key("g", "choose('engines')", "engine", "server.engine", "Choose the ASGI server to run on", show=True),
    _key(
        "R", "restart", "restart", "server.restart", "Kill the server, start it and load the scenario again"
    ),
    _key("s", "go('scenarios')", "scenarios", "go.scenarios", "To the scenarios"),
    _key("e", "go('endpoint')", "endpoint", "go.endpoint", "To the endpoint's source"),
    _key("c", "go('client')", "client", "go.client", "To the client"),
    _key("t", "go('timeline')", "timeline", "go.timeline", "To the timeline"),
    *(
        _key(
            str(digit),
            f"digit('{digit}')",
            "scenario",
            f"go.number-{digit}",
            "Open the scenario with that number",
        )
        for digit in range(10)
    ),
    _key(
        "z",
        "zoom",
        "zoom",
        "view.zoom",
        "Give the pane with the focus the whole screen",
        show=True,
    ),
    _key("q", "open('challenge')", "quiz", "go.challenge", "The scenario's challenge", show=True),
    _key("Q", "open('challenges')", "challenges", "go.challenges", "All challenges, and how far you are"),
    _key("b", "open('attack')", "attack bench", "go.attack", "Attack four designs live, or this scenario"),
    _key("v", "verdict", "verdict", "view.verdict", "Show all of the verdict, or a part"),
    _key("escape", "back", "back", "view.back", "Close what is open; out of a field, to the timeline"),
    _key("question_mark", "help", "help", "app.help", "All keys", show=True, as_="?"),
]

#: The order of the keys on the line at the bottom; `...` is where those of the pane with the focus stand.
KEY_ORDER: tuple[str, ...] = (
    "run.connect",
    "...",
    "timeline.inspect",
    "event.inspect",
    "timeline.find",
    "timeline.search",
    "scenarios.find",
    "source.edit",
    "go.challenge",
    "server.engine",
    "view.zoom",
    "app.palette",
    "app.help",
    "app.quit",
)
#: Those that stay, however little room there is.
KEPT: frozenset[str] = frozenset({"run.connect", "app.palette", "app.help", "app.quit"})

#: Keys of panes that would hide the ones above: lanes go by capital letters.
KEYMAP: Mapping[str, str] = {
    "timeline.client": "C",
    "timeline.wire": "W",
    "timeline.asgi": "A",
    "timeline.server": "S",
    "timeline.clear": "x",
    "rows.edit": "enter",
}
