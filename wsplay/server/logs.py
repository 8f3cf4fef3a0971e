"""What server and app log, and what they warn of, as `server.log`."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wsplay.server.frames import MODULE_PREFIX
from wsplay.server.sender import Sender


class LinkHandler(logging.Handler):
    """Sends each record over the link. `file_of` gives the file of the scenario that runs."""

    def __init__(self, sender: Sender, file_of: Callable[[], str], level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._sender = sender
        self._file_of = file_of

    def emit(self, record: logging.LogRecord) -> None:
        t_ns = time.perf_counter_ns()
        try:
            name = record.name.removeprefix(MODULE_PREFIX)
            data = {"level": record.levelname, "logger": name, "message": record.getMessage().strip()}
            if record.exc_info and record.exc_info[0] is not None:
                data["traceback"] = logging.Formatter().formatException(record.exc_info)
        except Exception:  # noqa: BLE001 - as logging's own handlers: a bad record must not break who logs
            self.handleError(record)
            return
        source = None
        if record.pathname == self._file_of():
            source = (record.filename, record.lineno, record.funcName or "")
        self._sender.observe("server.log", t_ns, None, data, None, source, len(data["message"]))


@dataclass(frozen=True)
class RootState:
    """The root logger's handlers and level."""

    handlers: list[logging.Handler]
    level: int


class Logs:
    """Keeps logging connected to the link while scenarios come, configure it, and go."""

    def __init__(self, sender: Sender, file_of: Callable[[], str]) -> None:
        self._handler = LinkHandler(sender, file_of)
        server = logging.getLogger("uvicorn")
        server.handlers = [self._handler]
        server.setLevel(logging.INFO)
        server.propagate = False
        # What no handler takes: Python shows warnings and worse.
        logging.lastResort = LinkHandler(sender, file_of, logging.WARNING)
        logging.captureWarnings(True)

    def begin_load(self) -> RootState:
        """A clean root logger, so that a scenario's own `basicConfig` takes effect."""
        root = logging.getLogger()
        state = RootState(list(root.handlers), root.level)
        root.handlers = []
        root.setLevel(logging.WARNING)
        return state

    def undo_load(self, state: RootState) -> None:
        """The scenario did not load: what its predecessor had set up is back."""
        root = logging.getLogger()
        root.handlers = list(state.handlers)
        root.setLevel(state.level)

    def end_load(self) -> None:
        """Put the link in the place of every handler the scenario has made that writes to the console."""
        for logger in _loggers():
            kept = [handler for handler in logger.handlers if not _to_console(handler)]
            for handler in logger.handlers:
                if handler not in kept and not any(isinstance(k, LinkHandler) for k in kept):
                    kept.append(self._handler)
            logger.handlers = kept


def _loggers() -> Iterator[logging.Logger]:
    yield logging.getLogger()
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            yield logger


def _to_console(handler: logging.Handler) -> bool:
    if not isinstance(handler, logging.StreamHandler) or isinstance(handler, logging.FileHandler):
        return False
    return handler.level == logging.NOTSET and handler.stream in (sys.stdout, sys.stderr)
