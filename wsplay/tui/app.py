"""The terminal UI as a program: its themes, its screens, and its end. However it ends (a key, a signal, a
crash of the screen), the terminal is restored and the server's process is stopped. It imports little: what
the first paint does not need is imported later.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.console import RenderableType
from rich.text import Text
from textual.actions import ActionParseResult
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import DescendantFocus
from textual.filter import Monochrome, NoColor
from textual.screen import Screen
from textual.signal import Signal

from wsplay.config.config import Config, config_path
from wsplay.config.first_start import take_first_start
from wsplay.protocol.engine import DEFAULT_ENGINE
from wsplay.tui.background.proxy import PlaygroundProxy, make_playground
from wsplay.tui.background.worker import MakePlayground
from wsplay.tui.kit import theme
from wsplay.tui.kit.closed_screen import free_drawn_lines
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.without_colour import WithoutColour

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from textual.command import Provider

    from wsplay.export.run_file import RunFile
    from wsplay.scenario.file import Scenario
    from wsplay.scenario.library import Library
    from wsplay.tui.kit.keep_setting import KeepSetting
    from wsplay.tui.kit.open_screen import OpenScreen

#: Seconds that the program may take to end after a signal; then it is killed.
END_LIMIT = 6.0
#: Seconds for which a warning about the settings is shown.
WARNING_STAYS = 12.0
#: The most lines of such a warning.
WARNING_LINES = 3
#: Seconds after which a palette is no longer on the screen.
PALETTE_GOES = 0.1
#: Seconds that the server and the background thread may take to end.
STOP_LIMIT = 5.0
#: Signals that do not end a process, that no process can handle, or that a crash raises again and again.
_KEPT_SIGNALS = {
    getattr(signal, f"SIG{name}")
    for name in (
        *("CHLD", "CLD", "CONT", "INFO", "STOP", "TSTP", "TTIN", "TTOU", "URG", "WINCH"),
        *("KILL", "BUS", "FPE", "ILL", "SEGV", "EMT", "SYS", "TRAP"),
    )
    if hasattr(signal, f"SIG{name}")
}


def _find_choices() -> type[Provider]:
    """The choices of the command palette; imported when it is opened."""
    from wsplay.tui.kit.base_screen import ScreenChoices

    return ScreenChoices


class WsplayApp(App[None]):
    """The terminal UI.

    `scenario` is what to open first, as for `Library.get` (a name, a number, a path), or None for the first
    one. `theme_name` is for this start; `config` has the user's settings, which change with what the user
    chooses here. `is_first_start`, asked once, says whether to show the first steps. `find_edits` names the
    folder in which the user's edits are kept; without it they last until the end. `recording` is a run file
    that was read, to be shown at first. `make_playground` creates the playground, in the background thread,
    and `make_beside` those that run beside it, if they are made in another way; tests pass their own.
    """

    TITLE = "wsplay"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_find_choices}
    CSS_PATH = "main/main.tcss"  # the first screen does not load its own
    #: Notifications are at the top right, below the line of the status: at the bottom they would cover the
    #: verdict and the newest events.
    CSS = """
    ToastRack { dock: top; align: right top; margin: 1 0 0 0; }
    Toast { width: auto; max-width: 60%; padding: 0 1; margin: 0; }
    /* The cursor of an input is in reverse video, so that it is seen without colour too. */
    Input > .input--cursor, TextArea .text-area--cursor {
        background: $input-cursor-foreground; color: $input-cursor-background; text-style: reverse;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+p", "command_palette", "palette", "app.palette", "Command palette", show=True),
        bind("ctrl+q", "quit", "quit", "app.quit", "Quit", show=True, priority=True),
    ]

    def __init__(
        self,
        library: Library,
        *,
        scenario: str | None = None,
        engine: str = DEFAULT_ENGINE,
        port: int = 0,
        theme_name: str | None = None,
        config: Config = Config(),  # noqa: B008 - it is frozen
        recording: tuple[RunFile, Path] | None = None,
        is_first_start: Callable[[], bool] | None = None,
        find_edits: Callable[[], Path] | None = None,
        make_playground: MakePlayground = make_playground,
        make_beside: MakePlayground | None = None,
    ) -> None:
        super().__init__()
        self._take_colours()
        theme.register(self)
        if (wanted := theme_name or config.theme) in self.available_themes:
            self.theme = wanted
        self.config = config
        self._find_edits = find_edits
        self._recording = recording
        self._keys: tuple[dict[str, str], list[str]] | None = None
        self._keeper: Executor | None = None
        self.library = library
        self.proxy = PlaygroundProxy(make_playground, engine=engine, port=port, make_beside=make_beside)
        self._first = scenario
        self._is_first_start = is_first_start
        self.first_start = False
        #: Each action that is run, whatever key or click asked for it.
        self.acted: Signal[str] = Signal(self, "acted")

    def _take_colours(self) -> None:
        """Draw without colours if `NO_COLOR` says so; an empty one says nothing (https://no-color.org).

        Textual's own filter would leave greys.
        """
        self._filters = [one for one in self._filters if not isinstance(one, (Monochrome, NoColor))]
        self.no_color = bool(os.environ.get("NO_COLOR"))
        if self.no_color:
            self._filters.append(WithoutColour(self))

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this system; where it would end at a byte that is not UTF-8, ours."""
        driver = super().get_driver_class()
        if driver.__name__ == "LinuxDriver":
            from wsplay.tui.any_byte_driver import AnyByteDriver

            return AnyByteDriver
        return driver

    def get_default_screen(self) -> Screen[Any]:
        """The main screen, as the first on the stack.

        Not as a mode: from Python 3.12 on, a mode's screen is mounted before it is on the stack, and inputs
        that look for the screen while they are mounted find none.
        """
        return self.main_screen()

    def main_screen(self) -> Screen[Any]:
        """The main screen, with the scenario to open first."""
        from wsplay.tui.main.first_steps import FirstSteps
        from wsplay.tui.main.keys import KEYMAP
        from wsplay.tui.main.screen import MainScreen

        keys, wrong_keys = self.read_keys()
        self.update_keymap({**KEYMAP, **keys})
        if problems := [*self.config.problems, *self._wrong_theme(), *wrong_keys]:
            self.call_later(self._warn, _in_one(problems))
        steps = FirstSteps(self.acted) if self.ask_first_start() else None
        edits = None if self._find_edits is None else self._find_edits()
        recording = None
        if self._recording is not None:
            from wsplay.tui.runs.kept_run import KeptRun

            recording, self._recording = KeptRun.from_file(*self._recording), None
        first = self.first_scenario()
        return MainScreen(self.library, self.proxy, first, self.config, steps, edits, recording=recording)

    def ask_first_start(self) -> bool:
        """Whether this is the first start. Only the first call asks."""
        if self._is_first_start is not None:
            self.first_start = self._is_first_start()
            self._is_first_start = None
        return self.first_start

    def read_keys(self) -> tuple[dict[str, str], list[str]]:
        """The keys of the settings that can be used, and what is wrong with the others."""
        if self._keys is None:
            self._keys = {}, []
            if self.config.keys:
                from wsplay.tui.configurable import check_keys, known_actions

                self._keys = check_keys(self.config, known_actions())
        return self._keys

    def _wrong_theme(self) -> list[str]:
        if self.config.theme is None or self.config.theme in self.available_themes:
            return []
        from wsplay.tui.configurable import check_theme

        return [f"{self.config.path}: {check_theme(self.config.theme)}"]

    def _warn(self, line: str) -> None:
        self.notify(line, severity="warning", markup=False, timeout=WARNING_STAYS)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Let no cursor blink: not that of an input, nor that of a text area."""
        if getattr(event.widget, "cursor_blink", False):
            event.widget.cursor_blink = False  # type: ignore[attr-defined]

    def on_keep_setting(self, wanted: KeepSetting) -> None:
        """Keep what the user has chosen."""
        self.keep(wanted.name, wanted.value)

    def keep(self, name: str, value: str) -> None:
        """Write what the user has chosen into the settings: at once, in the order of the choices, and without
        blocking the screen.
        """
        if self.config.path is None:
            return
        if self._keeper is None:
            from concurrent.futures import ThreadPoolExecutor

            self._keeper = ThreadPoolExecutor(1, "wsplay-settings")
        self._keeper.submit(self._write_setting, name, value)

    def _write_setting(self, name: str, value: str) -> None:
        from wsplay.config.config_file import ConfigError, keep_setting

        assert self.config.path is not None
        try:
            told = keep_setting(name, value, self.config.path)
        except ConfigError as error:
            told = str(error)
        if told:
            self._call_in_main(self._warn, told)

    def _call_in_main(self, call: Callable[..., object], *args: object) -> None:
        """Call it in the app's thread, unless the app has ended meanwhile; does not wait for that."""
        if self.is_running:
            with suppress(RuntimeError):
                self.call_later(call, *args)

    def first_scenario(self) -> Scenario | None:
        """The scenario to open first. Raises what `Library.get` raises."""
        if self._first is not None:
            return self.library.get(self._first)
        scenarios = self.library.scenarios
        return next((one for one in scenarios if one.problem is None), scenarios[0] if scenarios else None)

    def on_open_screen(self, wanted: OpenScreen) -> None:
        """Open the screen that the one on top asks for. A screen that is covered asks too late."""
        if not wanted.screen.is_active:
            return
        from wsplay.tui.navigation import open_screen

        open_screen(self, self.library, self.proxy, wanted)

    def search_themes(self) -> None:
        """Open the palette of themes; Textual's action `change_theme` asks for it."""
        from wsplay.tui.configurable import theme_names
        from wsplay.tui.kit.commands import Choice, action, palette

        choices = [Choice(name, "", action("app.use_theme", name)) for name in theme_names()]
        self.push_screen(palette(choices, "Which colours?"))

    def action_show_help_panel(self) -> None:
        """Show Textual's panel of keys, but not on a screen that has just opened."""
        if self.screen.is_mounted:
            super().action_show_help_panel()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, but none of a screen that has just opened and has no widgets yet."""
        if default_namespace is self.screen and not self.screen.is_mounted:
            return True
        self.acted.publish(action if isinstance(action, str) else action[1])
        return await super().run_action(action, default_namespace, namespaces)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the program. A message is text, never markup. After a crash the code stays 1."""
        super().exit(
            result, self.return_code or return_code, Text(message) if isinstance(message, str) else message
        )

    def panic(self, *renderables: RenderableType) -> None:
        """End the program after a crash of a thread, with its traceback and exit code 1."""
        self._return_code = 1  # Textual sets it only for a crash of its own loop
        super().panic(*renderables)

    def action_command_palette(self) -> None:
        """Open the palette, unless one is open."""
        from wsplay.tui.kit.commands import Palette

        if not isinstance(self.screen, Palette):
            # Without an id, as a palette that is closing would still have it.
            self.push_screen(Palette())

    def action_use_theme(self, name: str) -> None:
        """Use a theme, now and from the next start on."""
        self.theme = name
        self.keep("theme", name)

    def action_save_picture(self) -> None:
        """Save a picture of the screen, once the palette has gone."""
        self.set_timer(PALETTE_GOES, self.deliver_screenshot)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, and free what was drawn of it."""
        self.call_later(free_drawn_lines)
        return super().pop_screen()

    async def on_unmount(self) -> None:
        """Tell the server to end; `run_app` waits for it once the terminal is restored. What the user chose
        last is written first.
        """
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.shutdown)
        if self.is_headless:
            await asyncio.to_thread(self.proxy.stop, STOP_LIMIT)
        else:
            self.proxy.ask_stop()


class QuickApp(WsplayApp):
    """The same program with an outline painted first; everything else is imported after that.

    `library` may be a function that reads it, called in a thread once the outline is painted.
    """

    def __init__(self, library: Library | Callable[[], Library], **options: Any) -> None:
        self._find = library if callable(library) else lambda: library
        self._loading: threading.Thread | None = None
        super().__init__(cast("Library", None), **options)

    def get_default_screen(self) -> Screen[Any]:
        """The outline, which keeps the keys pressed while it is shown."""
        from wsplay.tui.first_paint import FirstScreen

        self._outline = FirstScreen()
        return self._outline

    def on_mount(self) -> None:
        """Start the server and load the rest, after the first paint."""
        self.call_after_refresh(self._start)

    def action_command_palette(self) -> None:
        """Open the palette, or let the main screen open it: the outline has none."""
        if self.screen is self._outline:
            self._outline.keys.append("ctrl+p")
        else:
            super().action_command_palette()

    def _start(self) -> None:
        self.proxy.start(None)  # the server starts in its own process meanwhile
        # Not a worker: the end of the program would wait for it.
        self._loading = threading.Thread(target=self._load, name="wsplay-load", daemon=True)
        self._loading.start()

    @property
    def loading(self) -> bool:
        """Whether the thread that imports the main screen and reads the library still runs."""
        return self._loading is not None and self._loading.is_alive()

    def _load(self) -> None:
        try:
            importlib.import_module("wsplay.tui.main.screen")
            self.library = self._find()
            self.read_keys()
            self.ask_first_start()
        except BaseException as error:  # noqa: BLE001 - raised again, in the main thread
            self._call_in_main(self._raise, error)
        else:
            self._call_in_main(self.call_next, self._show_main)

    def _raise(self, error: BaseException) -> None:
        raise error

    def _show_main(self) -> None:
        if self.screen_stack:  # otherwise the user has quit meanwhile
            self.push_screen(self.main_screen())
            self.screen.call_after_refresh(self._press_again)

    def _press_again(self) -> None:
        """Give the main screen the keys that were pressed before it was shown."""
        for key in self._outline.keys:
            self.simulate_key(key)


def _in_one(problems: Sequence[str]) -> str:
    """What is wrong with the settings, for one notification: several would cover a small screen.

    The path stands in the first line only.
    """
    path = problems[0].partition(": ")[0]
    lines = [problems[0], *(problem.removeprefix(f"{path}: ") for problem in problems[1:WARNING_LINES])]
    if more := len(problems) - len(lines):
        lines.append(f"and {more} more; wsplay config lists them")
    return "\n".join(lines)


def _find_edits() -> Path:
    """The folder of the user's edits; imported after the first paint."""
    from wsplay.files.edits import edits_path

    return edits_path()


