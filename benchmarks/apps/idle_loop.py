"""A loop with nothing to do but set the timer the watched app sets: it is as late as the machine makes it.

Ends with its stdin, and prints the longest it was late, in seconds.
"""

import asyncio
import sys

STEP = 0.004


async def main() -> None:
    loop = asyncio.get_running_loop()
    over = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    longest, before = 0.0, loop.time()
    while not over.done():
        await asyncio.sleep(STEP)
        now = loop.time()
        longest = max(longest, now - before - STEP)
        before = now
    print(longest, flush=True)


asyncio.run(main())
