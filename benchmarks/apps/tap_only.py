"""A tap in front of a port: prints its own port, then waits for the end of stdin.

python tap_only.py PORT
"""

import asyncio
import sys
from collections import deque

from wsplay.events.event import Event
from wsplay.wire.connections import Connections
from wsplay.wire.tap import Tap


async def main() -> None:
    events: deque[Event] = deque(maxlen=100_000)
    tap = Tap(events.append, connections=Connections())
    tap.upstream = ("127.0.0.1", int(sys.argv[1]))
    await tap.start("127.0.0.1", 0)
    print(tap.address[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await tap.aclose()


asyncio.run(main())
