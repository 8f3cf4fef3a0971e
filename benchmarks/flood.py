"""The live timeline in a flood: how many messages it shows, whether it responds, how much memory it uses.

The real program in a pseudo terminal, all of it in one process but for the scenario's server. Two floods:

- real: our client connects to an endpoint that sends as fast as it can; server, trace, tap and client all
  take part, so the slowest of them sets the rate;
- made: messages are made in the background thread, three events each (ASGI, wire, client), so the rate is
  what the screen itself can take.

A gap is how late the screen's loop came to a timer it had set (every 4 ms). A key is `f`, which stops or
takes up following: from its being written to the terminal until the new words are read from there. Beside it
runs a loop in another process that does nothing but set the same timer: as late as that one is, the machine
is. The rate, the gaps and the keys are no ratios, so look at it before you believe them.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import APPS, PYTHON, Result, Terminal, main, process

#: Seconds between two keys, and the time limit of a flood.
KEY_EVERY, LIMIT = 0.4, 45.0
REAL, MADE, RATE = 120_000, 240_000, 22_000
MB = 1e6


def flood(mode: str, count: int, rate: int = 0) -> dict[str, Any]:
    """One flood to its end, or `LIMIT`: the app's last report, with the seconds each key took as "keys"."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report")
        argv = (PYTHON, str(APPS / "watched_app.py"), str(path), mode, str(count), str(rate))
        idle = process(PYTHON, str(APPS / "idle_loop.py"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with idle as beside, Terminal(*argv) as terminal:
            report: dict[str, Any] = {}
            keys: list[float] = []
            words = ("paused", "following")
            give_up = time.perf_counter() + LIMIT
            next_key = 0.0
            while time.perf_counter() < give_up and not report.get("over"):
                data = terminal.read(0.05)
                now = time.perf_counter()
                with contextlib.suppress(FileNotFoundError):
                    report = json.loads(path.read_text())
                if report.get("events", 0) > 1000 and not report["over"] and now > next_key:
                    terminal.write("f")
                    with contextlib.suppress(TimeoutError):
                        keys.append(terminal.until(words[len(keys) % 2], 5.0) - now)
                    next_key = time.perf_counter() + KEY_EVERY
            if not report:
                raise RuntimeError(f"the app reported nothing: {data[-2000:]!r}")
            late = float(beside.communicate(timeout=10)[0])
    # The last keys may have arrived when everything was over.
    return report | {"keys": keys[:-1] or keys, "idle": late}


def results(name: str, words: str, seen: dict[str, Any], *, judged: bool = True) -> list[Result]:
    seconds = max(seen["last"] - seen["first"], 1e-9)
    gaps = [gap * 1e3 for gap in seen["gaps"]]
    keys = [key * 1e3 for key in sorted(seen["keys"])] or [float("nan")]
    full, before = seen["full"] or seen["memory"], seen["memory_before"]
    rate = {
        "messages": seen["received"],
        "seconds": seconds,
        "events/s": (seen["events"] - seen["lost"]) / seconds,
        "lost before they were shown": seen["lost"],
    }
    gap = {
        "an idle loop's at the same time, ms": seen["idle"] * 1e3,
        "over 100 ms": sum(gap > 100 for gap in gaps),
        "next longest, ms": ", ".join(f"{gap:.0f}" for gap in gaps[1:6]),
        "longest collections, ms": ", ".join(f"{took[1] * 1e3:.0f}" for took in seen["collections"].values()),
    }
    key = {"keys": len(keys), "median, ms": keys[len(keys) // 2]}
    memory = {
        "added by the events, MB": (full - before) / MB,
        "at the end, MB": seen["memory"] / MB,
        "kept": seen["kept"],
        "dropped": seen["dropped"],
    }

    def result(what: str, words_for_it: str, value: float, bar: float, unit: str, **more: Any) -> Result:
        bar_or_none = bar if judged else None
        return Result(f"{name}.{what}", f"{words}: {words_for_it}", value, bar_or_none, unit=unit, **more)

    shown = seen["received"] / seconds
    return [
        result("rate", "messages a second shown", shown, 20_000, "/s", at_most=False, details=rate),
        result("gap", "longest gap of the screen", gaps[0], 100, "ms", details=gap),
        result("key", "slowest answer to a key", keys[-1], 100, "ms", details=key),
        result("memory", "the process, 100,000 events kept", full / MB, 150, "MB", details=memory),
    ]


def run() -> list[Result]:
    return [
        *results("flood.real", "real flood", flood("real", REAL)),
        *results("flood.made", f"made, {RATE:,}/s", flood("synthetic", MADE, RATE)),
        *results("flood.limit", "made, as many as go", flood("synthetic", MADE), judged=False),
    ]


if __name__ == "__main__":
    main(run)
