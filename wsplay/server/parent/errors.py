"""What can go wrong with the server's process, as front ends catch it. Each says what to do next."""

from __future__ import annotations

from typing import Any


class ServerError(Exception):
    """Something the server's process could not do. `str()` is one message for a user."""


class StartError(ServerError):
    """The server's process did not come up.

    `reason` says why, `hint` what to do, `output` holds the last lines the process wrote.
    """

    def __init__(self, reason: str, hint: str = "", output: str = "") -> None:
        super().__init__(f"{reason}. {hint}" if hint else f"{reason}.")
        self.reason = reason
        self.hint = hint
        self.output = output


class StalledError(ServerError):
    """The server's process did not answer in time; `restart()` helps.

    `seconds` is how long it was waited for; `file` and `line` say where its loop is stuck, where that is
    known.
    """

    def __init__(self, what: str, seconds: float, file: str | None = None, line: int | None = None) -> None:
        where = f" It is stuck in {file}, line {line}." if file is not None and line is not None else ""
        super().__init__(f"{what}: no answer in {seconds:g} s.{where} Restart the server.")
        self.seconds = seconds
        self.file = file
        self.line = line


class LoadError(ServerError):
    """A scenario did not load; the one loaded before it, if any, still serves.

    `file` is a path; `line` counts from 1 and is None where no line is to blame; `type` is the exception's
    full dotted name ("" where there was no exception); `traceback` is text, "" where there is none.
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
