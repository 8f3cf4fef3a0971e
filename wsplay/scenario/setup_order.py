"""What is wrong across the tries of a file: tries that need each other, values that nothing saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.protocol.saved import SAVED
from wsplay.protocol.steps import ConnectTry, Fetch, JoinTry
from wsplay.scenario.steps import MAX_CONNECTIONS
from wsplay.scenario.tries import Try, unknown_try

#: A try, its wrong key, and what is wrong.
Found = tuple[Try, str, str]


def setup_problems(tries: Sequence[Try]) -> Iterator[Found]:
    """What is wrong with the setup steps of these tries together.

    A try that is named must exist, none may need itself first, and each value must be saved before it is
    used.
    """
    by_name = {attempt.name.casefold(): attempt for attempt in tries}
    missing = [found for attempt in tries for found in _missing_tries(attempt, by_name)]
    yield from missing
    if missing:
        return
    for attempt in tries:
        ring = _ring(attempt, by_name)
        if ring:
            message = " → ".join(f'"{name}"' for name in ring)
            yield attempt, "before", f"these tries need each other first, without an end: {message}"
            return
    for attempt in tries:
        if _connections(attempt, by_name, 0) > MAX_CONNECTIONS:
            message = f'`before` in try "{attempt.name}" needs more than {MAX_CONNECTIONS} connections'
            yield attempt, "before", f"{message}; lower `times`"
            return
    for attempt in tries:
        yield from _unsaved(attempt, by_name)


def _missing_tries(attempt: Try, by_name: Mapping[str, Try]) -> Iterator[Found]:
    for step in attempt.handshake.before:
        match step:
            case ConnectTry(name) | JoinTry(name) if _key(name) not in by_name:
                word = "join" if isinstance(step, JoinTry) else "connect"
                hint = unknown_try(name, by_name.values())
                yield attempt, "before", f'`{word}` in try "{attempt.name}" names {hint}'


def _key(name: str) -> str:
    return name.strip().casefold()


def _others(attempt: Try, by_name: Mapping[str, Try]) -> Iterator[tuple[Try, int]]:
    """The tries that connect before this one, and how many times."""
    for step in attempt.handshake.before:
        match step:
            case ConnectTry(name):
                yield by_name[_key(name)], 1
            case JoinTry(name, times):
                yield by_name[_key(name)], times


def _ring(start: Try, by_name: Mapping[str, Try]) -> list[str]:
    """The names of the tries from `start` back to itself; empty if no path leads there."""
    came_from: dict[str, Try] = {}
    waiting = [start]
    while waiting:
        attempt = waiting.pop()
        for other, _ in _others(attempt, by_name):
            if other.name == start.name:
                ring = [start.name]
                while attempt.name != start.name:
                    ring.insert(0, attempt.name)
                    attempt = came_from[attempt.name]
                return [start.name, *ring]
            if other.name not in came_from:
                came_from[other.name] = attempt
                waiting.append(other)
    return []


def _connections(attempt: Try, by_name: Mapping[str, Try], depth: int) -> int:
    """How many connections come before that of `attempt`; counting stops beyond the limit.

    There is no cycle at this point, and each level down is one more connection.
    """
    count = sum(isinstance(step, Fetch) for step in attempt.handshake.before)
    for other, times in _others(attempt, by_name):
        if count + times + depth > MAX_CONNECTIONS:
            return MAX_CONNECTIONS + 1
        count += times * (1 + _connections(other, by_name, depth + 1))
    return count


def _unsaved(attempt: Try, by_name: Mapping[str, Try]) -> Iterator[Found]:
    """Each placeholder of a value that nothing saves before it is needed."""
    saved: set[str] = set()

    def missing(key: str, text: str) -> Iterator[Found]:
        for name in SAVED.findall(text):
            if name not in saved:
                example = f'`save = {{ {name} = "cookie:session" }}` beside an `http` in its `before`'
                hint = did_you_mean(name, saved, f"save it first, with {example}")
                message = f'nothing saves `{{saved.{visible(name, 60)}}}` for try "{attempt.name}"; {hint}'
                yield attempt, key, message

    for step in attempt.handshake.before:
        match step:
            case ConnectTry(name) | JoinTry(name):
                saved |= _saved_by(by_name[_key(name)], by_name)
            case Fetch(request, saves):
                for text in request.texts():
                    yield from missing("before", text)
                saved |= {save.name for save in saves}
    for key, text in attempt.texts():
        if key != "before":
            yield from missing(key, text)


def _saved_by(attempt: Try, by_name: Mapping[str, Try]) -> set[str]:
    """Every name that is saved before `attempt` connects."""
    seen, waiting, names = {attempt.name}, [attempt], set[str]()
    while waiting:
        attempt = waiting.pop()
        for step in attempt.handshake.before:
            if isinstance(step, Fetch):
                names |= {save.name for save in step.saves}
        for other, _ in _others(attempt, by_name):
            if other.name not in seen:
                seen.add(other.name)
                waiting.append(other)
    return names
