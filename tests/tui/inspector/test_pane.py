"""An event whole: every kind has its sections, nothing from outside is obeyed, nothing is lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.binding import Binding

from wsplay.events.event import KINDS, Direction, Event, Lane, Place, Source
from wsplay.events.payload import PAYLOAD_CAP, payload_data
from wsplay.events.safe_text import visible_lines
from wsplay.tui.inspector import parts
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.inspector.sections import head, sections
from wsplay.tui.kit import theme
from wsplay.tui.kit.styled_lines import plain, wrap

Make = Callable[..., Event]
NOW = 1_760_000_100


class Stage(App[None]):
    def __init__(self, event: Event | None, theme_name: str = theme.DEFAULT_THEME) -> None:
        super().__init__()
        theme.register(self, theme_name)
        self.event = event

    def compose(self) -> ComposeResult:
        yield Inspector(now=lambda: NOW)

    def on_mount(self) -> None:
        self.view.show(self.event)
        self.view.focus()

    @property
    def view(self) -> Inspector:
        return self.query_one(Inspector)

    def lines(self) -> list[str]:
        view = self.view
        return [view.render_line(y).text.rstrip() for y in range(view.scrollable_content_region.height)]


def texts(paras: Sequence[parts.Para]) -> list[str]:
    return [plain(para.line).rstrip() for para in paras]


def section(event: Event, key: str, **options: Any) -> list[str]:
    found = [one for one in sections(event, 0, width=90, now=NOW, **options) if one.key == key]
    assert len(found) == 1, [one.key for one in sections(event, 0, width=90, now=NOW)]
    return texts(found[0].build())


def keys(event: Event) -> list[str]:
    return [one.key for one in sections(event, 0, width=90, now=NOW)]


def of_kind(run: Sequence[Event], kind: str, number: int = 0) -> Event:
    return [event for event in run if event.kind == kind][number]


def test_the_head_says_what_when_and_where(refused: Sequence[Event]) -> None:
    lines = texts(head(refused[5].numbered(6), 0))
    assert lines == [
        "▲ asgi  websocket.close 1008",
        "what   send(), server → client",
        "when   1.300 ms after the run began",
        "event  6 on connection 1",
        "line   close_before_accept.py:21 in endpoint()",
    ]
    assert texts(head(refused[8], 0))[0].startswith("■ server")


def test_the_head_says_how_the_line_belongs_to_the_event(refused: Sequence[Event]) -> None:
    def lines(source: Source) -> list[str]:
        return texts(head(replace(refused[5], source=source), 0))[4:]

    raised = Source(
        "auth.py", 7, "check", "raised", (Place("app.py", 9, "endpoint"), Place("auth.py", 7, "check"))
    )
    assert lines(raised) == ["raised at    auth.py:7 in check()", "called from  app.py:9 in endpoint()"]
    assert lines(Source("app.py", 9, "endpoint", "endpoint")) == ["endpoint at  app.py:9 in endpoint()"]


def test_headers_keep_their_order_and_duplicates(refused: Sequence[Event]) -> None:
    lines = section(of_kind(refused, "wire.request"), "headers")
    assert [line.split()[0] for line in lines][-3:] == ["Authorization", "Cookie", "Cookie"]
    assert [line.split()[-1] for line in lines][-2:] == ["a=1", "b=2"]
    scope = of_kind(refused, "asgi.scope")
    assert section(scope, "headers")[-1].split() == ["cookie", "b=2"]
    assert not any("cookie" in line for line in section(scope, "scope"))
    assert "Authorization" in section(of_kind(refused, "client.connecting"), "headers")[0]


def test_a_frame_is_told_field_by_field(opened: Sequence[Event]) -> None:
    first, binary, wrong, close = (of_kind(opened, "wire.frame", number) for number in range(4))
    lines = section(first, "frame")
    assert "rsv     1 0 0  compressed (RSV1)" in lines
    assert "opcode  0x1  text" in lines
    assert "length  10 bytes on the wire, 8 inflated" in lines
    assert section(first, "payload") == ["Welcome!"]
    assert section(binary, "bytes")[1].startswith("0010  10 11 12")
    assert "payload" not in keys(binary)
    assert section(wrong, "frame")[0] == "problem  ✗ RSV2 is set, and no extension uses it"
    assert section(close, "close") == ["code    1008  policy violation", "reason  bad token"]


def test_whether_a_mask_is_right_depends_on_who_sent_it(make_event: Make) -> None:
    for direction, masked, words in (
        (Direction.C2S, True, "1  as a client must"),
        (Direction.C2S, False, "0  but a client must mask"),
        (Direction.S2C, True, "1  but a server must not mask"),
        (Direction.S2C, False, "0  a server must not mask"),
    ):
        frame = make_event(0, "wire.frame", "x", 1, direction, {"masked": masked, "fin": True, "opcode": 1})
        assert f"masked  {words}" in section(frame, "frame")


def test_json_is_taken_apart_beside_the_text_as_it_stood(opened: Sequence[Event]) -> None:
    event = of_kind(opened, "client.sent")
    lines = section(event, "json")
    assert '  "roles": ["admin", "ops"],' in lines
    assert '  "none": null' in lines
    assert section(event, "payload") == [event.data["text"]]
    assert section(event, "bytes")[0].startswith("0000  7b 22 75 73 65 72")


def test_json_keeps_order_and_names_that_come_twice(make_event: Make) -> None:
    event = make_event(
        0, "client.sent", "x", 1, None, {"type": "text", "size": 19, "text": '{"b":1,"a":2,"b":3}'}
    )
    assert section(event, "json") == ["{", '  "b": 1,', '  "a": 2,', '  "b": 3', "}"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * PAYLOAD_CAP,
        "[" * 900 + "]" * 900,
        '{"a":' * 200 + "1" + "}" * 200,
        "[" + "9" * 9000 + "]",
        "{nope",
        "12",
    ],
)
def test_json_of_any_depth_and_size_is_shown_or_left_as_text(text: str, make_event: Make) -> None:
    event = make_event(0, "client.sent", "x", 1, None, {"type": "text", **payload_data(text, text=True)})
    for one in sections(event, 0, width=60, now=NOW):
        assert one.build()
    assert "".join(section(event, "payload")) == text


def test_a_close_says_who_closed_and_what_each_side_sent(opened: Sequence[Event]) -> None:
    event = of_kind(opened, "client.closed")
    assert section(event, "close") == [
        "code            1008  policy violation",
        "reason          bad token",
        "closed by       server",
        "clean           yes",
        "frame received  1008 bad token",
        "frame sent      1008",
    ]
    assert section(event, "exception")[0] == "✗ websockets.exceptions.ConnectionClosedError"


def test_a_traceback_shows_your_frames_and_the_rest_on_request(opened: Sequence[Event]) -> None:
    event = of_kind(opened, "asgi.raised")
    assert section(event, "exception") == [
        "✗ builtins.RuntimeError",
        'Expected ASGI message "websocket.accept"',
    ]
    yours = section(event, "traceback")
    assert yours == [
        "❱ ada/send_before_accept.py:22  endpoint()",
        '    await websocket.send_text("Welcome!")',
    ]
    every = section(event, "traceback", all_frames=True)
    assert [line.split()[0] for line in every[::2]] == [
        "fastapi/routing.py:400",
        "❱",
        "starlette/websockets.py:188",
    ]


def test_an_error_of_the_client_is_named_in_full(refused: Sequence[Event]) -> None:
    event = of_kind(refused, "client.error")
    assert section(event, "exception")[0] == "✗ websockets.exceptions.InvalidStatus"
    assert "phase   handshake" in section(event, "fields")
    assert "status  403" in section(event, "fields")
    assert section(event, "headers") == ["content-length  0"]


def test_a_token_in_a_header_is_read(make_event: Make) -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    token = f"Bearer {part({'alg': 'HS256'})}.{part({'sub': 'ada', 'exp': NOW - 100})}.c2ln"
    event = make_event(0, "wire.request", "GET", 1, Direction.C2S, {"headers": [["authorization", token]]})
    lines = section(event, "token")
    assert '  "sub": "ada",' in lines
    assert any(line.startswith("✗") and "exp" in line for line in lines)
    assert any("signature is not checked" in line for line in lines)


def test_long_payloads_say_how_much_of_them_is_kept(make_event: Make) -> None:
    event = make_event(
        0, "client.sent", "x", 1, None, {"type": "binary", **payload_data(bytes(50_000), text=False)}
    )
    (found,) = [one for one in sections(event, 0, width=90, now=NOW) if one.key == "bytes"]
    assert found.note == "50,000 B, the first 16,384 kept"
    assert len(found.build()) == PAYLOAD_CAP // 16


@given(data=st.binary(max_size=100), width=st.integers(10, 100))
def test_a_hexdump_says_every_byte(data: bytes, width: int) -> None:
    lines = texts(parts.hexdump(data, width))
    row = 16 if width >= 72 else 8 if width >= 40 else 4
    assert len(lines) == -(-len(data) // row)
    assert bytes.fromhex("".join(line[6 : 6 + 3 * row - 1] for line in lines)) == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TAKEN = (
    "headers",
    "payload",
    "body",
    "message",
    "scope",
    "text",
    "hex",
    "size",
    "code",
    "reason",
    "exception",
)
MORE = (
    "type",
    "frames",
    "rest",
    "traceback",
    "opcode",
    "fin",
    "length",
    "inflated",
    "received",
    "url",
    "seconds",
)
NAMES = st.sampled_from(TAKEN + MORE)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    summary=st.text(max_size=30),
    data=st.dictionaries(NAMES, JSON, max_size=8),
    direction=st.sampled_from([None, *Direction]),
    width=st.integers(8, 120),
    every=st.booleans(),
)
def test_any_data_is_shown_safely(
    kind: str, summary: str, data: dict[str, Any], direction: Direction | None, width: int, every: bool
) -> None:
    event = Event(0, KINDS[kind] or Lane.CLIENT, kind, summary, 1, direction, data, None, 3)
    before = json.dumps(data)
    paras = head(event, 0)
    for one in sections(event, 0, width=width, now=NOW, all_frames=every):
        paras += one.build()
    assert json.dumps(data) == before
    for para in paras:
        for line in wrap(para.line, width, para.indent):
            text = plain(line)
            assert "\n" not in text
            assert visible_lines(text) == text


@given(value=JSON)
def test_json_lines_are_json(value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False)
    if visible_lines(written) == written:  # else it is shown, but cannot be read back
        assert json.dumps(json.loads("".join(texts(parts.json_lines(value))))) == json.dumps(value)


async def test_it_scrolls_folds_and_steps_from_section_to_section(opened: Sequence[Event]) -> None:
    event = of_kind(opened, "client.sent").numbered(4)
    app = Stage(event)
    async with app.run_test(size=(60, 14)) as pilot:
        assert app.lines()[0].startswith("→ client  text 77 B")
        await pilot.press("n")
        assert app.lines()[0].startswith("▾ Fields")
        await pilot.press("n")
        assert app.lines()[0].startswith("▾ Payload as JSON")
        await pilot.press("N", "N", "N")
        assert app.lines()[0].startswith("→ client")
        await pilot.press("j", "down", "k")
        assert app.view.scroll_offset.y == 1
        assert "▸ Raw event" in app.view.text
        await pilot.press("J")
        assert "▾ Raw event" in app.view.text
        assert '"kind": "client.sent"' in app.view.text
        await pilot.press("h")
        assert "▸ Payload in hex" in app.view.text
        await pilot.press("end")
        assert app.lines()[-1] == "}"
        await pilot.press("home", "pagedown")
        assert app.view.scroll_offset.y == 11 or app.view.scroll_offset.y == 12


async def test_a_click_on_a_title_folds_it(refused: Sequence[Event]) -> None:
    app = Stage(of_kind(refused, "wire.request"))
    async with app.run_test(size=(90, 40)) as pilot:
        line = next(y for y, text in enumerate(app.lines()) if text.startswith("▾ Headers"))
        await pilot.click(Inspector, offset=(6, line + 1))
        assert app.lines()[line].startswith("▸ Headers")
        assert not any(text.startswith("Cookie") for text in app.lines())
        app.view.show(of_kind(refused, "wire.response"))
        assert any(text.startswith("▸ Headers") for text in app.lines())


async def test_a_shows_the_whole_traceback(opened: Sequence[Event]) -> None:
    app = Stage(of_kind(opened, "asgi.raised"))
    async with app.run_test(size=(90, 40)) as pilot:
        assert any("a shows 2 more" in line for line in app.lines())
        assert not any("fastapi" in line for line in app.lines())
        await pilot.press("a")
        assert any("fastapi/routing.py:400" in line for line in app.lines())


async def test_lines_are_broken_anew_for_another_width(refused: Sequence[Event]) -> None:
    app = Stage(of_kind(refused, "wire.request"))
    async with app.run_test(size=(100, 40)) as pilot:
        assert any("Sec-WebSocket-Key  q4xkcO32u266gldTuKaSOw==" in line for line in app.lines())
        await pilot.resize_terminal(40, 40)
        await pilot.pause()
        assert any(line.strip() and line.startswith(" " * 17) for line in app.lines())
        assert all(len(line) <= 36 for line in app.lines())
        assert app.view.max_scroll_x == 0


async def test_what_is_hidden_is_right_when_it_comes_back(refused: Sequence[Event]) -> None:
    app = Stage(refused[0])
    async with app.run_test(size=(90, 30)) as pilot:
        app.view.display = False
        await pilot.pause()
        app.view.show(refused[2])
        app.view.display = True
        await pilot.pause()
        assert app.lines()[0].startswith("◆ wire  GET /ws")
        app.view.show(None)
        assert "No event" in app.lines()[0]


async def test_text_can_be_selected(refused: Sequence[Event]) -> None:
    app = Stage(of_kind(refused, "wire.request"))
    async with app.run_test(size=(90, 40)) as pilot:
        line = next(y for y, text in enumerate(app.lines()) if text.startswith("Host"))
        start = app.lines()[line].index("127")
        await pilot.mouse_down(Inspector, offset=(start + 2, line + 1))
        await pilot.hover(Inspector, offset=(start + 11, line + 1))
        await pilot.mouse_up(Inspector, offset=(start + 11, line + 1))
        await pilot.pause()
        assert (app.screen.get_selected_text() or "").startswith("127.0.0.")


def test_every_key_can_be_rebound_and_is_explained() -> None:
    bindings = [binding for binding in Inspector.BINDINGS if isinstance(binding, Binding)]
    assert len(bindings) == len(Inspector.BINDINGS)
    assert all(binding.id and binding.tooltip for binding in bindings)
    assert len({binding.id for binding in bindings}) == len(bindings)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
@pytest.mark.parametrize(
    ("kind", "number"), [("wire.request", 0), ("wire.frame", 3), ("asgi.raised", 0), ("client.sent", 0)]
)
def test_picture(
    snap_compare: Callable[..., bool],
    refused: Sequence[Event],
    opened: Sequence[Event],
    kind: str,
    number: int,
    size: tuple[int, int],
) -> None:
    event = of_kind([*refused, *opened], kind, number if kind == "wire.frame" else 0)
    assert snap_compare(Stage(event.numbered(7)), terminal_size=size)


def test_an_edited_request_is_shown_before_and_after(make_event: Make) -> None:
    before, after = (
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nb\r\nX: \xe9\x1b\r\n\r\n",
    )
    data = {"id": 1, "before": payload_data(before, text=True), "after": payload_data(after, text=True)}
    edited = make_event(0, "wire.edited", "edited: GET / HTTP/1.1", 1, Direction.C2S, data)
    assert keys(edited) == ["fields", "before", "after", "raw"]
    assert section(edited, "before") == ["GET / HTTP/1.1", "Host: a"]
    assert section(edited, "after") == ["GET / HTTP/1.1", "Host: a␊b", "X: é␛"]


def test_the_head_of_a_request_that_waits_is_shown_line_by_line(make_event: Make) -> None:
    data = {"id": 1, "what": "request", "phase": "waits", "head": "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}
    waits = make_event(0, "wire.held", "waits: GET / HTTP/1.1", 1, Direction.C2S, data)
    assert section(waits, "head") == ["GET / HTTP/1.1", "Host: a"]
