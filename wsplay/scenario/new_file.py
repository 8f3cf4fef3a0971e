"""A new scenario of the user's, made from a text: its own title, its own file, never over another one."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Container
from pathlib import Path
from typing import Any, Final

from wsplay.events.safe_text import visible
from wsplay.scenario.block import Problem, ScriptBlock, find_block, read_toml
from wsplay.scenario.file import Scenario, parse_scenario, title_from

#: The topic of a scenario that the user made; it is listed under it.
OWN_TOPIC: Final = "my own"
#: The longest name.
MAX_NAME: Final = 60
#: Modules that a scenario imports: a file with such a name would be imported instead.
_IMPORTED: Final = frozenset(
    (
        *("fastapi", "starlette", "uvicorn", "websockets", "wsproto", "pydantic", "pydantic_core", "anyio"),
        *("jwt", "h11", "httptools", "uvloop", "click", "typing_extensions", "annotated_types", "wsplay"),
    )
)
#: Keys of `[tool.wsplay]` that belong to the original: its number, and what it is to others.
_NOT_TAKEN: Final = ("order", "flawed", "mended")
#: Keys that have no meaning without tries.
_WITH_TRIES: Final = ("try", "challenge", "attack")


class NotWritten(Exception):
    """No file was written. The message is one line and says why."""


class AlreadyThere(NotWritten):
    """There is a file of that name."""


def new_file(
    name: str, source: str, folder: Path, *, with_tries: bool = True, with_challenge: bool = True
) -> Scenario:
    """Write the scenario `name`, made from `source`, into `folder`, and return it as it was written.

    The folder is made if need be. What the text's block says is kept, comments included, but the title, the
    topics, and what belongs to the original only; see `own_text`. A text that cannot run is written too: the
    scenario says what is wrong with it.

    Raises `AlreadyThere` if there is a file of that name, and `NotWritten` for a name that cannot be one
    (see `problem_with_name`), or if the file cannot be written.
    """
    if wrong := problem_with_name(name):
        raise NotWritten(wrong)
    text = own_text(source, title_from(name), with_tries=with_tries, with_challenge=with_challenge)
    path = folder / f"{name}.py"
    _write(path, text)
    return parse_scenario(name, os.path.abspath(path), text)


def problem_with_name(name: str, taken: Container[str] = ()) -> str:
    """What is wrong with the name of a new scenario, or nothing. `taken` has the names that are in use."""
    shown = f'"{visible(name, MAX_NAME)}"'
    if not name:
        return "a scenario needs a name, such as my_endpoint"
    if len(name) > MAX_NAME:
        return f"{shown} is too long: at most {MAX_NAME} characters"
    if not re.fullmatch(r"[^\W_][\w-]*", name):
        return f"{shown} cannot be a name: use letters, digits, - and _, and begin with a letter or a digit"
    if name.isdigit():
        return f"{shown} cannot be a name: a number means a place in the list"
    if name.casefold() in sys.stdlib_module_names or name.casefold() in _IMPORTED:
        return f"{shown} cannot be a name: the file would hide the Python module {name.casefold()}"
    if name in taken:
        return f"there is already a scenario {shown}"
    return ""


def own_text(source: str, title: str, *, with_tries: bool = True, with_challenge: bool = True) -> str:
    """The text of a scenario of the user's, made from that of another.

    Its block gets the title and the topic "my own", and loses `order`, `flawed`, `mended` and the challenge's
    `seed`; without tries, it has neither challenge nor attack table either. A text without a block gets one.
    A block that cannot be read stays as it is.
    """
    import tomlkit

    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    block = find_block(text)
    if block is None:
        own = tomlkit.dumps({"tool": {"wsplay": {"title": title, "topics": [OWN_TOPIC]}}})
        return f"{text.rstrip()}\n\n# /// script\n{_commented(own)}# ///\n".lstrip("\n")
    if isinstance(block, Problem) or isinstance(read_toml(block), Problem):
        return text
    document = tomlkit.parse(block.toml)
    tool = _table(document, "tool")
    wsplay = None if tool is None else _table(tool, "wsplay")
    if wsplay is None:
        return text
    dropped = [*_NOT_TAKEN]
    if not with_tries:
        dropped += _WITH_TRIES
    elif not with_challenge:
        dropped.append("challenge")
    for key in dropped:
        if key in wsplay:
            del wsplay[key]
    challenge = wsplay.get("challenge")
    if isinstance(challenge, dict) and "seed" in challenge:
        del challenge["seed"]
    topics = wsplay.get("topics")
    others = [topic for topic in topics if topic != OWN_TOPIC] if isinstance(topics, list) else []
    wsplay["title"] = title
    wsplay["topics"] = [OWN_TOPIC, *map(str, others)]
    return _with_block(text, block, tomlkit.dumps(document))


def _table(table: Any, key: str) -> Any:
    """The table in `table`, made if there is none; None if something else is in its place."""
    import tomlkit

    if key not in table:
        table[key] = tomlkit.table()
    found = table[key]
    return found if isinstance(found, dict) else None


def _with_block(text: str, block: ScriptBlock, toml: str) -> str:
    lines = text.split("\n")
    closing = block.opening + block.toml.count("\n")
    return "\n".join([*lines[: block.opening], *_commented(toml).split("\n")[:-1], *lines[closing:]])


def _commented(toml: str) -> str:
    """The lines as those of a block."""
    return "".join(f"# {line}\n" if line else "#\n" for line in toml.rstrip("\n").split("\n"))


def _write(path: Path, text: str) -> None:
    shown = visible(str(path), 300)
    try:
        data = text.encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            try:
                file.write(data)
                file.flush()
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(path)
                raise
    except FileExistsError as error:
        if os.path.lexists(path):
            raise AlreadyThere(f"{shown} is there already; it is not changed") from error
        raise NotWritten(f"{visible(str(path.parent), 300)} is not a folder") from error
    except UnicodeEncodeError as error:
        raise NotWritten("half a surrogate pair in the text cannot be stored in a file; remove it") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise NotWritten(f"cannot write {shown}: {getattr(error, 'strerror', None) or error}") from error
