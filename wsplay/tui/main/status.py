"""The line at the top: the scenario, the try, the server, and its state."""

from __future__ import annotations

from wsplay.events.safe_text import visible
from wsplay.protocol.engine import ENGINE_NAMES, get_engine
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Standing
from wsplay.tui.kit.keys import KeyOf
from wsplay.tui.kit.status_line import NAME, Piece, piece
from wsplay.tui.main.server_state import Phase, ServerState

#: The fewest cells for an address.
SHORTEST = 6
#: Glyph, colour and what the key of a restart does, for each phase of the server.
LOOKS: dict[Phase, tuple[str, str, str]] = {
    Phase.STARTING: ("◌", "$text-soft", ""),
    Phase.LISTENING: ("●", "$good", ""),
    Phase.STALLED: ("!", "$warn", "restarts it"),
    Phase.EXITED: ("✗", "$bad", "restarts it"),
    Phase.FAILED: ("✗", "$bad", "tries again"),
}


def scenario_pieces(
    scenario: Scenario | None, try_name: str | None, edited: bool, run: int, standing: Standing | None = None
) -> list[Piece]:
    """The left of the line. `try_name` is the chosen try, `edited` since or not; run 0 means none. `standing`
    is the scenario's to others.
    """
    pieces = [NAME]
    if scenario is not None:
        number = "" if scenario.order is None else f"{scenario.order} "
        title = visible(f"{number}{scenario.title}", 40)
        pieces.append(piece(title, "bold $text-bright", "go('scenarios')", "The scenario on show", rank=1))
    if standing is not None and standing.mark:
        colour = "$warn" if standing.flawed else "$good"
        tip = "Open its fix, or what it fixes"
        pieces.append(piece(standing.mark, f"bold {colour}", "partner", tip, rank=2))
        pieces.append(piece(standing.words, colour, "partner", tip, rank=4))
    if try_name:
        text = f"try: {visible(try_name, 24)}{' (edited)' if edited else ''}"
        pieces.append(piece(text, "$text-soft", "go('client')", "The try the client starts from", rank=3))
    if run:
        pieces.append(piece(f"run {run}", "$text-dim", rank=5))
    return pieces


def server_pieces(
    server: ServerState, key_of: KeyOf, address: Piece | None = None, held: str = ""
) -> list[Piece]:
    """The right of the line, with the address where it has room. `held` says where messages are held."""
    glyph, colour, hint = LOOKS[server.phase]
    pieces = []
    if held:
        tip = f"Messages wait here until you step: {held}"
        pieces.append(Piece((("‖ HOLD", "bold $warn"),), "choose_hold", tip))
    if server.engine:
        pieces.append(
            piece(engine_words(server), "$text-soft", "choose('engines')", "Choose the ASGI server", rank=6)
        )
    if address is not None:
        pieces.append(address)
    restart = "" if server.up else "restart"
    pieces.append(piece(f"{glyph} {server.phase}", f"bold {colour}", restart, "The server's state"))
    if hint:
        hint = f"{key_of('server.restart')} {hint}"
        pieces.append(piece(hint, f"bold {colour}", restart, "Restart the server", rank=2))
    return pieces


def address_piece(url: str, path: str, routes: int, width: int, *, wrong: bool = False) -> Piece | None:
    """Where the client connects, in at most `width` cells: the server is left out before the path is cut.

    `path` is empty if it is not known, or to be chosen from a number of `routes`.
    """
    where, tip = visible(path), "Where the client connects: click to edit the path"
    parts = [(url, "$text-soft"), (where, "bold $bad" if wrong else "$text-bright")]
    if not path and routes:
        parts = [(url, "$text-soft"), (f" {routes:,} routes" if routes > 1 else " a route", "bold $warn")]
    if sum(len(text) for text, _ in parts) > width:
        parts = [(visible(parts[1][0].strip(), width), parts[1][1])]
    if not url or width < SHORTEST:
        return None
    return Piece(tuple(parts), "edit_path", tip, rank=2)


def engine_words(state: ServerState) -> str:
    """`uvicorn 0.54 · websockets-sansio`, as far as known."""
    if state.engine not in ENGINE_NAMES:
        return visible(state.engine, 40)
    engine = get_engine(state.engine)
    version = ".".join(str(state.versions.get(engine.server, "")).split(".")[:2])
    return f"{engine.server} {visible(version, 12)}".strip() + f" · {engine.implementation}"
