"""The terminal's input, whatever bytes it holds.

Textual decodes what is typed as strict UTF-8, and ends at the first other byte: of a paste in Latin-1, or of
a mouse report in the old form. Here such a byte becomes U+FFFD. docs/upstream.md proposes that to Textual.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import partial
from types import FunctionType

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver


def _replacing(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


#: Textual's own code. It looks its decoder up by a name of its module: here it finds ours by that name.
_run_input_thread = FunctionType(
    LinuxDriver.run_input_thread.__code__, vars(linux_driver) | {"getincrementaldecoder": _replacing}
)


class AnyByteDriver(LinuxDriver):
    """Textual's driver, with a decoder that never fails."""

    def run_input_thread(self) -> None:
        """Read the terminal until the program ends."""
        _run_input_thread(self)
