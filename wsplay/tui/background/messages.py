"""What goes between the screen and the background thread: requests one way, items the other.

A request asks for something; what comes of it are items: events of `wsplay.events`, and between them the
messages below, all in one queue, in the order in which things happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wsplay.protocol.steps import Close, Ping, SendBinary, SendText

if TYPE_CHECKING:
    from wsplay.events.event import Event
    from wsplay.protocol.handshake import Handshake
    from wsplay.scenario.file import Scenario
    from wsplay.tui.background.job import Job

# -- requests: what the screen asks for; `what` names it for the user


@dataclass(frozen=True, slots=True)
class Start:
    """Start the server and load `scenario`, if there is one."""

    scenario: Scenario | None
    what: ClassVar[str] = "start"


@dataclass(frozen=True, slots=True)
class Load:
    """Load a scenario into the running server and begin an empty timeline. The newest such request counts."""

    scenario: Scenario
    what: ClassVar[str] = "load"


@dataclass(frozen=True, slots=True)
class UseEngine:
    """Go on with another ASGI server, and load the scenario there."""

    name: str
    what: ClassVar[str] = "switch the engine"


@dataclass(frozen=True, slots=True)
class Restart:
    """Kill the server, start it again, load the scenario again."""

    what: ClassVar[str] = "restart"


@dataclass(frozen=True, slots=True)
class Connect:
    """Begin a run: connect with these settings and take their steps. A connection before it is left."""

    handshake: Handshake
    attempt: str | None = None  # the name of the try it belongs to
    what: ClassVar[str] = "connect"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Leave the connection, whatever state it is in; or stop connecting."""

    what: ClassVar[str] = "disconnect"


@dataclass(frozen=True, slots=True)
class TakeStep:
    """Send a message, a ping or a close on the connection."""

    step: SendText | SendBinary | Ping | Close

    @property
    def what(self) -> str:
        return {Ping: "ping", Close: "close"}.get(type(self.step), "send")


@dataclass(frozen=True, slots=True)
class RunJob:
    """Hand the playground over for one job; what was loaded is loaded again after it.

    A connection of ours is left. What is observed meanwhile belongs to the job, and how the server is to the
    main screen as well.
    """

    job: Job

    @property
    def what(self) -> str:
        return self.job.what


@dataclass(frozen=True, slots=True)
class CancelJob:
    """End a job now, also one whose turn has not come. Nothing happens where it is over."""

    job: Job
    what: ClassVar[str] = "cancel"


Request = Start | Load | UseEngine | Restart | Connect | Disconnect | TakeStep | RunJob | CancelJob


class NotConnectedError(Exception):
    """What was asked for needs a connection or a server, and there is none."""


# -- items: what comes back


@dataclass(frozen=True, slots=True)
class Ready:
    """The server is up and reachable at `url`."""

    url: str
    engine: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The server could not be started; `port` tells that the public port was the reason."""

    reason: str
    port: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """The scenario is what the server answers with now."""

    scenario: Scenario


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """The scenario could not be loaded; the one before it is still there."""

    scenario: Scenario
    reason: str
    line: int | None


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A new timeline starts here: the events that follow are its own.

    `number` counts the runs of the main screen; it is 0 where no connection of ours was asked for, and for a
    job.
    """

    start_ns: int
    number: int = 0
    attempt: str | None = None
    standing: tuple[Event, ...] = ()  # what holds of the server from before (see `Playground.standing`)


@dataclass(frozen=True, slots=True)
class OwnNext:
    """The setup is done: the next connection that our client makes is the run's own."""


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The last item of a job: it is done, was cancelled, or failed; `problem` says why, in words."""

    problem: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A request raised what nobody expected; `what` is the request's."""

    what: str
    error: BaseException

    @property
    def words(self) -> str:
        """That as a line for the user."""
        if isinstance(self.error, NotConnectedError):
            return str(self.error)
        kind = type(self.error)
        return f"{self.what}: {kind.__module__}.{kind.__qualname__}: {self.error}"


@dataclass(frozen=True, slots=True)
class Lost:
    """Events thrown away because the screen did not fetch them in time."""

    count: int

    @property
    def words(self) -> str:
        """That as a line for the user."""
        return f"{self.count:,} events came faster than the screen could take them, and are lost"
