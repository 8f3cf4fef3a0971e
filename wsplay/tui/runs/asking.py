"""Asks for the file of a run: to save it, or to open one. Any screen can ask."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from wsplay.events.safe_text import visible
from wsplay.export.run_file import SUFFIX
from wsplay.export.run_writer import NotWritten
from wsplay.tui.kit.ask_screen import AskScreen
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.wording import count_of
from wsplay.tui.runs.kept_run import NAME_LIMIT, KeptRun
from wsplay.tui.runs.run_files import NoRun, file_name, open_run_file, to_write, write_run

#: Problems of a file that are told at once.
TOLD = 3


def ask_to_save(screen: BaseScreen, kept: KeptRun) -> None:
    """Ask for a file name, and save the run there. A file that is there is replaced only when that is
    confirmed.
    """
    confirmed: list[Path] = []
    redacted = kept.header.get("redacted") is True

    async def save(text: str, keep_secrets: bool) -> str:
        if not text.strip():
            return "type the name of a file"
        path = _path(text)
        force = path in confirmed
        try:
            if not force and await asyncio.to_thread(path.exists):
                confirmed.append(path)
                return f"{visible(str(path), 200)} is there already: enter again replaces it"
            run = to_write(kept)
            events = await asyncio.to_thread(write_run, run, path, keep_secrets=keep_secrets, force=force)
        except (NotWritten, OSError, ValueError) as error:
            return visible(f"not saved: {error}", 300)
        how = "with its secrets" if keep_secrets and not redacted else "secrets redacted"
        screen.say(f"saved {count_of(events, 'event')} to {visible(str(path), 200)}, {how}")
        return ""

    hint = "Secrets are redacted. Only you can read the file."
    tick = "Keep secrets: tokens, cookies, passwords"
    if redacted:
        hint, tick = "Its secrets are redacted already. Only you can read the file.", ""
    ask = AskScreen("Save the run to which file?", save, file_name(kept), hint=hint, tick=tick, paths=True)
    screen.open_above(ask)


def ask_to_open(screen: BaseScreen, opened: Callable[[KeptRun], None]) -> None:
    """Ask for a run file, read it, and pass it on."""

    async def open_it(text: str, ticked: bool) -> str:
        if not text.strip():
            return "type the name of a run file"
        try:
            kept = await asyncio.to_thread(open_run_file, _path(text))
        except (NoRun, OSError, ValueError) as error:
            return visible(str(error), 300)
        screen.call_later(opened, kept)
        return ""

    hint = "A run file (.jsonl), or what `wsplay run --json` printed. Tab completes the path."
    screen.open_above(AskScreen("Open which run file?", open_it, hint=hint, paths=True, suffix=SUFFIX))


def _path(text: str) -> Path:
    return Path(os.path.expanduser(text.strip()))


def ask_for_name(screen: BaseScreen, kept: KeptRun, renamed: Callable[[], None]) -> None:
    """Ask what the run is called. Without a name it is called by what ran again."""

    async def rename(text: str, ticked: bool) -> str:
        kept.given_name = visible(text.strip(), NAME_LIMIT)
        screen.call_later(renamed)
        return ""

    hint = "The name is shown in the list, and saved with the run."
    screen.open_above(AskScreen("Name the run", rename, kept.name, hint=hint))


def tell_problems(screen: BaseScreen, kept: KeptRun) -> None:
    """Say what is wrong with the file of a run."""
    if kept.problems:
        lines = list(kept.problems[:TOLD])
        if more := len(kept.problems) - len(lines):
            lines.append(f"and {more} more")
        screen.say("\n".join(lines), "warning")
