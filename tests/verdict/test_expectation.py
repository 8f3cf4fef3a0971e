from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.verdict.expectation import Check, Expectation, ExpectationError
from wsplay.verdict.outcome import Outcome, outcome_of


@pytest.fixture
def refused(story: Any) -> Outcome:
    """Refused with a 403, close 1008 asked for; the app raised afterwards."""
    story.asked().send("close", 21, code=1008, reason="bad").raised("RuntimeError", "Expected accept", 22)
    return story.response(403, "Forbidden").rejected(403, "Forbidden").outcome()


@pytest.fixture
def closed(story: Any) -> Outcome:
    story.asked(subprotocols=["chat"]).send("accept").response(101).open(subprotocol="chat")
    return (
        story.got("one").got(b"\x00\xff").send("close", code=1008, reason="bad").closed(1008, "bad").outcome()
    )


#: A finished connection with a message, a close frame and an error.
CLOSED = outcome_of(
    [
        Event(1, Lane.CLIENT, "client.open", "", 1, None, {"status": 101}),
        Event(2, Lane.CLIENT, "client.received", "", 1, None, {"type": "text", "size": 1, "text": "x"}),
        Event(3, Lane.ASGI, "asgi.raised", "", 1, None, {"type": "ValueError", "message": "x\x1b"}),
        Event(4, Lane.CLIENT, "client.closed", "", 1, None, {"received": {"code": 1008, "reason": "x\x1b"}}),
    ]
)


def holds(table: dict[str, Any], outcome: Outcome) -> bool:
    expectation = Expectation.parse(table)
    satisfied = expectation.satisfied(outcome)
    assert satisfied is not bool(expectation.mismatches(outcome))
    return satisfied


# -- what holds of a refusal, and what does not


@pytest.mark.parametrize(
    ("key", "right", "wrong", "line"),
    [
        ("status", 403, 500, "status: expected 500, observed 403"),
        ("status", 403, "none", "status: expected none, observed 403"),
        ("opened", False, True, "opened: expected true, observed false"),
        ("received", [], ["Welcome!"], 'messages: expected "Welcome!", observed none'),
        ("close", "none", 1008, "close: expected 1008, observed none"),
        ("close", "none", {"code": 1008}, "close: expected code 1008, observed none"),
        ("ended", "refused", "closed", "ended: expected closed, observed refused"),
        ("asked", 1008, 1000, "app's close: expected 1000, observed 1008"),
        ("asked", 1008, "none", "app's close: expected none, observed 1008"),
        (
            "asked",
            {"code": 1008, "reason": "bad"},
            {"code": 1008, "reason": ""},
            'app\'s close: expected no reason, observed reason "bad"',
        ),
        (
            "error",
            "InvalidStatus: server rejected",
            "ConnectionClosed",
            'client\'s exception: expected something with "ConnectionClosed", observed '
            "websockets.exceptions.InvalidStatus: server rejected WebSocket connection: HTTP 403",
        ),
        ("error", "InvalidStatus", "none", None),
        (
            "server_error",
            "RuntimeError: Expected",
            "none",
            "app's exception: expected none, observed RuntimeError: Expected accept",
        ),
        ("browser", 1006, 1008, "in a browser: expected 1008, observed 1006"),
        ("browser", 1006, "none", "in a browser: expected none, observed 1006"),
        (
            "browser",
            {"opened": False, "error": True, "code": 1006, "reason": "", "clean": False, "received": []},
            {"clean": True, "received": ["x"]},
            'in a browser: expected clean, messages "x", observed not clean, no messages',
        ),
        ("subprotocol", "none", "chat", 'subprotocol: expected "chat", observed none'),
        ("body", "Forb", "html", 'body: expected something with "html", observed "Forbidden"'),
        ("body", "Forb", "", 'body: expected an empty one, observed "Forbidden"'),
        ("received_count", 0, 1, "number of messages: expected 1, observed 0"),
        (
            "asgi",
            ["websocket.connect", "websocket.close"],
            ["websocket.connect"],
            "ASGI messages: expected websocket.connect, observed websocket.connect, websocket.close",
        ),
    ],
)
def test_of_a_refusal(refused: Outcome, key: str, right: Any, wrong: Any, line: str | None) -> None:
    assert holds({key: right}, refused)
    assert not holds({key: wrong}, refused)
    if line is not None:
        assert Expectation.parse({key: wrong}).mismatches(refused) == [line]


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("status", 101, 403),
        ("opened", True, False),
        ("received", ["one", {"hex": "00 FF"}], ["one"]),
        ("received", [{"contains": "on"}, {"hex": "00ff"}], [{"hex": "00ff"}, "one"]),
        ("received", ["one", {"hex": "00ff"}], [{"contains": "x"}, {"hex": "00ff"}]),
        ("received", ["one", {"hex": "00ff"}], ["one", {"hex": "00"}]),
        ("received", ["one", {"hex": "00ff"}], ["one", {"contains": ""}]),
        ("close", 1008, 1000),
        ("close", {"code": 1008, "reason": "bad", "by": "server"}, {"by": "client"}),
        ("close", {"reason": "bad"}, "none"),
        ("close", {}, "none"),
        ("ended", "closed", "dropped"),
        ("error", "ConnectionClosedError", "InvalidStatus"),
        ("server_error", "none", "RuntimeError"),
        ("browser", {"received": ["one", {"hex": "00ff"}]}, {"received": ["one"]}),
        ("browser", {"code": 1008, "clean": True}, {"error": True}),
        ("subprotocol", "chat", "none"),
        ("body", "none", "x"),
        ("received_count", 2, 1),
    ],
)
def test_of_a_close(closed: Outcome, key: str, right: Any, wrong: Any) -> None:
    assert holds({key: right}, closed)
    assert not holds({key: wrong}, closed)


