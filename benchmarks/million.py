"""A million messages through the terminal UI: memory stays bounded, and the screen says what it dropped.

Messages are generated in the background thread, as in flood.py, three events each. Memory is compared between
the moment the timeline was full (100,000 events) and the end. The number of dropped rows is read from the
screen.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import APPS, PYTHON, Result, Terminal, main

MESSAGES, RATE, LIMIT = 1_000_000, 25_000, 150.0
#: Maximum ratio of the memory at the end to the memory with a full timeline.
BAR = 1.25
_SAYS = re.compile(rb"([\d,]+) dropped")


def run() -> list[Result]:
    report: dict[str, Any] = {}
    said = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report")
        argv = (PYTHON, str(APPS / "watched_app.py"), str(path), "synthetic", str(MESSAGES), str(RATE))
        with Terminal(*argv) as terminal:
            give_up = time.perf_counter() + LIMIT
            rest = b""
            while time.perf_counter() < give_up and not report.get("over"):
                data = rest + terminal.read(0.2)
                for found in _SAYS.finditer(data):
                    said = max(said, int(found.group(1).replace(b",", b"")))
                rest = data[-64:]
                if path.exists():
                    report = json.loads(path.read_text())
    details = {
        "messages": report["received"],
        "messages/s": report["received"] / (report["last"] - report["first"]),
        "before, MB": report["memory_before"] / 1e6,
        "full, MB": report["full"] / 1e6,
        "end, MB": report["memory"] / 1e6,
        "longest gap, ms": report["gaps"][0] * 1e3,
    }
    told = {"the screen says": said, "dropped": report["dropped"], "kept": report["kept"]}
    told["lost before they were shown"] = report["lost"]
    ratio = report["memory"] / report["full"]
    right = 1.0 if said == report["dropped"] else 0.0
    return [
        Result(
            "million.memory",
            "a million messages: memory, to a full timeline",
            ratio,
            BAR,
            details=details,
        ),
        Result(
            "million.told", "a million messages: dropped rows reported", right, 1, at_most=False, details=told
        ),
    ]


if __name__ == "__main__":
    main(run)