def _find_config() -> Config:
    """The user's settings; what reads them is imported only if there are some."""
    path = config_path()
    if not os.path.lexists(path):
        return Config(path)
    from wsplay.config.config_file import read_config

    return read_config(path)


def run_app(
    library: Library | Callable[[], Library],
    *,
    scenario: str | None = None,
    engine: str = DEFAULT_ENGINE,
    theme_name: str | None = None,
    recording: tuple[RunFile, Path] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> int:
    """Run the terminal UI and return the exit code: 0, 1 after a crash, 3 if the port is not available.

    `library` may be a function that reads it: the first paint does not wait for it then. `recording` is a run
    that is shown at first, and the file that it was read from.
    """
    make = partial(make_playground, host=host)
    app = QuickApp(
        library,
        scenario=scenario,
        engine=engine,
        port=port,
        theme_name=theme_name,
        recording=recording,
        config=_find_config(),
        is_first_start=take_first_start,
        find_edits=_find_edits,
        make_playground=make,
        make_beside=make_playground,  # on this machine alone
    )
    try:
        with _ended_by_signals(app):
            app.run()
    finally:
        if not app.proxy.stop(STOP_LIMIT):
            # A hanging thread must not keep the program alive; the child ends with its standard input.
            os._exit(app.return_code or 1)
        if app.loading:
            # Python would wait for locks that this thread may hold.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(app.return_code or 0)
    return app.return_code or 0


@contextmanager
def _ended_by_signals(app: WsplayApp) -> Iterator[None]:
    """Turn every signal that would end the process into a clean end while the app runs."""

    def end(number: int, frame: FrameType | None) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the screen is not drawn yet, or no longer
            os._exit(128 + number)
        app.proxy.ask_stop()
        # A closed terminal takes no more output, and the screen could wait for it forever.
        last = threading.Timer(END_LIMIT, os._exit, (128 + number,))
        last.daemon = True
        last.start()
        # The loop may be waiting, and does not notice a signal by itself.
        loop.call_soon_threadsafe(app.call_later, app.exit, None, 128 + number)

    before = {}
    for number in signal.valid_signals() - _KEPT_SIGNALS:
        # A background job ignores SIGINT; faulthandler has SIGABRT, and Python cannot give it back.
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