def test_an_empty_body_may_be_expected(story: Any) -> None:
    outcome = story.asked().response(403, "").rejected(403).outcome()
    assert holds({"body": ""}, outcome)
    assert holds({"body": "none"}, outcome)
    assert not holds({"body": "x"}, outcome)
    assert Expectation.parse({"body": "x"}).mismatches(outcome)[0].endswith("observed an empty one")


def test_a_capped_message_is_held_against_its_size_and_what_was_kept(story: Any) -> None:
    outcome = story.accepted().got("x" * 20_000).closed(1000).outcome()
    assert holds({"received": ["x" * 20_000]}, outcome)
    assert not holds({"received": ["x" * 19_999]}, outcome)
    assert not holds({"received": ["x" * 16_384]}, outcome)
    assert not holds({"received": ["y" * 20_000]}, outcome)
    [line] = Expectation.parse({"received": ["short"]}).mismatches(outcome)
    assert len(line) < 1000


def test_capped_bytes_are_held_against_their_size_and_what_was_kept(story: Any) -> None:
    outcome = story.accepted().got(b"\x01" * 20_000).closed(1000).outcome()
    assert holds({"received": [{"hex": "01" * 20_000}]}, outcome)
    assert not holds({"received": [{"hex": "01" * 16_384}]}, outcome)


def test_of_a_flood_the_count_is_held_though_few_are_kept(story: Any) -> None:
    story.accepted()
    for _ in range(150):
        story.got("x")
    outcome = story.outcome()
    assert holds(
        {"received_count": 150, "received": ["x"] * 150, "browser": {"received": ["x"] * 150}}, outcome
    )
    assert not holds({"received": ["x"] * 100}, outcome)
    [line] = Expectation.parse({"received": []}).mismatches(outcome)
    assert "and 140 more" in line


def test_an_open_connection_is_held_against_what_it_is_so_far(story: Any) -> None:
    outcome = story.accepted().outcome()
    assert holds({"ended": "open", "close": "none", "browser": "none", "error": "none"}, outcome)


def test_a_mismatch_is_told_in_words_that_are_no_code(story: Any) -> None:
    outcome = story.accepted().got("one").got(b"\x00\xff").got("x" * 20_000).closed(1008, "bad").outcome()
    table = {
        "received": ["one", {"hex": "00"}, {"contains": "y"}],
        "close": {"code": 1000, "reason": "", "by": "server"},
        "browser": {"opened": True, "code": 1000, "error": True, "clean": False, "received": []},
        "asgi": [],
        "opened": False,
    }
    messages, close, browser, asgi, opened = Expectation.parse(table).mismatches(outcome)
    start = 'messages: expected "one", bytes 00, a text with "y", observed "one", bytes 00ff, "xxx'
    assert messages.startswith(start)
    assert messages.endswith("(the start of 20000 bytes)")
    assert close == 'close: expected code 1000, no reason, observed code 1008, reason "bad"'
    assert browser.startswith(
        "in a browser: expected code 1000, an error, not clean, no messages, "
        'observed code 1008, no error, clean, messages "one"'
    )
    assert asgi.startswith("ASGI messages: expected none, observed websocket.")
    assert opened == "opened: expected false, observed true"
    for line in (messages, close, browser, asgi, opened):
        assert not set("[]{}()") & set(line.replace("(the start of 20000 bytes)", ""))


# -- the results


def test_each_key_is_told_in_the_table_s_order(refused: Outcome) -> None:
    checks = Expectation.parse({"opened": False, "status": 500}).checks(refused)
    assert checks == [Check("opened", "false", "false", True), Check("status", "500", "403", False)]
    assert str(checks[1]) == "status: expected 500, observed 403"


def test_of_what_is_pending_nothing_holds_yet() -> None:
    expectation = Expectation.parse({"opened": False, "close": "none"})
    outcome = outcome_of([])
    assert not expectation.satisfied(outcome)
    assert expectation.mismatches(outcome) == [
        "opened: expected false, observed nothing yet",
        "close: expected none, observed nothing yet",
    ]


def test_an_empty_table_expects_nothing(refused: Outcome) -> None:
    nothing = Expectation.parse({})
    assert not nothing
    assert nothing.mismatches(refused) == []
    assert nothing.verdict(refused) is None
    assert nothing.satisfied(outcome_of([]))


