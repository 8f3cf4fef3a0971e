"""Going back to messages sent before."""

from __future__ import annotations

from wsplay.tui.client.message_history import MAX_MESSAGES, Draft, MessageHistory


def text(words: str) -> Draft:
    return Draft("text", words)


def test_up_goes_back_and_down_comes_to_the_draft() -> None:
    history = MessageHistory()
    history.add(text("one"))
    history.add(Draft("ping", "two"))
    assert history.older(text("draft")) == Draft("ping", "two")
    assert history.older(Draft("ping", "two")) == text("one")
    assert history.older(text("one")) is None
    assert history.newer() == Draft("ping", "two")
    assert history.newer() == text("draft")
    assert history.newer() is None


def test_what_was_just_sent_is_passed_over() -> None:
    history = MessageHistory()
    history.add(text("one"))
    history.add(text("two"))
    assert history.older(text("two")) == text("one")


def test_the_same_message_is_there_once() -> None:
    history = MessageHistory()
    for words in ("a", "b", "a"):
        history.add(text(words))
    assert history.older(text("")) == text("a")
    assert history.older(text("")) == text("b")
    assert history.older(text("")) is None


def test_a_message_changed_after_looking_it_up_is_a_draft_again() -> None:
    history = MessageHistory()
    history.add(text("one"))
    history.add(text("two"))
    history.older(text(""))
    history.typed(text("two"))
    assert history.newer() == text("")
    history.older(text(""))
    history.typed(text("two!"))
    assert history.newer() is None
    assert history.older(text("two!")) == text("two")
    assert history.newer() == text("two!")


def test_nothing_was_sent() -> None:
    history = MessageHistory()
    assert history.older(text("draft")) is None
    assert history.newer() is None


def test_it_is_bounded() -> None:
    history = MessageHistory()
    for number in range(MAX_MESSAGES + 5):
        history.add(text(str(number)))
    count = 0
    while history.older(text("")):
        count += 1
    assert count == MAX_MESSAGES
