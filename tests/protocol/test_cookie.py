import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.cookie import SetCookie, cookies, read_set_cookie, without_cookie


@pytest.mark.parametrize(
    ("value", "cookie"),
    [
        ("s=1", SetCookie("s")),
        ("s=a=b; Path=/; HttpOnly", SetCookie("s")),
        (" s = 1 ;SAMESITE= StriCt ; secure", SetCookie("s", "strict", True)),
        ("s=1; SameSite=Lax; SameSite=None", SetCookie("s", "none")),
        ("s=1; SameSite=None; SameSite=other", SetCookie("s", "absent")),
        ("s=1; SameSite", SetCookie("s", "absent")),
        ("s=", SetCookie("s")),
        ("s", None),
        ("=1", None),
        ("", None),
    ],
)
def test_a_set_cookie_header_is_read_as_browsers_read_it(value: str, cookie: SetCookie | None) -> None:
    assert read_set_cookie(value) == cookie


HEADERS = (("X", "s=0"), ("Cookie", "theme=dark;s=1;  x"), ("cookie", "s=2"), ("COOKIE", "t=a=b=="))


def test_the_cookies_of_all_headers_in_order() -> None:
    pairs = (("theme", "dark"), ("s", "1"), ("x", ""), ("s", "2"), ("t", "a=b=="))
    assert cookies(HEADERS) == pairs


def test_without_a_cookie_the_others_stay_as_they_are() -> None:
    assert without_cookie(HEADERS, "nope") == HEADERS
    assert without_cookie(HEADERS, "s") == (("X", "s=0"), ("Cookie", "theme=dark; x"), ("COOKIE", "t=a=b=="))
    assert without_cookie((("Cookie", "s=1"), ("cookie", " s=2 ; s=3")), "s") == ()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    read_set_cookie(text)
    assert all(name != "s" for name, _ in cookies(without_cookie((("Cookie", text),), "s")))
