"""`wsplay completion`: a script with which a shell completes wsplay's arguments."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL (bash, zsh or fish).

    \b
    bash: eval "$(wsplay completion bash)"             in ~/.bashrc
    zsh:  eval "$(wsplay completion zsh)"              in ~/.zshrc
    fish: wsplay completion fish > ~/.config/fish/completions/wsplay.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = ctx.find_root()
    click.echo(kind(root.command, {}, "wsplay", "_WSPLAY_COMPLETE").source())
