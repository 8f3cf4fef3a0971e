"""`wsplay`: the commands, each loaded only when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from wsplay import __version__
from wsplay.cli.errors import INTERRUPTED, OK, NotFound, OutputClosed, drop_output
from wsplay.cli.host import host_option
from wsplay.tty import on_a_terminal

#: Command name -> (module, one line of help). The help stands here so that `--help` imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("wsplay.cli.list", "List the scenarios."),
    "show": ("wsplay.cli.show", "Show a scenario's source and explanation, or a run that was kept."),
    "run": ("wsplay.cli.run", "Run a try and print it live, or run every try with --all."),
    "diff": ("wsplay.cli.diff", "Compare two runs: what is the same, and what differs."),
    "serve": ("wsplay.cli.serve", "Serve a scenario for any other client."),
    "token": ("wsplay.cli.token", "Mint and read JSON Web Tokens."),
    "quiz": ("wsplay.cli.quiz", "Answer challenges. Each choice is graded by running it."),
    "attack": ("wsplay.cli.attack", "Attack scenarios, live, and show what held and what broke."),
    "new": ("wsplay.cli.new", "Write a new scenario of your own."),
    "progress": ("wsplay.cli.progress", "Show which challenges you have solved."),
    "config": ("wsplay.cli.config", "Show where your settings are and what they say."),
    "completion": ("wsplay.cli.completion", "Print a shell completion script."),
}


class Commands(click.Group):
    """Commands by name, imported lazily. Any other first word is a scenario for the terminal UI."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in COMMANDS:
            return super().resolve_command(ctx, args)
        return "", open_ui, args  # no name: the usage line then reads `wsplay [SCENARIO]`

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _closed_pipes():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _closed_pipes():
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from wsplay.cli.params import complete_scenario

        return super().shell_complete(ctx, incomplete) + complete_scenario(ctx, None, incomplete)


@contextmanager
def _closed_pipes() -> Iterator[None]:
    """Raise `OutputClosed` when nobody reads the output any more; click would end with 1."""
    try:
        yield
    except BrokenPipeError:
        drop_output()
        raise OutputClosed from None


def _complete_engine(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    from wsplay.cli.params import complete_engine

    return complete_engine(ctx, param, incomplete)


def _complete_theme(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from wsplay.tui.configurable import theme_names

    return [CompletionItem(name) for name in theme_names() if name.startswith(incomplete)]


_EPILOG = """\b
SCENARIO is a name (close_before_accept), its number (3), or the path of a file.
Exit codes: 0 as expected, 1 not as expected, 2 usage error, 3 could not run."""


@click.group(
    cls=Commands,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[OPTIONS]",
    subcommand_metavar="[SCENARIO | COMMAND [ARGS]...]",
)
@click.version_option(__version__, "-V", "--version", prog_name="wsplay")
@click.option(
    "--engine",
    metavar="NAME",
    shell_complete=_complete_engine,
    help="Start the terminal UI with this ASGI server.",
)
@click.option(
    "--theme",
    metavar="NAME",
    shell_complete=_complete_theme,
    help="Start the terminal UI in these colours, such as wsplay-light. The settings keep theirs.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Listen on this port. 0 picks a free one."
)
@host_option
@click.pass_context
def cli(ctx: click.Context, engine: str | None, theme: str | None, port: int, host: str) -> None:
    """A terminal playground for WebSocket authentication in FastAPI.

    Without a command, the terminal UI opens, at SCENARIO if you name one. It shows one real run from four
    sides: code, ASGI, wire and client.
    """
    ctx.obj = {"engine": engine, "theme": theme, "port": port, "host": host}
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_ui, scenario=None)


@click.command(
    name="wsplay",
    add_help_option=False,
    # What follows a mistyped command belongs to that command, and is not what is wrong.
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("scenario", required=False)
@click.pass_context
def open_ui(ctx: click.Context, scenario: str | None) -> None:
    """Open the terminal UI, or run the plain-text tour without a terminal."""
    from wsplay.cli.params import check_engine, find_scenario_or_command, read_library

    library = read_library()
    recording = None
    if scenario is not None and scenario.endswith(".jsonl"):
        from pathlib import Path

        from wsplay.cli.show_run import open_run

        recording, scenario = (open_run(Path(scenario)), Path(scenario)), None
    if scenario is not None:
        find_scenario_or_command(library, scenario, COMMANDS)
    if ctx.args:
        raise click.UsageError(_too_much(ctx.args[0]), ctx)
    engine, theme = check_engine(ctx.obj["engine"]), ctx.obj["theme"]
    if theme is not None:
        from wsplay.tui.configurable import check_theme

        if (wrong := check_theme(theme)) is not None:
            raise NotFound(wrong)
    if not on_a_terminal():
        if recording is not None:
            raise click.UsageError(f"no terminal: use `wsplay show {recording[1]}`", ctx)
        from wsplay.cli.tour import take_tour

        ctx.exit(take_tour(library, scenario, engine))
    from wsplay.tui.app import run_app

    listen = {"host": ctx.obj["host"], "port": ctx.obj["port"]}
    ctx.exit(
        run_app(library, scenario=scenario, engine=engine, theme_name=theme, recording=recording, **listen)
    )


def _too_much(word: str) -> str:
    """Why `wsplay SCENARIO WORD` is wrong."""
    option = word.partition("=")[0]
    if any(option in known.opts for known in cli.params):
        return f"put {option} before the scenario: wsplay {option} ... SCENARIO"
    what = "no such option" if word.startswith("-") else "unexpected argument"
    return f"{what}: {word}; to run a try, use: wsplay run SCENARIO"


def main() -> None:
    """The entry point. A closed pipe ends the program quietly, with 0; Ctrl+C ends it with 130, as shells
    expect.
    """
    _open_standard_streams()
    if "_WSPLAY_COMPLETE" in os.environ:
        from wsplay.cli.shells import register

        register()
    try:
        code = cli.main(prog_name="wsplay", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else OK)


def _open_standard_streams() -> None:
    """Open the null device for a closed standard stream, or the first socket would get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))  # noqa: SIM115
