from typing import Any

import pytest

from wsplay.events.event import Direction
from wsplay.events.lenient import Received
from wsplay.verdict.browser import Browser, in_words, may_close_with, unsendable, what_a_script_sees

C2S = Direction.C2S
HELLO = (Received("hello", None, 5),)
FAILED = {"opened": False, "error": True, "code": 1006, "reason": "", "clean": False}


def sees(**facts: Any) -> Browser:
    return what_a_script_sees(**({"ended": "closed", "accepted": True, "opened": True} | facts))


def facts_of(browser: Browser) -> dict[str, Any]:
    return {name: getattr(browser, name) for name in ("opened", "error", "code", "reason", "clean")}


# -- the rules


@pytest.mark.parametrize("ended", ["refused", "dropped", "timeout", "unreachable"])
def test_every_failed_handshake_looks_alike(ended: str) -> None:
    assert facts_of(sees(ended=ended, accepted=False, opened=False)) == FAILED


def test_a_101_that_no_client_takes_fails_as_well() -> None:
    assert facts_of(sees(ended="dropped", opened=False)) == FAILED


@pytest.mark.parametrize("close", [(1000, ""), (1008, "bad token"), (4001, "mine"), (1005, ""), (1012, "")])
def test_a_close_frame_is_told_as_it_came_and_clean(close: tuple[int, str]) -> None:
    browser = sees(close=close, received=HELLO)
    assert facts_of(browser) == {
        "opened": True,
        "error": False,
        "code": close[0],
        "reason": close[1],
        "clean": True,
    }
    assert browser.received == HELLO


def test_tcp_gone_without_a_close_frame_is_an_error_and_1006_unclean() -> None:
    assert facts_of(sees(ended="dropped")) == FAILED | {"opened": True}


def test_a_close_of_ours_that_is_not_answered_is_unclean() -> None:
    assert facts_of(sees(ended="closed", close=None)) == FAILED | {"opened": True}


def test_an_open_connection_has_no_close_event_yet() -> None:
    nothing = {"opened": True, "error": False, "code": None, "reason": None, "clean": None}
    assert facts_of(sees(ended="open")) == nothing


def test_before_anything_is_known_it_sees_nothing() -> None:
    assert sees(ended="pending", accepted=False, opened=False) == Browser()


@pytest.mark.parametrize(
    ("offered", "selected", "fails"),
    [
        ([], None, False),
        (["chat"], "chat", False),
        (["chat", "v2"], "v2", False),
        (["chat"], None, True),  # the standard's own rule
        (["chat"], "", True),
        (["chat"], "Chat", True),  # names compare with case
        (["chat"], "other", True),
        ([], "chat", True),
    ],
)
def test_an_offered_subprotocol_must_be_selected(
    offered: list[str], selected: str | None, fails: bool
) -> None:
    browser = sees(close=(1000, ""), received=HELLO, offered=offered, selected=selected)
    assert (facts_of(browser) == FAILED) is fails
    assert bool(browser.received) is not fails
    assert ("subprotocol" in browser.why) is fails


def test_a_broken_protocol_fails_an_open_connection() -> None:
    browser = sees(broken=True, received=HELLO, close=(1000, ""))
    assert facts_of(browser) == FAILED | {"opened": True}
    assert browser.received == HELLO


# -- what a script cannot do


def test_headers_no_script_can_send_are_named_once_as_spelled() -> None:
    names = ["Cookie", "authorization", "Authorization", "ORIGIN", "Sec-WebSocket-Protocol", "X-Key", "Host"]
    assert unsendable(names) == ("authorization", "X-Key", "Host")


@pytest.mark.parametrize(
    ("code", "may"),
    [(1000, True), (1005, True), (1001, False), (1008, False), (2999, False), (3000, True), (4999, True)],
)
def test_close_takes_1000_and_3000_to_4999(code: int, may: bool) -> None:
    assert may_close_with(code) is may


def test_limits_are_told_beside_what_it_would_see() -> None:
    browser = sees(close=(1008, ""), headers=["Authorization"], omitted=["Host"], closed_with=1008)
    data = browser.to_json()
    assert (data["cannot_send"], data["cannot_omit"], data["cannot_close"]) == (
        ["Authorization"],
        ["Host"],
        1008,
    )
    assert data["code"] == 1008
    assert list(data)[:7] == ["opened", "received", "error", "code", "reason", "clean", "by"]


def test_without_limits_the_json_has_the_schema_s_keys_alone() -> None:
    assert list(sees(close=(1000, "")).to_json()) == [
        "opened",
        "received",
        "error",
        "code",
        "reason",
        "clean",
        "by",
    ]
    assert sees().to_json()["by"] == "rule"


# -- over real outcomes


def test_a_header_asked_for_makes_the_request_impossible_for_a_script(story: Any) -> None:
    story.asked(headers=[["Authorization", "x"], ["Cookie", "a=b"], ["Origin", "https://x"]], omit=["Host"])
    browser = story.response(403).rejected(403).outcome().browser
    assert (browser.cannot_send, browser.cannot_omit) == (("Authorization",), ("Host",))


def test_a_request_that_could_not_be_asked_is_nothing_to_see(story: Any) -> None:
    browser = story.connecting(headers=[["X", "a\nb"]]).failed("request").outcome().browser
    assert (browser.error, browser.code, browser.cannot_send) == (False, None, ("X",))


