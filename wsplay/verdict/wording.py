"""What a diagnosis finds, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from wsplay.events.event import CALL, ENDPOINT, RAISED, Event, Source
from wsplay.events.lenient import number, text
from wsplay.events.safe_text import visible
from wsplay.protocol.close_code import meaning
from wsplay.verdict.connection_facts import ConnectionFacts
from wsplay.verdict.outcome import Close, Failure, Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a connection ended as it did. `tone`: good, bad, warn, info; `events` are its evidence."""

    tone: str
    headline: str
    text: str
    events: tuple[Event | None, ...] = ()
    next_step: str = ""


def quoted(words: str, limit: int = 120) -> str:
    """`words` in quotes, safe to print."""
    return f'"{visible(words.strip(), limit)}"'


def line(facts: ConnectionFacts, event: Event | None) -> str:
    """` (line 21)` of the code that did it; nothing if no line of the user's did, as far as was seen."""
    if event is None or event.source is None or event.source.by != CALL:
        return ""
    return f" ({place_words(facts, event.source)})"


def who_did(facts: ConnectionFacts, event: Event, did: str, do: str) -> str:
    """Who sent an ASGI message, as far as was seen. `did` and `do` are what it did, in the past tense and as
    an infinitive.
    """
    source = event.source
    if source is None:
        return f"The app {did} (no line of code was seen)"
    here = place_words(facts, source)
    if source.by == RAISED:
        return f"An exception ({here}) made the framework {do}"
    if source.by == ENDPOINT:
        return f"The framework, or an installed package, {did} for the endpoint ({here})"
    return f"The app {did} ({here})"


def place_words(facts: ConnectionFacts, source: Source) -> str:
    """`line 21`; for a line of another file than the scenario's, `auth.py, line 5, called from line 21`."""
    main = "" if facts.loaded is None else PurePath(text(facts.loaded.data, "file")).name
    if not main or source.file == main:
        return f"line {source.line}"
    words = f"{visible(source.file, 60)}, line {source.line}"
    caller = source.line_in(main)
    return words if caller is None else f"{words}, called from line {caller}"


def error_words(failure: Failure) -> str:
    """`RuntimeError: its message`, short, on one line and without a full stop."""
    name = visible(failure.type.rpartition(".")[2] or "an exception", 60)
    message = visible(failure.message.strip(), 200).removesuffix(".")
    return f"{name}: {message}" if message else name


def raised_words(outcome: Outcome) -> str:
    """`error_words` of the app's exception, with the line that raised it."""
    failure = outcome.server_error
    if failure is None:
        return ""
    where = "" if failure.source is None else f" ({place_words(outcome.facts, failure.source)})"
    return error_words(failure) + where


def close_words(close: Close) -> str:
    """`1008 (policy violation), "bad token"`."""
    reason = f", {quoted(close.reason)}" if close.reason else ""
    return f"{close.code} ({meaning(close.code)}){reason}"


def left_the_client(failure: Failure | None) -> bool:
    """Whether an app's exception only says that the client has gone, as Starlette's `receive_...()` does."""
    return failure is not None and failure.type.rpartition(".")[2] in (
        "WebSocketDisconnect",
        "ClientDisconnected",
    )


def stall_words(facts: ConnectionFacts) -> str:
    """Where the server's event loop is blocked; empty if it is not."""
    event = facts.stalled
    if event is None:
        return ""
    seconds = event.data.get("seconds")
    # Reported when it was noticed: it may last much longer.
    long = (
        f" for more than {seconds:.1f} s" if isinstance(seconds, int | float) and 0 <= seconds < 1e9 else ""
    )
    return f"The server's event loop was blocked{long}{line(facts, event)}, so it could do nothing else."


def exit_words(facts: ConnectionFacts) -> str:
    """How the server's process ended; empty if it is running."""
    event = facts.exited
    if event is None:
        return ""
    if event.data.get("expected") is True:
        return "The server's process was stopped"
    signal = text(event.data, "signal")
    if signal:
        return f"The server's process was killed by {visible(signal, 20)}"
    code = number(event.data, "code", 2**32)
    return "The server's process died" if code is None else f"The server's process exited with code {code}"


def path_of(facts: ConnectionFacts) -> str:
    """The requested path, without its query."""
    scope = {} if facts.scope is None else facts.scope.data.get("scope")
    if isinstance(scope, dict) and text(scope, "path"):
        return text(scope, "path")
    return "" if facts.request is None else text(facts.request.data, "target").partition("?")[0]
