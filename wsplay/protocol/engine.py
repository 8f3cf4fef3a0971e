"""The ASGI servers a scenario can run on, by name. Nothing here imports one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to serve a scenario: a server and its WebSocket implementation.

    `name` is what `--engine` takes, `server` the distribution, `implementation` what the server calls its
    WebSocket implementation.
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
    Engine("uvicorn", "uvicorn", "websockets-sansio", "uvicorn's default"),
    Engine("uvicorn-wsproto", "uvicorn", "wsproto", "the pure Python protocol library"),
    Engine("uvicorn-websockets", "uvicorn", "websockets", "the legacy implementation, deprecated by uvicorn"),
)

ENGINE_NAMES: tuple[str, ...] = tuple(engine.name for engine in ENGINES)

DEFAULT_ENGINE = "uvicorn"


def get_engine(name: str) -> Engine:
    """The engine of that name. Raises KeyError if there is none."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise KeyError(name)
