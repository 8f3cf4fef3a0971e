"""Stacks and exceptions as plain data, with the user's own frames separate."""

from __future__ import annotations

import linecache
import os
import traceback
from collections.abc import Collection, Iterator
from types import FrameType, TracebackType
from typing import Any

from wsplay.server.ipc import Where

#: Frames of one stack. Of a longer one (endless recursion), the outermost and the innermost half of these.
MAX_FRAMES = 200
#: Characters of a message or a traceback.
MAX_TEXT = 64_000
#: The prefix of scenarios' modules in sys.modules.
MODULE_PREFIX = "wsplay_scenario_"
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def nearest(frame: FrameType | None, file: str, base: str) -> Where | None:
    """The innermost line of `file` in the stack of `frame`; `base` is the file's name without its folder."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename == file:
            return (base, frame.f_lineno or 0, code.co_name)
        frame = frame.f_back
    return None


def stack_data(frame: FrameType | None, files: Collection[str]) -> tuple[dict[str, Any], Where | None]:
    """`{"frames", "rest"}` of a running stack, and its innermost line in `files`.

    `frames` are the frames in `files`, `rest` all frames, outermost first. Each is
    {"file", "line", "function", "code"}.
    """
    places = []
    while frame is not None:
        places.append((frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name))
        frame = frame.f_back
    places.reverse()
    return _frames(places, files)


def exception_data(
    error: BaseException, trace: TracebackType | None, files: Collection[str]
) -> tuple[dict[str, Any], Where | None]:
    """The data of an `asgi.raised` event, and the user's innermost line.

    Frames of this package at the beginning of `trace` are left out. For an exception group, the frames of its
    first member that has frames of the user's are added, and `members` has the type and message of each.
    """
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    places = list(_places(trace))
    data: dict[str, Any] = {"type": type_name(error), "message": message_of(error)}
    members = list(_members(error))
    for member in members:
        inner = list(_places(member.__traceback__))
        if any(place[0] in files for place in inner):
            places += inner
            break
    if members:
        data["members"] = [{"type": type_name(m), "message": message_of(m)} for m in members[:20]]
    frames, source = _frames(places, files)
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


def _places(trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield (code.co_filename, trace.tb_lineno or 0, code.co_name)
        trace = trace.tb_next


def _frames(
    places: list[tuple[str, int, str]], files: Collection[str]
) -> tuple[dict[str, Any], Where | None]:
    mine = [place for place in places if place[0] in files]
    data: dict[str, Any] = {"frames": _frame_list(mine), "rest": _frame_list(places)}
    if len(places) > MAX_FRAMES:
        data["frames_left_out"] = len(places) - MAX_FRAMES
    source = (os.path.basename(mine[-1][0]), *mine[-1][1:]) if mine else None
    return data, source


def _frame_list(places: list[tuple[str, int, str]]) -> list[dict[str, Any]]:
    if len(places) > MAX_FRAMES:
        places = places[: MAX_FRAMES // 2] + places[-MAX_FRAMES // 2 :]
    return [
        {
            "file": file,
            "line": line,
            "function": function,
            "code": linecache.getline(file, line).strip()[:500],
        }
        for file, line, function in places
    ]


def _text(error: BaseException, trace: TracebackType | None) -> str:
    try:
        text = "".join(traceback.format_exception(type(error), error, trace))
    except Exception as failure:  # noqa: BLE001 - formatting runs the scenario's code (__str__, __notes__)
        return f"<the traceback could not be formatted: {type(failure).__name__}>"
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT // 2] + "\n...\n" + text[-MAX_TEXT // 2 :]
    return text.replace(MODULE_PREFIX, "") if MODULE_PREFIX in text else text
