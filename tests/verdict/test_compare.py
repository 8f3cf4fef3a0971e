"""Two runs are aligned by what happened; what differs from run to run by itself does not count."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Direction, Event, Lane, Source
from wsplay.verdict.compare import Comparison, Op, Plain, Side, changed_data, common, compare, event_kind

NOTHING: dict[str, Any] = {}


def frame(text: str, t_ns: int = 0, direction: Direction = Direction.S2C) -> Event:
    data = {"opcode": 1, "payload": {"size": len(text), "text": text}}
    return Event(t_ns, Lane.WIRE, "wire.frame", text, 1, direction, data, client="A")


def side(*events: Event, header: Any = NOTHING, outcome: Any = None) -> Side:
    return Side(header, events, outcome)


def ops(compared: Comparison, part: str = "event") -> str:
    return "".join(row.op for row in compared.part(part))


# -- alignment


def lcs_length(a: list[int], b: list[int]) -> int:
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            up = max(lengths[i][j + 1], lengths[i + 1][j])
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if x == y else up
    return lengths[-1][-1]


SEQUENCES = st.lists(st.integers(0, 3), max_size=14)


@given(SEQUENCES, SEQUENCES)
@settings(max_examples=500)
def test_a_longest_common_subsequence(a: list[int], b: list[int]) -> None:
    pairs = common(a, b, lambda each: each)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))
    assert len(pairs) == lcs_length(a, b)


@given(SEQUENCES, SEQUENCES, st.integers(0, 6))
def test_with_a_limit_it_is_common_still(a: list[int], b: list[int], most: int) -> None:
    pairs = common(a, b, lambda each: each, most)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))


def test_a_flood_that_differs_much_ends() -> None:
    a = list(range(100_000))
    b = [-each for each in a]
    assert len(common(a, b, lambda each: each)) == 1
    assert len(common([1] * 100_000, [1] * 90_000, lambda each: each)) == 90_000


def test_equal_ones_are_aligned_before_others_of_the_same_kind() -> None:
    compared = compare(side(frame("a"), frame("b"), frame("c")), side(frame("b"), frame("x"), frame("c")))
    assert ops(compared) == "<=>="
    assert [row.a and row.a.summary for row in compared.part("event")] == ["a", "b", None, "c"]


def test_of_the_same_kind_with_other_content_is_changed() -> None:
    compared = compare(side(frame("a"), frame("b")), side(frame("a"), frame("x")))
    assert ops(compared) == "=~"
    assert compared.differs
    assert compared.count_json() == {"kind": "diff.count", "same": 1, "changed": 1, "left": 0, "right": 0}


def test_the_order_between_lanes_is_a_race_and_does_not_count() -> None:
    returned = Event(1, Lane.ASGI, "asgi.returned", "returned", 1, client="A")
    assert not compare(side(frame("a"), returned), side(returned, frame("a"))).differs


EVENTS = st.lists(
    st.builds(
        lambda kind, text, direction, client: Event(
            0, KINDS[kind] or Lane.CLIENT, kind, text, 1, direction, {"text": text}, client=client
        ),
        st.sampled_from(["wire.frame", "asgi.send", "client.received", "note"]),
        st.sampled_from("abc"),
        st.sampled_from([None, *Direction]),
        st.sampled_from([None, "A"]),
    ),
    max_size=12,
)


@given(EVENTS, EVENTS)
def test_each_event_is_in_one_row_and_keeps_its_order(a: list[Event], b: list[Event]) -> None:
    a = [replace(event, seq=seq) for seq, event in enumerate(a)]
    b = [replace(event, seq=seq) for seq, event in enumerate(b)]
    rows = compare(side(*a), side(*b)).part("event")
    assert [row.a for row in rows if row.a is not None] == a
    right = [row.b for row in rows if row.b is not None]
    assert sorted(event.seq for event in right) == list(range(len(b)))
    for stream in {(event.client, event.lane, event.direction) for event in b}:
        seqs = [event.seq for event in right if (event.client, event.lane, event.direction) == stream]
        assert seqs == sorted(seqs)
    alone = [row.b.seq for row in rows if row.op is Op.RIGHT]
    assert alone == sorted(alone)


@given(EVENTS, EVENTS)
def test_the_other_way_round_it_is_mirrored(a: list[Event], b: list[Event]) -> None:
    one, other = compare(side(*a), side(*b)), compare(side(*b), side(*a))
    assert one.counts[Op.LEFT] - one.counts[Op.RIGHT] == other.counts[Op.RIGHT] - other.counts[Op.LEFT]
    assert one.differs == other.differs
    assert not compare(side(*a), side(*a)).differs


# -- what does not count


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"client": ["127.0.0.1", 40_000]}, {"client": ["127.0.0.1", 50_000]}),
        ({"url": "ws://127.0.0.1:40000/ws"}, {"url": "ws://127.0.0.1:50000/ws"}),
        (
            {"headers": [["Date", "Mon"], ["Host", "[::1]:1"]]},
            {"headers": [["Date", "Tue"], ["Host", "[::1]:2"]]},
        ),
        (
            {"headers": [["sec-websocket-key", "a"], ["Sec-WebSocket-Accept", "b"]]},
            {"headers": [["sec-websocket-key", "c"], ["Sec-WebSocket-Accept", "d"]]},
        ),
        ({"message": "<Task 0x7f0011223344>"}, {"message": "<Task 0x7f9911223344>"}),
        ({"took_ms": 3, "held_us": 5}, {"took_ms": 4, "held_us": 6}),
    ],
)
def test_what_differs_by_itself_does_not_count(a: dict[str, Any], b: dict[str, Any]) -> None:
    one, other = (
        Event(t_ns, Lane.SERVER, "server.log", "x", 1, data=data) for t_ns, data in ((1, a), (9, b))
    )
    assert ops(compare(side(one), side(other))) == "="


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"headers": [["X-Date", "Mon"]]}, {"headers": [["X-Date", "Tue"]]}),
        ({"url": "ws://127.0.0.1:1/ws"}, {"url": "ws://127.0.0.1:1/chat"}),
        ({"n": 1}, {"n": True}),
        ({"n": 1}, {"n": "1"}),
        ({"n": None}, {}),
        ({"text": "0xff"}, {"text": "0xfe"}),
    ],
)
def test_everything_else_counts(a: dict[str, Any], b: dict[str, Any]) -> None:
    one, other = (Event(0, Lane.SERVER, "server.log", "x", 1, data=data) for data in (a, b))
    assert ops(compare(side(one), side(other))) == "~"


def test_another_source_line_counts() -> None:
    one = Event(0, Lane.ASGI, "asgi.send", "x", 1, source=Source("a.py", 1, "f"))
    assert ops(compare(side(one), side(replace(one, source=Source("a.py", 2, "f"))))) == "~"


def test_minted_tokens_count_by_their_placeholder() -> None:
    def run(token: str, placeholder: str = "{token.valid}") -> Side:
        header = {
            "request": {"headers": [["Authorization", f"Bearer {token}"]]},
            "minted": [{"placeholder": placeholder, "value": token}],
        }
        return side(frame(f"got {token}"), header=header, outcome={"received": [token]})

    same = compare(run("eyJ.one.x"), run("eyJ.two.y"))
    assert (same.differs, ops(same, "request")) == (False, "=")
    other = compare(run("eyJ.one.x"), run("eyJ.two.y", "{token.forged}"))
    assert (other.differs, ops(other, "request")) == (True, "~")


# -- the other parts


def test_target_request_and_source_do_not_count() -> None:
    def header(name: str) -> dict[str, Any]:
        source = {"file": f"{name}.py", "text": f'"""Doc {name}."""\nsame\n{name}\n', "code": [2, 3]}
        return {
            "target": name,
            "engine": "uvicorn",
            "versions": {"uvicorn": name, "python": "3"},
            "request": {"path": f"/{name}", "query": []},
            "source": source,
        }

    compared = compare(side(header=header("a")), side(header=header("b")))
    assert not compared.differs
    assert [(row.key, row.op) for row in compared.part("target")] == [
        ("target", Op.CHANGED),
        ("engine", Op.SAME),
        ("version of uvicorn", Op.CHANGED),
    ]
    assert [(row.key, row.op) for row in compared.part("request")] == [
        ("path", Op.CHANGED),
        ("query", Op.SAME),
    ]
    assert [(row.key, row.op, row.a, row.b) for row in compared.part("source")] == [
        ("a.py:3", Op.LEFT, "a", None),
        ("b.py:3", Op.RIGHT, None, "b"),
    ]


def test_an_outcome_is_compared_key_by_key() -> None:
    a = {
        "kind": "outcome",
        "status": 403,
        "close": None,
        "asked": {"code": 1008, "reason": ""},
        "watched_ms": 1,
    }
    b = a | {"close": {"code": 1008}, "asked": {"code": 1008, "reason": "no"}, "watched_ms": 2, "conn": 7}
    compared = compare(side(outcome=a), side(outcome=b))
    assert [(row.key, row.op) for row in compared.part("outcome")] == [
        ("status", Op.SAME),
        ("close", Op.RIGHT),
        ("asked.code", Op.SAME),
        ("asked.reason", Op.CHANGED),
    ]
    assert compared.differs


def test_the_json_form_of_a_row() -> None:
    compared = compare(side(frame("a", 5_000)), side(frame("b", 9_000)))
    [row] = compared.part("event")
    value = row.to_json((0, 1_000))
    assert (value["kind"], value["part"], value["op"], value["key"]) == (
        "diff",
        "event",
        "~",
        "A wire.frame s2c 1",
    )
    assert (value["a"]["t_us"], value["b"]["t_us"]) == (5, 8)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.dictionaries(
    st.sampled_from(["target", "versions", "request", "source", "minted", "engine"]), JSON
)


@given(HEADERS, HEADERS, JSON, JSON, JSON)
def test_any_file_can_be_compared(a: Any, b: Any, data: Any, other: Any, outcome: Any) -> None:
    events = [
        Event(
            0, Lane.ASGI, "asgi.send", "x", None, None, each if isinstance(each, dict) else {"message": each}
        )
        for each in (data, other)
    ]
    told = outcome if isinstance(outcome, dict) else {}
    compared = compare(Side(a, events[:1], told), Side(b, events[1:], None))
    assert sum(compared.counts.values()) == len(compared.part("event"))
    assert all(event_kind(event) for event in events)


# -- what a screen shows while it compares, and of one difference


def test_it_tells_how_many_events_were_read() -> None:
    told: list[tuple[int, int]] = []
    long = side(*(frame(str(number)) for number in range(2_500)))
    compare(long, side(frame("a")), lambda done, total: told.append((done, total)))
    assert told[:4] == [(0, 2_501), (1_000, 2_501), (2_000, 2_501), (2_500, 2_501)]
    assert set(told[4:]) == {(2_501, 2_501)}


def test_what_is_told_to_can_end_it() -> None:
    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        compare(side(frame("a")), side(), stop)


def test_what_differs_in_two_events_is_named_by_its_place() -> None:
    plain = Plain({"minted": [{"value": "abc", "placeholder": "{token}"}]}), Plain({})
    one = replace(frame("a"), data={"message": {"code": 1008, "reason": "", "took_ms": 1}, "token": "abc"})
    other = replace(
        frame("a"), data={"message": {"code": 1000, "reason": "", "took_ms": 2}, "token": "{token}"}
    )
    assert changed_data(one, other, plain) == ["message.code"]
    elsewhere = replace(one, source=Source("app.py", 4, "endpoint"))
    assert changed_data(one, elsewhere, (plain[0], plain[0])) == ["source"]
    assert changed_data(one, one, (plain[0], plain[0])) == []
    many = replace(one, data={str(number): number for number in range(100)})
    assert len(changed_data(one, many, plain)) == 20
