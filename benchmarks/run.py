"""Run the benchmarks: `python benchmarks/run.py [NAME...] [--json]`.

Each compares its measurements with a target and says met or MISSED. The exit code is 0 either way: these are
measurements, and tests must not depend on how busy a machine is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
import traceback
from importlib.metadata import version

from measure import Result

NAMES = ("first_paint", "ready", "switch", "echo", "handover", "flood", "memory", "million")
#: These take many minutes, and run only when named.
LONG = ("starve",)


def machine() -> dict[str, object]:
    """The machine and the versions of the measurement."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = {name: version(name) for name in ("textual", "uvicorn", "fastapi", "websockets")}
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cores,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **packages,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    known = (*NAMES, *LONG)
    more = f"of {', '.join(NAMES)}, which are the default, and {', '.join(LONG)}, which takes many minutes"
    parser.add_argument("names", nargs="*", metavar="NAME", help=more)
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
    told = machine()
    print(json.dumps(told) if options.json else "  ".join(f"{key} {value}" for key, value in told.items()))
    results: list[Result] = []
    for name in options.names or NAMES:
        begin = time.perf_counter()
        try:
            found = importlib.import_module(name).run()
        except Exception:  # noqa: BLE001 - the others can still be measured
            print(json.dumps({"name": name, "failed": traceback.format_exc()}) if options.json else "")
            if not options.json:
                traceback.print_exc()
            continue
        results += found
        if options.json:
            print(*(json.dumps(result.to_json()) for result in found), sep="\n", flush=True)
            continue
        print(f"\n{name} ({time.perf_counter() - begin:.0f} s)")
        print(*(result.line() for result in found), sep="\n", flush=True)
    if not options.json:
        judged = [result for result in results if result.ok is not None]
        short = [result.name for result in judged if not result.ok]
        print(f"\n{len(judged) - len(short)} of {len(judged)} meet their target" + (":" if short else "."))
        print(*(f"  {name} misses it" for name in short), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
