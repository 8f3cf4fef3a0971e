from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsplay.protocol.handshake import Handshake
from wsplay.tui.client.form import ClientForm, Row
from wsplay.tui.client.typed_address import read_address


@pytest.mark.parametrize(
    ("text", "path", "query"),
    [
        ("", "", ()),
        ("/ws", "/ws", ()),
        ("ws", "/ws", ()),
        ("  /ws ", "/ws", ()),
        ("/room/{name}", "/room/{name}", ()),
        ("/ws?token=x", "/ws", (("token", "x"),)),
        ("/ws?a=1&a=2&b=", "/ws", (("a", "1"), ("a", "2"), ("b", ""))),
        ("/ws?name=ada+l", "/ws", (("name", "ada l"),)),
        ("?token=x", "/default", (("token", "x"),)),
        ("?flag", "/default?flag", ()),
        ("/ws?", "/ws?", ()),
        ("/ws?flag", "/ws?flag", ()),
        ("/ws?a=b/c", "/ws?a=b/c", ()),
        ("/ws?a=%20", "/ws?a=%20", ()),
        ("/ws?a=1&&b=2", "/ws?a=1&&b=2", ()),
        ("/ws?a=1;b=2", "/ws?a=1;b=2", ()),
        ("/ws?a=1#x", "/ws?a=1#x", ()),
        ("ws://127.0.0.1:8000/chat", "/chat", ()),
        ("WSS://example.org/chat?token=x", "/chat", (("token", "x"),)),
        ("http://localhost:8000", "/", ()),
        ("ws://[::1]:80?token=x", "/", (("token", "x"),)),
        ("//host/x", "//host/x", ()),
    ],
)
def test_what_is_typed_as_an_address(text: str, path: str, query: tuple[tuple[str, str], ...]) -> None:
    assert read_address(text, "/default") == (path, query)


@given(st.text(max_size=20), st.text(alphabet="ab=&+%20;?#/é\x1b", max_size=20))
@example("ws", "a=1&b=2")
def test_nothing_that_is_typed_gets_lost(path: str, query: str) -> None:
    """What is sent, path and query, is what was typed."""
    typed = f"/{path}?{query}".rstrip()
    read, pairs = read_address(typed)
    assert Handshake(path=read, query=pairs).target == typed
    assert read_address(read) == (read, ()) or pairs or "?" in read


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4))
def test_a_query_that_was_encoded_is_taken_apart(pairs: list[tuple[str, str]]) -> None:
    try:
        query = urlencode(pairs)
    except UnicodeEncodeError:
        return
    read = read_address(f"/ws?{query}")
    assert read == (("/ws", tuple(pairs)) if pairs else ("/ws?", ()))


def test_a_typed_address_is_one_change_of_the_form() -> None:
    form = ClientForm()
    form.add("query", row=Row("a", "1"))
    form.add("query", row=Row("off", "x", on=False))
    before = form.state
    form.type_address("/chat", (("a", "1"), ("a", "1"), ("off", "x")))
    assert form.state.path == "/chat"
    assert form.rows("query") == (
        Row("a", "1"),
        Row("off", "x", on=False),
        Row("a", "1"),
        Row("off", "x"),
    )
    change = form.undo()
    assert change is not None
    assert (change.label, change.where, form.state) == ("edit the path", "query", before)
    form.type_address("/other")
    change = form.undo()
    assert change is not None
    assert (change.where, form.state) == ("path", before)
