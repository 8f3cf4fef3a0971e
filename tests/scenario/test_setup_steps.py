"""What comes before a try's connection: as a file says it, and what is taken from answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.handshake import Send
from wsplay.protocol.http_request import Answer, HttpRequest, Save, SetupStep, UnknownSaved, expand_saved
from wsplay.scenario.file import Problem, Scenario, parse_scenario
from wsplay.scenario.setup_steps import MAX_CONNECTIONS


def read(toml: str) -> Scenario:
    block = "".join(f"# {line}\n" if line else "#\n" for line in toml.strip("\n").split("\n"))
    return parse_scenario("probe", "probe.py", f"app = None\n# /// script\n{block}# ///\n")


def tries(*parts: str) -> str:
    """A block with a try a part, called a, b, c and so on."""
    return "\n".join(
        f'[[tool.wsplay.try]]\nname = "{name}"\n{part}' for name, part in zip("abcdefgh", parts, strict=False)
    )


def problem(*parts: str) -> Problem:
    found = read(tries(*parts)).problem
    assert found is not None
    assert found.message.isprintable()
    return found


LOGIN = """before = [
  { http = "POST /login?next=x", headers = [["Content-Type", "text/plain"]], body = "me",
    save = { session = "cookie:sid", ticket = "json:data.ticket", csrf = "header:X-Csrf" } },
]"""


def test_all_of_it_is_read() -> None:
    scenario = read(
        tries(
            LOGIN.replace("\n", " "),
            'before = [{ connect = "a" }, { join = "A ", times = 3 }]\n'
            'send = ["{saved.ticket}", { http = "POST /logout", headers = { Cookie = "sid={saved.session}" },'
            ' body = "{saved.csrf}" }]',
        )
    )
    assert scenario.problem is None, scenario.problem
    first, second = scenario.tries
    assert first.before == (
        SetupStep(
            "http",
            HttpRequest("POST", "/login?next=x", (("Content-Type", "text/plain"),), "me"),
            (
                Save("session", "cookie", "sid"),
                Save("ticket", "json", "data.ticket"),
                Save("csrf", "header", "X-Csrf"),
            ),
        ),
    )
    assert second.before == (SetupStep("connect", attempt="a"), SetupStep("join", attempt="A ", times=3))
    request = HttpRequest("POST", "/logout", (("Cookie", "sid={saved.session}"),), "{saved.csrf}")
    assert second.send[1].send == Send("http", request=request)
    handshake = second.handshake()
    assert handshake.before == second.before
    filled = handshake.filled(lambda text: text.replace("{saved.", "<").replace("}", ">"))
    assert [step.text or step.request for step in filled.steps] == [
        "<ticket>",
        HttpRequest("POST", "/logout", (("Cookie", "sid=<session>"),), "<csrf>"),
    ]


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ('"POST /login"', "array"),
        ('["POST /login"]', "must be a table"),
        ("[{}]", "exactly one of http, connect, join, wait"),
        ("[{ wait = 0 }]", "above 0"),
        ("[{ wait = 1, times = 2 }]", "beside `wait` it may hold nothing"),
        ('[{ htpp = "GET /" }]', "did you mean `http`?"),
        ('[{ http = "GET /", join = "a" }]', "exactly one of"),
        ('[{ http = "GET /", times = 2 }]', "beside `http` it may hold"),
        ('[{ connect = "b", times = 2 }]', "beside `connect` it may hold nothing"),
        ("[{ http = 1 }]", "must be a string"),
        ('[{ http = "/login" }]', "a method and a path"),
        ('[{ http = "POST login" }]', "a method and a path"),
        ('[{ http = "POST /", headers = [1] }]', "pairs"),
        ('[{ http = "POST /", body = 1 }]', "must be a string"),
        ('[{ http = "POST /", save = "x" }]', "must be a table"),
        ('[{ http = "POST /", save = { t = 1 } }]', "cookie:NAME"),
        ('[{ http = "POST /", save = { t = "ticket" } }]', "cookie:NAME"),
        ('[{ http = "POST /", save = { t = "json:" } }]', "cookie:NAME"),
        ('[{ http = "POST /", save = { t = "jsn:x" } }]', "did you mean `json`?"),
        ('[{ http = "POST /", save = { "a b" = "json:x" } }]', "letters, digits"),
        ('[{ join = "b", times = 0 }]', "from 1 to"),
        ('[{ join = "b", times = 201 }]', "from 1 to"),
        ("[{ connect = 1 }]", "must be a string"),
        ('[{ connect = "bb" }]', "did you mean `b`?"),
        ('[{ join = "nothing like it" }]', "name one of the file's tries"),
        ('[{ http = "POST /{token.valid}" }]', "[tool.wsplay.tokens]"),
        ('[{ http = "POST /", body = "{saved.x}", save = { x = "json:x" } }]', "nothing saves"),
        ('[{ http = "POST /", save = { x = "json:x" } }]\npath = "/{saved.X}"', "did you mean `x`?"),
    ],
)
def test_a_mistake_is_told_with_its_line(before: str, says: str) -> None:
    found = problem(f"before = {before}", "")
    assert says in found.message
    assert '"a"' in found.message
    assert found.line in (5, 6)


@pytest.mark.parametrize("place", ["send", "headers", "query", "path", "subprotocols"])
def test_what_nothing_saves_is_told_where_it_is_asked_for(place: str) -> None:
    value = {
        "send": '[{ http = "POST /{saved.t}" }]',
        "headers": '[["A", "{saved.t}"]]',
        "query": '{ t = "{saved.t}" }',
        "path": '"/{saved.t}"',
        "subprotocols": '["{saved.t}"]',
    }[place]
    found = problem("", f"{place} = {value}")
    assert found.line == 8
    assert "{saved.t}" in found.message
    assert "save it first" in found.message


def test_what_another_try_saves_first_can_be_asked_for() -> None:
    saves = 'before = [{ http = "POST /", save = { t = "json:t" } }]'
    uses = 'query = { t = "{saved.t}" }'
    fine = read(
        tries(saves, f'before = [{{ connect = "a" }}]\n{uses}', f'before = [{{ join = "b" }}]\n{uses}')
    )
    assert fine.problem is None, fine.problem
    assert "nothing saves" in problem(saves, uses).message


@pytest.mark.parametrize(
    "parts",
    [
        ('before = [{ connect = "a" }]',),
        ('before = [{ connect = "b" }]', 'before = [{ join = "c" }]', 'before = [{ join = "a" }]'),
        ("", 'before = [{ connect = "c" }, { connect = "a" }]', 'before = [{ connect = "b" }]'),
    ],
)
def test_tries_that_need_each_other_are_told_as_a_ring(parts: tuple[str, ...]) -> None:
    message = problem(*parts).message
    assert "without an end" in message
    ring = message.rpartition(": ")[2].split(" → ")
    assert ring[0] == ring[-1]
    assert len(ring) == len(set(ring)) + 1


def test_two_ways_to_the_same_try_are_no_ring() -> None:
    both = 'before = [{ connect = "b" }, { connect = "a" }]'
    assert read(tries("", 'before = [{ connect = "a" }]', both)).problem is None


def test_too_many_connections_are_refused_however_they_are_told() -> None:
    limit = f'before = [{{ join = "a", times = {MAX_CONNECTIONS} }}]'
    assert read(tries("", limit)).problem is None
    over = problem("", limit, f'before = [{{ http = "GET /" }}, {limit.partition("[")[2]}')
    assert "comes to more than" in over.message
    assert '"c"' in over.message
    nested = [f'before = [{{ join = "{name}", times = 100 }}]' for name in "abcdefg"]
    assert "comes to more than" in problem("", *nested).message


def test_a_chain_of_a_thousand_tries_is_refused_not_walked_into_the_ground() -> None:
    parts = ['[[tool.wsplay.try]]\nname = "0"']
    for number in range(1, 1500):
        parts.append(f'[[tool.wsplay.try]]\nname = "{number}"\nbefore = [{{ connect = "{number - 1}" }}]')
    found = read("\n".join(parts)).problem
    assert found is not None
    assert "comes to more than" in found.message


def answer(body: bytes = b"", *headers: tuple[str, str]) -> Answer:
    return Answer(200, "OK", headers, body)


@pytest.mark.parametrize(
    ("save", "given", "value"),
    [
        (Save("x", "cookie", "sid"), answer(b"", ("set-cookie", "sid=abc; Path=/; HttpOnly")), "abc"),
        (Save("x", "cookie", "sid"), answer(b"", ("Set-Cookie", "sid=a=b==")), "a=b=="),
        (Save("x", "cookie", "sid"), answer(b"", ("Set-Cookie", "sid=1"), ("Set-Cookie", "sid=2")), "2"),
        (Save("x", "cookie", "sid"), answer(b"", ("Set-Cookie", "SID=1"), ("Set-Cookie", "sid")), None),
        (Save("x", "header", "X-Csrf"), answer(b"", ("x-csrf", "one"), ("X-CSRF", "two")), "one"),
        (Save("x", "header", "X-Csrf"), answer(), None),
        (Save("x", "json", "ticket"), answer(b'{"ticket": "t"}'), "t"),
        (Save("x", "json", "a.b"), answer(b'{"a": {"b": "t"}}'), "t"),
        (Save("x", "json", "n"), answer(b'{"n": 12}'), "12"),
        (Save("x", "json", "n"), answer(b'{"n": true}'), "true"),
        (Save("x", "json", "n"), answer(b'{"n": null}'), None),
        (Save("x", "json", "a.b"), answer(b'{"a": "t"}'), None),
        (Save("x", "json", "a"), answer(b"[1]"), None),
        (Save("x", "json", "a"), answer(b"Unauthorized"), None),
        (Save("x", "json", "a"), answer(b"\xff\xfe\x00"), None),
        (Save("x", "json", "a"), answer(b"[" * 100_000), None),
    ],
)
def test_what_is_taken_from_an_answer(save: Save, given: Answer, value: str | None) -> None:
    assert save.find(given) == value


@given(st.sampled_from(["cookie", "json", "header"]), st.text(min_size=1), st.binary(), st.text())
def test_no_answer_makes_it_raise(source: str, key: str, body: bytes, value: str) -> None:
    found = Save("x", source, key).find(answer(body, ("Set-Cookie", value), (key, value)))
    assert found is None or isinstance(found, str)


@given(st.text())
def test_a_json_string_comes_out_as_it_went_in(value: str) -> None:
    assert Save("x", "json", "t").find(answer(json.dumps({"t": value}).encode())) == value


def test_saved_values_are_filled_in_once() -> None:
    saved = {"a": "{saved.b}{token.valid}", "b": "B"}
    assert (
        expand_saved("{saved.a} {saved.b} {saved} {x}", saved, {}) == "{saved.b}{token.valid} B {saved} {x}"
    )


@pytest.mark.parametrize(
    ("saved", "absent", "says"),
    [
        ({}, {}, "nothing has been saved"),
        ({"b": "1", "c": "2"}, {}, "there is b, c"),
        ({"b": "1"}, {"a": "GET / got no answer"}, "GET / got no answer"),
    ],
)
def test_a_value_that_was_not_saved_says_why(
    saved: dict[str, str], absent: dict[str, str], says: str
) -> None:
    with pytest.raises(UnknownSaved, match=r"\{saved\.a\}") as raised:
        expand_saved("x{saved.a}", saved, absent)
    assert says in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_step_taken_many_times_is_filled_in_once() -> None:
    scenario = read(tries('send = [{ text = "x", times = 50000 }]'))
    calls: list[str] = []

    def expand(text: str) -> str:
        calls.append(text)
        return text + "!"

    handshake = scenario.tries[0].handshake(expand)
    assert len(handshake.steps) == 50_000
    assert {step.text for step in handshake.steps} == {"x!"}
    assert calls.count("x") == 1
