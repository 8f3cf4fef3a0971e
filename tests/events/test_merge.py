from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.merge import Merger


def event(t_ns: int, summary: str = "") -> Event:
    return Event(t_ns, Lane.WIRE, "note", summary)


def test_an_event_waits_for_earlier_ones_still_on_their_way() -> None:
    merger = Merger(window_ns=10)
    merger.push(event(105, "wire"))
    assert merger.release(now_ns=110) == []
    merger.push(event(101, "asgi"))
    assert [each.summary for each in merger.release(now_ns=115)] == ["asgi", "wire"]


def test_an_event_later_than_the_window_is_passed_on_not_dropped() -> None:
    merger = Merger(window_ns=10)
    merger.push(event(100, "first"))
    assert [each.summary for each in merger.release(now_ns=200)] == ["first"]
    merger.push(event(50, "late"))
    assert [each.summary for each in merger.release(now_ns=200)] == ["late"]


def test_events_of_one_time_keep_the_order_they_came_in() -> None:
    merger = Merger(window_ns=0)
    for name in "abcd":
        merger.push(event(7, name))
    assert [each.summary for each in merger.drain()] == list("abcd")


@given(st.lists(st.integers(0, 1000)), st.integers(0, 1200))
def test_all_come_out_once_and_in_order(times: list[int], now: int) -> None:
    merger = Merger(window_ns=100)
    for t_ns in times:
        merger.push(event(t_ns))
    released = [each.t_ns for each in merger.release(now)]
    assert released == sorted(t for t in times if t <= now - 100)
    assert released + [each.t_ns for each in merger.drain()] == sorted(times)
    assert len(merger) == 0
