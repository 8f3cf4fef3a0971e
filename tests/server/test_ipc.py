"""Messages as lines: what is encoded is what is decoded, and no line raises."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.server import ipc
from wsplay.server.ipc import BadLine, Lines, decode, decode_all, encode

texts = st.text(st.characters(), max_size=30)
numbers = st.integers(0, 2**62)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
objects = st.dictionaries(texts, plain, max_size=4)
ports = st.integers(1, 65_535)
frames = st.lists(
    st.fixed_dictionaries({"file": texts, "line": ports, "function": texts, "code": texts}), max_size=2
)
places = st.tuples(texts, st.integers(0, 2**31 - 1), texts)
wheres = st.builds(
    lambda place, by, chain: ipc.Where(*place, by, tuple(chain)),
    places,
    st.sampled_from(["call", "raised", "endpoint"]),
    st.lists(places, max_size=3),
)
#: What the child observes, with the parts that each kind has.
parts = {
    "asgi.scope": {"scope": objects},
    "asgi.receive": {"message": objects},
    "asgi.send": {"message": objects},
    "asgi.raised": {
        "type": texts,
        "message": texts,
        "frames": frames,
        "rest": frames,
        "traceback": texts,
    },
    "asgi.returned": {},
    "asgi.held": {
        "id": numbers,
        "what": st.sampled_from(["receive", "send"]),
        "phase": st.sampled_from(["waits", "stepped", "let_go", "dropped"]),
        "held_us": numbers,
        "message": objects,
    },
    "server.log": {"level": texts, "logger": texts, "message": texts},
    "server.stalled": {
        "seconds": st.floats(0, 100) | numbers,
        "during": texts,
        "frames": frames,
        "rest": frames,
    },
    "note": {"why": texts},
}
observations = st.sampled_from(sorted(parts)).flatmap(
    lambda kind: st.builds(
        ipc.Observed,
        st.just(kind),
        numbers,
        st.none() | ports,
        st.tuples(objects, st.fixed_dictionaries(parts[kind])).map(lambda both: both[0] | both[1]),
        st.none() | wheres,
    )
)
messages = st.one_of(
    st.builds(ipc.Secrets, texts, texts),
    st.builds(ipc.Load, numbers, texts, texts, texts, st.floats(0, 100)),
    st.builds(ipc.Sync, numbers),
    st.builds(ipc.Ping, numbers),
    st.builds(ipc.Hold, st.lists(texts)),
    st.builds(ipc.Decide, numbers, texts),
    st.builds(ipc.Spare, numbers),
    st.builds(ipc.StopTime),
    st.builds(ipc.TimeGoesOn),
    st.builds(ipc.Stop),
    st.builds(
        ipc.Listening,
        numbers,
        st.tuples(texts, ports).map(list),
        st.dictionaries(texts, texts, max_size=4),
    ),
    st.builds(ipc.Failed, texts, texts),
    observations,
    st.builds(
        ipc.LoadDone, numbers, numbers, texts, texts, st.floats(0, 100), st.lists(plain), st.lists(texts)
    ),
    st.builds(
        ipc.LoadFailed,
        numbers,
        numbers,
        texts,
        texts,
        st.none() | numbers,
        texts,
        texts,
        texts,
        texts,
        texts,
        st.lists(texts),
    ),
    st.builds(ipc.Synced, numbers),
    st.builds(ipc.Pong, numbers, numbers),
)


@given(messages)
def test_what_is_encoded_is_decoded(message: Any) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert decode(line[:-1]) == message


junk = st.binary(max_size=20).filter(lambda line: b"\n" not in line)


@given(st.lists(observations, max_size=6), st.lists(messages.map(encode) | junk, max_size=2), st.randoms())
def test_many_lines_decode_as_each_does(seen: list[Any], others: list[bytes], random: Any) -> None:
    lines = [encode(message) for message in seen] + others
    random.shuffle(lines)
    lines = [line.removesuffix(b"\n") for line in lines]
    assert decode_all(lines) == [decode(line) for line in lines]


@pytest.mark.parametrize(
    "lines",
    [
        [b'["note",1,null,{},null],["note",2,null,{},null]', b'["note",3,null,{},null]'],
        [b"[1", b"2]"],
        [b'["note",1,null,{},null]', b"[" * 5_000],
    ],
)
def test_bad_lines_do_not_affect_others(lines: list[bytes]) -> None:
    assert decode_all(lines) == [decode(line) for line in lines]


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_something(line: bytes) -> None:
    assert decode(line) is not None


@given(plain)
def test_any_json_decodes_to_something(value: Any) -> None:
    assert decode(json.dumps(value).encode()) is not None


@given(messages.filter(lambda m: not isinstance(m, ipc.Observed)), st.data())
def test_a_field_too_few_or_of_another_type_is_a_bad_line(message: Any, data: st.DataObject) -> None:
    value = json.loads(encode(message))
    names = [part.name for part in fields(message)]
    if names:
        name = data.draw(st.sampled_from(names))
        if data.draw(st.booleans()):
            del value[name]
        else:
            value[name] = True
    else:
        value["more"] = 1
    assert isinstance(decode(json.dumps(value).encode()), BadLine)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b"7",
        b'{"type": []}',
        b'{"type": "sync"}',
        b'["a", 1, 2, 3, 4]',
        b"[" * 100_000,
        b'["note",1,null,{"why":"x","n":' + b"[" * 50 + b"]" * 50 + b"},null]",
        b'["note",1,null,{"why":"x","n":1' + b"0" * 400 + b"},null]",
        b'["note",1,null,{"why":"x","n":NaN},null]',
        b'["note",1,null,{"why":"x","n":1e999},null]',
        b'["note",1' + b"0" * 400 + b',null,{"why":"x"},null]',
        b'["note",-1,null,{"why":"x"},null]',
        b'["note",1,70000,{"why":"x"},null]',
        b'["note",1,null,{"why":"x"},["f",-1,"g","call",[]]]',
        b'["note",1,null,{"why":"x"},["f",1,"g"]]',
        b'["note",1,null,{"why":"x"},["f",1,"g","guess",[]]]',
        b'["note",1,null,{"why":"x"},["f",1,"g",["call"],[]]]',
        b'["note",1,null,{"why":"x"},["f",1,"g","call",[["f",1]]]]',
        b'["note",1,null,{"why":"x"},["f",1,"g","call",7]]',
        b'["note",1,null,{"why":"x"},["f",1,"g","call",[' + b'["f",1,"g"],' * 20 + b'["f",1,"g"]]]]',
        b'["note",1,null,{"why":["x"]},null]',
        b'["wire.frame",1,1,{"opcode":1},null]',
        b'["server.exited",1,null,{"code":0},null]',
        b'["asgi.scope",1,1,{"scope":[]},null]',
        b'["asgi.send",1,1,{"message":"x"},null]',
        b'["asgi.raised",1,1,{"type":"x","message":"","frames":[1],"rest":[],"traceback":""},null]',
        b'["server.stalled",1,null,{"seconds":"x","during":"run","frames":[],"rest":[]},null]',
        b'{"type":"listening","t_ns":1,"address":[],"versions":{}}',
        b'{"type":"listening","t_ns":1,"address":["127.0.0.1","80"],"versions":{}}',
        b'{"type":"listening","t_ns":1,"address":["127.0.0.1",8000],"versions":{"python":3}}',
        b'{"type":"load_done","id":1,"t_ns":1,"name":"a","file":"b","ms":1'
        + b"0" * 400
        + b',"routes":[],"files":[]}',
        b'{"type":"load_done","id":1,"t_ns":1,"name":"a","file":"b","ms":1,"routes":[],"files":[1]}',
    ],
)
def test_bad_lines_say_what_is_wrong(line: bytes) -> None:
    bad = decode(line)
    assert isinstance(bad, BadLine)
    assert bad.problem
    assert len(bad.text) <= 200


MARK = b"0123456789abcdef"
#: Bytes of something else that writes to the pipe; a line feed may be missing at their end.
foreign = (st.binary(max_size=20) | plain.map(lambda value: json.dumps(value).encode())).map(
    lambda data: data.replace(MARK, b"")
)


@given(st.lists(messages | foreign, max_size=8), st.data())
def test_what_wsplay_did_not_write_is_told_and_costs_no_message_beside_it(
    written: list[Any], data: st.DataObject
) -> None:
    stream = b""
    for one in written:
        stream += one + data.draw(st.sampled_from([b"", b"\n"])) if type(one) is bytes else MARK + encode(one)
    decoded = ipc.decode_marked(Lines().feed(stream + b"\n"), MARK)
    assert [one for one in decoded if not isinstance(one, BadLine)] == [
        one for one in written if type(one) is not bytes
    ]
    if all(type(one) is bytes for one in written):
        assert all(isinstance(one, BadLine) for one in decoded)


def test_lines_without_the_mark_are_bad() -> None:
    line = encode(ipc.Pong(1, 2)).strip()
    bad, good, also_good = ipc.decode_marked([line, MARK + line, b"x" + MARK + line][:3], MARK)[:3]
    assert isinstance(bad, BadLine)
    assert good == ipc.Pong(1, 2)
    assert isinstance(also_good, BadLine)
    assert also_good.text == "x"


@given(st.lists(st.binary(max_size=20).filter(lambda b: b"\n" not in b), max_size=10), st.data())
def test_lines_come_whole_however_they_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    cutter = Lines()
    got: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += cutter.feed(stream[start:end])
    assert got == lines


def test_an_endless_line_is_cut() -> None:
    cutter = Lines(limit=10)
    for _ in range(100):
        assert cutter.feed(b"xxxx") == []
    assert cutter.feed(b"\nnext\n") == [b"xxxxxxxxxx", b"next"]


HELD = {"id": 1, "what": "send", "phase": "waits", "held_us": 0, "message": {"type": "x"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"},
        {"id": True},
        {"what": "frame"},
        {"what": 7},
        {"phase": "gone"},
        {"held_us": -1},
        {"held_us": False},
        {"message": "x"},
    ],
)
def test_a_report_of_what_is_held_is_checked(wrong: dict[str, Any]) -> None:
    good = encode(ipc.Observed("asgi.held", 1, None, HELD, None))
    assert isinstance(decode(good), ipc.Observed)
    assert isinstance(decode(encode(ipc.Observed("asgi.held", 1, None, HELD | wrong, None))), BadLine)
