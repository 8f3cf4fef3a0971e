import pytest

from wsplay.scenario.library import Library
from wsplay.scenario.message_lines import message_lines

SOURCE = """\
from fastapi import WebSocket


async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await (
            websocket
            .send_text(text)
        )
    reply = await websocket.receive_json()
    accept = print("close")
    close()
    await websocket.close(code=1008)


async def app(scope, receive, send):
    await receive()
    await send({"type": "websocket.close"})
"""


def test_the_lines_that_receive_or_send_are_found_with_their_text() -> None:
    found = message_lines(SOURCE)
    assert list(found) == [5, 6, 9, 11, 14, 18, 19]
    assert found[14] == "await websocket.close(code=1008)"


@pytest.mark.parametrize("source", ["def broken(:", "\0", "(" * 10_000, "", "x = 1"])
def test_what_has_none_or_is_not_python_has_none(source: str) -> None:
    assert message_lines(source) == {}


def test_a_line_that_an_event_points_to_is_among_them(library: Library) -> None:
    assert 44 in message_lines(library.get("close_before_accept").source)