def test_a_stranger_s_own_headers_say_nothing_of_scripts(story: Any) -> None:
    story.connected().request("/ws", [["Authorization", "x"]]).response(403)
    assert story.outcome().browser.cannot_send == ()


def test_an_unselected_subprotocol_hides_what_our_client_received(story: Any) -> None:
    story.accepted(subprotocols=["chat"]).got("Welcome!").closed(1000)
    outcome = story.outcome()
    assert outcome.opened
    assert facts_of(outcome.browser) == FAILED
    assert outcome.browser.received == ()


def test_a_selected_subprotocol_opens(story: Any) -> None:
    story.asked(subprotocols=["chat"]).response(101).open(subprotocol="chat").closed(1000)
    assert story.outcome().browser.opened


def test_a_stranger_s_subprotocol_is_read_off_the_wire(story: Any, new_story: Any) -> None:
    asked = [["sec-websocket-protocol", "a, b"]]
    assert not story.connected().request("/ws", asked).response(101).outcome().browser.opened
    echoed = [["Sec-WebSocket-Protocol", "b"]]
    told = new_story().connected().request("/ws", asked).response(101, headers=echoed)
    assert told.outcome().browser.opened


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"code": 1006, "reason": "", "problem": "close code 1006 must not be sent"}, 1006),
        ({"code": 1008, "reason": "\ufffd", "problem": "close reason that is not UTF-8"}, 1006),
        ({"problem": "close payload of one byte"}, 1006),
        # Unassigned codes are passed on by browsers, though our client takes offence.
        ({"code": 2999, "reason": "x", "problem": "close code 2999 must not be sent"}, 2999),
    ],
)
def test_broken_close_frames(story: Any, frame: dict[str, Any], code: int) -> None:
    story.accepted().frame(b"", 8, **frame).closed(None, by="client", sent=1002)
    browser = story.outcome().browser
    assert (browser.opened, browser.code, browser.error) == (True, code, code == 1006)


def test_bytes_that_are_no_frame_fail_the_connection(story: Any) -> None:
    story.accepted().stray("HTTP/1.1 500 no").closed(None, by="client", sent=1002)
    assert story.outcome().browser.error


def test_what_comes_after_a_close_frame_does_not_matter(story: Any) -> None:
    story.accepted().close_frame(1000).frame("late", problem="frame after a close frame").closed(1000)
    assert story.outcome().browser.clean


def test_a_close_code_of_ours_that_a_script_may_not_use(story: Any) -> None:
    story.accepted().close_frame(1001, "", C2S).close_frame(1001).closed(1001, by="client", sent=1001)
    assert story.outcome().browser.cannot_close == 1001


def test_an_answer_to_the_server_s_close_is_not_ours_to_choose(story: Any) -> None:
    story.accepted().close_frame(1008).closed(1008, sent=1008)
    assert story.outcome().browser.cannot_close is None


# -- in words


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"ended": "refused", "accepted": False, "opened": False},
            "In a browser (per spec): error, then close 1006, no reason.",
        ),
        (
            {"close": (1008, "bad\x1b token")},
            'In a browser (per spec): open, then close 1008, reason "bad␛ token", clean.',
        ),
        (
            {"close": (1000, ""), "received": HELLO},
            "In a browser (per spec): open, then a message, then close 1000, no reason, clean.",
        ),
        (
            {"ended": "dropped", "received": HELLO * 2},
            "In a browser (per spec): open, then messages, then error (not in every browser), "
            "then close 1006, no reason.",
        ),
        (
            {"close": (1001, ""), "closed_with": 1001},
            "In a browser (per spec): open, then close 1001, no reason, clean, "
            "although its close() does not accept 1001.",
        ),
        ({"ended": "open"}, "In a browser (per spec): open, and no close yet."),
        ({"ended": "pending", "accepted": False}, "In a browser (per spec): nothing yet."),
        (
            {"ended": "timeout", "accepted": False, "opened": False},
            "In a browser (per spec): nothing until it gives up, then error, then close 1006, no reason.",
        ),
        (
            {"ended": "unreachable", "asked_at_all": False},
            "In a browser (per spec): a script cannot make this request.",
        ),
        (
            {"ended": "unreachable", "asked_at_all": False, "headers": ["X"]},
            "In a browser (per spec): a script cannot send X.",
        ),
        (
            {"ended": "refused", "accepted": False, "headers": ["Authorization"]},
            "In a browser (per spec): a script cannot send Authorization. For this response it sees "
            "error, then close 1006, no reason.",
        ),
        (
            {"ended": "refused", "accepted": False, "headers": list("abcd"), "omitted": ["Host"]},
            "In a browser (per spec): a script cannot send a, b, c and more or leave out Host. "
            "For this response it sees error, then close 1006, no reason.",
        ),
        (
            {"close": (1000, ""), "offered": ["chat"]},
            "In a browser (per spec): error, then close 1006, no reason, because a "
            "subprotocol was offered and "
            "the server selected none.",
        ),
    ],
)
def test_it_is_one_plain_sentence(facts: dict[str, Any], sentence: str) -> None:
    browser = sees(**facts)
    assert in_words(browser, facts.get("ended", "closed")) == sentence
