"""`wsplay serve` tells the verdict on each connection, once, when it has ended."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from wsplay.cli import verdicts
from wsplay.cli.verdicts import Verdicts
from wsplay.events.event import Direction, Event, Lane
from wsplay.verdict.outcome import Outcome

START = time.perf_counter_ns()


def event(kind: str, conn: int | None = 1, direction: Direction | None = None, **data: Any) -> Event:
    lane = Lane(kind.partition(".")[0])
    return Event(START, lane, kind, kind, conn, direction, data)


def accepted(conn: int = 1) -> list[Event]:
    return [
        event("wire.connected", conn),
        event("wire.request", conn, Direction.C2S, method="GET", target="/ws", headers=[]),
        event("asgi.scope", conn, type="websocket"),
        event("wire.response", conn, Direction.S2C, status=101, headers=[]),
    ]


class Told(list[Outcome]):
    """The outcomes that were told."""

    def __init__(self) -> None:
        super().__init__()
        self.verdicts = Verdicts(self.append)

    def see(self, *events: Event) -> None:
        for one in events:
            self.verdicts.see(one)

    @property
    def conns(self) -> list[int | None]:
        return [outcome.conn for outcome in self]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "PAUSE", 0.02)
    monkeypatch.setattr(verdicts, "AFTERMATH", 0.15)


async def test_a_connection_that_has_ended_is_told_once_with_what_its_app_did() -> None:
    told = Told()
    told.see(*accepted(), event("wire.eof", 1, Direction.S2C))
    await asyncio.sleep(0.05)
    assert told == []  # the app still runs
    told.see(event("asgi.raised", 1, type="ValueError", message="oh"))
    await asyncio.sleep(0.1)
    [outcome] = told
    assert (outcome.ended, outcome.opened) == ("dropped", True)
    assert outcome.server_error is not None
    told.see(event("wire.eof", 1, Direction.C2S), event("asgi.returned", 1))
    await asyncio.sleep(0.2)
    assert told.conns == [1]


async def test_an_app_that_goes_on_is_not_waited_for_without_end() -> None:
    told = Told()
    told.see(*accepted(), event("wire.eof", 1, Direction.C2S))
    await asyncio.sleep(0.05)
    assert told == []
    await asyncio.sleep(0.2)
    assert told.conns == [1]


async def test_a_refused_connection_is_told_while_the_client_lingers() -> None:
    told = Told()
    told.see(
        *accepted()[:3],
        event("asgi.returned", 1),
        event("wire.response", 1, Direction.S2C, status=403, headers=[]),
    )
    await asyncio.sleep(0.1)
    assert [outcome.status for outcome in told] == [403]


async def test_connections_are_told_apart_and_those_that_are_open_are_named_at_the_end() -> None:
    told = Told()
    told.see(*accepted(1), *accepted(2), *accepted(3), event("wire.eof", 2, Direction.S2C))
    assert told.verdicts.finish() == (1, 3)
    assert told.conns == [2]
    await asyncio.sleep(0.2)
    assert told.conns == [2]


async def test_in_a_flood_the_outcome_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    told.see(*accepted())
    asked: list[int | None] = []
    outcome = told.verdicts._followed.outcome
    monkeypatch.setattr(told.verdicts._followed, "outcome", lambda conn: asked.append(conn) or outcome(conn))
    frame = event("wire.frame", 1, Direction.S2C, opcode=1, fin=True, payload={"size": 1, "text": "x"})
    told.see(*[frame] * 100)
    assert asked == []


async def test_the_oldest_of_very_many_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "MAX_FOLLOWED", 3)
    told = Told()
    for conn in range(1, 6):
        told.see(*accepted(conn))
    assert told.verdicts.finish() == (3, 4, 5)
