"""The keys of the main screen. Each has an id, so that users can change it, and a tooltip for the help."""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import BindingType

from wsplay.tui.kit.keys import bind

BINDINGS: list[BindingType] = [
    bind("ctrl+r", "connect", "connect", "run.connect", "Connect with the client pane's settings", show=True),
    bind("D", "disconnect", "disconnect", "run.disconnect", "Disconnect, or stop connecting"),
    bind(
        "left_square_bracket", "step_try(-1)", "previous try", "run.try-before", "Previous try", shown_as="["
    ),
    bind("right_square_bracket", "step_try(1)", "next try", "run.try-next", "Next try", shown_as="]"),
    bind("T", "choose('tries')", "try", "run.try", "Choose a try"),
    bind("m", "write", "message", "client.write", "Write a message"),
    bind("ctrl+l", "edit_path", "path", "client.path", "Edit the path to connect to"),
    bind("ctrl+e", "edit", "edit", "source.edit", "Edit the source here; the file stays as it is", show=True),
    bind(
        "ctrl+s", "apply", "apply", "source.apply", "Give the edited source to the running server", show=True
    ),
    bind(
        "E", "own_editor", "your editor", "source.own-editor", "Edit in your own editor; each save is applied"
    ),
    bind("Z", "revert", "revert", "source.revert", "Take the file's text again; undo brings the edit back"),
    bind("L", "reload", "load again", "source.reload", "Load the scenario's file again"),
    bind(
        "I",
        "read('explanation')",
        "explanation",
        "read.explanation",
        "What the scenario does and what to look for, in place of the source",
        show=True,
    ),
    bind(
        "P", "read('notes')", "speaker's notes", "read.notes", "The speaker's notes, in place of the source"
    ),
    bind(
        "F",
        "partner",
        "flawed or fixed",
        "pair.jump",
        "Open the fix of a flawed scenario, or what a fix fixes",
    ),
    bind(
        "equals_sign",
        "difference",
        "difference",
        "pair.difference",
        "How your edit and the file differ, or a flawed scenario and its fix, in place of the source",
        shown_as="=",
    ),
    bind(
        "exclamation_mark",
        "changes",
        "changes to try",
        "source.changes",
        "Try a change of the code, and run it at once",
        shown_as="!",
    ),
    bind("M", "metadata", "metadata", "source.metadata", "Show or hide the metadata"),
    bind("H", "choose_hold", "hold", "hold.choose", "Choose where messages wait until you step"),
    bind("full_stop", "hold_step", "step", "hold.step", "Let pass what waits", shown_as="."),
    bind(
        "greater_than_sign", "hold_go", "let go", "hold.go", "Let everything pass, hold no more", shown_as=">"
    ),
    bind("X", "hold_drop", "drop", "hold.drop", "Drop what waits"),
    bind("i", "inspect", "inspect", "event.inspect", "Show the event in full", show=True),
    bind("slash", "search", "search", "timeline.search", "Search the timeline", show=True, shown_as="/"),
    bind("y", "copy_event('text')", "copy event", "event.copy", "Copy the event under the cursor as text"),
    bind(
        "Y", "copy_event('JSON')", "copy JSON", "event.copy-json", "Copy the event under the cursor as JSON"
    ),
    bind(
        "r",
        "choose('copies')",
        "copy request",
        "request.copy",
        "Copy the request for curl, wscat, websocat, Python",
    ),
    bind("g", "choose('engines')", "engine", "server.engine", "Choose the ASGI server to run on", show=True),
    bind(
        "R", "restart", "restart", "server.restart", "Kill the server, start it and load the scenario again"
    ),
    bind("s", "go('scenarios')", "scenarios", "go.scenarios", "Focus the scenarios"),
    bind("e", "go('endpoint')", "endpoint", "go.endpoint", "Focus the endpoint's source"),
    bind("c", "go('client')", "client", "go.client", "Focus the client"),
    bind("t", "go('timeline')", "timeline", "go.timeline", "Focus the timeline"),
    *(
        bind(
            str(digit),
            f"digit('{digit}')",
            "scenario",
            f"go.number-{digit}",
            "Open the scenario with that number",
        )
        for digit in range(10)
    ),
    bind("z", "zoom", "zoom", "view.zoom", "Zoom the focused pane", show=True),
    bind("q", "open('challenge')", "quiz", "go.challenge", "The scenario's challenge", show=True),
    bind("Q", "open('challenges')", "challenges", "go.challenges", "All challenges, and your progress"),
    bind("o", "open('runs')", "runs", "go.runs", "The runs that are kept: reopen, save, open a file"),
    bind("b", "open('attack')", "attack bench", "go.attack", "Attack four designs live, or this scenario"),
    bind("B", "compare_menu", "compare", "run.compare", "Compare the run with another one"),
    bind("v", "verdict", "verdict", "view.verdict", "Expand or shorten the verdict"),
    bind("escape", "back", "back", "view.back", "Close, or go back to the timeline"),
    bind("question_mark", "help", "help", "app.help", "All keys", show=True, shown_as="?"),
]

#: The order of the keys in the bottom line; `...` stands for the focused pane's keys.
KEY_ORDER: tuple[str, ...] = (
    "run.connect",
    "source.apply",
    "...",
    "timeline.inspect",
    "event.inspect",
    "timeline.find",
    "timeline.search",
    "scenarios.find",
    "source.edit",
    "go.challenge",
    "read.explanation",
    "server.engine",
    "view.zoom",
    "app.palette",
    "app.help",
    "app.quit",
)
#: Keys that are shown even with little room.
KEPT: frozenset[str] = frozenset({"run.connect", "app.palette", "app.help", "app.quit"})

#: Other keys for bindings of the panes, which would hide the ones above: lanes go by capital letters.
KEYMAP: Mapping[str, str] = {
    "timeline.client": "C",
    "timeline.wire": "W",
    "timeline.asgi": "A",
    "timeline.server": "S",
    "timeline.clear": "x",
    "rows.edit": "enter",
}
