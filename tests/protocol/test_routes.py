from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsplay.events.safe_text import visible
from wsplay.protocol.routes import Route, default_path, listed, route_taking, shown, websocket_routes


def ws(*paths: str) -> list[dict[str, Any]]:
    return [{"path": path, "websocket": True} for path in paths]


def mount(path: str) -> dict[str, Any]:
    return {"path": path, "methods": []}


GET = {"path": "/hello", "methods": ["GET"]}


@pytest.mark.parametrize(
    ("path", "routes", "takes"),
    [
        ("/ws", [], None),
        ("/ws", ["/ws"], True),
        ("/ws/", ["/ws"], False),
        ("/ws", ["WebSocket /ws"], True),
        ("/ws", ["GET /ws"], False),
        ("/ws", [{"path": "/ws"}], True),
        ("/ws", [{"path": "/ws", "methods": ["GET"]}], False),
        ("/ws", [{"path": "/ws", "type": "http"}], False),
        ("/ws", [{"path": "/docs", "methods": ["GET"]}, {"path": "/ws", "websocket": True}], True),
        ("/static/ws", [{"path": "/static", "methods": []}], True),
        ("/ws", [{"path": "/ws", "kind": "WebSocketRoute"}], True),
        ("/room/7", ["/room/{id:int}"], True),
        ("/room/7/8", ["/room/{id}"], False),
        ("/file/a/b", ["/file/{rest:path}"], True),
        ("/sub/ws", [{"path": "/sub", "type": "mount"}], True),
        ("/subway", [{"path": "/sub", "type": "mount"}], False),
        ("/anything", [{"path": "", "type": "mount"}], True),
        ("/a.b", ["/a+b"], False),
        ("/ws", [None, 3, {"path": None}, "not a path"], False),
    ],
)
def test_whether_a_route_takes_a_path(path: str, routes: list[Any], takes: bool | None) -> None:
    assert route_taking(path, routes) is takes


@given(st.text(max_size=20), st.lists(st.text(alphabet="/{}:apth*[(+\\", max_size=12).map(lambda p: "/" + p)))
def test_any_route_and_path_can_be_compared(path: str, routes: list[str]) -> None:
    assert route_taking(path, routes) in (True, False, None)


@pytest.mark.parametrize(
    ("routes", "path"),
    [
        ([], "/ws"),
        ([GET], "/ws"),
        (ws("/ws"), "/ws"),
        (ws("/chat"), "/chat"),
        ([GET, *ws("/chat")], "/chat"),
        (ws("/chat", "/chat"), "/chat"),
        ([mount("/sub"), *ws("/chat")], "/chat"),
        (ws("/chat", "/ws"), "/ws"),
        (ws("/ws", "/ws/{room}"), "/ws"),
        (ws("/chat", "/feed"), None),
        (ws("/chat", "/room/{id}"), None),
        (ws("/room/{id}"), None),
        (ws("/{rest:path}"), None),
        ([mount("/sub")], None),
        ([mount("/ws")], None),
        ([mount("")], None),
        (["WebSocket /chat"], "/chat"),
        ([None, 3, {"path": 7}], "/ws"),
    ],
)
def test_the_path_of_a_client_that_names_none(routes: list[Any], path: str | None) -> None:
    assert default_path(routes) == path


_paths = st.text(alphabet="/{}:apth*[(+\\\x1b", max_size=12).map(lambda path: "/" + path)
_routes = st.lists(
    st.one_of(
        _paths,
        st.builds(lambda path: ws(path)[0], _paths),
        st.builds(mount, _paths | st.just("")),
        st.just(GET),
        st.none() | st.integers() | st.dictionaries(st.text(max_size=4), st.text(max_size=4)),
    ),
    max_size=8,
)


@given(_routes)
@example(ws("/chat", "/feed"))
@example([])
def test_a_path_that_need_not_be_chosen_is_one_that_the_app_takes_if_it_takes_any(routes: list[Any]) -> None:
    path, known = default_path(routes), websocket_routes(routes)
    if path is None:
        assert known
    else:
        assert Route(path).complete
        assert (path in [route.path for route in known]) == bool(known)
        assert bool(known) == bool(route_taking(path, routes))


@given(_routes, st.integers(0, 60))
def test_the_list_of_routes_names_some_and_counts_the_rest(routes: list[Any], width: int) -> None:
    known, line = websocket_routes(routes), listed(routes, width)
    assert line.isprintable()
    if not known:
        assert line == ""
        return
    names, _, more = line.partition(" and ")
    if more:
        assert names.count(", ") + 1 + int(more.removesuffix(" more")) == len(known)
    else:
        assert line == ", ".join(visible(shown(route), 80) for route in known)
    assert len(names) <= max(width, 80)


def test_many_routes_are_cut_at_a_whole_one() -> None:
    assert listed(ws("/a", "/b", "/c")) == "/a, /b, /c"
    assert listed(ws("/a", "/b", "/c"), 6) == "/a, /b and 1 more"
    assert listed(ws("/a", "/b", "/c"), 1) == "/a and 2 more"
    assert listed([GET, mount("/sub"), mount("")]) == "/sub/..., /..."
    assert listed(ws("/\x1b[2J")) == "/␛[2J"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [("/ws", None), ("/ws/{room}", "{room}"), ("/{a:int}/{b}", "{a:int}"), ("/{rest:path}", "{rest:path}")],
)
def test_the_first_parameter_of_a_path(path: str, parameter: str | None) -> None:
    span = Route(path).parameter
    assert (None if span is None else path[slice(*span)]) == parameter
    assert Route(path).complete is (parameter is None)
    assert not Route(path, mount=True).complete
