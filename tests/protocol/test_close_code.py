import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.close_code import CLOSE_CODES, meaning


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1000, "normal closure"),
        (1008, "policy violation"),
        (1011, "internal error"),
        (1012, "service restart"),
        (3000, "unauthorized"),
        (3999, "a code for libraries and frameworks, not registered"),
        (4000, "a private code, defined by the app"),
        (4999, "a private code, defined by the app"),
        (1016, "a code reserved for the protocol, not assigned"),
        (999, "not a valid code"),
        (5000, "not a valid code"),
    ],
)
def test_what_a_close_code_means(code: int, words: str) -> None:
    assert meaning(code) == words


@given(st.integers())
def test_every_number_means_something(code: int) -> None:
    assert meaning(code)
    assert (code in CLOSE_CODES) == (meaning(code) in CLOSE_CODES.values())
