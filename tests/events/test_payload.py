import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.payload import PAYLOAD_CAP, payload_data

SNOWMAN = "☃".encode()


@pytest.mark.parametrize(
    ("payload", "text", "data"),
    [
        (b"", True, {"size": 0, "text": ""}),
        (b"", False, {"size": 0, "hex": ""}),
        (b"hello", True, {"size": 5, "text": "hello"}),
        (b"hello", False, {"size": 5, "hex": "68656c6c6f"}),
        (b"\xff\x00", True, {"size": 2, "hex": "ff00"}),
        (SNOWMAN, True, {"size": 3, "text": "☃"}),
        (SNOWMAN[:2], True, {"size": 2, "hex": "e298"}),  # half a character is not text
        ("☃", True, {"size": 3, "text": "☃"}),
        ("\ud800", True, {"size": 3, "text": "\ud800"}),
    ],
)
def test_text_is_text_and_the_rest_is_hex(payload: bytes | str, text: bool, data: dict[str, object]) -> None:
    assert payload_data(payload, text=text) == data


def test_a_payload_as_long_as_the_cap_is_whole() -> None:
    assert "truncated" not in payload_data(b"x" * PAYLOAD_CAP, text=True)
    assert "truncated" not in payload_data("x" * PAYLOAD_CAP, text=True)


@pytest.mark.parametrize("ahead", range(4))
def test_a_cut_inside_a_character_leaves_its_beginning_out(ahead: int) -> None:
    whole = b"x" * (PAYLOAD_CAP - ahead) + "😀".encode() * 2
    data = payload_data(whole, text=True)
    assert data["text"] == "x" * (PAYLOAD_CAP - ahead)
    assert (data["size"], data["truncated"]) == (len(whole), True)


def test_bytes_that_are_no_text_are_not_left_out_at_a_cut() -> None:
    kept = b"x" * (PAYLOAD_CAP - 1) + b"\xff"
    assert payload_data(kept + b"more", text=True) == {
        "size": PAYLOAD_CAP + 4,
        "hex": kept.hex(),
        "truncated": True,
    }


def test_the_full_size_may_be_told_beside_the_beginning() -> None:
    assert payload_data(b"abc", text=True, size=10) == {"size": 10, "text": "abc", "truncated": True}
    assert payload_data("abc", text=True, size=10) == {"size": 10, "text": "abc", "truncated": True}
    assert payload_data(b"\x00", text=False, size=2) == {"size": 2, "hex": "00", "truncated": True}


def test_a_view_of_memory_is_bytes_too() -> None:
    assert payload_data(memoryview(b"ab"), text=True) == {"size": 2, "text": "ab"}  # type: ignore[arg-type]


@given(st.binary(max_size=200), st.booleans(), st.integers(0, 3))
def test_any_bytes_are_kept_whole_or_said_to_be_cut(payload: bytes, text: bool, beyond: int) -> None:
    data = payload_data(payload, text=text, size=len(payload) + beyond)
    json.dumps(data)
    assert data["size"] == len(payload) + beyond
    assert ("text" in data) != ("hex" in data)
    assert data.get("truncated", False) == (beyond > 0)
    kept = data["text"].encode() if "text" in data else bytes.fromhex(data["hex"])
    assert payload.startswith(kept)
    assert len(payload) - len(kept) <= (3 if beyond else 0)


@given(st.integers(PAYLOAD_CAP - 6, PAYLOAD_CAP + 6), st.sampled_from("a☃é😀"))
def test_text_and_bytes_agree_on_the_size(count: int, char: str) -> None:
    text = char * count
    for payload in (text, text.encode()):
        data = payload_data(payload, text=True)
        assert data["size"] == len(text.encode())
        assert text.startswith(data["text"])
        assert len(data["text"]) <= PAYLOAD_CAP
        assert ("truncated" in data) == (data["text"] != text)
