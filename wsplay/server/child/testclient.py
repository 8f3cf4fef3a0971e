"""What Starlette's TestClient reports about a scenario, in a process of its own because it can hang.

Run as `python -m wsplay.server.child.testclient`. It reads one JSON object from stdin: what to connect with
(`file`, `source`, `target`, `headers`, `subprotocols`, `texts`). It writes one JSON line to stdout: what a
test sees.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import warnings
from typing import Any

from wsplay.server.child.loader import Loader, NotLoaded
from wsplay.server.child.stack import message_of, type_name

#: Messages that the test receives before it stops.
MAX_MESSAGES = 20
#: Seconds after which a test counts as hung.
LIMIT = 1.5


def main() -> None:
    request = json.load(sys.stdin)
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # the scenario's prints must not mix with the report
    warnings.simplefilter("ignore")
    report: dict[str, Any] = {"opened": False, "received": [], "close": None, "error": None, "hung": None}

    def send_report() -> None:
        output.write(json.dumps(report) + "\n")
        output.flush()
        os._exit(0)  # threads of a hung test would keep the process alive

    def give_up() -> None:
        report["hung"] = f"the test was still waiting after {LIMIT:g} s"
        send_report()

    watchdog = threading.Timer(LIMIT, give_up)
    watchdog.daemon = True
    try:
        loaded = Loader().load("scenario", request["file"], request["source"])
        _try(loaded.app, request, report, watchdog)
    except NotLoaded as error:
        report["error"] = {"type": error.exception, "message": error.message}
    except BaseException as error:  # noqa: BLE001 - a test would see it too
        report["error"] = {"type": type_name(error), "message": message_of(error)}
        code = getattr(error, "code", None)
        if isinstance(code, int) and type(error).__name__ == "WebSocketDisconnect":
            report["close"] = {"code": code, "reason": getattr(error, "reason", "") or ""}
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            report["status"] = status
    send_report()


def _try(app: Any, request: dict[str, Any], report: dict[str, Any], watchdog: threading.Timer) -> None:
    """Connect as a test does, send the texts, and receive until the endpoint is done."""
    from starlette.testclient import TestClient

    client = TestClient(app)
    headers = dict(
        request["headers"]
    )  # TestClient takes a mapping: of two headers with one name, the last counts
    watchdog.start()
    with client.websocket_connect(
        request["target"], subprotocols=request["subprotocols"] or None, headers=headers
    ) as session:
        report["opened"] = True
        for text in request["texts"]:
            session.send_text(text)
        while len(report["received"]) < MAX_MESSAGES:
            report["received"].append(session.receive_text())


if __name__ == "__main__":
    main()
