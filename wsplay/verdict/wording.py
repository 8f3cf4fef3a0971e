"""What a diagnosis finds, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.events.event import Event
from wsplay.events.lenient import number, text
from wsplay.events.safe_text import visible
from wsplay.protocol.close_code import meaning
from wsplay.verdict.connection_facts import ConnectionFacts
from wsplay.verdict.outcome import Close, Failure


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


def line(event: Event | None) -> str:
    """` (line 21)`, or nothing if the framework acted."""
    return "" if event is None or event.source is None else f" (line {event.source.line})"


def error_words(failure: Failure) -> str:
    """`RuntimeError: its message`, short, on one line and without a full stop."""
    name = visible(failure.type.rpartition(".")[2] or "an exception", 60)
    message = visible(failure.message.strip(), 200).removesuffix(".")
    return f"{name}: {message}" if message else name


def raised_words(failure: Failure) -> str:
    """`error_words`, with the line that raised it."""
    where = "" if failure.source is None else f" (line {failure.source.line})"
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
    return f"The server's event loop was blocked{long}{line(event)}, so it could do nothing else."


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
