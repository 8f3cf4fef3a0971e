"""The choices in the main screen's palettes, in addition to its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from wsplay.events.safe_text import visible
from wsplay.export.request import FORMS
from wsplay.protocol.engine import ENGINES
from wsplay.protocol.routes import Route, shown
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Fixes
from wsplay.scenario.search import searched_text
from wsplay.tui.kit.commands import Choice, action

if TYPE_CHECKING:
    from wsplay.tui.main.changes import Change


def scenario_choices(scenarios: Sequence[Scenario]) -> Iterator[Choice]:
    """Open another scenario."""
    fixes = Fixes(scenarios)
    for scenario in scenarios:
        standing = fixes.of(scenario)
        about = scenario.group or scenario.filename
        if scenario.problem is not None:
            about = f"broken: {scenario.problem.message}"
        title = f"Scenario {_name(scenario)}  {standing.mark} {standing.words}".rstrip()
        words = searched_text(scenario, standing)
        yield Choice(title, about, action("open_scenario", scenario.name), words=words)


def partner_choices(partners: Iterable[Scenario], do: str) -> Iterator[Choice]:
    """Choose one of several scenarios that one fixes; `do` is the action for it."""
    for scenario in partners:
        yield Choice(_name(scenario), scenario.group or scenario.filename, action(do, scenario.name))


def _name(scenario: Scenario) -> str:
    number = "" if scenario.order is None else f"{scenario.order} "
    return f"{number}{scenario.title}"


def try_choices(scenario: Scenario | None) -> Iterator[Choice]:
    """Choose a try of the shown scenario, or run it."""
    for try_ in () if scenario is None else scenario.tries:
        name = try_.name
        yield Choice(f"Try: {name}", "Fill the client pane", action("choose_try", name))
        yield Choice(f"Run: {name}", "Fill the client pane and connect", action("choose_try", name, True))


def route_choices(routes: Iterable[Route], connect: bool) -> Iterator[Choice]:
    """Choose a route, and connect if asked to; of one that has a part to fill in, fill it in first."""
    for route in routes:
        if route.complete:
            about = "Connect" if connect else "Use this path"
            yield Choice(shown(route), about, action("use_path", route.path, connect))
        else:
            about = "Fill in the rest" if route.mount else "Fill in the parameter"
            yield Choice(
                shown(route),
                about,
                action("edit_path", f"{route.path.rstrip('/')}/" if route.mount else route.path),
            )


def picked_try_choices(scenario: Scenario) -> Iterator[Choice]:
    """The tries of a scenario by name alone."""
    for try_ in scenario.tries:
        yield Choice(try_.name, "Fill the client pane", action("choose_try", try_.name))


def engine_choices() -> Iterator[Choice]:
    """Run on another ASGI server."""
    for engine in ENGINES:
        yield Choice(f"Engine: {engine.label}", engine.about, action("use_engine", engine.name))


def keep_choice(keeps: bool) -> Choice:
    """Switch on or off that another scenario keeps the request."""
    if keeps:
        return Choice(
            "Keep my request: switch off", "A scenario fills in its first try", action("keep_request")
        )
    return Choice("Keep my request: switch on", "Another scenario keeps the request", action("keep_request"))


def copy_choices(address: str) -> Iterator[Choice]:
    """Copy the request, the address of the server, or the event under the cursor."""
    for form in FORMS:
        yield Choice(f"Copy the request as {form}", "From the client pane", action("copy_request", form))
    yield Choice("Copy the address", address, action("copy_address"))
    for form in ("text", "JSON"):
        yield Choice(f"Copy the event as {form}", "The event under the cursor", action("copy_event", form))


def change_choices(changes: Sequence[Change]) -> Iterator[Choice]:
    """Try one of several changes of the code."""
    for number, change in enumerate(changes):
        yield Choice(change.title, change.about, action("try_change", number))


def write_back_choices(name: str) -> Iterator[Choice]:
    """Write an edit to its file, or not."""
    yield Choice("Leave the file as it is", "Your edit stays", action("go", "endpoint"))
    yield Choice(
        f"Write it to {visible(name, 60)}", "The file's text is replaced", action("write_back", True)
    )


def save_choices() -> Iterator[Choice]:
    """Save the run, or open one."""
    yield Choice("Save the run", "As a run file, secrets redacted", action("save_run"))
    yield Choice("Open a run file", "Look at a recording, or play it", action("open_run_file"))
    yield Choice("Save the timeline as text", "In the current folder", action("save_text"))
