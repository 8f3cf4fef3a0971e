"""What each kind of endpoint does, on every engine: bytes at a raw socket, ASGI events, their lines."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from wsplay.events.event import Direction, Lane, Source
from wsplay.protocol.engine import ENGINE_NAMES

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=ENGINE_NAMES)
async def engine_rig(request: pytest.FixtureRequest, make_module_rig: Any) -> AsyncIterator[Any]:
    async with make_module_rig(request.param) as rig:
        yield rig


@dataclass
class Case:
    """An endpoint's body, the status, the frames after a 101 and the ASGI events ("receive connect@1" is a
    `websocket.connect` received on the endpoint's first line, "send close raised@1" one that answers an
    exception of that line, "endpoint@-1" one of the endpoint whose decorator is two lines before it)."""

    body: str
    status: int
    events: list[str]
    frames: tuple[tuple[int, bytes], ...] = ()
    content: bytes | None = None
    before: str = ""
    target: str = "/ws"


def closing(code: int, reason: bytes = b"") -> tuple[int, bytes]:
    return 8, struct.pack("!H", code) + reason


ACCEPT = ["receive connect@1", "send accept@1"]
CASES = {
    "accepts everyone": Case(
        'await websocket.accept()\nawait websocket.send_text("Connected")\nawait websocket.close()',
        101,
        [*ACCEPT, "send send@2", "send close@3", "returned"],
        ((1, b"Connected"), closing(1000)),
    ),
    "closes before accept": Case(
        'await websocket.close(code=1008, reason="no")', 403, ["send close@1", "returned"], content=b""
    ),
    "sends before accept": Case(
        'await websocket.send_text("Welcome!")',
        500,
        ["raised RuntimeError@1"],
        content=b"Internal Server Error",
    ),
    "receives before accept": Case(
        "await websocket.receive_text()", 500, ["raised RuntimeError@1"], content=b"Internal Server Error"
    ),
    "raises before accept": Case(
        'token = "x"\nraise ValueError(token)', 500, ["raised ValueError@2"], content=b"Internal Server Error"
    ),
    "accepts, then closes": Case(
        'await websocket.accept()\nawait websocket.close(1008, "bad token")',
        101,
        [*ACCEPT, "send close@2", "returned"],
        (closing(1008, b"bad token"),),
    ),
    "closes as it handles an exception": Case(
        "await websocket.accept()\ntry:\n    raise ValueError\nexcept ValueError:\n"
        '    await websocket.close(1008, "late")',
        101,
        [*ACCEPT, "send close@5", "returned"],
        (closing(1008, b"late"),),
    ),
    "denies": Case(
        'answer = JSONResponse({"no": 1}, 401, {"WWW-Authenticate": "Bearer"})\n'
        "await websocket.send_denial_response(answer)",
        401,
        ["send http.response.start@2", "send http.response.body@2", "returned"],
        content=b'{"no":1}',
    ),
    "raises HTTPException": Case(
        'raise HTTPException(401, "who?")',
        401,
        ["send http.response.start raised@1", "send http.response.body raised@1", "returned"],
        content=b'{"detail":"who?"}',
    ),
    "raises WebSocketException": Case(
        "raise WebSocketException(1008)", 403, ["send close raised@1", "returned"], content=b""
    ),
    "misses a header": Case(
        "await websocket.accept()",
        403,
        ["send close endpoint@-1", "returned"],
        content=b"",
        before="async def needs(x_token: Annotated[str, Header()]): ...\n"
        "from fastapi import Depends; app = FastAPI(dependencies=[Depends(needs)])",
    ),
    "raises after accept": Case(
        'await websocket.accept()\nraise ValueError("late")', 101, [*ACCEPT, "raised ValueError@2"]
    ),
    "returns after accept": Case("await websocket.accept()", 101, [*ACCEPT, "returned"]),
    "unknown path": Case(
        "await websocket.accept()", 403, ["send close", "returned"], content=b"", target="/x"
    ),
}


def in_short(event: Any, base: int) -> str:
    """An event as `Case.events` writes it."""
    words = event.kind.removeprefix("asgi.")
    if "message" in event.data and words in ("receive", "send"):
        words += " " + str(event.data["message"]["type"]).removeprefix("websocket.")
    elif words == "raised":
        name = str(event.data["type"])
        # A RuntimeError of Starlette's own in newer versions.
        words += " " + ("RuntimeError" if name == "starlette.websockets.WebSocketDisconnected" else name)
    if event.source is None:
        return words
    by = (
        ""
        if event.source.by == ("raised" if words.startswith("raised") else "call")
        else f" {event.source.by}"
    )
    return f"{words}{by}@{event.source.line - base + 1}"


@pytest.mark.parametrize("name", CASES)
async def test_each_endpoint(engine_rig: Any, name: str, first_line: int) -> None:
    case = CASES[name]
    rig = engine_rig
    await rig.endpoint(case.body, before=case.before)
    base = first_line + case.before.count("\n")
    client = await rig.connect(case.target)
    head = await client.head()
    assert head.startswith(f"HTTP/1.1 {case.status} ")
    if case.status == 101:
        for expected in case.frames:
            assert await client.frame() == expected
            if expected[0] == 8:
                await client.send(*expected)
        assert await client.rest() == b""
        await client.aclose()
    else:
        rest = await client.rest()
        if "transfer-encoding: chunked" in head.lower():
            size, _, rest = rest.partition(b"\r\n")
            rest = rest[: int(size, 16)]
        assert rest == case.content
    events = await rig.settled(client.port)
    assert [in_short(event, base) for event in events] == ["scope", *case.events]
    assert all(event.lane is Lane.ASGI for event in events)
    times = [event.t_ns for event in events]
    assert times == sorted(times)
    if 400 <= case.status < 500:
        await rig.until(lambda: f'WebSocket {case.target}" {case.status}' in str(rig.of("server.log")[-3:]))


async def test_returns_without_accept(engine_rig: Any) -> None:
    await engine_rig.endpoint("return")
    client = await engine_rig.connect()
    assert (await client.head()).startswith("HTTP/1.1 500 ")
    rest = await client.rest()
    assert rest.startswith(b"Internal Server Error")
    if engine_rig.server.engine == "uvicorn-websockets":  # the legacy implementation goes on to accept
        assert b"HTTP/1.1 101 " in rest
    else:
        assert rest == b"Internal Server Error"
    assert [e.kind for e in await engine_rig.settled(client.port)] == ["asgi.scope", "asgi.returned"]


def latin_word(rig: Any) -> str:
    """Beyond ASCII where the engine copes: the legacy implementation takes header values for UTF-8."""
    return "cafe" if rig.server.engine == "uvicorn-websockets" else "caf\xe9"


async def test_the_scope_is_told_whole(engine_rig: Any) -> None:
    await engine_rig.endpoint("await websocket.close()")
    word = latin_word(engine_rig)
    extra = f"X-A: 1\r\nX-a: 2\r\nX-Latin: {word}\r\nSec-WebSocket-Protocol: a, b\r\n"
    client = await engine_rig.connect("/ws?token=%00%1b", extra)
    await client.rest()
    event = (await engine_rig.settled(client.port))[0]
    scope = event.data["scope"]
    headers = [pair for pair in scope["headers"] if pair[0].startswith("x-") or pair[0].startswith("X-")]
    assert [value for _, value in headers] == ["1", "2", word]
    assert scope["client"] == ["127.0.0.1", client.port]
    assert scope["query_string"] == "token=%00%1b"
    assert scope["subprotocols"] == ["a", "b"]
    assert event.direction is Direction.C2S
    assert event.summary == "websocket /ws?token=%00%1b"


async def test_messages_are_told_in_full(engine_rig: Any) -> None:
    word = latin_word(engine_rig)
    await engine_rig.endpoint(
        f"""
        await websocket.accept(subprotocol="a", headers=[(b"x-set", {word.encode("latin-1")!r})])
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                break
            if message.get("bytes") is not None:
                await websocket.send_bytes(message["bytes"])
            else:
                await websocket.send_text(message["text"])
        """
    )
    client = await engine_rig.connect(headers="Sec-WebSocket-Protocol: a\r\n")
    assert f"x-set: {word}" in (await client.head()).lower()
    await client.send(1, "g\u00fcn \u202e\x1b[31m".encode())
    assert await client.frame() == (1, "g\u00fcn \u202e\x1b[31m".encode())
    await client.send(2, b"\0\xff")
    assert await client.frame() == (2, b"\0\xff")
    await client.send(8, struct.pack("!H", 4001) + b"bye")
    await client.rest()
    await client.aclose()
    events = await engine_rig.settled(client.port)
    accept, received, sent = events[2], events[3], events[4]
    assert accept.data["message"]["headers"] == [["x-set", word]]
    assert accept.summary == "websocket.accept subprotocol a"
    assert received.data["message"]["text"] == "g\u00fcn \u202e\x1b[31m"
    assert (received.direction, sent.direction) == (Direction.C2S, Direction.S2C)
    assert "\x1b" not in sent.summary
    assert "\u202e" not in sent.summary
    binary = events[6].data["message"]["bytes"]
    assert binary == {"hex": "00ff", "size": 2}
    gone = events[7]
    assert gone.summary.startswith('websocket.disconnect 4001 "bye"')


async def test_long_messages_are_cut_and_measured(engine_rig: Any) -> None:
    await engine_rig.endpoint(
        'await websocket.accept()\nawait websocket.send_text("\\u00fc" * 100_000)\n'
        'await websocket.send_bytes(b"x" * 100_000)'
    )
    client = await engine_rig.connect()
    await client.rest()
    events = await engine_rig.settled(client.port)
    text, binary = events[3].data, events[4].data
    assert (text["truncated"], text["size"], len(text["message"]["text"])) == (True, 200_000, 16_384)
    assert (binary["truncated"], binary["message"]["bytes"]["size"]) == (True, 100_000)


async def test_raised_tells_the_users_frames_and_all(engine_rig: Any, first_line: int) -> None:
    await engine_rig.endpoint(
        """
        try:
            check(websocket)
        except KeyError as error:
            raise PermissionError("no [b]token[/]") from error
        """,
        before='def check(websocket): websocket.headers["x"]',
    )
    client = await engine_rig.connect()
    await client.rest()
    event = (await engine_rig.settled(client.port))[-1]
    data = event.data
    assert event.kind == "asgi.raised"
    assert event.summary == "PermissionError: no [b]token[/]"
    assert [frame["function"] for frame in data["frames"]] == ["endpoint"]
    assert data["frames"][0]["code"] == 'raise PermissionError("no [b]token[/]") from error'
    assert event.source.line == first_line + 3
    assert event.source.file == "probe.py"
    assert len(data["rest"]) > len(data["frames"])
    assert "KeyError" in data["traceback"]
    assert "The above exception was the direct cause" in data["traceback"]
    assert "wsplay/server" not in data["traceback"]


async def test_an_exception_group_shows_the_line_of_its_member(engine_rig: Any, first_line: int) -> None:
    await engine_rig.endpoint(
        """
        async def part():
            raise ValueError("inner")
        async with asyncio.TaskGroup() as group:
            group.create_task(part())
        """
    )
    client = await engine_rig.connect()
    await client.rest()
    event = (await engine_rig.settled(client.port))[-1]
    assert event.data["type"] == "ExceptionGroup"
    assert event.data["members"] == [{"type": "ValueError", "message": "inner"}]
    assert event.source.line == first_line + 1
    assert event.source.function == "part"


async def test_endless_recursion_is_told_bounded(engine_rig: Any) -> None:
    await engine_rig.endpoint("def again(): again()\nagain()")
    client = await engine_rig.connect()
    await client.rest()
    event = (await engine_rig.settled(client.port))[-1]
    assert event.data["type"] == "RecursionError"
    assert len(event.data["rest"]) == 200
    assert event.data["frames_left_out"] > 100


async def test_dependencies_and_middleware_have_their_lines(engine_rig: Any) -> None:
    await engine_rig.load(
        """
        from fastapi import Depends, FastAPI, WebSocket
        app = FastAPI()

        async def check(websocket: WebSocket):
            await websocket.close(1008)

        class Middleware:
            def __init__(self, app):
                self.app = app
            async def __call__(self, scope, receive, send):
                await self.app(scope, receive, send)

        app.add_middleware(Middleware)

        @app.websocket("/ws", dependencies=[Depends(check)])
        async def endpoint(websocket: WebSocket):
            pass
        """
    )
    client = await engine_rig.connect()
    await client.rest()
    sent = (await engine_rig.settled(client.port))[1]
    assert (sent.source.line, sent.source.function) == (6, "check")


async def test_a_close_two_files_away_has_its_line_and_the_way_there(engine_rig: Any) -> None:
    """The second file is in a package, and is imported only when it is needed."""
    rig = engine_rig
    (rig.folder / "guard.py").write_text(
        "async def check(websocket):\n    from inner.refusal import refuse\n    await refuse(websocket)\n"
    )
    (rig.folder / "inner").mkdir(exist_ok=True)
    (rig.folder / "inner" / "refusal.py").write_text(
        "async def refuse(websocket):\n    await websocket.close(1008)\n"
    )
    await rig.endpoint("await check(websocket)", before="from guard import check")
    client = await rig.connect()
    assert (await client.head()).startswith("HTTP/1.1 403 ")
    [sent] = [event for event in await rig.settled(client.port) if event.kind == "asgi.send"]
    assert sent.source.to_json() == {
        "file": "inner/refusal.py",
        "line": 2,
        "function": "refuse",
        "by": "call",
        "chain": [
            {"file": "probe.py", "line": 9, "function": "endpoint"},
            {"file": "guard.py", "line": 3, "function": "check"},
            {"file": "inner/refusal.py", "line": 2, "function": "refuse"},
        ],
    }


async def test_the_chain_is_that_of_each_message(engine_rig: Any) -> None:
    """Messages of several tasks and depths: the stack is not walked in full for each."""
    body = (
        "await websocket.accept()\n"
        "async def say(text):\n"
        "    await websocket.send_text(text)\n"
        "async def twice():\n"
        "    await say('1')\n"
        "    await say('2')\n"
        "await say('0')\n"
        "await twice()\n"
        "await asyncio.create_task(say('3'))\n"
        "await asyncio.create_task(twice())\n"
        "await websocket.send_text('4')\n"
        "await twice()"
    )
    await engine_rig.endpoint(body)
    client = await engine_rig.connect()
    await client.head()
    sent = [e for e in await engine_rig.settled(client.port) if e.summary.startswith("websocket.send")]
    chains = [[place.line - 8 for place in event.source.chain or (event.source,)] for event in sent]
    assert chains == [
        [7, 3],
        *([8, 5, 3], [8, 6, 3]),
        [3],
        *([5, 3], [6, 3]),
        [11],
        *([12, 5, 3], [12, 6, 3]),
    ]


async def test_a_recursion_without_end_has_a_chain_with_one(engine_rig: Any) -> None:
    await engine_rig.endpoint(
        "await websocket.accept()\n"
        "async def deep(n):\n    await (deep(n - 1) if n else websocket.close())\nawait deep(100)"
    )
    client = await engine_rig.connect()
    await client.head()
    assert await client.frame() == closing(1000)
    await client.send(*closing(1000))
    events = await engine_rig.settled(client.port)
    closed = next(event for event in events if event.summary == "websocket.close 1000")
    assert [place.function for place in closed.source.chain] == ["endpoint", *["deep"] * 19]


async def test_what_answers_an_exception_has_the_line_that_raised_it(engine_rig: Any) -> None:
    """A middleware of the user's that passes the call on is on the stack, but did not answer."""
    await engine_rig.load(
        """
        from fastapi import Depends, FastAPI, HTTPException, WebSocket
        from fastapi.security import HTTPBearer

        class PassOn:
            def __init__(self, app):
                self.app = app
            async def __call__(self, scope, receive, send):
                await self.app(scope, receive, send)

        class Own(Exception):
            pass

        app = FastAPI()
        app.add_middleware(PassOn)

        def check():
            raise HTTPException(401)

        @app.exception_handler(Own)
        async def answer(websocket, error):
            await websocket.close(4000)

        @app.websocket("/raises")
        async def raises(websocket: WebSocket, user: None = Depends(check)): ...

        @app.websocket("/bearer")
        async def bearer(websocket: WebSocket, user: object = Depends(HTTPBearer())): ...

        @app.websocket("/own")
        async def own(websocket: WebSocket):
            raise Own
        """
    )
    found = {}
    for path in ("/raises", "/bearer", "/own", "/nowhere"):
        client = await engine_rig.connect(path)
        assert " 40" in await client.head()
        sent = next(event for event in await engine_rig.settled(client.port) if event.kind == "asgi.send")
        found[path] = (sent.source.line, sent.source.function, sent.source.by)
    assert found == {
        "/raises": (18, "check", "raised"),
        "/bearer": (27, "bearer", "endpoint"),
        "/own": (22, "answer", "call"),
        "/nowhere": (9, "__call__", "call"),
    }


