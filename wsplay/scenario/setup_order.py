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
    """The first thing that is wrong with the setup steps of these tries together, if anything is.

    A try that is named must exist, none may need itself first, and each value must be saved before it is
    used.
    """
    by_name = {try_.name.casefold(): try_ for try_ in tries}
    missing = next((found for try_ in tries for found in _missing_tries(try_, by_name)), None)
    if missing is not None:
        yield missing
        return
    for try_ in tries:
        ring = _ring(try_, by_name)
        if ring:
            message = " → ".join(f'"{name}"' for name in ring)
            yield try_, "before", f"these tries need each other first, without an end: {message}"
            return
    for try_ in tries:
        if _connections(try_, by_name, 0) > MAX_CONNECTIONS:
            message = f'`before` in try "{try_.name}" needs more than {MAX_CONNECTIONS} connections'
            yield try_, "before", f"{message}; lower `times`"
            return
    saves = {try_.name: _saved_by(try_, by_name) for try_ in tries}
    for try_ in tries:
        found = next(_unsaved(try_, by_name, saves), None)
        if found is not None:
            yield found
            return


def _missing_tries(try_: Try, by_name: Mapping[str, Try]) -> Iterator[Found]:
    for step in try_.handshake.before:
        match step:
            case ConnectTry(name) | JoinTry(name) if _key(name) not in by_name:
                word = "join" if isinstance(step, JoinTry) else "connect"
                hint = unknown_try(name, by_name.values())
                yield try_, "before", f'`{word}` in try "{try_.name}" names {hint}'


def _key(name: str) -> str:
    return name.strip().casefold()


def _others(try_: Try, by_name: Mapping[str, Try]) -> Iterator[tuple[Try, int]]:
    """The tries that connect before this one, and how many times."""
    for step in try_.handshake.before:
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
        try_ = waiting.pop()
        for other, _ in _others(try_, by_name):
            if other.name == start.name:
                ring = [start.name]
                while try_.name != start.name:
                    ring.insert(0, try_.name)
                    try_ = came_from[try_.name]
                return [start.name, *ring]
            if other.name not in came_from:
                came_from[other.name] = try_
                waiting.append(other)
    return []


def _connections(try_: Try, by_name: Mapping[str, Try], depth: int) -> int:
    """How many connections come before that of `try_`; counting stops beyond the limit.

    There is no cycle at this point, and each level down is one more connection.
    """
    count = sum(isinstance(step, Fetch) for step in try_.handshake.before)
    for other, times in _others(try_, by_name):
        if count + times + depth > MAX_CONNECTIONS:
            return MAX_CONNECTIONS + 1
        count += times * (1 + _connections(other, by_name, depth + 1))
    return count


def _unsaved(try_: Try, by_name: Mapping[str, Try], saves: Mapping[str, set[str]]) -> Iterator[Found]:
    """Each placeholder of a value that nothing saves before it is needed. `saves` are the names by try."""
    saved: set[str] = set()

    def missing(key: str, text: str) -> Iterator[Found]:
        for name in SAVED.findall(text):
            if name not in saved:
                example = f'`save = {{ {name} = "cookie:session" }}` beside an `http` in its `before`'
                hint = did_you_mean(name, saved, f"save it first, with {example}")
                message = f'nothing saves `{{saved.{visible(name, 60)}}}` for try "{try_.name}"; {hint}'
                yield try_, key, message

    for step in try_.handshake.before:
        match step:
            case ConnectTry(name) | JoinTry(name):
                saved |= saves[by_name[_key(name)].name]
            case Fetch(request, kept):
                for text in request.texts():
                    yield from missing("before", text)
                saved |= {save.name for save in kept}
    for key, text in try_.texts():
        if key != "before":
            yield from missing(key, text)


def _saved_by(try_: Try, by_name: Mapping[str, Try]) -> set[str]:
    """Every name that is saved before `try_` connects."""
    seen, waiting, names = {try_.name}, [try_], set[str]()
    while waiting:
        try_ = waiting.pop()
        for step in try_.handshake.before:
            if isinstance(step, Fetch):
                names |= {save.name for save in step.saves}
        for other, _ in _others(try_, by_name):
            if other.name not in seen:
                seen.add(other.name)
                waiting.append(other)
    return names
