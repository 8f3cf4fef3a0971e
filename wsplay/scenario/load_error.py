"""The event in the server's lane for a scenario file that is broken, so that no server got to load it."""

from __future__ import annotations

from wsplay.events.event import Event, Lane, Source
from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario


def not_loaded_event(scenario: Scenario, t_ns: int) -> Event:
    """A note like that of a scenario that the server could not load. The scenario must have a `problem`."""
    problem = scenario.problem
    assert problem is not None
    data = {
        "why": "load failed",
        "scenario": scenario.name,
        "file": problem.file or scenario.file,
        "line": problem.line,
        "message": problem.message,
    }
    source = None if problem.line is None else Source(scenario.filename, problem.line, "")
    summary = visible(f"{scenario.name} did not load: {problem.message}", 200)
    return Event(t_ns, Lane.SERVER, "note", summary, None, None, data, source)
