"""Loading scenarios into the running child: what loads, what does not, and what an edit changes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from wsplay.events.event import Place, Source
from wsplay.server.parent.errors import LoadError

pytestmark = pytest.mark.slow

ANSWER = """
from fastapi import FastAPI, WebSocket
app = FastAPI()

@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text({text!r})
    await websocket.receive_text()
    await websocket.send_text({text!r})
"""


async def answer(rig: Any) -> str:
    client = await rig.connect()
    await client.head()
    opcode, payload = await client.frame() or (0, b"")
    assert opcode == 1
    await client.aclose()
    return str(payload.decode())


async def test_loaded_says_what_there_is(rig: Any) -> None:
    loaded = await rig.load(
        """
        from fastapi import APIRouter, FastAPI, WebSocket
        from starlette.routing import Mount
        app = FastAPI()
        sub = FastAPI()
        router = APIRouter(prefix="/api")

        @app.get("/hello")
        def hello(): ...

        @app.websocket("/ws")
        async def ws(websocket: WebSocket): ...

        @router.websocket("/ws")
        async def ws2(websocket: WebSocket): ...

        @sub.websocket("/inner")
        async def ws3(websocket: WebSocket): ...

        app.include_router(router, prefix="/v1")
        app.mount("/sub", sub)
        """
    )
    paths = [(route["path"], route.get("websocket"), route.get("methods")) for route in loaded.routes]
    assert paths == [
        ("/hello", None, ["GET"]),
        ("/ws", True, None),
        ("/v1/api/ws", True, None),
        ("/sub/inner", True, None),
    ]
    event = rig.of("server.loaded")[0]
    assert event.data["scenario"] == "probe"
    assert event.data["file"] == loaded.file == str(rig.folder / "probe.py")
    assert event.data["routes"] == loaded.routes
    assert event.data["ms"] == loaded.ms > 0


async def test_mounted_apps_are_listed_by_what_they_can_take(rig: Any) -> None:
    loaded = await rig.load(
        """
        from fastapi import FastAPI, WebSocket
        from fastapi.staticfiles import StaticFiles
        from starlette.routing import Mount, Router
        app = FastAPI()
        inner = FastAPI()

        class Wrapped:
            def __init__(self, app): self.app = app

        @inner.websocket("/feed")
        async def feed(websocket: WebSocket): ...

        async def opaque(scope, receive, send): ...

        app.mount("/files", StaticFiles(directory="."))
        app.mount("/socket.io", opaque)
        app.mount("/empty", Router())
        app.mount("/wrapped", Wrapped(inner))
        app.host("api.example", inner)
        """
    )
    assert loaded.routes == [
        {"path": "/files", "methods": ["GET", "HEAD"]},
        {"path": "/socket.io", "methods": []},
        {"path": "/wrapped", "methods": []},
        {"path": "/feed", "websocket": True},
    ]


async def test_routes_that_the_startup_adds_are_listed(rig: Any) -> None:
    loaded = await rig.load(
        """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI, WebSocket

        async def late(websocket: WebSocket): ...

        @asynccontextmanager
        async def life(app):
            app.add_api_websocket_route("/late", late)
            yield

        app = FastAPI(lifespan=life)
        """
    )
    assert loaded.routes == [{"path": "/late", "websocket": True}]


BROKEN = {
    "syntax": ("app = 1\ndef (", 2, "SyntaxError", "invalid syntax"),
    "indent": ("if 1:\npass", 2, "IndentationError", "expected an indented block"),
    "null byte": ("app = '\0'", None, "SyntaxError", "null bytes"),
    "raises": ("def f():\n    return 1 / 0\napp = f()", 2, "ZeroDivisionError", "division by zero"),
    "no module": ("\nimport nowhere_to_be_found", 2, "ModuleNotFoundError", "nowhere_to_be_found"),
    "in a library": ("import json\njson.loads('{')", 2, "json.decoder.JSONDecodeError", "Expecting"),
    "own exception": ("class Mine(Exception): ...\nraise Mine('x')", 2, "Mine", "x"),
    "sys.exit": ("import sys\nsys.exit(3)", 2, "SystemExit", "3"),
    "interrupt": ("raise KeyboardInterrupt", 1, "KeyboardInterrupt", ""),
    "asks": ("name = input('who? ')", 1, "EOFError", "EOF"),
    "serves itself": (
        "import asyncio\nasync def f(): ...\nasyncio.run(f())",
        3,
        "RuntimeError",
        "asyncio.run() cannot be called",
    ),
    "empty": ("", None, "", "there is no `app`"),
    "other name": ("from fastapi import FastAPI\napi = FastAPI()", None, "", "`app = api`"),
    "no app but a router": (
        "from fastapi import APIRouter\napp = APIRouter()",
        None,
        "",
        "include_router",
    ),
    "a class": ("from fastapi import FastAPI as app", None, "", "the class FastAPI"),
    "not callable": ("app = 7", None, "", "of type int"),
    "startup raises": (
        "from fastapi import FastAPI\nfrom contextlib import asynccontextmanager\n@asynccontextmanager\n"
        "async def life(app):\n    raise LookupError('no database')\n    yield\napp = FastAPI(lifespan=life)",
        5,
        "LookupError",
        "no database",
    ),
}


@pytest.mark.filterwarnings("ignore:coroutine")
async def test_what_does_not_load_is_reported_and_leaves_the_last_one(rig: Any) -> None:
    await rig.load(ANSWER.format(text="good"), "good")
    for name, (source, line, kind, message) in BROKEN.items():
        before = len(rig.of("note"))
        with pytest.raises(LoadError) as caught:
            await rig.load(source, "broken")
        error = caught.value
        assert (name, error.line, error.type) == (name, line, kind)
        assert message in str(error), name
        assert error.file == str(rig.folder / "broken.py")
        assert str(error).startswith("broken.py")
        assert "wsplay/server" not in error.traceback
        if kind:
            assert kind.rpartition(".")[2] in error.traceback
        note = rig.of("note")[before:][-1]
        assert note.data["why"] == "load failed"
        assert note.data["scenario"] == "broken"
        assert (note.source.line if note.source else None) == line
        assert await answer(rig) == "good"
    assert len(rig.of("server.loaded")) == 1
    assert not rig.of("server.stalled")


async def test_an_edit_is_what_runs_and_what_tracebacks_show(rig: Any) -> None:
    file = rig.folder / "probe.py"
    file.write_text(ANSWER.format(text="on disk"))
    await rig.load(ANSWER.format(text="edited"))
    assert await answer(rig) == "edited"
    await rig.load(
        "# moved\n" + ANSWER.format(text="again").replace("await websocket.accept()", "edited_only()")
    )
    client = await rig.connect()
    await client.rest()
    event = (await rig.settled(client.port))[-1]
    assert event.source == Source("probe.py", 8, "endpoint", "raised")
    assert event.data["frames"][-1]["code"] == "edited_only()"
    assert "edited_only()\n" in event.data["traceback"]


async def test_lifespans_run_one_after_the_other(rig: Any) -> None:
    source = """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI, WebSocket
        @asynccontextmanager
        async def life(app):
            print("up NAME")
            yield {"name": "NAME"}
            print("down NAME")
        app = FastAPI(lifespan=life)
        @app.websocket("/ws")
        async def endpoint(websocket: WebSocket):
            await websocket.accept()
            await websocket.send_text(websocket.state.name)
        """
    await rig.load(source.replace("NAME", "a"))
    assert await answer(rig) == "a"
    await rig.load(source.replace("NAME", "b"))
    assert await answer(rig) == "b"
    await rig.server.aclose()
    assert rig.texts() == ["up a", "up b", "down a", "down b"]
    scope = rig.of("asgi.scope")[0].data["scope"]
    assert scope["state"] == {"name": "<str>"}


async def test_a_startup_that_does_not_end_is_given_up(rig: Any) -> None:
    source = """
        import asyncio
        async def app(scope, receive, send):
            await asyncio.sleep(1000)
        """
    with pytest.raises(LoadError, match=r"startup did not finish in 1\.6 s"):
        await rig.load(source, limit=2)
    await rig.load(ANSWER.format(text="next"))
    assert await answer(rig) == "next"


async def test_a_shutdown_that_fails_is_reported(rig: Any) -> None:
    await rig.load(
        """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI
        @asynccontextmanager
        async def life(app):
            yield
            raise OSError("disk full")
        app = FastAPI(lifespan=life)
        """
    )
    await rig.load(ANSWER.format(text="next"))
    await rig.until(lambda: rig.of("note", why="shutdown failed"))
    said = rig.of("note", why="shutdown failed")[0].summary
    assert said == "probe (replaced): shutdown failed: OSError: disk full"


LIFE = """
from contextlib import asynccontextmanager
import logging
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

