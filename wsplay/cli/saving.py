"""`--save FILE`: keep a run in a run file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from wsplay.cli.errors import CouldNotRun, NotFound
from wsplay.events.event import Event
from wsplay.export.run_writer import FLUSH, FileIsThere, NotWritten
from wsplay.play.playground import Playground
from wsplay.play.recording import Recording, secrets_of
from wsplay.play.setup import Setup
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Save:
    """Where a run is kept, and which secrets are."""

    path: Path
    force: bool = False
    keep_secrets: bool = False
    redact_all: bool = False

    def check(self) -> None:
        """Raise `NotFound` if there is a file already: before anything runs."""
        if self.path.exists() and not self.force:
            raise NotFound(str(FileIsThere(self.path)))


def save_options(command: _Command) -> _Command:
    """`--save`, and what goes with it. The command gets them as one `save`."""

    @wraps(command)
    def with_save(
        *args: Any, save_as: str | None, force: bool, keep_secrets: bool, redact_all: bool, **more: Any
    ) -> Any:
        if save_as is None and (force or keep_secrets or redact_all):
            raise click.UsageError("--force, --keep-secrets and --redact-all go with --save FILE")
        if keep_secrets and redact_all:
            raise click.UsageError("pass --keep-secrets or --redact-all, not both")
        save = None if save_as is None else Save(Path(save_as), force, keep_secrets, redact_all)
        if save is not None:
            save.check()
        return command(*args, save=save, **more)

    for option in (
        click.option("--redact-all", is_flag=True, help="Redact what the scenario publishes itself, too."),
        click.option("--keep-secrets", is_flag=True, help="Save tokens, cookies and passwords as they are."),
        click.option("--force", is_flag=True, help="Replace the file of --save if it is there."),
        click.option(
            "--save",
            "save_as",
            type=click.Path(dir_okay=False),
            metavar="FILE",
            help="Save the run as a run file (.jsonl), secrets redacted. `wsplay show FILE` opens it.",
        ),
    ):
        option(with_save)
    return with_save  # type: ignore[return-value]


class Kept:
    """A run that may be kept. The first problem is raised, and nothing is written from then on."""

    def __init__(self, recording: Recording | None, playground: Playground) -> None:
        self._recording, self._playground = recording, playground
        self.outcome: Mapping[str, Any] | None = None

    def begin(self, handshake: Handshake, setup: Setup) -> None:
        """The request is about to be sent."""
        if self._recording is not None:
            self._recording.begin(self._playground, handshake, setup)

    def add_event(self, event: Event, start_ns: int) -> None:
        """Keep an event."""
        if self._recording is not None:
            self._recording.add_event(event, start_ns)

    def finish(self, outcome: Mapping[str, Any]) -> None:
        """The run has ended."""
        self.outcome = outcome


@asynccontextmanager
async def saving(
    save: Save | None, scenario: Scenario, try_: Try, playground: Playground
) -> AsyncIterator[Kept]:
    """Keep the run that the body makes; without `finish`, it counts as cut short.

    Raises `NotFound` if the file is there already, and `CouldNotRun` if it cannot be written.
    """
    if save is None:
        yield Kept(None, playground)
        return
    find = None if save.keep_secrets else partial(secrets_of, scenario, also_published=save.redact_all)
    recording = Recording(save.path, scenario, try_, find, force=save.force)
    kept = Kept(recording, playground)
    flushing = asyncio.create_task(_flush(recording))
    try:
        try:
            yield kept
        finally:
            flushing.cancel()
            [problem] = await asyncio.gather(flushing, return_exceptions=True)
            recording.close(kept.outcome)
        if isinstance(problem, NotWritten):
            raise problem
    except FileIsThere as error:
        raise NotFound(str(error)) from error
    except NotWritten as error:
        raise CouldNotRun(str(error)) from error


async def _flush(recording: Recording) -> None:
    while True:
        await asyncio.sleep(FLUSH)
        recording.flush()