def test_a_verdict_is_yes_or_no_where_something_is_expected(refused: Outcome) -> None:
    assert Expectation.parse({"status": 403}).verdict(refused) is True
    assert Expectation.parse({"status": 404}).verdict(refused) is False


def test_what_came_from_the_wire_is_shown_not_obeyed(story: Any) -> None:
    outcome = story.accepted().got("\x1b[2J\u202e").closed(1008, "\x1b]0;x\x07").outcome()
    for line in Expectation.parse(
        {"received": [], "close": {"reason": ""}, "browser": {"reason": "\x1b"}}
    ).mismatches(outcome):
        assert line.isprintable()


# -- tables that cannot be read


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"statuss": 403}, "`expect` has an unknown key `statuss`; did you mean `status`?"),
        ({"zzz": 1}, "`expect` has an unknown key `zzz`; it can hold status, opened, received, close"),
        (
            {"status": "403"},
            '`expect.status` is a string but must be an HTTP status or "none", like `status = 403`',
        ),
        ({"status": True}, "`expect.status` is true or false but must be an HTTP status"),
        ({"opened": 1}, "`expect.opened` is a whole number but must be true or false, like `opened = true`"),
        (
            {"received": "Welcome!"},
            "`expect.received` is a string but must be an array of messages, like `received",
        ),
        ({"received": [1]}, "`expect.received` holds a whole number; a message is a string"),
        ({"received": [{"hexx": "00"}]}, "`expect.received` has an unknown key `hexx`; did you mean `hex`?"),
        (
            {"received": [{"hex": "0"}]},
            "`expect.received` holds a `hex` that is not pairs of hexadecimal digits",
        ),
        ({"received": [{"hex": 1}]}, "`expect.received` holds a `hex` that is not pairs"),
        ({"received": [{"contains": 1}]}, "`expect.received` holds a `contains` that is not a string"),
        ({"close": "1008"}, '`expect.close` is a string but must be a close code, "none" or a table'),
        ({"close": True}, "`expect.close` is true or false but must be a close code"),
        ({"close": {"cod": 1}}, "`expect.close` has an unknown key `cod`; did you mean `code`?"),
        ({"close": {"code": "1008"}}, "`expect.close.code` is a string but must be a whole number"),
        ({"asked": {"by": "x"}}, "`expect.asked` has an unknown key `by`"),
        ({"ended": "refusd"}, "`expect.ended` is `refusd`; did you mean `refused`?"),
        ({"ended": "zzz"}, "`expect.ended` is `zzz`; it can be refused, closed, dropped, open"),
        ({"ended": "pending"}, "`expect.ended` is `pending`; it can be"),
        ({"ended": 1}, "`expect.ended` is a whole number but must be a string"),
        ({"error": ""}, "`expect.error` is a string but must be part of the client's exception"),
        (
            {"server_error": 1},
            "`expect.server_error` is a whole number but must be part of the app's exception",
        ),
        ({"browser": [1006]}, "`expect.browser` is an array but must be a close code"),
        ({"browser": {"clean": 1}}, "`expect.browser.clean` is a whole number but must be true or false"),
        ({"browser": {"received": [1]}}, "`expect.browser.received` holds a whole number"),
        ({"subprotocol": None}, "`expect.subprotocol` is a NoneType but must be a subprotocol"),
        ({"body": 1.5}, "`expect.body` is a number but must be part of the answer's body"),
        (
            {"received_count": -1},
            "`expect.received_count` must be a whole number from 0, like `received_count = 1000`",
        ),
        ({"asgi": ["x", 1]}, "`expect.asgi` must be an array of ASGI message types"),
        ({"\x1b[2J": 1}, "`expect` has an unknown key `␛[2J`"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ExpectationError) as caught:
        Expectation.parse(table)
    assert str(caught.value).startswith(message)
    assert str(caught.value).isprintable()


def test_a_message_names_where_the_table_stands() -> None:
    with pytest.raises(ExpectationError, match=r"^`holds` has an unknown key"):
        Expectation.parse({"zzz": 1}, "holds")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("none"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "reason", "hex", "contains", "received", "by"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["status", "close", "asked", "received", "browser", "error", "ended", "body", "asgi", "opened"]
        )
        | st.text(max_size=5),
        _values,
        max_size=3,
    )
)
def test_any_table_is_read_or_refused_and_what_is_read_can_be_held(table: dict[str, Any]) -> None:
    try:
        expectation = Expectation.parse(table)
    except ExpectationError as error:
        refusal: ExpectationError | None = error
    else:
        refusal = None
    if refusal is not None:
        assert str(refusal).isprintable()
        return
    assert expectation.satisfied(outcome_of([])) is not bool(table)
    for outcome in (outcome_of([]), CLOSED):
        lines = expectation.mismatches(outcome)
        assert len(lines) <= len(table)
        assert all(line.isprintable() for line in lines)
