"""The gate by itself: what waits, in which order, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from wsplay.protocol.hold_points import ALL, DROPPED, LET_GO, NOTHING, STEPPED, HoldPoints, parse_points
from wsplay.server.child.gate import Gate, Passage
from wsplay.server.ipc import Where

WHERE = Where("auth.py", 44, "endpoint")


class Link:
    """Where the gate's reports go."""

    def __init__(self) -> None:
        self.reports: list[tuple[int | None, dict[str, Any], Where | None]] = []

    def send_needed(
        self, kind: str, port: int | None, payload: Any, prepare: Any = None, source: Where | None = None
    ) -> None:
        assert kind == "asgi.held"
        self.reports.append((port, payload if prepare is None else prepare(payload), source))


class App:
    """A server's queue and an app's calls, with the gate between them."""

    def __init__(self) -> None:
        self.link = Link()
        self.stopped = 0
        self.gate = Gate(self.link, self._stop)  # type: ignore[arg-type]
        self.coming: asyncio.Queue[Any] = asyncio.Queue()
        self.passed: list[Any] = []
        self.tasks: list[asyncio.Task[Any]] = []

    def _stop(self) -> None:
        self.stopped += 1

    def receive(self, passage: Passage, *first: Any) -> asyncio.Task[Any]:
        return self._task(passage.receive(self.coming.get, lambda: WHERE, *first))

    def send(self, passage: Passage, message: Any) -> asyncio.Task[Any]:
        async def pass_on() -> None:
            await asyncio.sleep(0)
            self.passed.append(message)

        return self._task(passage.send(message, WHERE, pass_on))

    def _task(self, work: Any) -> asyncio.Task[Any]:
        self.tasks.append(asyncio.ensure_future(work))
        return self.tasks[-1]

    @property
    def phases(self) -> list[tuple[int, str]]:
        return [(data["id"], data["phase"]) for _, data, _ in self.link.reports]


@pytest.fixture
async def app() -> AsyncIterator[App]:
    made = App()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def text(word: str) -> dict[str, Any]:
    return {"type": "websocket.send", "text": word}


async def test_while_nothing_is_held_no_message_is_sent_this_way(app: App) -> None:
    passage = app.gate.begin(1)
    assert not app.gate.busy
    app.gate.hold_at(ALL)
    assert app.gate.busy
    app.gate.hold_at(parse_points(["wire"]))
    assert not app.gate.busy, "nothing is held here"
    passage.close()


