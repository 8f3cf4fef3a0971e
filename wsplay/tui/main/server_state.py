"""The server's state, from the events of its lane: whether it is up, and which engine it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from wsplay.events.event import Event


class Phase(StrEnum):
    """What the server is doing."""

    STARTING = "starting"
    LISTENING = "listening"
    STALLED = "stalled"
    EXITED = "exited"
    FAILED = "not started"


@dataclass(frozen=True, slots=True)
class ServerState:
    """The server's state according to the events so far."""

    phase: Phase = Phase.STARTING
    detail: str = ""  # why it stalled or exited, in a few words
    engine: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    url: str = ""  # the address for clients; empty until it is known
    warning: str = ""  # what other machines can do; empty if they cannot connect

    @property
    def up(self) -> bool:
        """Whether it can serve requests."""
        return self.phase is Phase.LISTENING


def after(state: ServerState, event: Event) -> ServerState:
    """The state after `event`; the same object if it changes nothing."""
    data = event.data
    match event.kind:
        case "server.starting":
            engine = str(data.get("engine") or state.engine)
            return replace(state, phase=Phase.STARTING, detail="", engine=engine)
        case "server.listening":
            versions = data.get("versions")
            return replace(
                state,
                phase=Phase.LISTENING,
                detail="",
                engine=str(data.get("engine") or state.engine),
                versions=versions if isinstance(versions, Mapping) else state.versions,
            )
        case "server.stalled":
            where = f" at line {event.source.line}" if event.source is not None else ""
            return replace(state, phase=Phase.STALLED, detail=f"the endpoint blocks the event loop{where}")
        case "server.exited":
            if data.get("expected"):
                return state
            told = data.get("signal") or f"code {data.get('code')}"
            return replace(state, phase=Phase.EXITED, detail=f"the server's process ended with {told}")
        case "note" if data.get("why") == "recovered" and state.phase is Phase.STALLED:
            return replace(state, phase=Phase.LISTENING, detail="")
    return state
