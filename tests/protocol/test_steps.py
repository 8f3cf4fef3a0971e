"""The steps of a client: which texts they have, and how placeholders in them are filled in."""

from __future__ import annotations

import pytest

from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.saved import Save
from wsplay.protocol.steps import (
    Close,
    ConnectTry,
    Fetch,
    JoinTry,
    Ping,
    SendBinary,
    SendText,
    SetupStep,
    Step,
    Wait,
    fill_step,
    step_texts,
)

REQUEST = HttpRequest("POST", "/{path}", headers=(("X-Name", "{header}"),), body="{body}")


def marked(text: str) -> str:
    return f"<{text}>"


@pytest.mark.parametrize(
    ("step", "filled"),
    [
        (SendText("{a}"), SendText("<{a}>")),
        (Ping("{a}"), Ping("<{a}>")),
        (Ping(), Ping("<>")),
        (Close(4000, "{a}"), Close(4000, "<{a}>")),
        (REQUEST, HttpRequest("POST", "</{path}>", headers=(("X-Name", "<{header}>"),), body="<{body}>")),
        (SendBinary(b"{a}"), SendBinary(b"{a}")),
        (Wait(0.5), Wait(0.5)),
    ],
)
def test_each_text_of_a_step_is_filled_in_and_nothing_else(step: Step, filled: Step) -> None:
    assert fill_step(step, marked) == filled


@pytest.mark.parametrize("step", [SendText("x"), Ping("x"), Close(1000, "x"), REQUEST])
def test_what_a_placeholder_raises_is_passed_on(step: Step) -> None:
    def fail(text: str) -> str:
        raise ValueError(f"no {text}")

    with pytest.raises(ValueError, match=r"no (x|/\{path\}|\{header\}|\{body\})"):
        fill_step(step, fail)


@pytest.mark.parametrize(
    ("step", "texts"),
    [
        (SendText("hello"), ["hello"]),
        (Ping("p"), ["p"]),
        (Close(1008, "bye"), ["bye"]),
        (SendBinary(b"hello"), []),
        (Wait(1), []),
        (ConnectTry("a try"), []),
        (JoinTry("a try", 3), []),
    ],
)
def test_the_texts_of_a_step_that_can_have_placeholders(step: Step | SetupStep, texts: list[str]) -> None:
    assert list(step_texts(step)) == texts


def test_an_http_request_has_the_same_texts_before_and_after_connecting() -> None:
    fetch = Fetch(REQUEST, (Save("id", "json", "id"),))
    assert list(step_texts(fetch)) == list(step_texts(REQUEST)) == list(REQUEST.texts())
    assert {"/{path}", "{header}", "{body}"} <= set(step_texts(fetch))


@pytest.mark.parametrize("step", [SendText("{a}"), Ping("{a}"), Close(1000, "{a}"), REQUEST])
def test_the_texts_of_a_step_are_those_that_are_filled_in(step: Step) -> None:
    filled = fill_step(step, marked)
    assert sorted(step_texts(filled)) == sorted(marked(text) for text in step_texts(step))
