"""The verdict and the line at the top of the challenge screens. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.challenge.progress import Progress
from wsplay.challenge.result import ChoiceResult
from wsplay.events.safe_text import visible
from wsplay.tui.challenge.session import ChallengeSession, Stage
from wsplay.tui.kit.keys import KeyOf
from wsplay.tui.kit.status_line import Piece, piece, progress
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.wording import count_of, sentence


@dataclass
class Grading:
    """The progress of grading a challenge, or why it ended early, in runs or attacks."""

    total: int = 0
    done: int = 0
    #: Runs that have begun.
    runs: int = 0
    attacks: bool = False
    problem: str = ""
    stopped: bool = False


def progress_pieces(catalogue: Catalogue, kept: Progress) -> list[Piece]:
    """The learner's progress, for the right of the line at the top."""
    names = catalogue.names
    pieces = progress(kept.solved(names), len(names), "solved")
    if kept.streak:
        pieces.append(piece(f"streak {kept.streak}", "bold $warn", rank=3))
    if badges := len(kept.badges(catalogue.groups)):
        pieces.append(piece(f"★ {count_of(badges, 'badge')}", "bold $good", rank=6))
    return pieces


def item_verdict(item: Item | None, progress: Progress, key_of: KeyOf) -> Verdict:
    """The challenge under the list's cursor, and the key that opens it."""
    if item is None:
        return Verdict("info", "NO CHALLENGES")
    record = progress.records.get(item.name)
    solved = record is not None and record.solved
    opens = f"{key_of('challenges.ask')} opens it"
    return Verdict(
        "good" if solved else "info",
        item.challenge.level.upper(),
        item.challenge.question,
        next_step=f"solved; {opens} again" if solved else opens,
    )


def result_verdict(result: ChoiceResult) -> Verdict:
    """The result of one choice, over its run."""
    if result.confirmed:
        return Verdict("good", "CONFIRMED", result.headline)
    return Verdict("bad", "REFUTED", result.headline)


def session_verdict(session: ChallengeSession, grading: Grading, key_of: KeyOf) -> Verdict:
    """The state of a challenge, and what to do next, by which key."""
    answers = f"{key_of('choices.answer')} runs it"
    match session.stage:
        case Stage.ASKING | Stage.REFUTED if grading.problem:
            text = f"{visible(sentence(grading.problem, capital=False), 400)} This answer does not count."
            return Verdict("bad", "NOT RUN", text, next_step=f"{key_of('job.restart')} restarts the server")
        case Stage.ASKING | Stage.REFUTED if grading.stopped:
            return Verdict("warn", "STOPPED", f"This answer does not count. Choose again; {answers}.")
        case Stage.ASKING:
            first, last = (key_of(f"challenge.number-{n}") for n in (1, len(session.challenge.choices)))
            hint = f"{key_of('challenge.hint')} for a hint"
            return Verdict("info", "YOUR ANSWER", f"press {first}-{last}, {answers}, {hint}")
        case Stage.RUNNING:
            return Verdict("warn", "RUNNING", _running(session, grading, key_of("job.back")))
        case Stage.REFUTED:
            see_all = f"choose another, or {key_of('challenge.all')} to see all"
            return Verdict("bad", "REFUTED", _refuted(session), next_step=see_all)
    return _done(session, f"{key_of('challenge.next')} opens the next challenge")


def _running(session: ChallengeSession, grading: Grading, stop: str) -> str:
    if grading.attacks:
        return f"Attacking every design: {grading.done} of {grading.total} attacks done. {stop} stops."
    if grading.done >= grading.total > 0 and session.challenge.viewpoints:
        return "Asking Starlette's TestClient what a test would see."
    first = "" if session.answer is None else f", yours (choice {session.answer + 1}) first"
    return f"Run {min(grading.done + 1, grading.total)} of {grading.total}: checking every choice{first}."


def _refuted(session: ChallengeSession) -> str:
    place = session.tried[-1]
    result = session.results[place]
    if result.attacks:
        return f"Choice {place + 1}: {result.headline}. Another design was broken by as few, or fewer."
    text = f"Choice {place + 1} is not what happened."
    failed = next((check for check in result.checks if not check.ok), None)
    if failed is None:
        return text
    said = f"{failed.key}: claimed {failed.claimed}, observed {failed.observed}"
    return f"{text} {visible(said, 160)}."


def _done(session: ChallengeSession, next_step: str) -> Verdict:
    text = visible(without_emphasis(session.challenge.explanation))
    if not any(result.confirmed for result in session.results.values()):
        return Verdict("warn", "NONE CONFIRMED", f"No choice is true on this server. {text}")
    if session.solved:
        headline = f"CONFIRMED on attempt {len(session.tried)}"
        return Verdict("good", headline, text, next_step=next_step)
    return Verdict("info", "ALL SHOWN", text, next_step=next_step)


def without_emphasis(markdown: str) -> str:
    """An explanation as one paragraph, without emphasis marks."""
    return " ".join(markdown.replace("**", "").replace("__", "").split())
