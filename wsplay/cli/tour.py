"""The plain-text tour: what `wsplay` does without a terminal to draw on."""

from __future__ import annotations

import asyncio

from wsplay.cli.params import usable_scenario
from wsplay.cli.terminal import complain
from wsplay.scenario.library import Library


def take_tour(library: Library, scenario: str | None, engine: str) -> int:
    """Say that there is no terminal, and run the first try of each scenario. Exit codes as `run --all`."""
    from wsplay.cli.running import run_every

    complain(
        "No terminal here: this is the first try of each scenario, in plain text. "
        "See also: wsplay list, show, run, serve, token, --help."
    )
    chosen = library.scenarios if scenario is None else [usable_scenario(library, scenario)]
    return asyncio.run(run_every(chosen, engine=engine, timeout=None, as_json=False, only_first=True))