async def test_a_send_waits_until_it_is_stepped_with_its_line_and_message(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    task = app.send(passage, text("a"))
    await turns()
    assert app.passed == []
    assert app.stopped == 1, "the clock stops before anything waits"
    [(port, data, where)] = app.link.reports
    assert (port, where) == (7, WHERE)
    assert data == {
        "id": 1, "what": "send", "phase": "waits", "held_us": 0,
        "message": {"type": "websocket.send", "text": "a"},
    }  # fmt: skip
    app.gate.decide(1, STEPPED)
    app.gate.decide(1, DROPPED)  # too late
    await task
    assert app.passed == [text("a")]
    assert app.phases == [(1, "waits"), (1, "stepped")]
    assert app.link.reports[1][1]["held_us"] >= 0
    assert app.gate.waiting == 0


async def test_sends_of_two_tasks_keep_their_order(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    for word in "abc":
        app.send(passage, text(word))
    await turns()
    assert app.phases == [(1, "waits")], "the others wait for their turn"
    app.gate.hold_at(NOTHING)
    app.send(passage, text("d"))
    assert app.gate.busy, "a later one may not overtake them past the gate"
    await turns()
    assert [message["text"] for message in app.passed] == ["a", "b", "c", "d"]
    assert app.phases == [(1, "waits"), (1, "let_go")]
    assert not app.gate.busy


async def test_a_dropped_send_returns_and_does_not_pass(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    first, second = app.send(passage, text("a")), app.send(passage, text("b"))
    await turns()
    app.gate.decide(1, DROPPED)
    await first
    await turns()
    app.gate.decide(2, STEPPED)
    await second
    assert app.passed == [text("b")]


async def test_a_dropped_receive_waits_for_the_next_message(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    task = app.receive(passage)
    app.coming.put_nowait(text("a"))
    await turns()
    app.gate.decide(1, DROPPED)
    app.coming.put_nowait(text("b"))
    await turns()
    assert not task.done()
    app.gate.decide(2, STEPPED)
    assert await task == text("b")


async def test_a_message_that_came_before_holding_was_turned_on_is_held(app: App) -> None:
    passage = app.gate.begin(7)
    app.gate.hold_at(ALL)
    task = app.receive(passage, text("a"))
    await turns()
    assert app.phases == [(1, "waits")]
    app.gate.decide(1, STEPPED)
    assert await task == text("a")


async def test_a_message_whose_receive_is_cancelled_is_kept_and_delivered_first(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    task = app.receive(passage)
    app.coming.put_nowait(text("a"))
    app.coming.put_nowait(text("b"))
    await turns()
    task.cancel()
    await turns()
    assert task.cancelled()
    assert app.gate.waiting == 1, "it waits on"
    again = app.receive(passage)
    await turns()
    assert app.phases == [(1, "waits")], "the same message"
    app.gate.decide(1, STEPPED)
    assert await again == text("a")
    after = app.receive(passage)
    await turns()
    app.gate.decide(2, STEPPED)
    assert await after == text("b")


@pytest.mark.parametrize("phase", [STEPPED, DROPPED])
async def test_what_is_decided_after_its_receive_was_cancelled_counts_at_the_next(
    app: App, phase: str
) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    task = app.receive(passage)
    app.coming.put_nowait(text("a"))
    await turns()
    task.cancel()
    await turns()
    app.gate.decide(1, phase)
    app.gate.hold_at(NOTHING)
    assert app.gate.busy, "it must be found by the next receive"
    app.coming.put_nowait(text("b"))
    assert await app.receive(passage) == text("a" if phase == STEPPED else "b")
    assert not app.gate.busy


async def test_two_receives_get_a_message_each(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    tasks = [app.receive(passage), app.receive(passage)]
    app.coming.put_nowait(text("a"))
    app.coming.put_nowait(text("b"))
    await turns()
    app.gate.decide(2, STEPPED)
    app.gate.decide(1, STEPPED)
    assert await asyncio.gather(*tasks) == [text("a"), text("b")]


async def test_a_send_whose_task_is_cancelled_does_not_pass_and_says_so(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    first, second = app.send(passage, text("a")), app.send(passage, text("b"))
    await turns()
    first.cancel()
    await turns()
    assert app.link.reports[1][1] | {"held_us": 0} == {
        "id": 1, "what": "send", "phase": "dropped", "held_us": 0, "why": "cancelled",
    }  # fmt: skip
    app.gate.decide(2, STEPPED)
    await second
    assert app.passed == [text("b")]


async def test_points_choose_what_waits(app: App) -> None:
    app.gate.hold_at(parse_points(["close", "line:44"]).of_file("auth.py"))
    passage = app.gate.begin(7)
    await passage.send(text("x"), None, _pass)
    await passage.send(text("x"), WHERE._replace(line=45), _pass)
    close = app.send(passage, {"type": "websocket.close"})
    await turns()
    app.gate.decide(1, STEPPED)
    await close
    app.send(passage, text("y"))
    await turns()
    assert app.phases == [(1, "waits"), (1, "stepped"), (2, "waits")]


async def _pass() -> None:
    return


async def test_a_spared_connection_loses_what_is_held_but_learns_of_its_end(app: App) -> None:
    app.gate.hold_at(ALL)
    ours, other = app.gate.begin(7), app.gate.begin(8)
    sent = app.send(ours, text("a"))
    received = app.receive(ours, {"type": "websocket.disconnect"})
    stays = app.send(other, text("b"))
    await turns()
    app.gate.spare(7)
    await sent
    assert await received == {"type": "websocket.disconnect"}
    assert sorted(app.phases[3:]) == [(1, "dropped"), (2, "let_go")]
    await app.send(ours, text("c"))
    assert app.passed == [text("c")], "nothing more of it is held"
    assert not stays.done()


async def test_a_connection_can_be_spared_before_the_app_knows_it(app: App) -> None:
    app.gate.hold_at(ALL)
    app.gate.spare(7)
    await app.send(app.gate.begin(7), text("a"))
    assert app.passed == [text("a")]
    app.send(app.gate.begin(7), text("b"))  # another connection, later, from the same port
    await turns()
    assert app.gate.waiting == 1


async def test_while_it_pauses_old_and_new_connections_are_spared(app: App) -> None:
    app.gate.hold_at(ALL)
    old = app.gate.begin(7)
    task = app.send(old, text("a"))
    await turns()
    app.gate.pause()
    await task
    await app.send(app.gate.begin(8), text("b"))
    app.gate.go_on()
    await app.send(old, text("c"))
    app.send(app.gate.begin(9), text("d"))
    await turns()
    assert app.passed == [text("b"), text("c")]
    assert app.gate.waiting == 1


async def test_what_an_app_leaves_behind_does_not_wait_on(app: App) -> None:
    app.gate.hold_at(ALL)
    passage = app.gate.begin(7)
    task = app.receive(passage, text("a"))
    await turns()
    task.cancel()
    await turns()
    passage.close()
    assert app.gate.waiting == 0
    assert app.phases == [(1, "waits"), (1, "dropped")]
    app.gate.hold_at(NOTHING)
    assert not app.gate.busy


async def test_what_is_no_message_is_held_like_one(app: App) -> None:
    app.gate.hold_at(HoldPoints(asgi=True))
    passage = app.gate.begin(None)
    task = app.send(passage, 42)
    await turns()
    assert app.link.reports[0][1]["not_a_dict"] == "<int>"
    app.gate.decide(1, LET_GO)
    await task
    assert app.passed == [42]
