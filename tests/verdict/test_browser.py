from typing import Any

import pytest

from wsplay.events.event import Direction
from wsplay.events.lenient import Received
from wsplay.protocol.cookie import SetCookie
from wsplay.verdict.browser import Browser, in_words, what_a_script_sees
from wsplay.verdict.browser_request import (
    ClientRequest,
    Unless,
    conditions,
    may_close_with,
    page_of,
    unsendable,
)

C2S = Direction.C2S
ORIGIN = ["Origin", "http://127.0.0.1:1"]
HELLO = (Received("hello", None, 5),)
FAILED = {"opened": False, "error": True, "code": 1006, "reason": "", "clean": False}


def sees(
    *,
    headers: list[str] | None = None,
    omitted: list[str] | None = None,
    closed_with: int | None = None,
    **facts: Any,
) -> Browser:
    """The rules for a request of ours with an Origin and `headers`, which are names."""
    pairs = (("Origin", "https://x"), *((name, "x") for name in headers or []))
    request = ClientRequest(pairs, omitted or (), facts.get("offered", ()))
    told = {"ended": "closed", "accepted": True, "opened": True, "unless": conditions(request, closed_with)}
    return what_a_script_sees(**(told | facts))


def facts_of(browser: Browser) -> dict[str, Any]:
    return {name: getattr(browser, name) for name in ("opened", "error", "code", "reason", "clean")}


# -- the rules


@pytest.mark.parametrize("ended", ["refused", "dropped", "unreachable"])
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


def test_a_handshake_that_is_never_answered_has_no_events_yet() -> None:
    browser = sees(ended="timeout", accepted=False, opened=False)
    assert facts_of(browser) == {"opened": False, "error": False, "code": None, "reason": None, "clean": None}


def test_tcp_gone_without_a_close_frame_is_1006_unclean_and_no_error() -> None:
    assert facts_of(sees(ended="dropped")) == FAILED | {"opened": True, "error": False}


def test_a_close_of_ours_that_is_not_answered_is_unclean() -> None:
    assert facts_of(sees(ended="closed", close=None)) == FAILED | {"opened": True, "error": False}


def test_a_reset_after_the_close_frame_is_not_clean_and_keeps_the_code() -> None:
    browser = sees(close=(1008, "bad token"), reset=True)
    assert (browser.code, browser.reason, browser.clean, browser.error) == (1008, "bad token", False, False)


def test_a_frame_after_the_close_frame_fails_the_connection() -> None:
    browser = sees(close=(1008, "bad token"), received=HELLO, more_after_close=True)
    assert facts_of(browser) == FAILED | {"opened": True}
    assert browser.received == HELLO


def test_the_constructor_throws_for_a_subprotocol_named_twice_so_there_are_no_events() -> None:
    browser = sees(offered=["chat", "v2", "chat"], selected="chat", close=(1000, ""), received=HELLO)
    assert browser.unless == (Unless("subprotocol_twice", "chat", "throws"),)
    assert facts_of(browser) == {"opened": False, "error": False, "code": None, "reason": None, "clean": None}
    assert browser.received == ()
    # Names compare with case.
    assert sees(offered=["chat", "Chat"], selected="chat", close=(1000, "")).opened


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
    assert data["unless"] == [
        {"because": "cannot_send", "name": "Authorization", "page": "any", "then": "not_sent"},
        {"because": "cannot_omit", "name": "Host", "page": "any", "then": "sent_anyway"},
        {"because": "cannot_close", "name": "1008", "page": "any", "then": "throws"},
    ]


