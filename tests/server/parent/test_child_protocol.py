"""The pipe from the child is input: what else writes to it is told once, and costs no message beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

#: Finds the pipe of the messages, as a hostile scenario can: the only one to write to, besides 1 and 2.
FIND = """
def link():
    output = os.readlink("/proc/self/fd/2")
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
            flags = open(f"/proc/self/fdinfo/{name}").read()
        except OSError:
            continue
        if target.startswith("pipe:") and "flags:\\t02000001\\n" in flags and target != output:
            return number
    raise LookupError
"""
HUGE = "1" + "0" * 400
FORGED = [
    "[]",
    "{}",
    "nonsense without an end",
    '{"type": "listening", "t_ns": 1, "address": [], "versions": {}}',
    f'{{"type": "pong", "id": 0, "t_ns": {HUGE}}}',
    f'["note",{HUGE},null,{{"why":"x"}},null]',
    '["asgi.send",5,1,{"message":{"type":"websocket.accept"}},null]',
    '{"type": "load_done", "id": 1, "t_ns": 1, "name": "x", "file": "x", "ms": 1, "routes": []}',
    "\\xff\\xfe\\x00",
]


@pytest.mark.parametrize("end", ["\\n", ""])
async def test_lines_that_the_scenario_writes_are_told_and_the_others_arrive(rig: Any, end: str) -> None:
    lines = [(line + end) for line in FORGED]
    await rig.endpoint(
        "await websocket.accept()\n"
        f"for line in {lines!r}:\n"
        '    await websocket.send_text("before")\n'
        "    os.write(link(), line.encode().decode('unicode_escape').encode('latin-1'))\n"
        '    await websocket.send_text("after")\n'
        "    await asyncio.sleep(0.02)\n",
        before=FIND,
    )
    client = await rig.connect()
    await client.rest()
    events = await rig.settled(client.port)
    sent = [e.data["message"]["text"] for e in events if "text" in e.data.get("message", {})]
    assert sent == ["before", "after"] * len(FORGED)
    told = rig.of("note", why="link")
    assert sum(event.data["count"] for event in told) == len(FORGED)
    assert all("wsplay did not write it" in event.data["message"] for event in told)
    assert len(rig.of("server.listening")) == 1
    assert len(rig.of("server.loaded")) == 1
    assert rig.server.alive


async def test_a_flood_of_forged_lines_is_told_in_few_events(rig: Any) -> None:
    await rig.endpoint(
        'await websocket.accept()\nos.write(link(), b"[]\\n" * 5000)\nawait websocket.close()', before=FIND
    )
    client = await rig.connect()
    await client.rest()
    await rig.settled(client.port)
    told = rig.of("note", why="link")
    assert sum(event.data["count"] for event in told) == 5000
    assert len(told) < 20


async def test_the_secrets_are_in_no_argument_and_no_event(rig: Any) -> None:
    child = rig.server._child
    for secret in (child._secrets.link, child._secrets.prints):
        for name in ("cmdline", "environ"):
            assert secret.encode() not in Path(f"/proc/{rig.server.pid}/{name}").read_bytes()  # noqa: ASYNC240
        assert not any(secret in repr(event) for event, _ in rig.events)


async def test_the_link_survives_closerange_and_says_why_the_server_ends(rig: Any) -> None:
    await rig.endpoint("os.closerange(3, 256)\nprint('still here')\nawait asyncio.sleep(1000)")
    await rig.connect()
    await rig.until(lambda: rig.of("server.exited"))
    [failed] = rig.of("note", why="server failed")
    assert "closed files of the server, as os.closerange() does" in failed.data["message"]
    assert "still here" in rig.texts()
    assert rig.of("note", why="link") == []
    await rig.server.restart()
    await rig.load("async def app(scope, receive, send): ...")


@pytest.mark.parametrize(
    "body",
    [
        "os.close(link())\nawait asyncio.sleep(1000)",
        "os.dup2(os.open(os.devnull, os.O_RDWR), link())\nawait asyncio.sleep(1000)",
    ],
)
async def test_a_link_that_the_scenario_closes_is_told_and_ends_the_server(rig: Any, body: str) -> None:
    await rig.endpoint(body, before=FIND)
    await rig.connect()
    await rig.until(lambda: rig.of("server.exited"))
    [told] = rig.of("note", why="link")
    assert "closed the pipe to wsplay" in told.summary
    await rig.server.restart()
    assert rig.server.alive


async def test_where_nothing_can_be_sent_it_is_printed(rig: Any) -> None:
    await rig.endpoint("os.closerange(3, 100_000)\nwhile True: time.sleep(1)")
    await rig.connect()
    await rig.until(lambda: rig.of("server.exited"))
    assert "wsplay's server ends: the scenario closed the descriptor from which it reads" in rig.texts()


async def test_a_closed_file_of_the_scenarios_gets_no_message_of_ours(rig: Any, tmp_path: Path) -> None:
    """The number of the link now belongs to a file of the user's: nothing of wsplay's is written to it."""
    path = tmp_path / "mine"
    await rig.endpoint(
        f"number = link()\nos.dup2(os.open({str(path)!r}, os.O_RDWR | os.O_CREAT), number)\n"
        "await websocket.accept()\nawait asyncio.sleep(1000)",
        before=FIND,
    )
    await rig.connect()
    await rig.until(lambda: rig.of("server.exited"))
    assert path.read_bytes() == b""