async def test_a_bare_asgi_app_and_a_failed_send(engine_rig: Any) -> None:
    await engine_rig.load(
        """
        async def app(scope, receive, send):
            assert scope["type"] == "websocket"
            message = {"type": "websocket.accept"}
            await send(message)
            message["type"] = "changed afterwards"
            try:
                await send({"type": "nonsense"})
            except Exception as error:
                caught = type(error).__name__
            await send({"type": "websocket.send", "text": caught})
        """
    )
    client = await engine_rig.connect()
    await client.head()
    opcode, caught = await client.frame() or (0, b"")
    assert opcode == 1
    events = await engine_rig.settled(client.port)
    assert events[1].summary == "websocket.accept"
    assert events[2].data["message"]["type"] == "nonsense"
    assert events[3].kind == "note"
    assert events[3].data["why"] == "send failed"
    assert events[3].data["type"].endswith(caught.decode())
    assert events[2].source.line == 8


async def test_http_is_traced_too(engine_rig: Any) -> None:
    await engine_rig.load(
        """
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/hello")
        async def hello():
            return {"a": 1}
        """
    )
    client = await engine_rig.connect("/hello", head="Host: x\r\nConnection: close\r\n")
    assert (await client.head()).startswith("HTTP/1.1 200 OK")
    events = await engine_rig.settled(client.port)
    assert events[0].summary == "http GET /hello"
    assert events[-2].source == Source("probe.py", 5, "hello", "endpoint")
    body = next(e for e in events if e.summary.startswith("http.response.body"))
    assert body.data["message"]["body"] == {"hex": b'{"a":1}'.hex(), "size": 7}


async def test_a_client_that_leaves(engine_rig: Any) -> None:
    await engine_rig.endpoint("await websocket.accept()\nawait websocket.receive_text()")
    client = await engine_rig.connect()
    await client.head()
    await client.aclose()
    events = await engine_rig.settled(client.port)
    assert events[3].summary.startswith("websocket.disconnect 100")
    assert events[-1].data["type"] == "starlette.websockets.WebSocketDisconnect"
