"""Memory of the terminal UI in fast use: 60 palettes, runs or attack screens, one right after the other.

It grows at first. The question is whether it reaches a plateau: what the last 30 add, for each.
"""

from __future__ import annotations

import subprocess

from measure import APPS, PYTHON, Result, main

TIMES = 60
#: MB that each of the last 30 may add.
BAR = 0.1
WHAT = {"palette": "an open and closed command palette", "connect": "a run", "attack": "an attack screen"}


def sizes(what: str) -> list[float]:
    """MB in use after each time."""
    command = [PYTHON, str(APPS / "fast_use.py"), what, str(TIMES)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=True)
    return [int(line) / 1e6 for line in done.stdout.split()]


def run() -> list[Result]:
    results = []
    for what, words in WHAT.items():
        used = sizes(what)
        added = (used[-1] - used[TIMES // 2 - 1]) / (TIMES // 2)
        details = {f"after {number}": used[number - 1] for number in (1, 10, TIMES // 2, TIMES)}
        results.append(
            Result(f"memory.{what}", f"memory that {words} adds", added, BAR, unit="MB", details=details)
        )
    return results


if __name__ == "__main__":
    main(run)
