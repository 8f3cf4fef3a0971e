"""A run that is written to a run file while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import wsplay
from wsplay.events.event import Event
from wsplay.export.run_file import VERSION
from wsplay.export.run_writer import RunWriter
from wsplay.export.secrets import Secrets
from wsplay.files.small_file import NotReadable, read_small_file
from wsplay.play.playground import CLIENT, Playground
from wsplay.play.setup import Setup
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try
from wsplay.scenario.published import published_by
from wsplay.scenario.request_table import request_table
from wsplay.scenario.source import read_source

#: Bytes of other files than the scenario's own that are kept, in all.
SOURCES_LIMIT: Final = 1_000_000


class Recording:
    """Writes the run of a try to `path`.

    The file begins once the request is known (`begin`): setup steps come before it, and their events wait
    until then. `find_secrets` makes the secrets that are replaced, from the tokens that were minted; None
    keeps all.
    """

    def __init__(
        self,
        path: Path,
        scenario: Scenario,
        try_: Try,
        find_secrets: Callable[[Set[str]], Secrets] | None,
        *,
        force: bool = False,
    ) -> None:
        self._path = path
        self._scenario, self._try = scenario, try_
        self._find_secrets = find_secrets
        self._force = force
        self._started = datetime.now(UTC)
        self._waiting: list[tuple[Event, int]] = []
        self._writer: RunWriter | None = None

    def begin(self, playground: Playground, handshake: Handshake, setup: Setup) -> None:
        """Begin the file: `handshake` is the request as it is sent. Raises `RunWriter`'s `NotWritten`."""
        filled_in = setup.filled_in
        header = run_header(self._scenario, self._try.name, handshake, playground, self._started, filled_in)
        secrets = None if self._find_secrets is None else self._find_secrets(setup.minted.keys())
        self._writer = RunWriter(self._path, header, secrets, force=self._force)
        for event, start_ns in self._waiting:
            self._writer.add_event(event, start_ns)
        self._waiting.clear()

    def add_event(self, event: Event, start_ns: int) -> None:
        """Add an event of the run that began at `start_ns`."""
        if self._writer is None:
            self._waiting.append((event, start_ns))
        else:
            self._writer.add_event(event, start_ns)

    def flush(self) -> None:
        """What was added is in the file now."""
        if self._writer is not None:
            self._writer.flush()

    def close(self, outcome: Mapping[str, Any] | None) -> None:
        """End the file with the outcome. Without one the run was cut short."""
        if self._writer is None:
            return
        if outcome is not None:
            self._writer.add_outcome(outcome)
        self._writer.close(whole=outcome is not None)


def secrets_of(scenario: Scenario, minted: Set[str], *, also_published: bool = False) -> Secrets:
    """The secrets of a run of this scenario, to be found and replaced.

    `minted` are the tokens that were minted from it. They are no secrets if it came with wsplay, and neither
    is what stands in its text, unless `also_published`.
    """
    attack = scenario.attack
    headers = (attack.name,) if attack is not None and attack.place == "header" else ()
    public = (lambda value: False) if also_published else published_by(scenario, minted)
    secrets = Secrets(headers=headers, is_public=public)
    if scenario.tokens is not None:
        secrets.add(scenario.tokens.secret)
    return secrets


def run_header(
    scenario: Scenario,
    try_name: str,
    handshake: Handshake,
    playground: Playground,
    started: datetime,
    filled_in: Mapping[str, str],
    source: str | None = None,
) -> dict[str, Any]:
    """The first line of a run file.

    `filled_in` are the values in the request that were made for this run, with their placeholders. `source`
    is the text that was served, if it is not the file's.
    """
    request = request_table(handshake)
    text = scenario.source if source is None else source
    return {
        "kind": "run",
        "v": VERSION,
        "wsplay": wsplay.__version__,
        "started": started.isoformat(timespec="milliseconds"),
        "name": f"{scenario.name} @ {try_name}" if try_name else scenario.name,
        "target": scenario.name,
        "try": try_name or None,
        "engine": playground.engine,
        "versions": dict(playground.versions),
        "request": request,
        "minted": [{"placeholder": name, "value": value} for value, name in filled_in.items()],
        "source": {"file": scenario.filename, "text": text, "code": _code(scenario, text)},
        "sources": _other_sources(scenario, playground),
        "clients": [{"client": CLIENT, "try": try_name or None, "request": request}],
        "edited": text != scenario.source,
        "standing": [{**event.to_json(event.t_ns), "seq": 0} for event in playground.standing],
    }


def _code(scenario: Scenario, text: str) -> list[int]:
    """The first and the last line of the code: without the docstring above and the metadata below."""
    code = scenario.code
    if text != scenario.source:
        code = read_source(text, lambda message, line: None)[2]
    return [code.first_line(text), text.count("\n", 0, len(text[: code.end].rstrip())) + 1]


def _other_sources(scenario: Scenario, playground: Playground) -> list[dict[str, str]]:
    """The user's other files, called as the events call them: by their path from the scenario's folder."""
    folder = Path(scenario.file).resolve().parent
    found: list[dict[str, str]] = []
    left = SOURCES_LIMIT
    for file in sorted(playground.files):
        path = Path(file).resolve()
        if path == Path(scenario.file).resolve() or not path.is_relative_to(folder):
            continue
        try:
            text = read_small_file(path, left).decode()
        except (NotReadable, FileNotFoundError, UnicodeDecodeError):
            continue  # events that point to it show their line numbers only
        left -= len(text.encode())
        found.append({"file": path.relative_to(folder).as_posix(), "text": text})
    return found