@asynccontextmanager
async def life(app):
    print("startup {name}")
    yield
    print("shutdown {name}")
    logging.warning("closed {name}")

app = FastAPI(lifespan=life)

@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect:
        print("left by {name}")
    else:
        print("answered by {name}")
"""


async def test_what_a_replaced_copy_does_is_told_as_its_own(rig: Any) -> None:
    await rig.load(LIFE.format(name="old"))
    client = await rig.connect()
    await client.head()
    await rig.load(LIFE.format(name="new"))
    await rig.until(lambda: [e for e in rig.of("server.log") if "closed old" in e.summary])
    other = await rig.connect()
    await other.head()
    await other.send(1, b"hi")
    await rig.until(lambda: [e for e in rig.of("server.print") if "answered by new" in e.summary])
    await rig.server.aclose()
    prints = [(event.summary, event.data.get("replaced")) for event in rig.of("server.print")]
    assert prints == [
        ("startup old", None),
        ("startup new", None),
        ("probe (replaced): left by old", "probe"),
        ("probe (replaced): shutdown old", "probe"),
        ("answered by new", None),
        ("shutdown new", None),
    ]
    assert [event.data["text"] for event in rig.of("server.print")][3] == "shutdown old"
    closed = [event.summary for event in rig.of("server.log") if "closed" in event.summary]
    assert closed[0] == "WARNING probe (replaced): closed old"
    assert rig.of("server.exited")[0].summary == "stopped"


async def test_an_import_that_does_not_end(rig: Any) -> None:
    loading = asyncio.create_task(rig.load("import time\nwhile True:\n    time.sleep(0.1)", limit=5))
    await rig.until(lambda: rig.of("server.stalled"))
    event = rig.of("server.stalled")[0]
    assert event.source == Source("probe.py", 3, "<module>")
    assert event.data["during"] == "load"
    assert "importing" in event.summary
    await rig.server.restart()
    with pytest.raises(LoadError, match="killed by SIGKILL"):
        await loading
    await rig.load(ANSWER.format(text="after"))
    assert await answer(rig) == "after"


async def test_an_import_that_ends_the_process(rig: Any) -> None:
    with pytest.raises(LoadError, match="exited with code 5"):
        await rig.load("import os\nos._exit(5)")
    assert rig.of("note", why="load failed")
    assert rig.of("server.exited")[0].data["expected"] is False
    assert not rig.server.alive


async def test_a_file_is_a_module_of_its_own(rig: Any) -> None:
    await rig.load(
        """
        from __future__ import annotations
        import dataclasses, sys, typing
        from fastapi import FastAPI
        from pydantic import BaseModel

        class Outer(BaseModel):
            inner: Inner

        class Inner(BaseModel):
            x: int

        @dataclasses.dataclass
        class Plain:
            inner: typing.ClassVar[Inner]

        assert Outer(inner={"x": 1}).inner.x == 1
        assert typing.get_type_hints(Plain)
        assert __file__.endswith("probe.py") and sys.argv == [__file__]
        app = FastAPI()
        if __name__ == "__main__":
            raise SystemExit("run as a program")
        """
    )


async def test_an_annotation_is_not_a_string_where_the_file_does_not_ask(rig: Any) -> None:
    await rig.load("def f(x: int): ...\nassert f.__annotations__ == {'x': int}\nasync def app(s, r, w): ...")


async def test_siblings_are_found_fresh_and_kept_apart(rig: Any) -> None:
    one, two = rig.folder / "one", rig.folder / "two"
    source = "from fastapi import FastAPI\nimport helper\nprint(helper.NAME)\napp = FastAPI()"
    for folder in (one, two):
        folder.mkdir()
        (folder / "helper.py").write_text(f"NAME = {folder.name!r}")
    await rig.server.load("probe", one / "probe.py", source)
    await rig.server.load("probe", two / "probe.py", source)
    await rig.server.load("probe", one / "probe.py", source)
    (one / "helper.py").write_text("NAME = 'changed'")
    await rig.server.load("probe", one / "probe.py", source)
    (one / "helper.py").write_text("def broken(:")
    with pytest.raises(LoadError, match="invalid syntax") as caught:
        await rig.server.load("probe", one / "probe.py", source)
    assert (caught.value.file, caught.value.line) == (str(one / "helper.py"), 1)
    assert await rig.server.sync(20)
    assert rig.texts() == ["one", "two", "one", "changed"]
    assert not list(one.glob("__pycache__"))


async def test_a_siblings_frames_are_the_users(rig: Any) -> None:
    (rig.folder / "helper.py").write_text("def check():\n    raise ValueError('no')")
    await rig.endpoint("helper.check()", before="import helper")
    client = await rig.connect()
    await client.rest()
    event = (await rig.settled(client.port))[-1]
    assert [frame["function"] for frame in event.data["frames"]] == ["endpoint", "check"]
    chain = (Place("probe.py", 9, "endpoint"), Place("helper.py", 2, "check"))
    assert event.source == Source("helper.py", 2, "check", "raised", chain)


async def test_a_large_source_loads(rig: Any) -> None:
    await rig.load("# " + "x" * 3_000_000 + "\nasync def app(scope, receive, send): ...")


async def test_switching_does_not_pile_up(rig: Any) -> None:
    source = ANSWER.format(text="x")
    start = time.monotonic()
    for number in range(100):
        await rig.load(source, f"s{number}")
    assert len(rig.of("server.loaded")) == 100
    assert time.monotonic() - start < 20
    assert await answer(rig) == "x"
