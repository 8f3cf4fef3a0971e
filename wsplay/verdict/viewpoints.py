"""One run from each viewpoint: on the wire, in a browser's script, in Starlette's TestClient.

Each is an `Outcome`, so that one claim can be compared with all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from wsplay.events.lenient import Received
from wsplay.verdict.outcome import Close, Failure, Outcome

#: Viewpoint -> its name. The wire is what the run's client saw; the browser is derived, not observed.
VIEWPOINTS: Mapping[str, str] = {
    "wire": "on the wire",
    "browser": "in a browser (per spec)",
    "testclient": "in Starlette's TestClient",
}


def as_browser(outcome: Outcome) -> Outcome:
    """What a browser's script sees of the run: no status, no headers, no body, and its own close code."""
    seen = outcome.browser
    close = None if seen.code is None else Close(seen.code, seen.reason or "")
    return dataclasses.replace(
        outcome,
        status=101 if seen.opened else None,
        opened=seen.opened,
        received=seen.received,
        received_count=len(seen.received),
        close=close,
        client_error=None,
        server_error=None,  # a script cannot see it
        body=None,
        ended="closed" if close is not None else outcome.ended,
    )


def as_test_client(outcome: Outcome, report: Mapping[str, Any]) -> Outcome:
    """What a test sees, from TestClient's own report (see `server.parent.ask_testclient`)."""
    error, close = report.get("error"), report.get("close")
    texts = [str(text) for text in report.get("received", ())]
    received = tuple(Received(text=text, size=len(text.encode())) for text in texts)
    failure = None if error is None else Failure(str(error.get("type")), str(error.get("message")))
    if close is not None:
        ended = "closed"
    elif "status" in report:
        ended = "refused"
    else:
        ended = "open" if report.get("hung") else "dropped"
    return dataclasses.replace(
        outcome,
        status=report.get("status") or (101 if report.get("opened") else None),
        opened=bool(report.get("opened")),
        received=received,
        received_count=len(received),
        close=None if close is None else Close(int(close["code"]), str(close["reason"]), "server"),
        client_error=failure,
        server_error=None if close is not None or "status" in report else failure,
        body=None,
        ended=ended,
    )
