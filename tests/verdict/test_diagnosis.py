from typing import Any

from wsplay.verdict.before_accept import validation_errors
from wsplay.verdict.diagnosis import Diagnosis, diagnose


def test_the_evidence_is_what_decided(story: Any) -> None:
    story.asked().send("close", 21, code=1008).refused()
    kinds = {event.seq: event.kind for event in story.events}
    assert [kinds[seq] for seq in diagnose(story.outcome()).evidence] == [
        "asgi.send",
        "wire.response",
        "client.error",
    ]


def test_events_without_a_number_are_no_evidence(story: Any) -> None:
    story.asked().send("close", 21, code=1008).refused()
    story.events = [event.numbered(0) for event in story.events]
    assert diagnose(story.outcome()).evidence == ()


def test_the_browser_s_view_is_its_own_sentence(story: Any) -> None:
    diagnosis = diagnose(story.asked().send("close", 21, code=1008).refused().outcome())
    assert diagnosis.browser == (
        "In a browser (per spec): error, then close 1006, no reason. A browser also sends Origin."
    )
    assert "browser" not in diagnosis.text


def test_a_diagnosis_has_no_more_than_a_view_needs() -> None:
    assert list(Diagnosis.__dataclass_fields__) == [
        "tone",
        "headline",
        "text",
        "browser",
        "evidence",
        "next_step",
    ]


def test_a_message_s_own_full_stop_is_not_doubled(story: Any) -> None:
    story.asked().raised("RuntimeError", "It is over.", 9).refused(500)
    assert diagnose(story.outcome()).text.startswith("RuntimeError: It is over (line 9) was raised")


def test_long_words_from_the_wire_are_cut(story: Any) -> None:
    story.asked().send("close", 21, code=1008, reason="x" * 5000).refused(403, "y" * 5000)
    assert len(diagnose(story.outcome()).text) < 400


# -- routes


def test_validation_errors_are_told_by_place_and_message() -> None:
    errors = [{"loc": ["header", "x-key"], "msg": "Field required"}, {"loc": ["query", 0]}, {"loc": ["body"]}]
    assert validation_errors(errors) == "header x-key: Field required; query 0: wrong and 1 more"
    assert validation_errors("a reason") == ""
    assert validation_errors([]) == ""
    assert validation_errors(["x", {"loc": "y"}]) == ""
