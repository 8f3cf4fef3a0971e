"""What many tests need: scenario text and the built-in library."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.scenario.library import Library

#: No test reads or changes the settings of who runs it, nor what is kept for them: each start is the first.
os.environ["WSPLAY_CONFIG"] = os.path.join(os.devnull, "config.toml")
os.environ["XDG_STATE_HOME"] = os.devnull
#: Tests start the program hundreds of times: let Python keep what it compiles, as it does for a user.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

#: What is imported lives as long as the tests do: looking for garbage in it took a tenth of their time.
gc.freeze()
gc.set_threshold(50_000, 20, 100)


settings.register_profile("every save", max_examples=25, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """In the set for every save, Hypothesis tries fewer examples; in the whole suite, its usual number."""
    if config.option.markexpr == "not slow":
        settings.load_profile("every save")


@pytest.fixture(scope="session")
def library() -> Library:
    """The built-in scenarios, whatever folders this machine's user has."""
    return Library.find(user_folders=())


@pytest.fixture
def write_scenario(tmp_path: Path):
    """Write an endpoint's body to a file and read it as a scenario."""

    def write(body: str, name: str = "probe", block: str = "") -> Scenario:
        lines = "\n".join("    " + line for line in body.strip().splitlines())
        text = (
            '"""A probe."""\n'
            "import asyncio, os, time\n"
            "from fastapi import FastAPI, WebSocket\n"
            "app = FastAPI()\n"
            '@app.websocket("/ws")\n'
            f"async def endpoint(websocket: WebSocket):\n{lines}\n{block}"
        )
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return parse_scenario(name, str(path), text)

    return write
