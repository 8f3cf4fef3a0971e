"""What `wsplay` does where there is no terminal to draw on: every scenario's first try, in plain text."""

from __future__ import annotations

import asyncio

from wsplay.cli.params import usable_scenario
from wsplay.cli.terminal import complain
from wsplay.scenario.library import Library


def take_tour(library: Library, scenario: str | None, engine: str) -> int:
    """Say that there is no terminal, run the tour and return its exit code, as `run --all` would."""
    from wsplay.cli.running import run_every

    complain(
        "No terminal here, so no terminal UI: this is the plain-text tour. "
        "See also: wsplay list, show, run, serve, token, --help."
    )
    chosen = library.scenarios if scenario is None else [usable_scenario(library, scenario)]
    return asyncio.run(run_every(chosen, engine=engine, timeout=None, as_json=False, only_first=True))
