"""Turns a scenario's source into an app: compiled with its file name, run as a module of its own."""

from __future__ import annotations

import importlib
import inspect
import linecache
import os
import re
import sys
import traceback
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from wsplay.server.child.calls import Calls
from wsplay.server.child.copies import Copy
from wsplay.server.child.stack import MODULE_PREFIX, exception_data, message_of, type_name
from wsplay.server.child.trace import App
from wsplay.server.child.user_files import UserFiles, is_inside


class NotLoaded(Exception):
    """The scenario has no usable app. `file` is the user's file with the mistake; `line` counts from 1.

    `files` are those that the exception passed through, and the user's modules that were imported.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str,
        line: int | None = None,
        function: str = "",
        exception: str = "",
        traceback: str = "",
        hint: str = "",
        files: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.files = frozenset((file, *files))
        self.message = message
        self.file = file
        self.line = line
        self.function = function
        self.exception = exception
        self.traceback = traceback
        self.hint = hint


@dataclass
class LoadedApp:
    """An app and where it came from. `files` are its file and the modules beside that which it imported."""

    name: str
    file: str
    app: App
    files: frozenset[str]
    state: dict[str, Any] = field(default_factory=dict)  # the lifespan state, for each scope
    calls: Calls = field(default_factory=Calls)
    copy: Copy = field(init=False)
    user_files: UserFiles = field(init=False)

    def __post_init__(self) -> None:
        self.user_files = UserFiles(self.file)
        self.copy = Copy(self.name)


class Loader:
    """Loads one scenario after the other into this process, each as if it were the only one."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._siblings: dict[str, types.ModuleType] = {}
        #: The file of the scenario that is being loaded or was loaded last.
        self.file = ""

    def load(self, name: str, file: str, source: str) -> LoadedApp:
        """Run `source` as the module `file`; return its `app`. Raises NotLoaded and changes nothing then."""
        with self._isolated(file):
            code = _compiled(file, source)
            module_name = MODULE_PREFIX + re.sub(r"\W", "_", os.path.splitext(os.path.basename(file))[0])
            module = types.ModuleType(module_name)
            module.__file__ = file
            before = set(sys.modules)
            replaced = sys.modules.get(module_name)
            sys.modules[module_name] = module  # dataclasses and pydantic look up annotations there
            try:
                _run(code, module, file)
                app = _find_app(module, file)
            except NotLoaded as problem:
                folder = os.path.dirname(file)
                files = {name for name in problem.files if is_inside(name, folder)}
                sys.modules.pop(module_name, None)
                if replaced is not None:
                    sys.modules[module_name] = replaced
                for fresh in set(sys.modules) - before:
                    if _beside(sys.modules[fresh], folder):
                        files.add(str(sys.modules.pop(fresh).__file__))
                problem.files = frozenset(files)
                raise
            self._siblings = {
                fresh: found
                for fresh in set(sys.modules) - before - {module_name}
                if _beside(found := sys.modules[fresh], os.path.dirname(file))
            }
            files = {file, *(str(sibling.__file__) for sibling in self._siblings.values())}
            return LoadedApp(name, file, app, frozenset(files))

    @contextmanager
    def _isolated(self, file: str) -> Iterator[None]:
        """Put the file's folder first on sys.path, and remove the last scenario's sibling modules. A failure
        undoes both.
        """
        path, argv, siblings, previous = list(sys.path), sys.argv, self._siblings, self.file
        lines = linecache.cache.get(file)
        folder = os.path.dirname(file)
        if self._folder is not None and self._folder in sys.path:
            sys.path.remove(self._folder)
        sys.path.insert(0, folder)
        sys.argv = [file]
        for name in siblings:
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        self.file = file
        try:
            yield
        except BaseException:
            sys.path[:], sys.argv, self.file = path, argv, previous
            sys.modules.update(siblings)
            linecache.cache.pop(file, None)
            if lines is not None:
                linecache.cache[file] = lines
            raise
        self._folder = folder


def _compiled(file: str, source: str) -> types.CodeType:
    # Tracebacks read the text from here and not from the disk: it may be edited and not saved.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        return compile(source, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _not_loaded(error, file) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise NotLoaded(message_of(error), file=file, exception=type_name(error)) from None


def _run(code: types.CodeType, module: types.ModuleType, file: str) -> None:
    try:
        exec(code, module.__dict__)
    except BaseException as error:  # noqa: BLE001 - sys.exit() and the like must not end the server
        raise _not_loaded(error, file) from None


def _not_loaded(error: BaseException, file: str) -> NotLoaded:
    name = type_name(error)
    if isinstance(error, SyntaxError) and error.filename is not None and error.lineno is not None:
        text = "".join(traceback.format_exception_only(error))
        return NotLoaded(
            error.msg, file=error.filename, line=error.lineno, exception=name, traceback=text, files=(file,)
        )
    data, _ = exception_data(error, error.__traceback__, UserFiles(file))
    mine: dict[str, Any] = next((frame for frame in reversed(data["frames"]) if frame["file"] == file), {})
    hint = ""
    message = message_of(error)
    if isinstance(error, SystemExit | KeyboardInterrupt):
        hint = "The file exits while it is imported."
        message = f"code {message}" if message else message
    elif "asyncio.run() cannot be called" in message:
        hint = 'Start the server under `if __name__ == "__main__":` only; wsplay serves `app` itself.'
    return NotLoaded(
        message,
        file=file,
        line=mine.get("line"),
        function=mine.get("function", ""),
        exception=name,
        traceback=data["traceback"],
        hint=hint,
        files={str(frame["file"]) for frame in data["rest"]},
    )


def _find_app(module: types.ModuleType, file: str) -> App:
    from fastapi import APIRouter
    from starlette.applications import Starlette

    if not hasattr(module, "app"):
        others = [name for name, value in vars(module).items() if isinstance(value, Starlette)]
        hint = f"Name it so: `app = {others[0]}`." if others else "Add `app = FastAPI()`."
        raise NotLoaded("there is no `app` in this file.", file=file, hint=hint)
    app = module.app
    kind = type(app).__name__
    if isinstance(app, APIRouter):
        hint = "Give it one: `app = FastAPI()`, then `app.include_router(...)`."
        raise NotLoaded("`app` is an APIRouter, which needs an app.", file=file, hint=hint)
    if inspect.isclass(app) and not hasattr(app, "__await__"):
        hint = f"Make one: `app = {app.__name__}()`."
        raise NotLoaded(f"`app` is the class {app.__name__}, not an app.", file=file, hint=hint)
    if not callable(app):
        hint = "It must be a FastAPI or Starlette app or an ASGI callable."
        raise NotLoaded(f"`app` cannot be called: it is of type {kind}.", file=file, hint=hint)
    found: App = app
    return found


def _beside(module: types.ModuleType | None, folder: str) -> bool:
    """Whether a module is the user's: its file is in the scenario's folder, and not installed there."""
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and is_inside(file, folder)
