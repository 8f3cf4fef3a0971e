"""A playground that serves a file: prints the tap's port and the server's own, ends with its stdin.

python serve_file.py FILE
"""

import asyncio
import sys
from collections import deque

from wsplay.events.event import Event
from wsplay.play.playground import Playground
from wsplay.scenario.library import Library


async def main() -> None:
    events: deque[Event] = deque(maxlen=100_000)
    async with Playground(events.append) as playground:
        await playground.load(Library.find().get(sys.argv[1]))
        print(playground.address[1], playground._server.address[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
