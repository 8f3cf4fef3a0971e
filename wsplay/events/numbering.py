"""The numbers of a run's events: given once, by the playground, to each event that it hands over."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.events.event import Event


@dataclass(slots=True)
class Numbering:
    """The state of a run: when it began, and how many events and connections it has so far."""

    start_ns: int
    events: int = 0
    connections: int = 0

    def number(self, event: Event, client: str | None = None) -> Event:
        """The event with the next number, the first one has 1, and the client that made its connection."""
        self.events += 1
        return event.numbered(self.events, client)
