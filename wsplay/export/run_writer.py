"""A run file as it is written: line by line while the run goes on, so that what was cut short can be read."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

from wsplay.events.event import Event
from wsplay.export.jsonl import json_line
from wsplay.export.secrets import Secrets

#: Seconds after which what was written is in the file.
FLUSH: Final = 0.5
_MODE: Final = 0o600


class NotWritten(Exception):
    """The run cannot be written. The message names the file, and says why and what to do."""


class FileIsThere(NotWritten):
    """There is a file of that name, which is not replaced unless that is asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already: pass --force to replace it, or another name")


class RunWriter:
    """Writes one run to a file that only its owner can read.

    `secrets` are replaced in all that is written; None keeps them. A secret that is found late may stand in
    earlier lines: these are replaced when the file is closed. A file that is there is replaced with `force`.

    Raises `NotWritten`.
    """

    def __init__(
        self, path: Path, header: Mapping[str, Any], secrets: Secrets | None, *, force: bool = False
    ) -> None:
        self.path = path
        self.events = 0
        self._secrets = secrets
        self._found = 0  # secrets, when the first line was written
        self._flushed = time.monotonic()
        self._file = _created(path, force)
        if secrets is not None:
            secrets.find(header)
            self._found = len(secrets)
        try:
            self._write(dict(header) | {"redacted": secrets is not None})
            self.flush()
        except NotWritten:
            self._abandon()
            raise

    def add_event(self, event: Event, start_ns: int) -> None:
        """Write an event of the run that began at `start_ns`."""
        self._write(event.to_json(start_ns))
        self.events += 1
        if time.monotonic() - self._flushed > FLUSH:
            self.flush()

    def add_outcome(self, outcome: Mapping[str, Any]) -> None:
        """Write an outcome."""
        self._write(outcome)

    def flush(self) -> None:
        """What was written is in the file now."""
        self._flushed = time.monotonic()
        with self._problems():
            self._file.flush()

    def close(self, *, whole: bool) -> None:
        """Close the file. If the run is not `whole`, it has no end and counts as cut short."""
        if self._file.closed:
            return
        if whole:
            self._write({"kind": "end", "events": self.events})
        try:
            self.flush()
            if self._secrets is not None and len(self._secrets) > self._found:
                self._replace_late_secrets(self._secrets)
        finally:
            self._abandon()

    def _abandon(self) -> None:
        """Close the file, whatever is still to be written to it."""
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close(whole=True)
            return
        with contextlib.suppress(NotWritten):  # the other error is the one to tell
            self.close(whole=False)

    def _write(self, value: Mapping[str, Any]) -> None:
        kept = value if self._secrets is None else self._secrets.take(value)
        with self._problems():
            self._file.write(json_line(kept) + "\n")

    def _replace_late_secrets(self, secrets: Secrets) -> None:
        with (
            self._problems(),
            tempfile.NamedTemporaryFile(
                "w", encoding="ascii", dir=self.path.parent, prefix=f".{self.path.name}-", delete=False
            ) as new,
        ):
            try:
                with open(self.path, encoding="ascii") as old:
                    for line in old:
                        new.write(json_line(secrets.redacted(json.loads(line))) + "\n")
                new.flush()
                os.replace(new.name, self.path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(new.name)
                raise

    @contextlib.contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or error
            raise NotWritten(f"the run is not saved: cannot write {self.path}: {why}") from error


def _created(path: Path, force: bool) -> TextIO:
    """A new file of this user alone; `force` replaces a regular file that is there."""
    try:
        if force and path.is_file():
            path.unlink()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError:
        raise FileIsThere(path) from None
    except OSError as error:
        raise NotWritten(f"cannot create {path}: {error.strerror or error}") from error
    return os.fdopen(descriptor, "w", encoding="ascii", newline="\n")
