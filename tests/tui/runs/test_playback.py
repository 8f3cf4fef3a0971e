"""Playing a recording: which events have happened when, in real time, fast, and by steps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.tui.runs.playback import FAST_GAP, Playback, Speed

TIMES = (0.5, 0.6, 3.6)


def test_at_first_all_events_are_there_and_it_stands_still() -> None:
    play = Playback(TIMES)
    assert (play.shown, play.playing, play.ended, play.wait(0.0)) == (3, False, True, None)


def test_in_real_time_each_event_comes_when_it_came() -> None:
    play = Playback(TIMES)
    play.play(100.0)
    assert (play.shown, play.playing) == (0, True)
    assert play.wait(100.0) == 0.5
    assert play.tick(100.4) == 0
    assert play.tick(100.5) == 1
    assert play.tick(103.5) == 2
    assert play.tick(103.7) == 3
    assert not play.playing


def test_fast_cuts_the_pauses_and_keeps_shorter_ones() -> None:
    play = Playback((0.5, 0.52, 3.6))
    play.set_speed(Speed.FAST, 0.0)
    assert [play.gap(place) for place in range(3)] == pytest.approx([FAST_GAP, 0.02, FAST_GAP])


def test_the_speed_can_change_in_the_middle_of_a_pause() -> None:
    play = Playback((10.0,))
    play.play(0.0)
    play.set_speed(Speed.FAST, 1.0)
    assert play.wait(1.0) == pytest.approx(FAST_GAP)
    play.pause(1.0)
    play.play(50.0)
    assert play.wait(50.0) == pytest.approx(FAST_GAP)


def test_the_speed_can_change_while_it_stands_in_a_pause() -> None:
    play = Playback((10.0,))
    play.play(0.0)
    play.pause(1.0)
    play.set_speed(Speed.FAST, 2.0)
    play.play(3.0)
    assert play.wait(3.0) == pytest.approx(FAST_GAP)


def test_a_pause_keeps_what_was_left() -> None:
    play = Playback((2.0,))
    play.play(0.0)
    play.pause(0.5)
    assert not play.playing
    assert play.tick(60.0) == 0
    play.play(100.0)
    assert play.wait(100.0) == 1.5
    assert play.tick(101.5) == 1


def test_steps_go_one_event_further_or_back_and_stop_playing() -> None:
    play = Playback(TIMES)
    play.step(1)
    assert play.shown == 1  # from the end: the first
    play.step(1)
    assert play.shown == 2
    play.step(-1)
    assert play.shown == 1
    play.step(-5)
    assert play.shown == 0
    play.play(0.0)
    play.step(1)
    assert (play.shown, play.playing) == (1, False)


def test_from_the_end_a_step_back_leaves_out_the_last_event() -> None:
    play = Playback(TIMES)
    play.step(-1)
    assert play.shown == 2


def test_playing_again_at_the_end_starts_at_the_beginning() -> None:
    play = Playback(TIMES)
    play.play(0.0)
    play.tick(60.0)
    assert play.ended
    play.play(60.0)
    assert (play.shown, play.playing) == (0, True)
    play.play(61.0)  # already
    assert play.wait(60.0) == 0.5
    play.show_all()
    assert (play.shown, play.playing) == (3, False)


def test_a_run_without_events_has_nothing_to_play() -> None:
    play = Playback(())
    play.play(0.0)
    play.step(1)
    assert (play.shown, play.playing, play.wait(0.0)) == (0, False, None)


@given(
    st.lists(st.floats(-5, 60), max_size=30),
    st.lists(st.floats(0, 5), max_size=60),
    st.sampled_from(Speed),
)
def test_whenever_one_looks_events_come_in_order_and_none_too_early(
    times: list[float], looks: list[float], speed: Speed
) -> None:
    play = Playback(times)
    play.set_speed(speed, 0.0)
    play.play(0.0)
    now, seen = 0.0, [play.shown]
    due = [0.0]
    for place in range(len(times)):
        due.append(due[-1] + play.gap(place))
    for pause in looks:
        now += pause
        seen.append(play.tick(now))
        if play.shown and times:
            assert due[play.shown] <= now + 1e-6
        if not play.ended:
            assert due[play.shown + 1] > now - 1e-6
            assert play.wait(now) is not None
    assert all(one <= other for one, other in pairwise(seen))
    play.tick(now + 60 * len(times) + 61)
    assert play.ended
