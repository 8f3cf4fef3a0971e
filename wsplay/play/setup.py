"""The setup steps, which run before a try's own connection: HTTP requests and other connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from wsplay.events.safe_text import visible
from wsplay.play.playground import Playground, Session
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.routes import default_path, listed
from wsplay.protocol.saved import Save, expand_saved
from wsplay.protocol.steps import ConnectTry, Fetch, JoinTry, SetupStep, Wait
from wsplay.protocol.token import expand
from wsplay.scenario.file import Scenario

#: Seconds that the whole setup may take by default.
LIMIT = 10.0
#: Seconds that a connection stays open after its steps, for the server's messages.
LINGER = 0.2
#: Seconds for the server to notice that the joined clients have disconnected.
AFTERMATH = 1.0


Fillable = TypeVar("Fillable", Handshake, HttpRequest)


class SetupError(Exception):
    """The setup failed, before the try's own connection. The message says why, in one line, safe to print."""


class PathNeeded(SetupError):
    """No path was named, and the app leaves a choice. `routes` are the app's."""

    def __init__(self, routes: list[Any]) -> None:
        super().__init__(f"no path to connect to was named; the app's WebSocket routes: {listed(routes)}")
        self.routes = routes


def with_path(handshake: Handshake, routes: list[Any]) -> Handshake:
    """The handshake with the path it goes to, if it names none. Raises `PathNeeded`."""
    if handshake.path:
        return handshake
    path = default_path(routes)
    if path is None:
        raise PathNeeded(routes)
    return replace(handshake, path=path)


class Setup:
    """The setup steps and their results: saved values, and connections that stay. Network errors never raise:
    they are in the events, numbered like any connection.
    """

    def __init__(self, playground: Playground, scenario: Scenario) -> None:
        self._playground = playground
        self._scenario = scenario
        self._missing: dict[str, str] = {}
        #: The tokens that were minted, each with its placeholder.
        self.minted: dict[str, str] = {}
        #: The value of each `{saved.<name>}`.
        self.saved: dict[str, str] = {}
        #: The connections that stay until `disconnect`.
        self.joined: list[Session] = []

    def fill(self, handshake: Handshake) -> Handshake:
        """The handshake with a path, with new tokens and the saved values. Raises `SetupError`."""
        return self._filled(with_path(handshake, self._playground.routes))

    @property
    def filled_in(self) -> dict[str, str]:
        """What was filled in so far, each value with its placeholder."""
        return self.minted | {value: f"{{saved.{name}}}" for name, value in self.saved.items()}

    async def run(self, before: Sequence[SetupStep]) -> None:
        """Run the steps of `before`, in order. Raises `SetupError`."""
        for step in before:
            match step:
                case Fetch(request, saves):
                    await self._fetch(request, saves)
                case ConnectTry(name):
                    session = await self._connect(name)
                    await session.run_step(Wait(LINGER))
                    await session.disconnect()
                    self.joined.remove(session)
                case JoinTry(name, times):
                    for _ in range(times):
                        await self._connect(name)
                case Wait(seconds):
                    await self._playground.clock.sleep(seconds)

    async def disconnect(self) -> None:
        """Close every connection that stayed, and wait, with a limit, until the server has noticed."""
        sessions, self.joined = self.joined, []
        await asyncio.gather(*(session.disconnect() for session in sessions))
        clock = self._playground.clock
        deadline = clock.time() + AFTERMATH
        while any(self._playground.is_open(session.conn) for session in sessions):
            if clock.time() >= deadline:
                return
            await clock.goes()
            await asyncio.sleep(0.01)

    async def _fetch(self, request: HttpRequest, saves: Sequence[Save]) -> None:
        request = self._filled(request)
        response = await self._playground.request(request)
        for save in saves:
            value = None if response is None else save.find(response)
            if value is not None:
                self.saved[save.name] = value
                continue
            self.saved.pop(save.name, None)  # an older one could be mistaken for this response's
            what = "got no response" if response is None else f"was answered {response}, without a {save}"
            self._missing[save.name] = f"{request} {what}"

    async def _connect(self, name: str) -> Session:
        """Connect as the try of that name does and take its steps. It is among `joined` from the start."""
        try_ = self._scenario.get_try(name)
        if try_ is None:
            raise SetupError(f'there is no try "{visible(name, 60)}" to connect first')
        await self.run(try_.handshake.before)
        session = await self._playground.connect(self.fill(try_.handshake))
        self.joined.append(session)
        for step in session.handshake.steps:
            await session.run_step(step)
        return session

    def _filled(self, template: Fillable) -> Fillable:
        now = int(time.time())
        try:
            kit = self._scenario.tokens

            def fill(text: str) -> str:
                minted = text if kit is None else expand(text, kit, now, self.minted.__setitem__)
                # Last, because a server's data may not be expanded again.
                return expand_saved(minted, self.saved, self._missing)

            return template.filled(fill)
        except ValueError as error:
            raise SetupError(str(error)) from error


async def run_setup(
    playground: Playground, scenario: Scenario, before: Sequence[SetupStep], *, limit: float = LIMIT
) -> Setup:
    """Run the setup steps (`Handshake.before`), within `limit` seconds.

    Then `fill` the handshake, connect, and `disconnect` in the end. If it raises `SetupError`, nothing stays.
    """
    setup = Setup(playground, scenario)
    try:
        async with playground.clock.timeout(limit):
            await setup.run(before)
    except BaseException as error:
        await setup.disconnect()
        if isinstance(error, TimeoutError):
            raise SetupError(f"the setup steps took more than {limit:g} s") from error
        raise
    return setup
