"""An event loop whose time can stand still, so that no timer of the server or of the app fires meanwhile.

uvicorn's pings and close limits, and the app's own `asyncio.timeout` and `asyncio.sleep`, go by it. What does
not stand still: `time.time()` (so the `exp` of a token), other processes, and threads.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable


class StillLoop(asyncio.SelectorEventLoop):
    """asyncio's loop. Until `stop_time` is called, nothing in it differs.

    While its time stands still, sockets and callbacks go on. Time that was lost is left out from then on.
    """

    def __init__(self) -> None:
        self._select = selectors.DefaultSelector()
        self._lost = 0.0
        self._still_since: float | None = None
        super().__init__(self._select)

    @property
    def still(self) -> bool:
        """Whether its time stands still."""
        return self._still_since is not None

    def stop_time(self) -> None:
        """Let time stand still from now on. For the loop's thread."""
        if self._still_since is not None:
            return
        now = self._still_since = self.time()
        # Attributes of this object, so that asyncio's own methods run while time goes on, at their own speed.
        self.time = lambda: now  # type: ignore[method-assign]
        self._select.select = _unhurried(self._select.select)  # type: ignore[method-assign,assignment]

    def let_time_go_on(self) -> None:
        """Go on at the time at which it stopped. For the loop's thread."""
        if self._still_since is None:
            return
        lost = self._lost = time.monotonic() - self._still_since
        self._still_since = None
        self.time = lambda: time.monotonic() - lost  # type: ignore[method-assign]
        del self._select.select


_Select = Callable[[float | None], list[tuple[selectors.SelectorKey, int]]]


def _unhurried(select: _Select) -> _Select:
    """`select` for a loop in which no timer becomes due: it would wait for the next again and again."""

    def wait(timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return select(None if timeout is None or timeout > 0 else timeout)

    return wait
