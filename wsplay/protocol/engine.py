"""The ASGI servers a scenario can run on, by name. Nothing here imports one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to serve a scenario: a server and the WebSocket implementation it is given.

    `name` is what `--engine` takes, `server` the distribution that serves, `implementation` what the server
    calls its WebSocket side.
    """

    name: str
    server: str
    implementation: str
    about: str

    @property
    def label(self) -> str:
        """Server and implementation, as a status line shows them."""
        return f"{self.server} ({self.implementation})"


ENGINES: tuple[Engine, ...] = (
    Engine("uvicorn", "uvicorn", "websockets-sansio", "what uvicorn picks by itself"),
    Engine("uvicorn-wsproto", "uvicorn", "wsproto", "the pure Python protocol library"),
    Engine("uvicorn-websockets", "uvicorn", "websockets", "the legacy implementation, deprecated by uvicorn"),
)

ENGINE_NAMES: tuple[str, ...] = tuple(engine.name for engine in ENGINES)

DEFAULT_ENGINE = "uvicorn"


def get_engine(name: str) -> Engine:
    """The engine called `name`. Raises KeyError where there is none."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise KeyError(name)
