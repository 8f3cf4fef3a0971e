"""Asks a process of its own what a test with Starlette's TestClient would see, with a time limit."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from typing import Any

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import SendText
from wsplay.server.parent.detached import VARIABLE, end_marked

#: Seconds that the process may take, imports included.
LIMIT = 20.0


class TestClientError(Exception):
    """There is no report from TestClient. The message says why."""


async def ask_test_client(
    file: str, source: str, handshake: Handshake, limit: float = LIMIT
) -> dict[str, Any]:
    """What Starlette's TestClient reports for this handshake.

    Returns `{"opened", "received", "close": {"code", "reason"} | null, "error": {"type", "message"} | null,
    "hung": str | null}`, and `"status"` for a denial response. Raises `TestClientError` without a report.
    """
    request = {
        "file": file,
        "source": source,
        "target": handshake.target,
        "headers": [list(pair) for pair in handshake.headers],
        "subprotocols": list(handshake.subprotocols),
        "texts": [step.text for step in handshake.steps if isinstance(step, SendText)],
    }
    mark = secrets.token_hex(8)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wsplay.server.child.testclient",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, VARIABLE: mark},
    )
    try:
        async with asyncio.timeout(limit):
            output, errors = await process.communicate(json.dumps(request).encode())
    except TimeoutError as error:
        raise TestClientError(f"TestClient did not finish within {limit:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        end_marked(mark)
    try:
        report = json.loads(output)
    except ValueError as error:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        raise TestClientError(f"TestClient failed: {last or f'exit {process.returncode}'}") from error
    if not isinstance(report, dict):
        raise TestClientError("TestClient failed: its report is not an object")
    return report
