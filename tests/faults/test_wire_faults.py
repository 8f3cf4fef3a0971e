"""Garbage, half frames, oversized frames, 431, no answer at all: shown as such, and never a hang."""

from __future__ import annotations

import socket
import struct
from functools import partial
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ACCEPT = "await websocket.accept()\n"
RAW = "import socket\nconnection = raw(websocket)\nconnection.sendall({!r})\n"
HANG_UP = "connection.shutdown(socket.SHUT_RDWR)\nconnection.close()\n"
TRY = '[tool.wsplay]\n[[tool.wsplay.try]]\nname = "a"\ntimeout = 2\n'
HUGE = b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"
HEAD = b"GET /ws HTTP/1.1\r\nHost: a\r\n"
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def run(wsplay: Any, tools: Any, path: Any, *words: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A run's events and its outcome. It ended by itself, with a verdict and no traceback."""
    done = wsplay("run", str(path), "--json", "--timeout", "3", *words)
    assert done.returncode == 0, done
    assert done.stderr == ""
    *events, outcome = tools.events(done.stdout)
    assert outcome["verdict"]
    if outcome["ended"] == "timeout":
        return events, outcome  # seen once is long enough
    shown = wsplay("run", str(path), "-v", "--timeout", "3", *words)
    assert shown.returncode == 0
    assert "Traceback" not in shown.stdout + shown.stderr
    assert tools.raw_in(shown.stdout) == ""
    return events, outcome


def of(events: list[dict[str, Any]], kind: str, direction: str) -> list[dict[str, Any]]:
    return [event for event in events if (event["kind"], event["direction"]) == (kind, direction)]


def test_garbage_for_an_answer(wsplay: Any, endpoint: Any, tools: Any) -> None:
    garbage = b"\x00\xff\x1b[31mthis is not HTTP\r\n\r\n"
    events, outcome = run(wsplay, tools, endpoint(RAW.format(garbage) + HANG_UP, block=TRY))
    [stray] = of(events, "wire.stray", "s2c")
    assert stray["data"]["payload"]["size"] == len(garbage)
    [error] = [event for event in events if event["kind"] == "client.error"]
    assert error["data"]["type"] == "websockets.exceptions.InvalidMessage"
    assert (outcome["opened"], outcome["status"]) == (False, None)


def test_half_an_answer(wsplay: Any, endpoint: Any, tools: Any) -> None:
    half = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso"
    events, outcome = run(wsplay, tools, endpoint(RAW.format(half) + HANG_UP, block=TRY))
    [stray] = of(events, "wire.stray", "s2c")
    assert stray["data"]["payload"]["size"] == len(half)
    assert outcome["opened"] is False


def test_half_a_frame(wsplay: Any, endpoint: Any, tools: Any) -> None:
    half = b"\x81\x7e\x10\x00abc"
    events, outcome = run(wsplay, tools, endpoint(ACCEPT + RAW.format(half) + HANG_UP, block=TRY))
    [stray] = of(events, "wire.stray", "s2c")
    assert "half a frame" in stray["data"]["why"]
    assert "4096" in stray["data"]["why"]
    assert (outcome["ended"], outcome["close"], outcome["browser"]["code"]) == ("dropped", None, 1006)


def test_a_frame_that_breaks_the_rules(wsplay: Any, endpoint: Any, tools: Any) -> None:
    bad = b"\xf3\x02\x1b["  # reserved bits and an opcode that means nothing
    events, outcome = run(
        wsplay, tools, endpoint(ACCEPT + RAW.format(bad) + "await asyncio.sleep(0.2)\n" + HANG_UP, block=TRY)
    )
    frame = of(events, "wire.frame", "s2c")[0]
    assert frame["data"]["problem"]
    assert any(event["kind"] == "wire.frame" and event["data"].get("code") == 1002 for event in events)
    assert outcome["ended"] == "closed"


def test_a_frame_that_says_it_is_larger_than_anything(wsplay: Any, endpoint: Any, tools: Any) -> None:
    body = ACCEPT + RAW.format(HUGE + b"abc") + "await asyncio.sleep(0.2)\n" + HANG_UP
    events, outcome = run(wsplay, tools, endpoint(body, block=TRY))
    [stray] = of(events, "wire.stray", "s2c")
    assert str(2**63 - 1) in stray["data"]["why"].replace(",", "")
    assert outcome["received"] == []


def test_no_answer_at_all_ends_at_a_limit_that_is_shown(wsplay: Any, endpoint: Any, tools: Any) -> None:
    events, outcome = run(wsplay, tools, endpoint("await asyncio.sleep(3600)", block=TRY))
    assert outcome["ended"] == "timeout"
    [error] = [event for event in events if event["kind"] == "client.error"]
    assert error["data"]["timeout"] is True
    assert "2 s" in error["summary"]
    assert "2 s" in outcome["verdict"]


@pytest.mark.parametrize("engine", ["uvicorn", "uvicorn-websockets"])
def test_a_head_that_is_too_large(wsplay: Any, endpoint: Any, tools: Any, engine: str) -> None:
    path = endpoint(ACCEPT + "await websocket.close()")
    events, outcome = run(wsplay, tools, path, "--engine", engine, "-H", "X-Large: " + "a" * 100_000)
    assert outcome["opened"] is False
    assert "asgi.scope" not in [event["kind"] for event in events]
    answers = of(events, "wire.response", "s2c")
    # Some servers refuse it with a status, some only log that they did; what was on the wire is what is told.
    assert outcome["status"] == (answers[0]["data"]["status"] if answers else None)
    assert outcome["ended"] == ("refused" if answers else "timeout")
    [request] = of(events, "wire.request", "c2s")
    assert request["data"]["raw_size"] > 100_000


def test_a_431_is_shown_as_the_refusal_it_is(wsplay: Any, endpoint: Any, tools: Any) -> None:
    answer = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 9\r\n\r\ntoo large"
    events, outcome = run(wsplay, tools, endpoint(RAW.format(answer) + HANG_UP, block=TRY))
    [response] = of(events, "wire.response", "s2c")
    assert (response["data"]["status"], response["data"]["body"]["text"]) == (431, "too large")
    assert (outcome["ended"], outcome["status"]) == ("refused", 431)


def test_what_raw_clients_send_is_shown_and_the_next_is_served(start: Any, endpoint: Any, tools: Any) -> None:
    body = ACCEPT + "await websocket.send_text('hello')\nawait websocket.receive_text()"
    served = start("serve", str(endpoint(body)), "--json")
    served.event("server.loaded")
    port = tools.until(lambda: tools.listening_port(served.pid))
    frames = {
        "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello TLS",
        "half a request": HEAD + b"Upgrade: webs",
        "too large": HEAD + b"X-Large: " + b"a" * 200_000 + b"\r\n" + UPGRADE,
        "half a frame": HEAD + UPGRADE + b"\x81\x85\0\0\0\0he",
        "huge": HEAD + UPGRADE + b"\x81\xff" + struct.pack(">Q", 2**62) + b"\0\0\0\0abc",
        "unmasked": HEAD + UPGRADE + b"\x81\x02hi",
    }

    def ended(conn: int) -> bool:
        kinds = [event["kind"] for event in served.events if event["conn"] == conn]
        return "wire.eof" in kinds or "wire.reset" in kinds

    for conn, (name, sent) in enumerate(frames.items(), 1):
        with socket.create_connection(("127.0.0.1", port), timeout=tools.patience) as client:
            client.sendall(sent)
            # What follows the handshake is not to come before the answer is there.
            if UPGRADE in sent and name != "too large":
                assert client.recv(4096).startswith(b"HTTP/1.1 101")
        tools.until(partial(ended, conn), lambda: f"one never ended\n{served.text[-4000:]}")

    def told(conn: int, kind: str) -> dict[str, Any]:
        def find() -> Any:
            return [
                event
                for event in served.events
                if (event["conn"], event["kind"], event["direction"]) == (conn, kind, "c2s")
            ]

        return tools.until(find, lambda: f"no {kind} of {conn}\n{served.text[-4000:]}")[-1]["data"]

    assert told(1, "wire.stray")["payload"]["size"] == len(frames["garbage"])
    assert told(2, "wire.stray")["payload"]["size"] == len(frames["half a request"])
    assert told(4, "wire.stray")["why"].startswith("half a frame")
    assert str(2**62) in told(5, "wire.stray")["why"].replace(",", "")
    assert told(6, "wire.frame")["problem"]
    kinds = {event["kind"] for event in served.events if event["conn"] == 3}
    assert kinds & {"wire.request", "wire.stray"}
    with socket.create_connection(("127.0.0.1", port), timeout=tools.patience) as client:
        client.sendall(HEAD + UPGRADE)
        said = b""
        while b"hello" not in said and (more := client.recv(4096)):
            said += more
    assert b"hello" in said
    assert "Traceback" not in "".join(line for line in served.text.splitlines() if not line.startswith("{"))
    assert served.process.poll() is None


@pytest.mark.tmux
def test_ten_megabytes_and_a_burst_leave_the_screen_alive(terminal: Any, endpoint: Any) -> None:
    body = (
        ACCEPT + "await websocket.send_text('x' * 10_000_000)\n"
        "for number in range(1000):\n    await websocket.send_text(f'number {number}')\n"
        "await websocket.close(4000, 'all of it')"
    )
    terminal.start(str(endpoint(body)))
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("CLOSED 4000", "number 999")
    terminal.keys("t", "Home")
    terminal.until("connecting")
    terminal.keys("End")
    terminal.until('closed 4000 "all of it" by the server', "EOF")
    terminal.keys("C-q")
    terminal.ended(0)
