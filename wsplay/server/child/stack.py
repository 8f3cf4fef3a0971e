"""Stacks and exceptions as plain data, with the user's own frames separate."""

from __future__ import annotations

import functools
import inspect
import linecache
import os
import traceback
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any

from wsplay.events.event import CALL, ENDPOINT, RAISED
from wsplay.server.child.user_files import UserFiles
from wsplay.server.ipc import MAX_CHAIN, Place, Where

#: Frames of one stack. Of a longer one (endless recursion), the outermost and the innermost half of these.
MAX_FRAMES = 200
#: Characters of a message or a traceback.
MAX_TEXT = 64_000
#: The prefix of scenarios' modules in sys.modules.
MODULE_PREFIX = "wsplay_scenario_"
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def innermost(frame: FrameType | None, file: str) -> Place | None:
    """The innermost line of `file` in the stack of `frame`."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename == file:
            return (os.path.basename(file), frame.f_lineno or 0, code.co_name)
        frame = frame.f_back
    return None


class Callers:
    """Finds the user's lines on the stack of one connection's messages, up to the frame that runs `outside`.

    A stack has some 25 frames, mostly the framework's, and is walked for each message. So the outermost frame
    of the user's is remembered, and the next walk ends there. It is recognised by its address and that of
    its caller: a reference to it would keep the user's objects alive.
    """

    __slots__ = ("_chain", "_files", "_outermost", "_outside", "_where")

    def __init__(self, files: UserFiles, outside: CodeType) -> None:
        self._files = files
        self._outside = outside
        self._outermost = (0, 0)
        self._chain: list[Place] = []
        self._where: Where | None = None

    def find(self, frame: FrameType | None, error: BaseException | None) -> Where | None:
        """The user's lines in the stack of `frame`; None if `error` is handled further in than any of them.
        A middleware of the user's that only passed the call on did not answer that.
        """
        files, outside = self._files, self._outside
        trace = None if error is None else error.__traceback__
        handling = None if trace is None else trace.tb_frame
        chain: list[Place] = []
        address = (0, 0)
        while frame is not None:
            code = frame.f_code
            name = files[code.co_filename]
            outer = frame.f_back
            if name is not None:
                chain.append((name, frame.f_lineno or 0, code.co_name))
                address = (id(frame), id(outer))
                if address == self._outermost:
                    break
            elif code is outside:
                break
            elif frame is handling and not chain:
                return None
            frame = outer
        self._outermost = address
        if chain != self._chain:
            self._chain, self._where = chain, _where(chain[::-1], CALL)
        return self._where


def answering(error: BaseException | None, files: UserFiles) -> Where | None:
    """The user's lines that raised an exception which is being handled."""
    if error is None:
        return None
    return _where(_mine(_all_places(error, error.__traceback__, files), files), RAISED)


def definition(endpoint: Any, files: UserFiles) -> Where | None:
    """Where an endpoint is defined, if that is in a file of the user's: a function, a method, a class or an
    object that can be called.
    """
    try:
        code = _code_of(inspect.unwrap(endpoint))
    except Exception:  # noqa: BLE001 - looking at a scenario's object can raise anything
        return None
    if not isinstance(code, CodeType) or (name := files[code.co_filename]) is None:
        return None
    return Where(name, code.co_firstlineno, code.co_name, ENDPOINT)


def stack_data(frame: FrameType | None, files: UserFiles) -> tuple[dict[str, Any], Where | None]:
    """`{"frames", "rest"}` of a running stack, and its innermost line in `files`.

    `frames` are the frames in `files`, `rest` all frames, outermost first. Each is
    {"file", "line", "function", "code"}.
    """
    places = []
    while frame is not None:
        places.append((frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name))
        frame = frame.f_back
    places.reverse()
    return _frames(places, files, CALL)


