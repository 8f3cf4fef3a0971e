"""The house, proved at run time in a fresh process: what a room imports, and what it must not."""

import json
import subprocess
import sys

import pytest


def modules_after(statement: str) -> set[str]:
    code = f"import sys, json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(run.stdout))


def roots(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules}


@pytest.mark.parametrize(
    "room", ["wsplay.play.playground", "wsplay.play.runner", "wsplay.scenario.library", "wsplay.cli.main"]
)
def test_the_core_comes_without_the_ui_and_the_server(room: str) -> None:
    loaded = roots(modules_after(f"import {room}"))
    assert "wsplay" in loaded
    assert loaded & {"textual", "fastapi", "starlette", "uvicorn"} == set()


#: Rooms without IO, and the rooms of ours that each may need.
PURE = {
    "wsplay.events.event": (),
    "wsplay.events.timeline": ("events",),
    "wsplay.events.merge": ("events",),
    "wsplay.protocol.handshake": ("events", "protocol"),
    "wsplay.protocol.header": ("events", "protocol"),
    "wsplay.protocol.token": ("events", "protocol"),
    "wsplay.verdict.outcome": ("events", "protocol", "verdict"),
    "wsplay.verdict.diagnosis": ("events", "protocol", "verdict"),
    "wsplay.scenario.file": ("events", "protocol", "verdict", "scenario"),
}


@pytest.mark.parametrize("module", PURE)
def test_the_pure_rooms_know_no_network(module: str) -> None:
    loaded = modules_after(f"import {module}")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("wsplay.")}
    assert rooms <= {*PURE[module], module.split(".")[1]}
    assert loaded & {"socket", "asyncio", "websockets", "h11", "jwt"} == set()


def test_the_command_line_imports_no_command_before_it_is_called() -> None:
    loaded = modules_after("import wsplay.cli.main")
    assert {"wsplay.cli.run", "wsplay.cli.running", "wsplay.play.playground", "asyncio"} & loaded == set()


def test_the_ui_imports_neither_server_nor_client_before_it_is_needed() -> None:
    loaded = modules_after("import wsplay.tui.app")
    assert "textual" in roots(loaded)
    assert roots(loaded) & {"fastapi", "starlette", "uvicorn", "jwt", "websockets", "wsproto"} == set()


@pytest.mark.parametrize("module", ["wsplay.tui.app", "wsplay.tui.main.screen", "wsplay.cli.show"])
def test_markdown_is_imported_only_when_it_is_shown(module: str) -> None:
    assert "markdown_it" not in roots(modules_after(f"import {module}"))
