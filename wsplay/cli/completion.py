"""`wsplay completion`: a script with which a shell completes wsplay's arguments."""

from __future__ import annotations

import click

from wsplay.cli.shells import SHELLS


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL (bash, zsh or fish).

    \b
    bash: eval "$(wsplay completion bash)"             in ~/.bashrc
    zsh:  eval "$(wsplay completion zsh)"              in ~/.zshrc, after compinit
    fish: wsplay completion fish > ~/.config/fish/completions/wsplay.fish
    """
    root = ctx.find_root()
    click.echo(SHELLS[shell](root.command, {}, "wsplay", "_WSPLAY_COMPLETE").source(), nl=False)
