"""What server and app log, and what they warn of, as `server.log`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import MODULE_PREFIX


class LinkHandler(logging.Handler):
    """Sends each record over the link. `file_of` gives the file of the scenario that runs."""

    def __init__(self, sender: Sender, file_of: Callable[[], str], level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._sender = sender
        self._file_of = file_of

    def emit(self, record: logging.LogRecord) -> None:
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
        self._sender.on_event("server.log", None, data, None, source, len(data["message"]))


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
        root = logging.getLogger()
        root.handlers = [self._handler]
        root.setLevel(logging.WARNING)
        logging.captureWarnings(True)
        self._basic_config = logging.basicConfig
        logging.basicConfig = self._basic_config_as_if_alone

    def begin_load(self) -> RootState:
        """The root logger as Python starts it, whatever the last scenario made of it."""
        root = logging.getLogger()
        state = RootState(list(root.handlers), root.level)
        root.handlers = [self._handler]
        root.setLevel(logging.WARNING)
        return state

    def undo_load(self, state: RootState) -> None:
        """The scenario did not load: what its predecessor had set up is back."""
        root = logging.getLogger()
        root.handlers = list(state.handlers)
        root.setLevel(state.level)

    def end_load(self) -> None:
        """Put the link in the place of the handlers the scenario has made that write to the console."""
        for logger in _loggers():
            self._adopt(logger)

    def _basic_config_as_if_alone(self, **options: Any) -> None:
        # basicConfig does nothing where the root logger has a handler; the scenario knows nothing of ours.
        root = logging.getLogger()
        if root.handlers == [self._handler]:
            root.handlers = []
        try:
            self._basic_config(**options)
        finally:
            self._adopt(root)

    def _adopt(self, logger: logging.Logger) -> None:
        kept = [handler for handler in logger.handlers if not _to_console(handler)]
        was_console = len(kept) < len(logger.handlers)
        if self._handler not in kept and (was_console or (not kept and logger is logging.root)):
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
