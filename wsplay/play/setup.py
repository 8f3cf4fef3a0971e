"""What comes before a try's own connection: HTTP requests and other connections, done in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from wsplay.events.safe_text import visible
from wsplay.play.playground import Playground, Session
from wsplay.protocol.handshake import Handshake, Send
from wsplay.protocol.http_request import HttpRequest, SetupStep, expand_saved
from wsplay.protocol.token import TokenKit, expand
from wsplay.scenario.file import Scenario

#: Seconds that all of it may take, unless told otherwise.
LIMIT = 10.0
#: Seconds a connection made and left may go on after its steps, for what the server has to say.
LINGER = 0.2
#: Seconds the server may take to notice that those who joined have gone.
AFTERMATH = 1.0


Fillable = TypeVar("Fillable", Handshake, HttpRequest)


class SetupError(Exception):
    """A run cannot go on to its own connection; the message says why, in one line, safe to print."""


class Setup:
    """What was done first, and what came of it: values saved, and connections that stay.

    What the network does never raises: it is in the events, numbered like any connection.
    """

    def __init__(self, playground: Playground, scenario: Scenario) -> None:
        self._playground = playground
        self._scenario = scenario
        self._absent: dict[str, str] = {}
        #: What `{saved.<name>}` stands for.
        self.saved: dict[str, str] = {}
        #: The connections that stay until `leave`.
        self.joined: list[Session] = []

    def fill(self, handshake: Handshake) -> Handshake:
        """The handshake with tokens minted now and `{saved.<name>}` filled in. Raises `ErrandError`."""
        return replace(self._filled(replace(handshake, before=())), before=handshake.before)

    async def run(self, before: Sequence[SetupStep]) -> None:
        """Do what `before` says, in order. Raises `ErrandError`."""
        for setup_step in before:
            if setup_step.kind == "http" and setup_step.request is not None:
                await self._ask(setup_step, setup_step.request)
            elif setup_step.kind == "wait":
                await asyncio.sleep(setup_step.seconds)
            else:
                for _ in range(setup_step.times):
                    await self._connect(setup_step)

    async def leave(self) -> None:
        """Leave every connection that stayed, and wait, with a limit, until the server has noticed."""
        left, self.joined = self.joined, []
        await asyncio.gather(*(session.leave() for session in left))
        deadline = asyncio.get_running_loop().time() + AFTERMATH
        while any(self._playground.is_open(session.conn) for session in left):
            if asyncio.get_running_loop().time() >= deadline:
                return
            await asyncio.sleep(0.01)

    async def _ask(self, setup_step: SetupStep, request: HttpRequest) -> None:
        request = self._filled(request)
        answer = await self._playground.request(request)
        for save in setup_step.save:
            value = None if answer is None else save.find(answer)
            if value is not None:
                self.saved[save.name] = value
                continue
            self.saved.pop(save.name, None)  # an older one would pass for this answer's
            said = "got no answer" if answer is None else f"was answered {answer}, without a {save}"
            self._absent[save.name] = f"{request} {said}"

    async def _connect(self, setup_step: SetupStep) -> None:
        attempt = self._scenario.get_try(setup_step.attempt)
        if attempt is None:
            raise SetupError(f'there is no try "{visible(setup_step.attempt, 60)}" to {setup_step.kind}')
        await self.run(attempt.before)
        session = await self._playground.connect(self.fill(attempt.handshake()))
        stays = False
        try:
            for step in session.handshake.steps:
                await session.take(step)
            if setup_step.kind == "join":
                stays = True
                self.joined.append(session)
            else:
                await session.take(Send("wait", seconds=LINGER))
        finally:
            if not stays:
                await session.leave()

    def _filled(self, what: Fillable) -> Fillable:
        now = int(time.time())
        try:
            kit = TokenKit.from_table(self._scenario.tokens) if self._scenario.tokens else None

            def fill(text: str) -> str:
                minted = text if kit is None else expand(text, kit, now)
                # Last: what a server said is data, and holds no placeholders.
                return expand_saved(minted, self.saved, self._absent)

            return what.filled(fill)
        except ValueError as error:
            raise SetupError(str(error)) from error


async def run_setup(
    playground: Playground, scenario: Scenario, before: Sequence[SetupStep], *, limit: float = LIMIT
) -> Setup:
    """Do what comes before a try's own connection (`Handshake.before`), within `limit` seconds.

    Then `fill` the handshake, connect, and `leave` in the end. Raises `ErrandError`; nothing stays then.
    """
    setup = Setup(playground, scenario)
    try:
        async with asyncio.timeout(limit):
            await setup.run(before)
    except BaseException as error:
        await setup.leave()
        if isinstance(error, TimeoutError):
            raise SetupError(f"what comes before the connection took more than {limit:g} s") from error
        raise
    return setup
