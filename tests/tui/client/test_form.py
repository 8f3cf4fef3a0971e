"""The form's state, without a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import Close, SendText
from wsplay.tui.client.form import LIST_NAMES, MAX_UNDO, ClientForm, InvalidForm, ListName, Row

VALID = Handshake(headers=(("Authorization", "validtoken"),))


def form_with(*rows: Row, which: ListName = "headers") -> ClientForm:
    form = ClientForm()
    for row in rows:
        form.add(which, row=row)
    return form


def names(form: ClientForm, which: ListName = "headers") -> list[str]:
    return [row.name for row in form.rows(which)]


def test_a_new_form_asks_for_a_plain_handshake() -> None:
    form = ClientForm()
    assert form.to_handshake() == Handshake(path="")
    assert form.state.typed == ()
    assert form.undo() is None
    assert not form.edited


def test_duplicates_case_and_order_reach_the_handshake() -> None:
    form = form_with(Row("Cookie", "a=1"), Row("cookie", "b=2"), Row("Cookie", "a=1"))
    assert form.to_handshake().headers == (("Cookie", "a=1"), ("cookie", "b=2"), ("Cookie", "a=1"))


def test_every_list_and_option_reaches_the_handshake() -> None:
    form = form_with(Row("X-A", "1"))
    form.add("query", row=Row("token", "é & more"))
    form.add("subprotocols", row=Row("chat.v1"))
    form.type_option("path", "/other?x=1")
    form.set_compression(False)
    form.type_option("open_timeout", "0.5")
    form.type_option("close_timeout", " 3 ")
    form.set_sent_automatically("Host", False)
    form.set_sent_automatically("User-Agent", False)
    form.set_sent_automatically("host", True)
    assert form.to_handshake() == Handshake(
        path="/other?x=1",
        query=(("token", "é & more"),),
        headers=(("X-A", "1"),),
        omit=("User-Agent",),
        subprotocols=("chat.v1",),
        compression=False,
        open_timeout=0.5,
        close_timeout=3.0,
    )


@pytest.mark.parametrize("which", LIST_NAMES)
def test_a_row_that_is_off_is_kept_and_not_sent(which: ListName) -> None:
    form = form_with(Row("a", ""), Row("b", ""), which=which)
    form.switch(which, 0)
    handshake = form.to_handshake()
    sent = {
        "headers": handshake.headers,
        "query": handshake.query,
        "subprotocols": tuple((name, "") for name in handshake.subprotocols),
    }[which]
    assert sent == (("b", ""),)
    assert names(form, which) == ["a", "b"]
    form.switch(which, 0)
    assert form.rows(which)[0].on


def test_a_row_that_is_off_may_be_wrong() -> None:
    form = form_with(Row("bad name", "a\nb", on=False))
    assert form.problems() == ()
    assert form.to_handshake().headers == ()


def test_a_duplicate_stands_below_its_row() -> None:
    form = form_with(Row("a", "1"), Row("b", "2"))
    assert form.duplicate("headers", 0) == 1
    assert form.rows("headers") == (Row("a", "1"), Row("a", "1"), Row("b", "2"))


def test_rows_move_and_stop_at_the_ends() -> None:
    form = form_with(Row("a"), Row("b"), Row("c"))
    assert form.move("headers", 0, 1) == 1
    assert names(form) == ["b", "a", "c"]
    assert form.move("headers", 1, -9) == 0
    assert names(form) == ["a", "b", "c"]
    assert form.move("headers", 2, 1) == 2
    assert names(form) == ["a", "b", "c"]


def test_a_deleted_row_comes_back_where_it_was() -> None:
    form = form_with(Row("a", "1"), Row("b", "2", on=False), Row("c", "3"))
    before = form.state
    form.delete("headers", 1)
    assert names(form) == ["a", "c"]
    change = form.undo()
    assert change is not None
    assert (change.label, change.where) == ("delete b", "headers")
    assert form.state == before
    assert form.redo() == change
    assert names(form) == ["a", "c"]


def test_typing_into_one_cell_is_undone_as_one() -> None:
    form = form_with(Row("a", "old"))
    for text in ("n", "ne", "new"):
        form.type_in("headers", 0, "value", text)
    form.type_in("headers", 0, "name", "b")
    assert form.undo() is not None
    assert form.rows("headers") == (Row("a", "new"),)
    form.undo()
    assert form.rows("headers") == (Row("a", "old"),)


def test_typing_anew_is_undone_apart() -> None:
    form = form_with(Row("a", "1"))
    form.type_in("headers", 0, "value", "2")
    form.new_undo_step()
    form.type_in("headers", 0, "value", "3")
    form.undo()
    assert form.rows("headers")[0].value == "2"


def test_a_change_forgets_what_could_be_made_again() -> None:
    form = form_with(Row("a"))
    form.undo()
    form.add("headers", row=Row("b"))
    assert form.redo() is None
    assert names(form) == ["b"]


def test_nothing_to_undo() -> None:
    form = ClientForm()
    assert form.undo() is None
    assert form.redo() is None


def test_the_history_is_bounded() -> None:
    form = ClientForm()
    for number in range(MAX_UNDO + 10):
        form.add("headers", row=Row(f"n{number}"))
    undone = 0
    while form.undo():
        undone += 1
    assert undone == MAX_UNDO
    assert len(form.rows("headers")) == 10


def test_a_row_nothing_was_typed_in_leaves_no_trace() -> None:
    form = form_with(Row("a", "1"))
    index = form.add("headers")
    assert form.drop_if_blank("headers", index)
    assert names(form) == ["a"]
    change = form.undo()
    assert change is not None
    assert change.label == "add a header"
    assert names(form) == []


def test_a_row_emptied_by_hand_comes_back_whole() -> None:
    form = form_with(Row("a", ""))
    form.type_in("headers", 0, "name", "")
    assert form.drop_if_blank("headers", 0)
    assert form.rows("headers") == ()
    while form.undo():
        if names(form) == ["a"]:
            break
    assert form.rows("headers") == (Row("a", ""),)


def test_a_row_with_something_in_it_is_not_dropped() -> None:
    form = form_with(Row("", "value"))
    assert not form.drop_if_blank("headers", 0)
    assert not form.drop_if_blank("headers", 7)
    assert form.rows("headers") == (Row("", "value"),)


def test_an_index_outside_raises() -> None:
    form = ClientForm()
    actions: tuple[Callable[[], object], ...] = (
        lambda: form.switch("headers", 0),
        lambda: form.duplicate("headers", 0),
        lambda: form.move("headers", 0, 1),
        lambda: form.delete("headers", 0),
        lambda: form.type_in("headers", 0, "name", "x"),
    )
    for action in actions:
        with pytest.raises(IndexError):
            action()


def test_a_header_is_put_in_place_of_the_one_that_is_on() -> None:
    form = form_with(Row("Authorization", "off", on=False), Row("authorization", "old"))
    assert form.put_header("Authorization", "Bearer x") == 1
    assert form.rows("headers")[1] == Row("authorization", "Bearer x")
    assert form.rows("headers")[0].value == "off"
    assert form.put_header("Origin", "https://a.example") == 2


# -- problems


def test_problems_name_their_place_and_lose_nothing() -> None:
    form = form_with(Row("", "x"), Row("A", "a\nb"), Row("B", "snow ☃"))
    form.add("query", row=Row("", ""))
    form.add("subprotocols", row=Row("a b"))
    form.type_option("path", "ws")
    form.type_option("open_timeout", "soon")
    form.type_option("close_timeout", "0")
    found = [(problem.where, problem.row, problem.part) for problem in form.problems()]
    assert found == [
        ("headers", 0, "name"),
        ("headers", 1, "value"),
        ("headers", 2, "value"),
        ("query", 0, "name"),
        ("subprotocols", 0, "name"),
        ("path", None, "value"),
        ("open_timeout", None, "value"),
        ("close_timeout", None, "value"),
    ]
    with pytest.raises(InvalidForm) as caught:
        form.to_handshake()
    assert caught.value.problems == form.problems()
    assert form.rows("headers")[1].value == "a\nb"
    assert form.state.open_timeout == "soon"


# -- tries


def test_a_try_fills_the_form_and_is_edited_only_while_it_differs() -> None:
    form = ClientForm()
    form.fill(VALID, "valid token")
    assert form.try_name == "valid token"
    assert not form.edited
    assert form.to_handshake() == VALID
    form.type_in("headers", 0, "value", "validtokem")
    assert form.edited
    form.type_in("headers", 0, "value", "validtoken")
    assert not form.edited
    form.add("headers", row=Row("Origin", "https://evil.example", on=False))
    assert not form.edited


def test_every_field_of_a_handshake_survives_the_form() -> None:
    handshake = Handshake(
        path="/x",
        query=(("a", "1"), ("a", "2")),
        headers=(("H", "v"),),
        omit=("Host",),
        subprotocols=("p", "q"),
        compression=False,
        steps=(SendText("hi"), Close(4000)),
        open_timeout=0.25,
        close_timeout=10.0,
    )
    form = ClientForm()
    form.fill(handshake, "x")
    assert form.to_handshake() == handshake


def test_messages_of_a_try_can_be_left_out() -> None:
    form = ClientForm()
    form.fill(Handshake(steps=(SendText("hi"),)), "x")
    form.set_play_steps(False)
    assert form.edited
    assert form.to_handshake().steps == ()


def test_choosing_a_try_can_be_undone() -> None:
    form = form_with(Row("X-Mine", "typed"))
    form.fill(VALID, "valid token")
    assert names(form) == ["Authorization"]
    form.undo()
    assert names(form) == ["X-Mine"]
    assert form.try_name is None


OPENED = Handshake(path="/new", headers=(("X-New", "1"),), steps=(SendText("hi"),))


def test_a_chosen_try_is_not_typed_input() -> None:
    form = ClientForm()
    form.fill(Handshake(), "no token")
    form.fill(VALID, "valid token")
    assert form.open_scenario(OPENED, "first", "/new") == ()
    assert form.to_handshake() == OPENED
    assert (form.try_name, form.edited) == ("first", False)
    assert form.undo() is None


def test_what_was_typed_is_named_and_comes_back_with_one_undo() -> None:
    form = ClientForm()
    form.fill(replace(VALID, path="/old", steps=(SendText("old"),)), "valid token")
    form.type_in("headers", 0, "value", "mine")
    form.add("headers", row=Row("X-Off", "", on=False))
    form.add("query", row=Row("token", "abc"))
    form.add("subprotocols", row=Row("chat"))
    form.type_option("open_timeout", "9")
    typed = form.state
    names = ("Authorization", "X-Off", "?token", "subprotocol chat", "the open timeout")
    assert form.open_scenario(OPENED, "first", "/new") == names
    assert form.to_handshake() == OPENED
    assert form.undo() is not None
    assert [form.rows(which) for which in LIST_NAMES] == [typed.rows(which) for which in LIST_NAMES]
    assert (form.try_name, form.state.open_timeout) == (None, "9")
    # What belongs to the other scenario does not come back: its path, and the messages of its try.
    assert (form.state.path, form.to_handshake().steps) == ("/new", ())
    assert form.redo() is not None
    assert form.to_handshake() == OPENED


def test_what_was_taken_out_of_a_try_is_named_too() -> None:
    form = ClientForm()
    form.fill(VALID, "valid token")
    form.delete("headers", 0)
    assert form.open_scenario(OPENED, "first", "/new") == ("without Authorization",)


def test_what_was_typed_before_a_try_was_chosen_comes_back_as_well() -> None:
    form = form_with(Row("X-Mine", "typed"))
    form.fill(VALID, "valid token")
    assert form.open_scenario(OPENED, "first", "/new") == ()
    assert form.open_scenario(Handshake(), None, "/ws") == ()
    assert form.undo() is not None
    assert names(form) == ["X-Mine"]
    assert form.try_name is None


def test_a_kept_request_has_no_try_and_is_named() -> None:
    form = ClientForm()
    form.fill(replace(VALID, path="/old", steps=(SendText("old"),)), "valid token")
    form.type_in("headers", 0, "value", "mine")
    assert form.open_scenario(OPENED, "first", "/new", keep=True) == ("Authorization",)
    assert form.state.kept
    assert form.to_handshake() == Handshake(path="/new", headers=(("Authorization", "mine"),))
    assert (form.try_name, form.edited) == (None, False)
    form.fill(VALID, "valid token")
    assert not form.state.kept


def test_a_kept_path_is_one_that_was_typed() -> None:
    form = ClientForm()
    form.fill(Handshake(path="/a"), "x")
    assert form.open_scenario(OPENED, "first", "/b", keep=True) == ()
    assert form.state.path == "/b"
    form.type_option("path", "/typed")
    assert form.open_scenario(OPENED, "first", "/c", keep=True) == ("the path",)
    assert form.state.path == "/typed"


# -- whatever is done

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "type", "switch", "duplicate", "move", "delete", "drop", "fill", "put", "settle"]
        ),
        st.sampled_from(LIST_NAMES),
        st.integers(0, 5),
        st.sampled_from(["name", "value"]),
        st.text(max_size=4),
    ),
    max_size=30,
)


def apply(form: ClientForm, operation: tuple[str, ListName, int, str, str]) -> None:
    kind, which, index, part, text = operation
    if kind == "add":
        form.add(which, index)
    elif kind == "fill":
        form.fill(Handshake(headers=((text, text),)), text)
    elif kind == "put":
        form.put_header(text, text)
    elif kind == "settle":
        form.new_undo_step()
    elif kind == "drop":
        form.drop_if_blank(which, index)
    elif index < len(form.rows(which)):
        if kind == "type":
            form.type_in(which, index, "name" if part == "name" else "value", text)
        elif kind == "switch":
            form.switch(which, index)
        elif kind == "duplicate":
            form.duplicate(which, index)
        elif kind == "move":
            form.move(which, index, len(text) - 2)
        else:
            form.delete(which, index)


@given(OPERATIONS)
def test_all_that_is_done_can_be_undone_and_done_again(
    operations: list[tuple[str, ListName, int, str, str]],
) -> None:
    form = ClientForm()
    start = form.state
    for operation in operations:
        apply(form, operation)
    end = form.state
    count = 0
    while form.undo():
        count += 1
    assert form.state == start
    for _ in range(count):
        assert form.redo() is not None
    assert form.state == end


@given(OPERATIONS)
def test_whatever_was_typed_comes_back_with_one_undo_in_another_scenario(
    operations: list[tuple[str, ListName, int, str, str]],
) -> None:
    form = ClientForm()
    for operation in operations:
        apply(form, operation)
    before = {which: form.rows(which) for which in LIST_NAMES}
    typed = form.open_scenario(OPENED, "first", "/new")
    assert form.to_handshake() == OPENED
    if typed:
        assert form.undo() is not None
        assert {which: form.rows(which) for which in LIST_NAMES} == before


@given(OPERATIONS)
def test_a_form_gives_a_handshake_or_says_why_not(
    operations: list[tuple[str, ListName, int, str, str]],
) -> None:
    form = ClientForm()
    for operation in operations:
        apply(form, operation)
    problems = form.problems()
    for problem in problems:
        assert problem.message
        assert problem.message.isprintable()
    if problems:
        with pytest.raises(InvalidForm):
            form.to_handshake()
    else:
        handshake = form.to_handshake()
        for name, value in handshake.headers:
            assert name
            (name + value).encode("latin-1")
            assert not set("\r\n\0") & set(name + value)
        assert replace(handshake, path=handshake.path or "/").target.encode("ascii")
