"""The time of our own clients and runs: it stands still while something is held."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Clock:
    """A clock in seconds, for one event loop. While it stands still, none of its limits runs out.

    The loop itself goes on: the tap decodes, and the front ends are drawn.
    """

    def __init__(self) -> None:
        self._lost = 0.0  # seconds that it stood still so far
        self._still_since: float | None = None
        #: The limits that are running, with the seconds that are left of each while the clock stands still.
        self._limits: dict[asyncio.Timeout, float | None] = {}
        self._goes: asyncio.Event | None = None  # while it stands still

    @property
    def still(self) -> bool:
        """Whether it stands still."""
        return self._still_since is not None

    def time(self) -> float:
        """Seconds since some moment, without those in which it stood still."""
        now = asyncio.get_running_loop().time() if self._still_since is None else self._still_since
        return now - self._lost

    def stop(self) -> None:
        """Stand still from now on."""
        if self._still_since is not None:
            return
        now = self._still_since = asyncio.get_running_loop().time()
        self._goes = asyncio.Event()
        for limit in self._limits:
            self._halt(limit, now)

    def go_on(self) -> None:
        """Go on where it stopped."""
        if self._still_since is None or self._goes is None:
            return
        now = asyncio.get_running_loop().time()
        self._lost += now - self._still_since
        self._still_since = None
        self._goes.set()
        for limit, left in self._limits.items():
            # One that has a time meanwhile was ended on purpose.
            if left is not None and limit.when() is None and not limit.expired():
                limit.reschedule(now + left)
            self._limits[limit] = None

    async def goes(self) -> None:
        """Wait until it does not stand still."""
        while self._goes is not None and self._still_since is not None:
            await self._goes.wait()

    @contextlib.asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        """`asyncio.timeout(seconds)` by this clock."""
        async with asyncio.timeout(seconds) as limit:
            self._limits[limit] = None
            if self._still_since is not None:
                self._halt(limit, asyncio.get_running_loop().time())
            try:
                yield limit
            finally:
                del self._limits[limit]

    async def sleep(self, seconds: float) -> None:
        """`asyncio.sleep(seconds)` by this clock."""
        with contextlib.suppress(TimeoutError):
            async with self.timeout(seconds):
                await asyncio.get_running_loop().create_future()

    def _halt(self, limit: asyncio.Timeout, now: float) -> None:
        when = limit.when()
        if when is not None and not limit.expired():
            self._limits[limit] = when - now
            limit.reschedule(None)
