"""What the screen asks of the playground, and the order in which the answers come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from wsplay.events.event import Direction, Event, Lane
from wsplay.play.playground import PortError
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.hold_points import ALL, NOTHING
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText
from wsplay.protocol.waiting import Waiting
from wsplay.scenario.library import Library
from wsplay.server.parent.errors import LoadError, StalledError, StartError
from wsplay.tui.background.job import Job, JobEnded
from wsplay.tui.background.messages import (
    ByHand,
    CancelJob,
    Connect,
    Decide,
    Disconnect,
    EditHead,
    Failed,
    Held,
    Hold,
    Load,
    Loaded,
    NotConnectedError,
    NotLoaded,
    NotStarted,
    Ready,
    Restart,
    RunBegan,
    TakeStep,
    UseEngine,
)
from wsplay.tui.background.proxy import PlaygroundProxy


class Driver:
    """A proxy whose queue can be waited on."""

    def __init__(self, proxy: PlaygroundProxy) -> None:
        self.proxy = proxy
        self.items: list[object] = []

    def until(self, found: Callable[[list[object]], object]) -> list[object]:
        deadline = time.monotonic() + 20
        while not found(self.items):
            assert time.monotonic() < deadline, self.items
            self.proxy.hand_out(self.items.append)
            time.sleep(0.005)
        return self.items

    def until_is(self, kind: type, count: int = 1) -> list[object]:
        return self.until(lambda items: sum(isinstance(item, kind) for item in items) >= count)

    def of(self, kind: type) -> list[object]:
        return [item for item in self.items if isinstance(item, kind)]


@pytest.fixture
def driver(fake_playgrounds):
    driver = Driver(PlaygroundProxy(fake_playgrounds, engine="uvicorn"))
    yield driver
    assert driver.proxy.stop(20)


def kinds(items: list[object]) -> list[str]:
    return [item.kind if isinstance(item, Event) else type(item).__name__ for item in items]


def test_start_tells_where_the_server_is_and_loads(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    scenario = library.get("3")
    driver.proxy.start(scenario)
    driver.until_is(Loaded)
    assert kinds(driver.items) == ["server.listening", "Ready", "RunBegan", "Loaded"]
    ready = driver.items[1]
    assert isinstance(ready, Ready)
    assert (ready.url, ready.engine) == ("ws://127.0.0.1:8765", "uvicorn")
    assert fake_playgrounds.playground.calls == [("load", "close_before_accept")]


def test_a_run_begins_before_its_events(driver: Driver, library: Library) -> None:
    driver.proxy.start(library.get("3"))
    driver.proxy.ask(Connect(Handshake(), "no token"))
    driver.until(lambda items: "client.error" in kinds(items))
    names = kinds(driver.items)
    begun = [item for item in driver.items if isinstance(item, RunBegan)]
    assert [(item.number, item.try_name) for item in begun] == [(0, None), (1, "no token")]
    assert names.index("client.connecting") > names.index("Loaded")
    assert names.index("client.connecting") > len(names) - 1 - names[::-1].index("RunBegan")


def test_the_steps_of_a_try_are_taken(driver: Driver, fake_playgrounds, library: Library) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)
    driver.proxy.start(library.get("3"))
    driver.proxy.ask(Connect(Handshake(steps=(SendText("a"), Ping())), None))
    driver.until(lambda items: fake_playgrounds.playgrounds and fake_playgrounds.playground.sessions)
    driver.until(lambda items: len(fake_playgrounds.playground.sessions[0].done) == 2)
    assert fake_playgrounds.playground.sessions[0].done == [SendText("a"), Ping()]


def test_connecting_again_leaves_the_connection_before(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)
    driver.proxy.start(library.get("3"))
    for count in (1, 2):
        driver.proxy.ask(Connect(Handshake(), None))
        driver.until(lambda items, count=count: kinds(items).count("client.open") == count)
    names = kinds(driver.items)
    # The old connection's end belongs to the old run.
    assert names.index("client.closed") < len(names) - 1 - names[::-1].index("RunBegan")
    assert [item.number for item in driver.of(RunBegan)] == [0, 1, 2]


def test_messages_go_to_the_connection(driver: Driver, fake_playgrounds, library: Library) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)
    driver.proxy.start(library.get("3"))
    driver.proxy.ask(Connect(Handshake(), None))
    driver.until(lambda items: "client.open" in kinds(items) and fake_playgrounds.playground.sessions)
    steps = [SendText("hello"), SendBinary(b"\x00"), Ping("p"), Close(4000, "bye")]
    for step in steps:
        driver.proxy.ask(TakeStep(step))
    session = fake_playgrounds.playground.sessions[0]
    driver.until(lambda items: len(session.done) == 4)
    assert session.done == steps
    driver.until_is(ByHand, 4)
    assert driver.of(ByHand) == [ByHand(what) for what in ("send", "send", "ping", "close")]


def test_what_a_try_does_is_not_done_by_hand_and_disconnecting_is(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)
    driver.proxy.start(library.get("3"))
    driver.proxy.ask(Connect(Handshake(steps=(SendText("a"), Ping())), "a try", "another"))
    driver.until(lambda items: fake_playgrounds.playgrounds and fake_playgrounds.playground.sessions)
    session = fake_playgrounds.playground.sessions[0]
    driver.until(lambda items: len(session.done) == 2)
    driver.until_is(RunBegan, 2)
    began = driver.of(RunBegan)[-1]
    assert isinstance(began, RunBegan)
    assert (began.try_name, began.edited_from) == ("a try", "another")
    assert not driver.of(ByHand)
    driver.proxy.ask(Disconnect())
    driver.until_is(ByHand)
    driver.until(lambda items: "client.closed" in kinds(items))
    driver.proxy.ask(Disconnect())  # there is nothing to end
    driver.proxy.ask(TakeStep(SendText("late")))
    driver.until_is(Failed)
    assert driver.of(ByHand) == [ByHand("disconnect")]


def test_sending_without_a_connection_says_so(driver: Driver, library: Library) -> None:
    driver.proxy.start(library.get("3"))
    driver.proxy.ask(TakeStep(SendText("hello")))
    driver.until_is(Failed)
    failed = driver.of(Failed)[0]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, NotConnectedError)
    assert str(failed.error) == "cannot send: not connected"


def test_disconnect_stops_a_connect_that_hangs(driver: Driver, fake_playgrounds, library: Library) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "connect_takes", 600)
    driver.proxy.start(library.get("3"))
    driver.proxy.ask(Connect(Handshake(), None))
    driver.until(lambda items: "client.connecting" in kinds(items))
    driver.proxy.ask(Disconnect())
    fake_playgrounds.playground.connect_takes = 0
    driver.proxy.ask(Connect(Handshake(), None))
    driver.until(lambda items: "client.error" in kinds(items))
    assert not driver.of(Failed)


def test_of_many_scenarios_chosen_at_once_the_last_is_loaded(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "load_takes", 0.05)
    first, *others = library.scenarios
    driver.proxy.start(first)
    for scenario in others:
        driver.proxy.ask(Load(scenario))
    driver.until(
        lambda items: any(isinstance(item, Loaded) and item.scenario is others[-1] for item in items)
    )
    assert fake_playgrounds.playground.scenario is others[-1]


def test_a_load_that_hangs_gives_way_to_a_restart(driver: Driver, fake_playgrounds, library: Library) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    fake_playgrounds.playground.load_takes = 600
    driver.proxy.ask(Load(library.get("4")))
    driver.until(lambda items: ("load", "send_before_accept") in fake_playgrounds.playground.calls)
    fake_playgrounds.playground.load_takes = 0
    driver.proxy.ask(Restart())
    driver.until_is(Loaded, 2)
    assert fake_playgrounds.playground.scenario is not None
    assert fake_playgrounds.playground.scenario.name == "send_before_accept"
    assert not driver.of(Failed)


@pytest.mark.parametrize(
    ("error", "reason", "line"),
    [
        (
            LoadError("x", "/a/close_before_accept.py", "bad", line=3, type="a.SyntaxError", hint="Mend it."),
            "SyntaxError: bad Mend it.",
            3,
        ),
        (LoadError("x", "/a/other.py", "bad", line=3), "other.py, line 3: bad", None),
        (StalledError("load", 5.0), "load: no response within 5 s. Restart the server.", None),
    ],
)
def test_a_scenario_that_does_not_load_is_told(
    driver: Driver, fake_playgrounds, library: Library, error: Exception, reason: str, line: int | None
) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "fail_load", error)
    driver.proxy.start(library.get("3"))
    driver.until_is(NotLoaded)
    told = driver.of(NotLoaded)[0]
    assert isinstance(told, NotLoaded)
    assert (told.reason, told.line) == (reason, line)
    assert not driver.of(Loaded)
    assert not driver.of(Failed)


@pytest.mark.parametrize(
    ("error", "port"), [(PortError("port 80 is taken"), True), (StartError("no uvicorn"), False)]
)
def test_a_server_that_does_not_start_is_told_and_can_be_tried_again(
    driver: Driver, fake_playgrounds, library: Library, error: Exception, port: bool
) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "fail_start", error)
    driver.proxy.start(library.get("3"))
    driver.until_is(NotStarted)
    told = driver.of(NotStarted)[0]
    assert isinstance(told, NotStarted)
    assert (told.reason, told.port) == (str(error), port)
    fake_playgrounds.prepare = lambda playground: None
    driver.proxy.ask(Restart())
    driver.until_is(Loaded)
    assert len(fake_playgrounds.playgrounds) == 2


def test_switching_the_engine_loads_the_scenario_again(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    driver.proxy.ask(UseEngine("uvicorn-wsproto"))
    driver.until_is(Loaded, 2)
    ready = driver.of(Ready)[-1]
    assert isinstance(ready, Ready)
    assert ready.engine == "uvicorn-wsproto"
    assert fake_playgrounds.playground.calls[-2:] == [
        ("engine", "uvicorn-wsproto"),
        ("load", "close_before_accept"),
    ]


def test_stop_closes_the_playground(fake_playgrounds, library: Library) -> None:
    proxy = PlaygroundProxy(fake_playgrounds, engine="uvicorn")
    proxy.start(replace(library.get("3")))
    Driver(proxy).until_is(Loaded)
    proxy.ask_stop()
    assert proxy.stop(20)
    assert fake_playgrounds.playground.closed


# -- holding

CLOSE = Waiting(7, 1, Lane.ASGI, "send", "websocket.close 1008", Direction.S2C, 0)
REQUEST = Waiting(
    8, 2, Lane.WIRE, "request", "GET / HTTP/1.1", Direction.C2S, 0, None, b"GET / HTTP/1.1\r\n\r\n"
)


def held(driver: Driver) -> Held:
    """The newest news of what waits."""
    found = [item for item in driver.items if isinstance(item, Held)]
    return found[-1] if found else Held(NOTHING)


def test_holding_and_what_waits_are_told(driver: Driver, fake_playgrounds, library: Library) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    driver.proxy.ask(Hold(ALL))
    driver.until(lambda items: held(driver).points == ALL)
    playground = fake_playgrounds.playground
    playground.holding.put(CLOSE, REQUEST)
    driver.until(lambda items: held(driver).waiting == (CLOSE, REQUEST))
    driver.proxy.ask(Decide(7, "step"))
    driver.until(lambda items: held(driver).waiting == (REQUEST,))
    driver.proxy.ask(Decide(7, "drop"))  # it has ended: nothing happens
    driver.proxy.ask(EditHead(8, b"GET /x HTTP/1.1\r\n\r\n"))
    driver.until(lambda items: held(driver).waiting == ())
    ended = [call for call in playground.calls if call[0] in ("step", "drop", "edit")]
    assert ended == [("step", 7), ("edit", 8, b"GET /x HTTP/1.1\r\n\r\n")]
    assert not driver.of(ByHand)  # neither was a change of our own connection
    driver.proxy.ask(Hold(NOTHING))
    driver.until(lambda items: held(driver).points == NOTHING)
    assert not driver.of(Failed)


def test_what_the_user_changes_of_our_connection_is_told(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    driver.proxy.ask(Hold(ALL))
    driver.until_is(Held)
    fake_playgrounds.playground.holding.put(CLOSE, replace(REQUEST, conn=1))
    driver.proxy.ask(Decide(7, "drop"))
    driver.proxy.ask(EditHead(8, b"GET /x HTTP/1.1\r\n\r\n"))
    driver.until_is(ByHand, 2)
    assert driver.of(ByHand) == [ByHand("drop"), ByHand("edit")]


def test_holding_asked_for_before_the_server_is_up_begins_with_it(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    def refuse(playground) -> None:
        playground.fail_start = StartError("no")

    fake_playgrounds.prepare = refuse
    driver.proxy.start(library.get("3"))
    driver.until_is(NotStarted)
    driver.proxy.ask(Hold(ALL))
    driver.until_is(Held)
    fake_playgrounds.prepare = lambda playground: None
    driver.proxy.ask(Restart())
    driver.until_is(Loaded)
    assert fake_playgrounds.playground.points == ALL


def test_what_is_held_of_our_connection_is_dropped_when_it_is_left(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    playground = fake_playgrounds.playground
    driver.proxy.ask(Hold(ALL))
    driver.until_is(Held)
    playground.connect_takes = 600.0  # the request is held
    driver.proxy.ask(Connect(Handshake(path="/ws")))
    driver.until(lambda items: "client.connecting" in kinds(items))
    playground.holding.put(CLOSE, REQUEST)
    driver.proxy.ask(Disconnect())
    driver.until(lambda items: held(driver).waiting == (REQUEST,))  # of another client
    assert ("spare", 1) in playground.calls
    assert playground.points == ALL  # it stays on


def test_nothing_is_held_while_a_job_has_the_playground(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    playground = fake_playgrounds.playground
    driver.proxy.ask(Hold(ALL))
    driver.until(lambda items: held(driver).points == ALL)
    during: list[object] = []

    async def work(given, job) -> None:
        during.append(given.points)

    done: list[object] = []
    driver.proxy.run_job(Job("grade", work), done.append, lambda: None)
    driver.until(lambda items: done)
    driver.until(lambda items: playground.points == ALL)
    assert during == [NOTHING]
    assert held(driver).points == ALL


# -- a job on a server of its own


def test_a_job_beside_has_a_server_of_its_own_and_the_main_one_goes_on(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    main = fake_playgrounds.playground
    came: list[object] = []

    async def work(playground, job: Job) -> None:
        await playground.load(library.get("1"))
        job.post((playground.engine, playground.loaded.name))

    driver.proxy.run_beside(Job("compare", work), "uvicorn-wsproto", came.append, lambda: None)
    driver.until(lambda _: any(isinstance(item, JobEnded) for item in came))
    assert came == [("uvicorn-wsproto", "no_auth"), JobEnded()]
    beside = fake_playgrounds.playground
    assert beside is not main
    assert beside.closed
    assert not main.closed
    assert main.loaded is library.get("3")
    assert driver.of(RunBegan) == driver.of(RunBegan)[:2]  # no run of the main screen's began or ended


def test_a_server_beside_that_does_not_start_is_told(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    fake_playgrounds.prepare = lambda playground: setattr(playground, "fail_start", StartError("no room"))
    came: list[object] = []

    async def work(playground, job: Job) -> None:
        job.post("ran")

    driver.proxy.run_beside(Job("compare", work), "uvicorn", came.append, lambda: None)
    driver.until(lambda _: came)
    assert [type(item) for item in came] == [JobEnded]
    assert "no room" in came[0].problem  # type: ignore[attr-defined]
    assert fake_playgrounds.playground.closed


def test_a_job_beside_that_is_stopped_closes_its_server(
    driver: Driver, fake_playgrounds, library: Library
) -> None:
    driver.proxy.start(library.get("3"))
    driver.until_is(Loaded)
    came: list[object] = []

    async def work(playground, job: Job) -> None:
        job.post("begun")
        await asyncio.sleep(60)

    job = Job("compare", work)
    driver.proxy.run_beside(job, "uvicorn", came.append, lambda: None)
    driver.until(lambda _: came)
    driver.proxy.ask(CancelJob(job))
    driver.until(lambda _: len(came) == 2)
    assert came == ["begun", JobEnded(cancelled=True)]
    assert fake_playgrounds.playground.closed


def test_a_server_beside_may_be_made_in_another_way(fake_playgrounds, library: Library) -> None:
    made: list[str] = []

    def make_beside(on_event, engine: str, port: int):
        made.append(engine)
        return fake_playgrounds(on_event, engine, port)

    driver = Driver(PlaygroundProxy(fake_playgrounds, engine="uvicorn", make_beside=make_beside))
    try:
        driver.proxy.start(library.get("3"))
        driver.until_is(Loaded)
        came: list[object] = []

        async def work(playground, job: Job) -> None:
            return

        driver.proxy.run_beside(Job("compare", work), "uvicorn-wsproto", came.append, lambda: None)
        driver.until(lambda _: came)
        assert made == ["uvicorn-wsproto"]
    finally:
        assert driver.proxy.stop()
