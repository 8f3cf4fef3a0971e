"""What a scenario prints and logs, and that it cannot read the messages of the parent."""

from __future__ import annotations

from typing import Any

import pytest

from wsplay.events.event import Source

pytestmark = pytest.mark.slow


async def test_prints_of_every_kind(rig: Any) -> None:
    await rig.endpoint(
        """
        print("one\\x1b[31m\\u202e", "two")
        print("to stderr", file=sys.stderr)
        sys.stdout.buffer.write(b"buffer\\n")
        os.write(1, b"raw \\xff\\n")
        subprocess.run(["sh", "-c", "echo from a program; echo oops >&2"], check=True)
        print("a", end="-")
        print("b")
        print("unfinished", end="")
        await websocket.close()
        """
    )
    await (await rig.connect()).rest()
    await rig.until(lambda: "unfinished" in rig.texts())
    assert rig.texts() == [
        "one\x1b[31m\u202e two",
        "to stderr",
        "buffer",
        "raw \ufffd",
        "from a program",
        "oops",
        "a-b",
        "unfinished",
    ]
    first, raw, last = rig.of("server.print")[0], rig.of("server.print")[3], rig.of("server.print")[-1]
    assert first.summary == "one␛[31m<U+202E> two"
    assert first.source is not None
    assert raw.source is None
    assert last.data["partial"] is True


async def test_a_thousand_prints_in_a_burst_and_a_barrier(rig: Any) -> None:
    await rig.endpoint(
        "await websocket.accept()\nfor n in range(1000): print(n)\n"
        "for n in range(1000): await websocket.send_text(str(n))"
    )
    client = await rig.connect()
    received = await client.rest()
    assert received.endswith(b"999")
    assert await rig.server.sync(20)
    assert rig.texts() == [str(n) for n in range(1000)]
    sent = [e.data["message"]["text"] for e in rig.on(client.port) if "text" in e.data.get("message", {})]
    assert sent == rig.texts()


async def test_sync_delivers_all_there_was(rig: Any) -> None:
    await rig.endpoint(
        "await websocket.accept()\nwhile True:\n"
        "    text = await websocket.receive_text()\n    print(text)\n    logging.warning(text)\n"
        "    await websocket.send_text(text)"
    )
    client = await rig.connect()
    await client.head()
    for number in range(50):
        await client.send(1, b"%d" % number)
        assert await client.frame() == (1, b"%d" % number)
        assert await rig.server.sync(20)
        assert rig.texts()[-1] == str(number)
        assert rig.of("server.log")[-1].data["message"] == str(number)
        # The app's next receive has not returned, so its last event is the send.
        assert rig.on(client.port)[-1].kind == "asgi.send"


async def test_a_long_line_comes_in_pieces(rig: Any) -> None:
    await rig.endpoint('print("x" * 100_000)\nprint("done")\nawait websocket.close()')
    await (await rig.connect()).rest()
    await rig.until(lambda: "done" in rig.texts())
    assert "".join(rig.texts()) == "x" * 100_000 + "done"
    assert max(map(len, rig.texts())) <= 16_384


async def test_a_scenario_that_reads_stdin_gets_its_end(rig: Any) -> None:
    await rig.endpoint("print(repr(sys.stdin.read()), os.read(0, 9))\nawait websocket.close()")
    await (await rig.connect()).rest()
    assert await rig.server.sync(20)
    assert rig.texts() == ["'' b''"]


async def test_logs_and_warnings(rig: Any, first_line: int) -> None:
    await rig.endpoint(
        """
        logging.getLogger("mine").info("hidden, as in plain Python")
        logging.getLogger("mine").warning("shown %s", "\\x1b[31m")
        __import__("warnings").warn("old", DeprecationWarning)
        try: 1 / 0
        except ZeroDivisionError: logging.exception("bad")
        await websocket.close()
        """
    )
    await (await rig.connect("/ws?token=secret")).rest()
    assert await rig.server.sync(20)
    mine = rig.of("server.log", logger="mine")
    assert [e.data["message"] for e in mine] == ["shown \x1b[31m"]
    assert mine[0].source == Source("probe.py", first_line + 1, "endpoint")
    assert mine[0].summary == "WARNING shown ␛[31m"
    assert "ZeroDivisionError" in rig.of("server.log", message="bad")[0].data["traceback"]
    assert any(
        '"WebSocket /ws?token=secret" 403' in e.data["message"] for e in rig.of("server.log", level="INFO")
    )


async def test_logging_set_up_by_the_scenario(rig: Any) -> None:
    before = 'logging.basicConfig(level=logging.DEBUG, format="%(message)s"); log = logging.getLogger("mine")'
    await rig.endpoint('log.debug("shown")\nawait websocket.close()', before=before)
    await (await rig.connect()).rest()
    assert await rig.server.sync(20)
    assert rig.of("server.log", logger="mine")[0].data["message"] == "shown"
    assert rig.texts() == []
    await rig.endpoint('logging.getLogger("mine").debug("hidden again")\nawait websocket.close()')
    await (await rig.connect()).rest()
    assert await rig.server.sync(20)
    assert len(rig.of("server.log", logger="mine")) == 1
