"""A try's `before` and `send` as a file says them."""

from collections.abc import Callable

import pytest

from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.saved import Save
from wsplay.protocol.steps import ConnectTry, Fetch, JoinTry, SendText
from wsplay.scenario.file import Problem, Scenario

LOGIN = """before = [
  { http = "POST /login?next=x", headers = [["Content-Type", "text/plain"]], body = "me",
    save = { session = "cookie:sid", ticket = "json:data.ticket", csrf = "header:X-Csrf" } },
]"""


def test_all_of_it_is_read(read_tries: Callable[..., Scenario]) -> None:
    scenario = read_tries(
        LOGIN.replace("\n", " "),
        'before = [{ connect = "a" }, { join = "A ", times = 3 }]\n'
        'send = ["{saved.ticket}", { http = "POST /logout", headers = { Cookie = "sid={saved.session}" },'
        ' body = "{saved.csrf}" }]',
    )
    assert scenario.problem is None, scenario.problem
    first, second = scenario.tries
    assert first.handshake.before == (
        Fetch(
            HttpRequest("POST", "/login?next=x", (("Content-Type", "text/plain"),), "me"),
            (
                Save("session", "cookie", "sid"),
                Save("ticket", "json", "data.ticket"),
                Save("csrf", "header", "X-Csrf"),
            ),
        ),
    )
    assert second.handshake.before == (ConnectTry("a"), JoinTry("A ", 3))
    request = HttpRequest("POST", "/logout", (("Cookie", "sid={saved.session}"),), "{saved.csrf}")
    assert second.handshake.steps[1] == request
    filled = second.handshake.filled(lambda text: text.replace("{saved.", "<").replace("}", ">"))
    assert filled.before == second.handshake.before
    assert list(filled.steps) == [
        SendText("<ticket>"),
        HttpRequest("POST", "/logout", (("Cookie", "sid=<session>"),), "<csrf>"),
    ]


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ('"POST /login"', "array"),
        ('["POST /login"]', "must be a table"),
        ("[{}]", "exactly one of http, connect, join, wait"),
        ("[{ wait = 0 }]", "above 0"),
        ("[{ wait = 1, times = 2 }]", "beside `wait` it may have nothing"),
        ('[{ htpp = "GET /" }]', "did you mean `http`?"),
        ('[{ http = "GET /", join = "a" }]', "exactly one of"),
        ('[{ http = "GET /", times = 2 }]', "beside `http` it may have"),
        ('[{ connect = "b", times = 2 }]', "beside `connect` it may have nothing"),
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
def test_a_mistake_is_told_with_its_line(problem_of: Callable[..., Problem], before: str, says: str) -> None:
    found = problem_of(f"before = {before}", "")
    assert says in found.message
    assert '"a"' in found.message
    assert found.line in (5, 6)


def test_a_step_taken_many_times_is_filled_in_once(read_tries: Callable[..., Scenario]) -> None:
    scenario = read_tries('send = [{ text = "x", times = 50000 }]')
    calls: list[str] = []

    def expand(text: str) -> str:
        calls.append(text)
        return text + "!"

    handshake = scenario.tries[0].handshake.filled(expand)
    assert len(handshake.steps) == 50_000
    assert set(handshake.steps) == {SendText("x!")}
    assert calls.count("x") == 1
