"""The parent's side of TestClient: ask a fresh process what a test would report, with a limit."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import SendText

#: Seconds the process may take in all, its imports included.
LIMIT = 20.0


class TestClientError(Exception):
    """TestClient could not be asked. The message says why."""


async def ask_test_client(
    file: str, source: str, handshake: Handshake, limit: float = LIMIT
) -> dict[str, Any]:
    """What Starlette's TestClient reports for this handshake.

    Returns `{"opened", "received", "close": {"code", "reason"} | null, "error": {"type", "message"} | null,
    "hung": str | null}`, and `"status"` for a denial. Raises `ObserverError` where no answer comes.
    """
    asked = {
        "file": file,
        "source": source,
        "target": handshake.target,
        "headers": [list(pair) for pair in handshake.headers],
        "subprotocols": list(handshake.subprotocols),
        "texts": [step.text for step in handshake.steps if isinstance(step, SendText)],
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wsplay.server.child.testclient",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit):
            output, complaint = await process.communicate(json.dumps(asked).encode())
    except TimeoutError as error:
        raise TestClientError(f"TestClient gave no answer within {limit:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        answer = json.loads(output)
    except ValueError as error:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise TestClientError(
            f"TestClient could not be asked: {last or f'exit {process.returncode}'}"
        ) from error
    if not isinstance(answer, dict):
        raise TestClientError("TestClient answered with something that is no report")
    return answer
