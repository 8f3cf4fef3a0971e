"""The line at the top says how the server is, whatever else has room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Standing
from wsplay.scenario.library import Library
from wsplay.tui.kit import theme
from wsplay.tui.kit.status_line import StatusLine, laid_out
from wsplay.tui.main.server_state import Phase, ServerState
from wsplay.tui.main.status import LOOKS, address_piece, engine_words, scenario_pieces, server_pieces

SERVER = ServerState(Phase.LISTENING, "", "uvicorn", {"uvicorn": "0.54.0"}, "ws://127.0.0.1:8765")


def key_of(id: str) -> str:
    return {"server.restart": "f9"}[id]


@pytest.fixture
def scenario(library: Library) -> Scenario:
    return library.get("3")


def line(scenario: Scenario, width: int, server: ServerState = SERVER) -> str:
    text = ""
    for x, piece in laid_out(
        scenario_pieces(scenario, "no token", False, 3),
        server_pieces(server, key_of, address_piece(server.url, "/ws", 1, 60)),
        width,
    ):
        text = text.ljust(x) + piece.content.plain
    return text


def test_with_room_all_is_there(scenario: Scenario) -> None:
    text = line(scenario, 140)
    assert text.startswith(" wsplay   3 Close before accept  try: no token  run 3   ")
    assert text.endswith("   uvicorn 0.54 · websockets-sansio  ws://127.0.0.1:8765/ws  ● listening")
    assert len(text) == 139


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 140])
def test_it_fits_and_the_server_is_always_told(scenario: Scenario, phase: Phase, width: int) -> None:
    text = line(scenario, width, replace(SERVER, phase=phase))
    glyph, _, hint = LOOKS[phase]
    assert f"{glyph} {phase}" in text
    assert len(text) <= max(width, len(f" wsplay   {glyph} {phase}") + 3)
    if width >= 80:
        assert "3 Close before accept" in text
        assert hint in text


def test_an_engine_is_told_by_server_version_and_implementation() -> None:
    assert engine_words(SERVER) == "uvicorn 0.54 · websockets-sansio"
    assert engine_words(replace(SERVER, engine="uvicorn-wsproto")) == "uvicorn 0.54 · wsproto"
    assert engine_words(ServerState(engine="uvicorn")) == "uvicorn · websockets-sansio"
    assert engine_words(ServerState(engine="other\x1b")) == "other␛"


@pytest.mark.parametrize(
    ("path", "routes", "width", "shown"),
    [
        ("/ws", 1, 60, "ws://127.0.0.1:8765/ws"),
        ("/ws", 1, 22, "ws://127.0.0.1:8765/ws"),
        ("/ws", 1, 21, "/ws"),
        ("/a/long/path", 1, 8, "/a/long…"),
        ("", 3, 60, "ws://127.0.0.1:8765 3 routes"),
        ("", 3, 12, "3 routes"),
        ("", 1, 60, "ws://127.0.0.1:8765 a route"),
        ("", 0, 60, "ws://127.0.0.1:8765"),
        ("/\x1b[2J", 1, 60, "ws://127.0.0.1:8765/␛[2J"),
    ],
)
def test_the_address_is_cut_from_the_left_first(path: str, routes: int, width: int, shown: str) -> None:
    piece = address_piece(SERVER.url, path, routes, width)
    assert piece is not None
    assert piece.content.plain == shown
    assert piece.action == "edit_path"


def test_there_is_no_address_without_a_server_or_without_room() -> None:
    assert address_piece("", "/ws", 1, 60) is None
    assert address_piece(SERVER.url, "/ws", 1, 5) is None


def test_data_is_shown_not_obeyed(scenario: Scenario) -> None:
    assert "[/]␛<U+202E>" in line(replace(scenario, title="[/]\x1b\u202e"), 140)


class BarScreen(Screen[None]):
    """Notes the actions that clicks do."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield StatusLine()

    def action_go(self, name: str) -> None:
        self.done.append(f"go('{name}')")

    def action_choose(self, group: str) -> None:
        self.done.append(f"choose('{group}')")

    def action_edit_path(self) -> None:
        self.done.append("edit_path")

    def action_restart(self) -> None:
        self.done.append("restart")


class Bar(App[None]):
    def __init__(self) -> None:
        super().__init__()
        theme.register(self)

    def get_default_screen(self) -> BarScreen:
        return BarScreen()


LINE_ACTIONS = ["go('scenarios')", "go('client')", "choose('engines')", "edit_path"]


@pytest.mark.parametrize(
    ("phase", "actions"),
    [(Phase.LISTENING, LINE_ACTIONS), (Phase.EXITED, [*LINE_ACTIONS, "restart", "restart"])],
)
async def test_a_click_does_what_the_piece_under_it_is_for(
    scenario: Scenario, phase: Phase, actions: list[str]
) -> None:
    app = Bar()
    left, right = (
        scenario_pieces(scenario, "no token", False, 3),
        server_pieces(replace(SERVER, phase=phase), key_of, address_piece(SERVER.url, "/ws", 1, 60)),
    )
    async with app.run_test(size=(180, 5)) as pilot:
        app.query_one(StatusLine).show(left, right)
        await pilot.pause()
        for x, _ in laid_out(left, right, 180):
            await pilot.click(StatusLine, offset=(x, 0))
        await pilot.pause()
        assert isinstance(app.screen, BarScreen)
        assert app.screen.done == actions


def test_what_is_flawed_is_marked_and_said_where_there_is_room(scenario: Scenario) -> None:
    def text(width: int, standing: Standing) -> str:
        pieces = scenario_pieces(scenario, "valid token", True, 0, standing)
        address = None if width < 110 else address_piece(SERVER.url, "/ws", 1, 60)
        return "".join(
            one.content.plain + " "
            for _, one in laid_out(pieces, server_pieces(SERVER, key_of, address), width)
        )

    assert "accept ✓ fixes 3 try: valid token (edited) " in text(140, Standing(flaws=(scenario,)))
    assert "accept ✗ flawed try: valid token (edited) " in text(140, Standing(flawed=True))
    assert "accept ✓ try: valid token (edited) " in text(80, Standing(flaws=(scenario,)))
    assert "accept try: valid token (edited) " in text(80, Standing())
