"""`wsplay token`: mint valid and invalid JSON Web Tokens, and read them."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from typing import Any

import click

from wsplay.cli.errors import NOT_AS_EXPECTED, OK
from wsplay.cli.params import complete_scenario, find_scenario, read_library
from wsplay.cli.secret import read_secret, secret_file_option, secret_of_environment, secret_option
from wsplay.cli.terminal import paint, say
from wsplay.events.safe_text import visible, visible_lines
from wsplay.export.jsonl import json_line
from wsplay.protocol.token import HMAC_ALGORITHMS, KINDS, Reading, TokenKit, read

#: The size of a token on the command line; longer text is not a token.
MAX_TOKEN = 1_000_000

scenario_option = click.option(
    "--scenario",
    metavar="SCENARIO",
    shell_complete=complete_scenario,
    help="Use this scenario's secret, audience and other settings.",
)
audience_option = click.option("--audience", metavar="TEXT", help="The audience (aud).")


@click.group("token")
def command() -> None:
    """Mint and read JSON Web Tokens (RFC 7519)."""


@command.command("mint")
@click.argument("kind", type=click.Choice(list(KINDS)), default="valid")
@scenario_option
@secret_option
@secret_file_option
@audience_option
@click.option("--subject", metavar="TEXT", help="The subject (sub).")
@click.option("--issuer", metavar="TEXT", help="The issuer (iss).")
@click.option(
    "--lifetime", type=click.IntRange(1), metavar="S", help="Seconds until it expires. [default: 300]"
)
@click.option(
    "--claim", "claims", metavar="NAME=VALUE", multiple=True, help="Add a claim. The value can be JSON."
)
@click.option("--algorithm", type=click.Choice(HMAC_ALGORITHMS), help="[default: HS256]")
def mint_command(
    kind: str,
    scenario: str | None,
    secret: str | None,
    secret_file: str | None,
    claims: tuple[str, ...],
    **asked: Any,
) -> None:
    """Print a new token of KIND: valid (the default), or invalid in one way.

    It needs a secret, from --secret, --secret-file, --scenario or $WSPLAY_SECRET, in this order.
    """
    kit = _kit(scenario) or TokenKit("")
    asked["secret"] = read_secret(secret, secret_file) or kit.secret or secret_of_environment()
    given = {name: value for name, value in asked.items() if value is not None}
    kit = replace(kit, **given)
    kit = replace(kit, claims={**kit.claims, **dict(_claim(text) for text in claims)})
    if not kit.secret:
        raise click.UsageError("signing needs a secret: pass --secret, --secret-file or --scenario")
    if (problem := kit.problem()) is not None:
        raise click.UsageError(problem[1])
    try:
        say(kit.make(kind, int(time.time())))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@command.command("read")
@click.argument("token")
@scenario_option
@secret_option
@secret_file_option
@audience_option
@click.option("--algorithm", "algorithms", multiple=True, help="Allow this algorithm. Can be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def read_command(
    ctx: click.Context,
    token: str,
    scenario: str | None,
    secret: str | None,
    secret_file: str | None,
    audience: str | None,
    algorithms: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what TOKEN contains and what is wrong with it. - reads it from standard input.

    Without a secret, the signature is not checked. Exits with 1 if something is wrong.
    """
    if token == "-" and "-" in (secret, secret_file):
        raise click.UsageError("standard input cannot hold both the token and the secret")
    key = read_secret(secret, secret_file)
    text = sys.stdin.read(MAX_TOKEN) if token == "-" else token
    kit = _kit(scenario)
    reading = read(
        text,
        key=key or (kit.secret if kit else None) or secret_of_environment(),
        algorithms=algorithms or ([kit.algorithm] if kit else None),
        audience=audience or (kit.audience if kit else None),
        now=int(time.time()),
    )
    if as_json:
        say(
            json_line(
                {
                    "header": reading.header,
                    "claims": reading.claims,
                    "verified": reading.verified,
                    "expires_in": reading.expires_in,
                    "problems": reading.problems,
                    "notes": reading.notes,
                }
            )
        )
    else:
        for line in _lines(reading):
            say(line)
    ctx.exit(NOT_AS_EXPECTED if reading.problems or reading.verified is False else OK)


def _lines(reading: Reading) -> list[str]:
    lines: list[str] = []
    for name, part in (("header", reading.header), ("claims", reading.claims)):
        if part is not None:
            lines.append(paint(name, "strong"))
            lines += [f"  {line}" for line in visible_lines(json.dumps(part, indent=2)).split("\n")]
    told = {
        True: paint("✓ the signature is valid", "good"),
        False: paint("✗ not verified", "bad"),
        None: "· the signature was not checked: pass --secret or --scenario",
    }
    lines.append(told[reading.verified])
    if reading.expires_in is not None and reading.expires_in > 0:
        lines.append(f"· expires in {reading.expires_in} s")
    lines += [f"{paint('✗', 'bad')} {visible(problem)}" for problem in reading.problems]
    lines += [f"· {visible(note)}" for note in reading.notes]
    return lines


def _kit(reference: str | None) -> TokenKit | None:
    """The settings of a scenario's tokens; None if no scenario is named. It must have some."""
    if reference is None:
        return None
    scenario = find_scenario(read_library(), reference)
    if scenario.tokens is None:
        raise click.UsageError(f"{scenario.name} has no [tool.wsplay.tokens] table; pass --secret instead")
    return scenario.tokens


def _claim(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f'"{visible(text, 60)}" is not NAME=VALUE', param_hint="--claim")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
