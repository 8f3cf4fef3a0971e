"""What Starlette's TestClient reports of a scenario, in a process of its own: it can hang.

Run as `python -m wsplay.server.child.testclient`: one JSON object on standard input says what to try (`file`,
`source`, `target`, `headers`, `subprotocols`, `texts`), one JSON line on standard output what a test sees.
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

#: Messages a test is taken to receive before it stops listening.
MAX_MESSAGES = 20
#: Seconds of waiting after which a test is taken to hang.
PATIENCE = 1.5


def main() -> None:
    asked = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # the scenario's prints must not mix with the answer
    warnings.simplefilter("ignore")
    report: dict[str, Any] = {"opened": False, "received": [], "close": None, "error": None, "hung": None}

    def say() -> None:
        answer.write(json.dumps(report) + "\n")
        answer.flush()
        os._exit(0)  # a hanging test leaves threads that would not end

    def give_up() -> None:
        report["hung"] = f"the test was still waiting after {PATIENCE:g} s"
        say()

    watchdog = threading.Timer(PATIENCE, give_up)
    watchdog.daemon = True
    try:
        loaded = Loader().load("scenario", asked["file"], asked["source"])
        _try(loaded.app, asked, report, watchdog)
    except NotLoaded as error:
        report["error"] = {"type": error.exception, "message": error.message}
    except BaseException as error:  # noqa: BLE001 - whatever a test would see is the answer
        report["error"] = {"type": type_name(error), "message": message_of(error)}
        code = getattr(error, "code", None)
        if isinstance(code, int) and type(error).__name__ == "WebSocketDisconnect":
            report["close"] = {"code": code, "reason": getattr(error, "reason", "") or ""}
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            report["status"] = status
    say()


def _try(app: Any, asked: dict[str, Any], report: dict[str, Any], watchdog: threading.Timer) -> None:
    """Connect as a test does, send what the try sends, and receive until the endpoint is done."""
    from starlette.testclient import TestClient

    client = TestClient(app)
    headers = dict(asked["headers"])  # it takes a mapping, so the last of two with one name stands
    watchdog.start()
    with client.websocket_connect(
        asked["target"], subprotocols=asked["subprotocols"] or None, headers=headers
    ) as session:
        report["opened"] = True
        for text in asked["texts"]:
            session.send_text(text)
        while len(report["received"]) < MAX_MESSAGES:
            report["received"].append(session.receive_text())


if __name__ == "__main__":
    main()
