"""`wsplay serve` loads a file again when it is saved, from the moment it was read."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from wsplay.cli import serve
from wsplay.play.playground import Playground
from wsplay.play.saves import PAUSE
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library

pytestmark = pytest.mark.slow

LIMIT = 20.0
APP = "async def app(scope, receive, send): ...\n"


class Loads(Playground):
    """A playground without a server, which says what it was asked to load."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: asyncio.Queue[str] = asyncio.Queue()

    async def revive(self) -> None: ...

    async def load(self, scenario: Scenario, source: str | None = None) -> None:
        self.sources.put_nowait(scenario.source)


async def test_a_save_while_the_server_starts_is_loaded_and_so_is_the_next(tmp_path: Path) -> None:
    file = tmp_path / "probe.py"
    file.write_text(APP)
    library = Library.find(user_folders=())
    scenario = library.get(str(file))
    file.write_text(APP + "# saved before the server was listening\n")
    playground = Loads()
    watching = asyncio.create_task(serve._reload_when_saved(library, scenario, playground))
    try:
        async with asyncio.timeout(LIMIT):
            assert "before the server" in await playground.sources.get()
            file.write_text(APP + "# saved later\n")
            assert "later" in await playground.sources.get()
    finally:
        watching.cancel()


async def test_a_file_that_nobody_saves_is_not_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "probe.py"
    file.write_text(APP)
    library = Library.find(user_folders=())
    playground = Loads()
    watching = asyncio.create_task(serve._reload_when_saved(library, library.get(str(file)), playground))
    await asyncio.sleep(3 * PAUSE)
    watching.cancel()
    assert playground.sources.empty()
