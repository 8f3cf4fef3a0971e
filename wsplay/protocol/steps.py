"""What a client does, step by step: before it connects, and once it is connected. To be matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.saved import Save


@dataclass(frozen=True, slots=True)
class SendText:
    """Send a text message."""

    text: str


@dataclass(frozen=True, slots=True)
class SendBinary:
    """Send a binary message."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a ping; `payload` is sent as UTF-8."""

    payload: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection (RFC 6455 section 7.1.2)."""

    code: int = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let `seconds` pass."""

    seconds: float


#: A step once connected. An HTTP request uses a separate connection.
Step = SendText | SendBinary | Ping | Close | Wait | HttpRequest


@dataclass(frozen=True, slots=True)
class Fetch:
    """Send a request and keep what `saves` names from the response."""

    request: HttpRequest
    saves: tuple[Save, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectTry:
    """Connect as another try of the scenario does, take its steps, and leave."""

    name: str


@dataclass(frozen=True, slots=True)
class JoinTry:
    """Connect `times` times as another try of the scenario does, and stay until the run ends."""

    name: str
    times: int = 1


#: A step before the client's own connection.
SetupStep = Fetch | ConnectTry | JoinTry | Wait


def fill_step(step: Step, expand: Callable[[str], str]) -> Step:
    """The step with each placeholder filled in by `expand`, whose exceptions pass through."""
    match step:
        case SendText(text):
            return SendText(expand(text))
        case Ping(payload):
            return Ping(expand(payload))
        case Close(code, reason):
            return Close(code, expand(reason))
        case HttpRequest():
            return step.filled(expand)
    return step


def step_texts(step: Step | SetupStep) -> Iterator[str]:
    """The texts that may contain placeholders."""
    match step:
        case SendText(text) | Ping(text) | Close(_, text):
            yield text
        case HttpRequest():
            yield from step.texts()
        case Fetch(request):
            yield from request.texts()
