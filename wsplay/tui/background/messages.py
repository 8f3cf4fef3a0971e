"""What goes between the screen and the background thread: requests one way, items the other.

A request asks for something; the answers are items: events of `wsplay.events`, and between them the
messages below, all in one queue, in the order in which things happened.

All are named tuples: they are made before the first paint, and a frozen dataclass takes five times as long to
make (1.2 ms against 0.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from wsplay.events.event import Event
    from wsplay.protocol.handshake import Handshake
    from wsplay.protocol.hold_points import HoldPoints
    from wsplay.protocol.steps import Close, Ping, SendBinary, SendText
    from wsplay.protocol.waiting import Waiting
    from wsplay.scenario.file import Scenario
    from wsplay.tui.background.job import Job

# -- requests: what the screen asks for


class Start(NamedTuple):
    """Start the server and load `scenario`, if there is one."""

    scenario: Scenario | None


class Load(NamedTuple):
    """Load a scenario into the running server and begin an empty timeline. The newest such request counts.

    With `edited`, it is another text of the loaded scenario: our connection is not closed first, so that the
    timeline shows how the server closes it.
    """

    scenario: Scenario
    edited: bool = False


class UseEngine(NamedTuple):
    """Switch to another ASGI server, and load the scenario there."""

    name: str


class Restart(NamedTuple):
    """Kill the server, start it again, load the scenario again."""


class Connect(NamedTuple):
    """Begin a run: connect with these settings and take their steps. An earlier connection is closed."""

    handshake: Handshake
    try_name: str | None = None  # the name of the try it belongs to
    edited_from: str | None = None  # or of the try that it was, until the user edited it
    minted: Mapping[str, str] = {}  # tokens that were minted for it, each with its placeholder


class Disconnect(NamedTuple):
    """Disconnect in any state, or stop connecting."""


class TakeStep(NamedTuple):
    """Send a message, a ping or a close on the connection."""

    step: SendText | SendBinary | Ping | Close


class Hold(NamedTuple):
    """Hold at these points from now on, whoever connects; nothing if there are none."""

    points: HoldPoints


class Decide(NamedTuple):
    """Let what waits with this id pass, or drop it. Nothing happens if it does not wait any more."""

    number: int
    what: Literal["step", "drop"]


class EditHead(NamedTuple):
    """Let the request that waits with this id pass with another head."""

    number: int
    head: bytes


class RunJob(NamedTuple):
    """Give the playground to one job; the scenario is loaded again after it. Our connection is closed. Events
    meanwhile belong to the job; those about the server go to the main screen as well. Nothing is held then.
    """

    job: Job


class RunBeside(NamedTuple):
    """Run a job on a server of its own, on the engine of that name; the main one goes on as it is."""

    job: Job
    engine: str


class CancelJob(NamedTuple):
    """End a job now, even if it has not started. Nothing happens if it is over."""

    job: Job


Request = (
    Start
    | Load
    | UseEngine
    | Restart
    | Connect
    | Disconnect
    | TakeStep
    | Hold
    | Decide
    | EditHead
    | RunJob
    | RunBeside
    | CancelJob
)


def name_of(request: object) -> str:
    """A request in words, for the user."""
    match request:
        case UseEngine():
            return "switch the engine"
        case TakeStep():
            return what_by_hand(request.step)
        case Decide():
            return request.what
        case EditHead():
            return "edit the request"
        case RunJob() | RunBeside():
            return request.job.what
        case CancelJob():
            return "cancel"
    return type(request).__name__.lower()


def what_by_hand(step: SendText | SendBinary | Ping | Close) -> Literal["send", "ping", "close"]:
    """What the user does with a step."""
    match type(step).__name__:
        case "Ping":
            return "ping"
        case "Close":
            return "close"
    return "send"


class NotConnectedError(Exception):
    """The request needs a connection or a server, and there is none."""


# -- items: what comes back


class Ready(NamedTuple):
    """The server is up and reachable at `url`; `warning` says what other machines can do, if they can."""

    url: str
    engine: str
    versions: Mapping[str, str]
    warning: str = ""


class NotStarted(NamedTuple):
    """The server could not be started; `port` is true if the public port was the reason."""

    reason: str
    port: bool


class Loaded(NamedTuple):
    """The server now runs this scenario, or none (a new process, or one that has ended). `files` are the
    user's files that it consists of, `routes` its app's (see `wsplay.protocol.routes`).
    """

    scenario: Scenario | None
    files: frozenset[str] = frozenset()
    routes: Sequence[Any] = ()


class NotLoaded(NamedTuple):
    """The scenario could not be loaded; what the newest `Loaded` says is still running."""

    scenario: Scenario
    reason: str
    line: int | None
    files: frozenset[str] = frozenset()


class RunBegan(NamedTuple):
    """A new timeline starts here: the events that follow are its own.

    `number` counts the runs of the main screen; it is 0 without a connection of ours, and for a job.
    """

    start_ns: int
    number: int = 0
    try_name: str | None = None
    standing: tuple[Event, ...] = ()  # the server's state from before (see `Playground.standing`)
    edited_from: str | None = None  # as in `Connect`


class Held(NamedTuple):
    """Where the user holds, and what waits now, oldest first."""

    points: HoldPoints
    waiting: tuple[Waiting, ...] = ()


class RunAsked(NamedTuple):
    """What the run was asked for, as the header of a run file has it, and which scenario it is one of.

    `minted` are the tokens that were minted from the scenario.
    """

    header: Mapping[str, Any]
    scenario: Scenario
    minted: frozenset[str] = frozenset()


class PathWanted(NamedTuple):
    """There was no connection: the request names no path, and the app's `routes` leave a choice."""

    routes: Sequence[Any]


class ByHand(NamedTuple):
    """The user acts on the run's connection: from here on it is not the try's alone."""

    what: Literal["send", "ping", "close", "disconnect", "drop", "edit"]


class OwnNext(NamedTuple):
    """The setup is done: the next connection that our client makes is the run's own."""


class Failed(NamedTuple):
    """A request raised an unexpected exception; `what` names the request."""

    what: str
    error: BaseException

    @property
    def words(self) -> str:
        """One line for the user."""
        if isinstance(self.error, NotConnectedError):
            return str(self.error)
        kind = type(self.error)
        return f"{self.what}: {kind.__module__}.{kind.__qualname__}: {self.error}"


class Lost(NamedTuple):
    """Events dropped because the screen did not fetch them in time."""

    events: int

    @property
    def words(self) -> str:
        """One line for the user."""
        return f"{self.events:,} events arrived faster than the screen could show them, and were dropped"
