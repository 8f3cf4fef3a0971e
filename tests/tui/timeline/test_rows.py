"""One event, one row: the right arrow between the right lifelines, told by glyph and word, in any width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Direction, Event, Lane, Source
from wsplay.events.safe_text import visible
from wsplay.tui.kit import lanes, theme
from wsplay.tui.kit.styled_lines import LineRenderer, StyledLine, line_width, plain
from wsplay.tui.timeline.rows import clock, columns, dropped_row, header, row

Make = Callable[..., Event]
WIDE, NARROW = columns(136), columns(76)


def style_at(line: StyledLine, x: int) -> str:
    for text, style in line:
        if x < len(text):
            return style
        x -= len(text)
    raise AssertionError(x)


@pytest.mark.parametrize(
    "cols", [WIDE, NARROW, columns(136, tagged=True), columns(44)], ids=lambda c: str(c.width)
)
def test_what_crosses_is_an_arrow_between_its_lifelines(cols: object, make_event: Make) -> None:
    assert isinstance(cols, type(WIDE))
    for kind, left, right in (
        ("wire.request", cols.client, cols.wire),
        ("asgi.receive", cols.wire, cols.server),
    ):
        there = plain(row(make_event(0, kind, "there", 1, Direction.C2S), cols, 0))
        assert there[left] == "├"
        assert there[right - 1 : right + 1] == "►│"
        assert set(there[left + 1 : right - 1]) == {"─"}
        back = plain(row(make_event(0, kind, "back", 1, Direction.S2C), cols, 0))
        assert back[left : left + 2] == "│◄"
        assert back[right] == "┤"


def test_the_line_of_a_definition_is_not_that_of_an_event() -> None:
    event = Event(0, Lane.ASGI, "asgi.send", "close", 1, source=Source("a.py", 77, "f", "raised"))
    assert plain(row(event, WIDE, 0)).rstrip().endswith(" 77")
    defined = replace(event, source=Source("a.py", 77, "f", "endpoint"))
    assert "77" not in plain(row(defined, WIDE, 0))


def test_what_tcp_does_is_dashed_and_a_reset_is_marked(make_event: Make) -> None:
    eof = plain(row(make_event(0, "wire.eof", "EOF", 1, Direction.S2C), WIDE, 0))
    assert eof[WIDE.client : WIDE.client + 3] == "│◄╌"
    reset = plain(row(make_event(0, "wire.reset", "reset", 1, Direction.C2S), WIDE, 0))
    assert reset[WIDE.wire - 2 : WIDE.wire + 1] == "╌✗│"
    assert "✗ reset" in reset


@pytest.mark.parametrize(
    ("kind", "lane", "glyph"),
    [
        ("client.connecting", "client", "○"),
        ("client.open", "client", "●"),
        ("client.sent", "client", "→"),
        ("client.received", "client", "←"),
        ("client.error", "client", "✗"),
        ("asgi.raised", "server", "✗"),
        ("asgi.returned", "server", "△"),
        ("server.log", "server", "■"),
        ("server.print", "server", "■"),
        ("server.stalled", "server", "!"),
    ],
)
def test_what_happens_in_one_place_is_a_point_on_its_lifeline(
    kind: str, lane: str, glyph: str, make_event: Make
) -> None:
    for cols in (WIDE, NARROW):
        line = plain(row(make_event(0, kind, "here", 1, None), cols, 0))
        assert line[getattr(cols, lane)] == glyph
        assert not set(line) & set("►◄├┤")


def test_labels_stand_beside_the_crossing_or_right_of_close_lifelines(make_event: Make) -> None:
    request = make_event(0, "wire.request", "GET /ws", 1, Direction.C2S)
    message = make_event(0, "asgi.send", "websocket.close", 1, Direction.S2C)
    assert plain(row(request, WIDE, 0)).index("GET /ws") == WIDE.wire + 2
    assert plain(row(message, WIDE, 0)).index("websocket.close") == WIDE.server + 2
    assert plain(row(request, NARROW, 0)).index("GET /ws") == NARROW.label > NARROW.server
    assert plain(row(message, NARROW, 0)).index("websocket.close") == NARROW.label


def test_each_lane_has_its_colour_and_what_went_wrong_another(make_event: Make) -> None:
    for kind, x, style in (
        ("client.open", WIDE.client, "lane-client"),
        ("wire.request", WIDE.wire - 3, "lane-wire"),
        ("asgi.receive", WIDE.server - 3, "lane-asgi"),
        ("server.log", WIDE.server, "lane-server"),
        ("client.error", WIDE.client, "bad"),
        ("server.stalled", WIDE.server, "warn"),
    ):
        assert style_at(row(make_event(0, kind, "x", 1, Direction.C2S), WIDE, 0), x) == style


def test_the_line_that_did_it_stands_at_the_right(make_event: Make) -> None:
    for cols in (WIDE, NARROW):
        line = plain(row(make_event(0, "asgi.send", "x" * 300, 1, Direction.S2C, line=21), cols, 0))
        assert cols.line is not None
        assert line[cols.line - 1 : cols.line + 1] == "21"
        assert plain(header(cols))[cols.line - 3 : cols.line + 1] == "line"
        assert "x…  " in line


def test_connections_are_told_apart_by_number_and_colour(make_event: Make) -> None:
    cols = columns(136, tagged=True)
    assert cols.tag is not None
    one, two = (row(make_event(0, "client.open", "open", conn), cols, 0) for conn in (1, 2))
    assert plain(one)[cols.tag : cols.tag + 2] == "#1"
    assert plain(two)[cols.tag : cols.tag + 2] == "#2"
    assert style_at(one, cols.tag) != style_at(two, cols.tag)
    assert "#" not in plain(row(make_event(0, "client.open", "open", 1), WIDE, 0))


def test_every_match_of_a_search_is_highlighted_whatever_the_case(make_event: Make) -> None:
    line = row(make_event(0, "wire.frame", "Token token TOKEN", 1, Direction.C2S), WIDE, 0, search=("token",))
    found = [text for text, style in line if "match-ground" in style]
    assert found == ["Token", "token", "TOKEN"]
    assert "Token token TOKEN" in plain(line)


def test_a_search_for_signs_is_no_pattern(make_event: Make) -> None:
    line = row(make_event(0, "wire.frame", "a.b [x] a+b", 1, Direction.C2S), WIDE, 0, search=("[x]",))
    assert [text for text, style in line if "match-ground" in style] == ["[x]"]


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [
        (0, "0.0 ms"),
        (1_312_000, "1.3 ms"),
        (-2_000_000, "-2.0 ms"),
        (9_999_900_000, "9999.9 ms"),
        (12_345_000_000, "12.345 s"),
        (3_662_500_000_000, "61m02.5s"),
    ],
)
def test_times(nanoseconds: int, shown: str) -> None:
    assert clock(nanoseconds) == shown
    assert len(shown) <= 9


def test_headings_name_every_lane_in_words_or_glyphs() -> None:
    assert all(word in plain(header(WIDE)) for word in ("client", "wire", "server (ASGI)", "process", "line"))
    assert all(word in plain(header(NARROW)) for word in ("client", "wire", "server", "event", "line"))
    assert all(glyph in plain(header(columns(44))) for glyph in "●◆▲")
    assert "1,234 older events dropped" in plain(dropped_row(1234, NARROW))


def test_every_kind_has_a_word_and_a_glyph_one_cell_wide() -> None:
    assert set(lanes.KINDS) == set(KINDS)
    assert set(lanes.LANES) == set(Lane)
    looks = [*lanes.KINDS.values(), *lanes.LANES.values()]
    assert all(look.word and line_width(((look.glyph, ""),)) == 1 for look in looks)
    assert len({look.glyph for look in lanes.LANES.values()}) == len(Lane)
    assert len({look.colour for look in lanes.LANES.values()}) == len(Lane)
    assert lanes.kind_look("wire.new").word == "wire.new"


@given(
    kind=st.sampled_from(sorted(KINDS)),
    summary=st.text(max_size=300),
    search=st.text(max_size=5),
    width=st.integers(24, 260),
    tagged=st.booleans(),
    direction=st.sampled_from([None, *Direction]),
    conn=st.none() | st.integers(1, 10**9),
    line=st.integers(1, 10**9),
    t_ns=st.integers(-(10**12), 10**16),
    cursor=st.booleans(),
)
def test_any_event_fills_its_row_exactly_and_safely(
    kind: str,
    summary: str,
    search: str,
    width: int,
    tagged: bool,
    direction: Direction | None,
    conn: int | None,
    line: int,
    t_ns: int,
    cursor: bool,
) -> None:
    event = Event(
        t_ns,
        KINDS[kind] or Lane.CLIENT,
        kind,
        summary,
        conn,
        direction,
        {},
        Source("a.py", line, "f"),
    )
    cols = columns(width, tagged=tagged)
    drawn = row(event, cols, 0, marker="▌", cursor=cursor, search=(search,))
    assert line_width(drawn) == width
    assert visible(plain(drawn)) == plain(drawn)
    assert LineRenderer(theme.DARK.variables()).strip(drawn, width, "cursor-ground").cell_length == width
    assert line_width(header(cols)) == width
