"""Numbers for connections."""

from __future__ import annotations

from wsplay.wire.connections import Connections


def test_connections_are_numbered_from_one():
    connections = Connections()
    assert [connections.opened(port, port + 1) for port in (10, 20, 30)] == [1, 2, 3]
    assert connections.ours == set()


def test_an_expected_connection_keeps_its_number():
    connections = Connections()
    assert connections.expect(10) == 1
    assert connections.opened(99, 100) == 2
    assert connections.opened(10, 11) == 1
    assert connections.ours == {1}
    assert connections.conn_of_upstream(11) == 1
    assert connections.opened(10, 12) == 3  # expected once


def test_a_port_is_known_after_its_connection_closed_until_it_is_used_again():
    connections = Connections()
    first = connections.opened(10, 11)
    connections.closed(first)
    assert connections.conn_of_upstream(11) == first
    second = connections.opened(20, 11)
    assert connections.conn_of_upstream(11) == second
    assert connections.conn_of_upstream(12) is None


def test_what_is_remembered_is_bounded_and_open_connections_are_not_forgotten():
    connections = Connections()
    stays = connections.opened(1, 2)
    for port in range(10_000, 20_000):
        connections.closed(connections.opened(port, port))
    assert connections.conn_of_upstream(2) == stays
    assert connections.conn_of_upstream(19_999) == 10_001
    assert connections.conn_of_upstream(10_000) is None


def test_numbering_starts_again_only_when_nothing_is_open():
    connections = Connections()
    conn = connections.opened(10, 11)
    assert not connections.reset()
    connections.closed(conn)
    assert connections.reset()
    assert connections.conn_of_upstream(11) is None
    expected = connections.expect(20)
    assert expected == 1
    assert not connections.reset()  # it may be on its way
    connections.closed(expected)
    assert connections.reset()
    assert connections.ours == set()


def test_numbering_goes_on_above_those_of_a_run_that_is_resumed():
    connections = Connections()
    for port in (10, 20, 30):
        connections.closed(connections.opened(port, port + 1))
    assert connections.numbered == 3
    connections.reset()
    connections.closed(connections.opened(40, 41))
    connections.skip(3)
    assert connections.opened(50, 51) == 4
    connections.skip(2)
    assert connections.opened(60, 61) == 5


def test_a_connection_s_port_is_known_after_it_closed_until_another_has_it():
    connections = Connections()
    conn = connections.opened(1, 50)
    assert connections.upstream_of(conn) == 50
    connections.closed(conn)
    assert connections.upstream_of(conn) == 50
    assert connections.upstream_of(99) is None
    other = connections.opened(2, 50)
    assert connections.upstream_of(conn) is None
    assert connections.upstream_of(other) == 50
