"""What can go wrong with the server process. Each message says what to do next."""

from __future__ import annotations

from typing import Any


class ServerError(Exception):
    """Something that the server process could not do. `str()` is a message for the user."""


class StartError(ServerError):
    """The server process did not start.

    `reason` says why, `hint` says what to do, and `output` has the last lines that the process wrote.
    """

    def __init__(self, reason: str, hint: str = "", output: str = "") -> None:
        super().__init__(f"{reason}. {hint}" if hint else f"{reason}.")
        self.reason = reason
        self.hint = hint
        self.output = output


class StalledError(ServerError):
    """The server process did not respond in time; `restart()` helps.

    `seconds` is the limit. `file` and `line` say where its event loop is blocked, if that is known.
    """

    def __init__(self, what: str, seconds: float, file: str | None = None, line: int | None = None) -> None:
        where = f" It is blocked in {file}, line {line}." if file is not None and line is not None else ""
        super().__init__(f"{what}: no response within {seconds:g} s.{where} Restart the server.")
        self.seconds = seconds
        self.file = file
        self.line = line


class LoadError(ServerError):
    """A scenario did not load; the previous one, if any, is still loaded.

    `file` is a path. `line` counts from 1; None if the mistake is in no line. `type` is the full dotted name
    of the exception, "" without one. `traceback` is text, "" if there is none.
    """

    def __init__(
        self,
        name: str,
        file: str,
        message: str,
        *,
        line: int | None = None,
        function: str = "",
        type: str = "",
        traceback: str = "",
        hint: str = "",
    ) -> None:
        where = file.replace("\\", "/").rpartition("/")[2]
        if line is not None:
            where += f", line {line}"
        said = f"{type}: {message}" if type and message else type or message
        super().__init__(f"{where}: {said}" + (f" {hint}" if hint else ""))
        self.name = name
        self.file = file
        self.line = line
        self.function = function
        self.type = type
        self.message = message
        self.traceback = traceback
        self.hint = hint

    def to_json(self) -> dict[str, Any]:
        """The error as plain data: scenario, file, line, type, message, traceback, hint."""
        return {
            "scenario": self.name,
            "file": self.file,
            "line": self.line,
            "type": self.type,
            "message": self.message,
            "traceback": self.traceback,
            "hint": self.hint,
        }