def test_without_limits_the_json_has_the_schema_s_keys_alone() -> None:
    assert list(sees(close=(1000, "")).to_json()) == [
        "opened",
        "received",
        "error",
        "code",
        "reason",
        "clean",
        "by",
        "unless",
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


@pytest.mark.parametrize("opcode", [1, 2, 8, 9])
def test_a_frame_after_a_close_frame_is_1006(story: Any, opcode: int) -> None:
    late = {"problem": "frame after a close frame"}
    story.accepted().close_frame(1000).frame("late", opcode, **late).closed(1000)
    assert facts_of(story.outcome().browser) == FAILED | {"opened": True}


def test_the_answer_to_our_close_is_no_frame_after_a_close_frame(story: Any) -> None:
    story.accepted().close_frame(1000, "", C2S).frame("late").close_frame(1000).eof()
    assert story.closed(1000, by="client", sent=1000).outcome().browser.clean


def test_a_reset_instead_of_an_end_after_the_close_frame_is_unclean(story: Any, new_story: Any) -> None:
    story.accepted().close_frame(1008, "no").reset(error="connection reset").closed(1008, "no")
    browser = story.outcome().browser
    assert (browser.code, browser.reason, browser.clean, browser.error) == (1008, "no", False, False)
    ended_first = new_story().accepted().close_frame(1008, "no").eof().reset(error="connection reset")
    assert ended_first.closed(1008, "no").outcome().browser.clean


# -- what a browser sends, and the run did not


def unless(story: Any) -> list[dict[str, Any]]:
    return list(story.outcome().browser.to_json()["unless"])


def test_a_browser_always_sends_an_origin(story: Any) -> None:
    story.asked().response(403).rejected(403)
    told = {"because": "origin", "name": "Origin", "page": "any", "then": "sent_anyway"}
    assert unless(story) == [told]


def test_another_client_s_missing_origin_is_told_too(story: Any) -> None:
    story.connected().request("/ws").response(403)
    assert [item["because"] for item in unless(story)] == ["origin"]


@pytest.mark.parametrize("origin", ["https://shop.example", "http://127.0.0.1:8000", "null"])
def test_an_origin_of_a_page_needs_no_condition(story: Any, origin: str) -> None:
    assert unless(story.asked(headers=[["origin", origin]]).response(403).rejected(403)) == []


@pytest.mark.parametrize(
    "headers",
    [
        [["Origin", "https://a.example"], ["Origin", "https://b.example"]],
        [["Origin", "https://a.example/page"]],
        [["Origin", "a.example"]],
        [["Origin", ""]],
        [["Origin", "http://[::1"]],
    ],
)
def test_an_origin_that_no_page_has_is_not_sent(story: Any, headers: list[list[str]]) -> None:
    told = {"because": "origin", "name": "Origin", "page": "any", "then": "not_sent"}
    assert unless(story.asked(headers=headers).response(403).rejected(403)) == [told]


def login(story: Any, *cookies: str) -> Any:
    """A login on connection 7, whose response sets cookies."""
    headers = [["Set-Cookie", one] for one in cookies]
    return story.add("wire.response", {"status": 200, "headers": headers}, conn=7)


def kept_back(name: str, same_site: str, page: str = "cross_site") -> dict[str, Any]:
    return {"because": "cookie", "name": name, "page": page, "then": "not_sent", "samesite": same_site}


@pytest.mark.parametrize(
    ("set_cookie", "told"),
    [
        ("s=1; Path=/; SameSite=Strict", [kept_back("s", "strict")]),
        ("s=1; samesite = lax", [kept_back("s", "lax")]),
        ("s=1; HttpOnly", [kept_back("s", "absent")]),
        ("s=1; SameSite=Whatever", [kept_back("s", "absent")]),
        ("s=1; SameSite=None; SameSite=Strict", [kept_back("s", "strict")]),
        # A browser that blocks third-party cookies keeps it back.
        ("s=1; Secure; SameSite=None", [kept_back("s", "none")]),
        ("s=1; SameSite=None", [kept_back("s", "none", "any")]),
        ("other=1; SameSite=Strict", [kept_back("s", "not_seen")]),
    ],
)
def test_a_cookie_depends_on_its_same_site_and_on_the_page(
    story: Any, new_story: Any, set_cookie: str, told: list[dict[str, Any]]
) -> None:
    asked = [["Origin", "https://evil.example"], ["Cookie", "s=1"]]
    assert unless(login(story, set_cookie).asked(headers=asked).response(101).open()) == told
    # From another port of the same host, the same site, every cookie that the browser keeps is sent.
    asked[0] = ["Origin", "http://127.0.0.1:9000"]
    always = [one for one in told if one["page"] == "any"]
    assert unless(login(new_story(), set_cookie).asked(headers=asked).response(101).open()) == always


def test_each_cookie_of_each_cookie_header_is_told_once(story: Any, new_story: Any) -> None:
    def told(story: Any, origin: str) -> list[dict[str, Any]]:
        asked = [["Cookie", "a=1; b=2"], ["Origin", origin], ["cookie", "c=3; a=4"]]
        login(story, "a=1; SameSite=Strict", "b=1; SameSite=None; Secure").asked(headers=asked)
        return unless(story.response(101))

    assert told(story, "null") == [
        kept_back("a", "strict"),
        kept_back("b", "none"),
        kept_back("c", "not_seen"),
    ]
    assert told(new_story(), "http://127.0.0.1:1") == []


def test_a_cookie_that_is_set_later_says_nothing_of_this_request(story: Any) -> None:
    asked = [["Origin", "https://evil.example"], ["Cookie", "s=1"]]
    login(story.asked(headers=asked).response(101).open(), "s=1; SameSite=Strict")
    assert unless(story) == [kept_back("s", "not_seen")]


@pytest.mark.parametrize(
    ("origin", "page"),
    [
        ("http://127.0.0.1:8000", "same_origin"),
        ("http://127.0.0.1", "same_site"),
        ("https://127.0.0.1:8000", "cross_site"),  # the scheme is part of a site
        ("http://localhost:8000", "cross_site"),
        ("https://evil.example", "cross_site"),
        ("null", "cross_site"),
        ("http://127.0.0.1:99999", "cross_site"),
    ],
)
def test_the_kind_of_page_follows_from_its_origin(origin: str, page: str) -> None:
    assert page_of(origin, "ws://127.0.0.1:8000/ws") == page


def test_a_default_port_is_the_port_left_out() -> None:
    assert page_of("https://shop.example", "wss://shop.example:443/ws") == "same_origin"


def test_a_subprotocol_header_of_ones_own_is_what_is_offered(story: Any, new_story: Any) -> None:
    asked = {"headers": [["Sec-WebSocket-Protocol", "b, c"], ORIGIN], "subprotocols": ["a"]}
    story.asked(**asked).response(101).open(subprotocol="b").closed(1000)
    assert story.outcome().browser.opened
    twice = new_story().asked(headers=[["Sec-WebSocket-Protocol", "b,b"], ORIGIN]).response(101)
    assert twice.open(subprotocol="b").outcome().browser.throws == "b"


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
            "In a browser (per spec): open, then messages, then close 1006, no reason.",
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
            "In a browser (per spec): no event yet. When it gives up: error, then close 1006.",
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
            {"close": (1000, ""), "offered": ["chat", "chat"]},
            "In a browser (per spec): the constructor throws, because the subprotocol chat is named twice.",
        ),
        (
            {"close": (1008, "no"), "reset": True},
            'In a browser (per spec): open, then close 1008, reason "no".',
        ),
        (
            {"close": (1008, "no"), "more_after_close": True},
            "In a browser (per spec): open, then error, then close 1006, no reason, because a frame came "
            "after the close frame.",
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


@pytest.mark.parametrize(
    ("headers", "set_cookie", "sentence"),
    [
        ([], None, "A browser also sends Origin."),
        ([("Origin", "a"), ("Origin", "b")], None, "A browser sends one Origin, its page's own."),
        ([("Cookie", "s=1")], "strict", "Another site's page sends no cookie s (SameSite=Strict)."),
        ([("Cookie", "s=1")], "lax", "Another site's page sends no cookie s (SameSite=Lax)."),
        ([("Cookie", "s=1")], "absent", "Another site's page sends no cookie s (no SameSite means Lax)."),
        (
            [("Cookie", "s=1")],
            "none",
            "Another site's page sends no cookie s (where third-party cookies are blocked).",
        ),
        ([("Cookie", "s=1")], "insecure", "A browser rejects cookie s: SameSite=None needs Secure."),
        ([("Cookie", "s=1; t=2")], None, "Another site's page sends no cookie s, t (unless SameSite=None)."),
    ],
)
def test_each_condition_is_a_sentence_of_its_own(
    headers: list[tuple[str, str]], set_cookie: str | None, sentence: str
) -> None:
    same_site = "none" if set_cookie == "insecure" else set_cookie
    known = {} if same_site is None else {"s": SetCookie("s", same_site, set_cookie == "none")}
    if headers and headers[0][0] == "Cookie":
        headers = [("Origin", "https://evil.example"), *headers]
    unless = conditions(ClientRequest(tuple(headers), set_cookies=known))
    told = in_words(sees(ended="open", unless=unless), "open")
    assert told == f"In a browser (per spec): open, and no close yet. {sentence}"
