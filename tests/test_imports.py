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


@pytest.mark.parametrize("room", ["wsplay.playground", "wsplay.runner", "wsplay.library", "wsplay.cli.main"])
def test_the_core_comes_without_the_ui_and_the_server(room: str) -> None:
    loaded = roots(modules_after(f"import {room}"))
    assert "wsplay" in loaded
    assert loaded & {"textual", "fastapi", "starlette", "uvicorn"} == set()


@pytest.mark.parametrize(
    "room", ["event", "timeline", "handshake", "scenario", "outcome", "doctor", "token", "header", "merge"]
)
def test_the_model_knows_no_network_and_nothing_of_wsplay(room: str) -> None:
    loaded = modules_after(f"import wsplay.model.{room}")
    of_ours = {name for name in loaded if name.startswith("wsplay.")}
    assert all(name == "wsplay.model" or name.startswith("wsplay.model.") for name in of_ours)
    assert loaded & {"socket", "asyncio", "websockets", "h11", "jwt"} == set()


def test_the_command_line_imports_no_command_before_it_is_called() -> None:
    loaded = modules_after("import wsplay.cli.main")
    assert {"wsplay.cli.run", "wsplay.cli.running", "wsplay.playground", "asyncio"} & loaded == set()


def test_the_ui_imports_neither_server_nor_client_before_it_is_needed() -> None:
    loaded = modules_after("import wsplay.tui.app")
    assert "textual" in roots(loaded)
    assert roots(loaded) & {"fastapi", "starlette", "uvicorn", "jwt", "websockets", "wsproto"} == set()