def exception_data(
    error: BaseException, trace: TracebackType | None, files: UserFiles
) -> tuple[dict[str, Any], Where | None]:
    """The data of an `asgi.raised` event, and the user's innermost line.

    Frames of this package at the beginning of `trace` are left out. For an exception group, the frames of its
    first member that has frames of the user's are added, and `members` has the type and message of each.
    """
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    data: dict[str, Any] = {"type": type_name(error), "message": message_of(error)}
    if members := list(_members(error)):
        data["members"] = [{"type": type_name(m), "message": message_of(m)} for m in members[:20]]
    frames, source = _frames(_all_places(error, trace, files), files, RAISED)
    data |= frames
    data["traceback"] = _text(error, trace)
    return data, source


def type_name(error: BaseException) -> str:
    """The full dotted name of an exception's type; without module for builtins and the user's own classes."""
    cls = type(error)
    module = str(cls.__module__)
    if module in ("builtins", "__main__") or module.startswith(MODULE_PREFIX):
        return cls.__qualname__
    return f"{module}.{cls.__qualname__}"


def message_of(error: BaseException) -> str:
    """`str(error)`, even if its class makes that fail."""
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # noqa: BLE001 - a scenario's class can raise anything here
        return "<its str() failed>"


def _members(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup) and depth < 20:
        for member in error.exceptions:
            if isinstance(member, BaseExceptionGroup):
                yield from _members(member, depth + 1)
            else:
                yield member


def _all_places(error: BaseException, trace: TracebackType | None, files: UserFiles) -> list[Place]:
    """The places of `trace`, and those of the first member of an exception group that has the user's."""
    places = list(_places(trace))
    for member in _members(error):
        inner = list(_places(member.__traceback__))
        if _mine(inner, files):
            return places + inner
    return places


def _places(trace: TracebackType | None) -> Iterator[Place]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield (code.co_filename, trace.tb_lineno or 0, code.co_name)
        trace = trace.tb_next


def _mine(places: list[Place], files: UserFiles) -> list[Place]:
    """The user's places, with the names of their files."""
    return [(name, line, function) for path, line, function in places if (name := files[path]) is not None]


def _where(chain: list[Place], by: str) -> Where | None:
    if not chain:
        return None
    if len(chain) == 1:
        return Where(*chain[0], by)
    return Where(*chain[-1], by, tuple(_shortened(chain, MAX_CHAIN)))


def _frames(places: list[Place], files: UserFiles, by: str) -> tuple[dict[str, Any], Where | None]:
    mine = [place for place in places if files[place[0]] is not None]
    data: dict[str, Any] = {"frames": _frame_list(mine), "rest": _frame_list(places)}
    if len(places) > MAX_FRAMES:
        data["frames_left_out"] = len(places) - MAX_FRAMES
    return data, _where(_mine(mine, files), by)


def _shortened(places: list[Place], most: int) -> list[Place]:
    """The outermost and the innermost half of `most` places, if there are more."""
    return places if len(places) <= most else places[: most // 2] + places[-most // 2 :]


def _frame_list(places: list[Place]) -> list[dict[str, Any]]:
    return [
        {
            "file": file,
            "line": line,
            "function": function,
            "code": linecache.getline(file, line).strip()[:500],
        }
        for file, line, function in _shortened(places, MAX_FRAMES)
    ]


def _code_of(endpoint: Any) -> Any:
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    if isinstance(endpoint, type):
        code = (getattr(value, "__code__", None) for value in vars(endpoint).values())
        return next((found for found in code if found is not None), None)
    return getattr(endpoint, "__code__", None) or type(endpoint).__call__.__code__


def _text(error: BaseException, trace: TracebackType | None) -> str:
    try:
        text = "".join(traceback.format_exception(type(error), error, trace))
    except Exception as failure:  # noqa: BLE001 - formatting runs the scenario's code (__str__, __notes__)
        return f"<the traceback could not be formatted: {type(failure).__name__}>"
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT // 2] + "\n...\n" + text[-MAX_TEXT // 2 :]
    return text.replace(MODULE_PREFIX, "") if MODULE_PREFIX in text else text
