"""The line at the top: which scenario, which try, which server, and how the server is."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.protocol.engine import ENGINE_NAMES, get_engine
from wsplay.tui.kit.pieces import Piece, laid_out
from wsplay.tui.main.server_state import Phase, ServerState

#: Glyph, colour and what to press, for each phase of the server.
LOOKS: dict[Phase, tuple[str, str, str]] = {
    Phase.STARTING: ("◌", "$text-soft", ""),
    Phase.LISTENING: ("●", "$good", ""),
    Phase.STALLED: ("!", "$warn", "R restarts it"),
    Phase.EXITED: ("✗", "$bad", "R restarts it"),
    Phase.FAILED: ("✗", "$bad", "R tries again"),
}


@dataclass(frozen=True, slots=True)
class Status:
    """All the line shows."""

    server: ServerState = field(default_factory=ServerState)
    title: str = ""
    attempt: str | None = None
    run: int = 0
    path: str = ""


class StatusBar(Widget):
    """One line; pieces that do not fit go, the least needed first. A click on a piece acts on it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    StatusBar { height: 1; background: $bar; color: $text-plain; text-wrap: nowrap; }
    """

    status: reactive[Status] = reactive(Status())

    class Pressed(Message):
        """A piece was clicked: `what` is `scenario`, `attempt`, `engine`, `url` or `server`."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def render(self) -> Content:
        """The line, as wide as the widget."""
        line = Content()
        for x, piece in laid_out(pieces_of(self.status), self.size.width):
            line = Content.assemble(line.pad_right(x - line.cell_length), (piece.text, piece.style))
        return line

    def on_click(self, event: events.Click) -> None:
        """A click means the piece under it."""
        piece = self._at(event.x)
        if piece is not None and piece.what:
            self.post_message(self.Pressed(piece.what))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the piece under the mouse."""
        piece = self._at(event.x)
        self.tooltip = None if piece is None else piece.tip or None

    def _at(self, x: int) -> Piece | None:
        for start, piece in laid_out(pieces_of(self.status), self.size.width):
            if start <= x < start + piece.width:
                return piece
        return None


def engine_words(state: ServerState) -> str:
    """`uvicorn 0.54 · websockets-sansio`, as far as it is known."""
    if state.engine not in ENGINE_NAMES:
        return visible(state.engine, 40)
    engine = get_engine(state.engine)
    version = ".".join(str(state.versions.get(engine.server, "")).split(".")[:2])
    return f"{engine.server} {visible(version, 12)}".strip() + f" · {engine.implementation}"


def pieces_of(status: Status) -> tuple[list[Piece], list[Piece]]:
    """What the line says on its left and on its right."""
    server = status.server
    glyph, colour, hint = LOOKS[server.phase]
    left = [Piece(" wsplay ", "bold $text-on-accent on $accent")]
    if status.title:
        title = visible(status.title, 40)
        left.append(Piece(title, "bold $text-bright", "scenario", "The scenario on show", rank=1))
    if status.attempt:
        attempt = visible(status.attempt, 24)
        left.append(
            Piece(f"try: {attempt}", "$text-soft", "attempt", "The try the client starts from", rank=3)
        )
    if status.run:
        left.append(Piece(f"run {status.run}", "$text-dim", rank=5))
    right = []
    if server.engine:
        right.append(Piece(engine_words(server), "$text-soft", "engine", "Choose the ASGI server", rank=6))
    if server.url:
        url = visible(server.url + status.path, 60)
        right.append(
            Piece(url, "$text-soft", "url", "Any client can connect here; a click copies it", rank=7)
        )
    right.append(Piece(f"{glyph} {server.phase}", f"bold {colour}", "server", "How the server is"))
    if hint:
        right.append(Piece(hint, f"bold {colour}", "server", "Restart the server", rank=2))
    return left, right
