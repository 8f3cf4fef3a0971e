"""The clock of a challenge: a suggestion, not a limit."""

from __future__ import annotations

from wsplay.tui.challenge.clock import Clock


def test_the_clock_counts_down_and_on() -> None:
    clock = Clock(90)
    clock.start(100.0)
    assert clock.words(100.0) == "1:30 left"
    assert clock.words(130.5) == "1:00 left"
    clock.stop(140.0)
    assert clock.words(500.0) == "0:50 left"
    clock.start(500.0)
    assert clock.words(562.4) == "time is up +0:12"
    clock.shown = False
    assert clock.words(562.4) == "clock off"


def test_that_the_time_ran_out_is_told_once() -> None:
    clock = Clock(90)
    clock.start(0.0)
    assert [clock.ran_out(now) for now in (10.0, 90.0, 91.0)] == [False, True, False]
    hidden = Clock(90, shown=False)
    hidden.start(0.0)
    assert not hidden.ran_out(100.0)
