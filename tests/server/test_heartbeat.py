"""Silence is counted by the asker's ticks."""

from __future__ import annotations

import pytest

from wsplay.server.heartbeat import Heartbeat


def test_tells_once_when_it_lasts() -> None:
    silence = Heartbeat(limit=0.5, tick=0.1)
    silence.asked()
    told = [silence.passed(0.1) for _ in range(10)]
    assert [seconds is not None for seconds in told].count(True) == 1
    assert told[4] == pytest.approx(0.5) or told[5] == pytest.approx(0.6)
    assert silence.answered(0.05) == pytest.approx(1.05)
    assert not silence.waiting


def test_an_answer_in_time_is_no_stall() -> None:
    silence = Heartbeat(limit=0.5, tick=0.1)
    for _ in range(20):
        silence.asked()
        assert silence.passed(0.1) is None
        assert silence.answered() is None


def test_sleeping_oneself_does_not_count() -> None:
    silence = Heartbeat(limit=0.5, tick=0.1)
    silence.asked()
    assert silence.passed(100.0) is None
    assert silence.answered() is None


def test_nothing_asked_nothing_counted() -> None:
    silence = Heartbeat(limit=0.5, tick=0.1)
    assert [silence.passed(0.1) for _ in range(20)] == [None] * 20
    assert silence.answered() is None


def test_more_patience_for_once() -> None:
    silence = Heartbeat(limit=0.1, tick=0.1)
    silence.asked()
    assert silence.passed(0.1, limit=0.25) is None
    assert silence.passed(0.1, limit=0.25) is None
    assert silence.passed(0.1, limit=0.25) == pytest.approx(0.3)
