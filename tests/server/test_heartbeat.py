"""A missing pong is counted by the ticks of the side that sent the ping."""

from __future__ import annotations

import pytest

from wsplay.server.heartbeat import Heartbeat


def test_a_stall_is_reported_once() -> None:
    heartbeat = Heartbeat(limit=0.5, interval=0.1)
    heartbeat.ping_sent()
    reported = [heartbeat.tick(0.1) for _ in range(10)]
    assert [seconds is not None for seconds in reported].count(True) == 1
    assert reported[4] == pytest.approx(0.5) or reported[5] == pytest.approx(0.6)
    assert heartbeat.pong_received(0.05) == pytest.approx(1.05)
    assert not heartbeat.waiting


def test_a_pong_in_time_is_no_stall() -> None:
    heartbeat = Heartbeat(limit=0.5, interval=0.1)
    for _ in range(20):
        heartbeat.ping_sent()
        assert heartbeat.tick(0.1) is None
        assert heartbeat.pong_received() is None


def test_time_in_which_the_sender_did_not_run_does_not_count() -> None:
    heartbeat = Heartbeat(limit=0.5, interval=0.1)
    heartbeat.ping_sent()
    assert heartbeat.tick(100.0) is None
    assert heartbeat.pong_received() is None


def test_without_a_ping_nothing_is_counted() -> None:
    heartbeat = Heartbeat(limit=0.5, interval=0.1)
    assert [heartbeat.tick(0.1) for _ in range(20)] == [None] * 20
    assert heartbeat.pong_received() is None


def test_a_tick_may_have_a_longer_limit() -> None:
    heartbeat = Heartbeat(limit=0.1, interval=0.1)
    heartbeat.ping_sent()
    assert heartbeat.tick(0.1, limit=0.25) is None
    assert heartbeat.tick(0.1, limit=0.25) is None
    assert heartbeat.tick(0.1, limit=0.25) == pytest.approx(0.3)
