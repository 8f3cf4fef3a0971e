"""The line at the top says how the server is, whatever else has room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from wsplay.tui.kit import theme
from wsplay.tui.kit.pieces import laid_out
from wsplay.tui.main.server_state import Phase, ServerState
from wsplay.tui.main.status_bar import LOOKS, Status, StatusBar, engine_words, pieces_of

SERVER = ServerState(Phase.LISTENING, "", "uvicorn", {"uvicorn": "0.54.0"}, "ws://127.0.0.1:8765")
STATUS = Status(SERVER, "3 Close before accept", "no token", 3, "/ws")


def line(status: Status, width: int) -> str:
    text = ""
    for x, piece in laid_out(pieces_of(status), width):
        text = text.ljust(x) + piece.text
    return text


def test_with_room_all_is_there() -> None:
    text = line(STATUS, 140)
    assert text.startswith(" wsplay   3 Close before accept  try: no token  run 3   ")
    assert text.endswith("   uvicorn 0.54 · websockets-sansio  ws://127.0.0.1:8765/ws  ● listening")
    assert len(text) == 139


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 140])
def test_it_fits_and_the_server_is_always_told(phase: Phase, width: int) -> None:
    text = line(replace(STATUS, server=replace(SERVER, phase=phase)), width)
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


def test_data_is_shown_not_obeyed() -> None:
    assert "[/]␛<U+202E>" in line(replace(STATUS, title="[/]\x1b\u202e"), 140)


class Bar(App[None]):
    def __init__(self) -> None:
        super().__init__()
        theme.register(self)
        self.pressed: list[str] = []

    def compose(self) -> ComposeResult:
        yield StatusBar()

    def on_status_bar_pressed(self, message: StatusBar.Pressed) -> None:
        self.pressed.append(message.what)


async def test_a_click_means_the_piece_under_it() -> None:
    app = Bar()
    async with app.run_test(size=(140, 5)) as pilot:
        bar = app.query_one(StatusBar)
        bar.status = STATUS
        await pilot.pause()
        places = {piece.what: x for x, piece in laid_out(pieces_of(STATUS), 140) if piece.what}
        for what, x in places.items():
            await pilot.click(StatusBar, offset=(x, 0))
            await pilot.pause()
            assert app.pressed[-1] == what
        assert set(places) == {"scenario", "attempt", "engine", "url", "server"}
        await pilot.click(StatusBar, offset=(1, 0))
        assert len(app.pressed) == len(places)
