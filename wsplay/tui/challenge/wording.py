"""What the band below a challenge says, at each stage. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.challenge.result import ChoiceResult
from wsplay.events.safe_text import visible
from wsplay.tui.challenge.session import ChallengeSession, Stage, as_plain
from wsplay.tui.kit.verdict import Verdict


@dataclass
class Going:
    """How far grading has come, and how it ended where it did not come to its end."""

    total: int = 0
    done: int = 0
    runs: int = 0
    attacks: bool = False
    problem: str = ""
    stopped: bool = False


def verdict_of_session(session: ChallengeSession, going: Going, mark: ChoiceResult | None) -> Verdict:
    """The band's words; `mark` is that of the choice under the cursor, as far as it may be shown."""
    match session.stage:
        case Stage.ASKING | Stage.REFUTED if going.problem:
            text = f"{_sentence(going.problem)} That answer does not count."
            return Verdict("bad", "NOT RUN", text, next_step="R restarts the server")
        case Stage.ASKING | Stage.REFUTED if going.stopped:
            return Verdict("warn", "STOPPED", "That answer does not count. Choose, and enter runs it.")
        case Stage.ASKING:
            count = len(session.challenge.choices)
            return Verdict(
                "info", "WHAT DO YOU SAY?", f"1-{count} or the arrows choose, enter has it run. h: a hint."
            )
        case Stage.RUNNING:
            return Verdict("warn", "RUNNING", _progress(session, going))
        case Stage.REFUTED:
            return Verdict("bad", "REFUTED", _refuted(session), next_step="try another, or a: see all")
    return _done(session)


def _progress(session: ChallengeSession, going: Going) -> str:
    if going.attacks:
        return f"Every design is attacked: {going.done} of {going.total} attacks are over. escape stops."
    if going.done >= going.total > 0 and session.challenge.observers:
        return "Starlette's TestClient is asked what a test would see."
    first = "" if session.answer is None else f"yours, choice {session.answer + 1}, first. "
    runs = f"run {min(going.done + 1, going.total)} of {going.total}"
    return f"{runs}: every choice is held against what happens, {first}" if first else f"{runs}."


def _refuted(session: ChallengeSession) -> str:
    place = session.tried[-1]
    mark = session.marks[place]
    failed = next((check for check in mark.checks if not check.ok), None)
    if mark.cells:
        return f"Choice {place + 1}: {mark.headline}; it is not the one that broke least."
    if failed is None:
        return f"Choice {place + 1} is not what happened."
    said = f"{failed.key}: claimed {failed.claimed}, observed {failed.observed}"
    return f"Choice {place + 1} is not what happened. {visible(said, 160)}."


def _done(session: ChallengeSession) -> Verdict:
    text = visible(as_plain(session.challenge.explanation))
    if not any(mark.confirmed for mark in session.marks.values()):
        return Verdict("warn", "NONE BORNE OUT", f"No choice holds on this server. {text}")
    if session.solved:
        count = len(session.tried)
        tries = "at the first attempt" if count == 1 else f"at attempt {count}"
        return Verdict("good", f"BORNE OUT {tries}", text, next_step="n: the next challenge")
    return Verdict("info", "ALL SHOWN", text, next_step="n: the next challenge")


def _sentence(text: str) -> str:
    text = visible(text.strip(), 400)
    return text if text[-1:] in (".", "!", "?") else text + "."
