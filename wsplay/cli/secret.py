"""A secret for the command line: from standard input, a file, the environment, or the argument itself."""

from __future__ import annotations

import os

import click

from wsplay.cli.errors import Told

#: The environment variable with a secret.
VARIABLE = "WSPLAY_SECRET"
#: The longest secret, in bytes.
MAX_SIZE = 65_536

secret_option = click.option(
    "--secret",
    metavar="TEXT",
    help="The key that signs or verifies. Other users of this machine can see an argument: "
    f"- reads it from standard input, and --secret-file and ${VARIABLE} hide it too.",
)
secret_file_option = click.option(
    "--secret-file",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Read the key from this file, without the line break at its end.",
)


def secret_of_environment() -> str | None:
    """The secret in `$WSPLAY_SECRET`, if there is one."""
    return os.environ.get(VARIABLE) or None


def read_secret(text: str | None, file: str | None) -> str | None:
    """The secret of the two options; None if neither is given.

    Raises `click.UsageError` if both are given, or if the secret cannot be read or is empty.
    """
    if text is not None and file is not None:
        raise click.UsageError("pass either --secret or --secret-file, not both")
    if file is None and text != "-":
        return text
    name = "standard input" if file in (None, "-") else str(file)
    try:
        with click.open_file("-" if file is None else file, "rb") as stream:
            data: bytes = stream.read(MAX_SIZE + 1)
        secret = "" if len(data) > MAX_SIZE else data.decode()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SecretError(f"cannot read the secret from {name}: {why}") from error
    if len(data) > MAX_SIZE:
        raise SecretError(f"the secret in {name} is longer than {MAX_SIZE:,} bytes")
    secret = secret.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise SecretError(f"the secret in {name} is empty")
    return secret


class SecretError(Told):
    """A secret that cannot be used; wrong usage."""

    exit_code = 2
