"""`--host`: the address to listen on. It imports nothing of wsplay: `--help` needs it."""

from __future__ import annotations

from typing import Any

import click


class HostType(click.ParamType[str]):
    """A host to listen on. An empty one is refused: it would mean every network of this machine."""

    name = "HOST"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        host = str(value).strip()
        if not host:
            self.fail("it is empty; pass an address, such as 127.0.0.1, or leave --host out", param, ctx)
        return host


host_option = click.option(
    "--host",
    type=HostType(),
    default="127.0.0.1",
    show_default=True,
    help="Listen on this address. Other machines can connect unless it is a loopback address.",
)
