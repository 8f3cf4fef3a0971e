"""The log records and warnings of server and app, as `server.log` events."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wsplay.server.child.copies import replaced_name
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import MODULE_PREFIX
from wsplay.server.ipc import Where


class EventHandler(logging.Handler):
    """Sends each record as an event. `scenario_file` returns the file of the loaded scenario."""

    def __init__(self, sender: Sender, scenario_file: Callable[[], str], level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._sender = sender
        self._scenario_file = scenario_file

    def emit(self, record: logging.LogRecord) -> None:
        try:
            name = record.name.removeprefix(MODULE_PREFIX)
            data = {"level": record.levelname, "logger": name, "message": record.getMessage().strip()}
            if replaced := replaced_name():
                data["replaced"] = replaced
            if record.exc_info and record.exc_info[0] is not None:
                data["traceback"] = logging.Formatter().formatException(record.exc_info)
        except Exception:  # noqa: BLE001 - as in logging's own handlers, a bad record must not raise in the app
            self.handleError(record)
            return
        source = None
        if record.pathname == self._scenario_file():
            source = Where(record.filename, record.lineno, record.funcName or "")
        self._sender.send_event("server.log", None, data, None, source, len(data["message"]))


@dataclass(frozen=True)
class RootState:
    """The root logger's handlers and level."""

    handlers: list[logging.Handler]
    level: int


class Logs:
    """Keeps log records coming as events, whatever logging configuration a scenario makes."""

    def __init__(self, sender: Sender, scenario_file: Callable[[], str]) -> None:
        self._handler = EventHandler(sender, scenario_file)
        server = logging.getLogger("uvicorn")
        server.handlers = [self._handler]
        server.setLevel(logging.INFO)
        server.propagate = False
        root = logging.getLogger()
        root.handlers = [self._handler]
        root.setLevel(logging.WARNING)
        logging.captureWarnings(True)
        self._basic_config = logging.basicConfig
        logging.basicConfig = self._basic_config_replacement

    def begin_load(self) -> RootState:
        """Reset the root logger to Python's defaults, for the next scenario. Returns its previous state."""
        root = logging.getLogger()
        state = RootState(list(root.handlers), root.level)
        root.handlers = [self._handler]
        root.setLevel(logging.WARNING)
        return state

    def undo_load(self, state: RootState) -> None:
        """Restore the previous state: the scenario did not load."""
        root = logging.getLogger()
        root.handlers = list(state.handlers)
        root.setLevel(state.level)

    def end_load(self) -> None:
        """Replace the console handlers that the scenario has set up with ours."""
        for logger in _loggers():
            self._replace_console(logger)

    def _basic_config_replacement(self, **options: Any) -> None:
        # basicConfig does nothing if the root logger has a handler; without wsplay, it would have none.
        root = logging.getLogger()
        if root.handlers == [self._handler]:
            root.handlers = []
        try:
            self._basic_config(**options)
        finally:
            self._replace_console(root)

    def _replace_console(self, logger: logging.Logger) -> None:
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
