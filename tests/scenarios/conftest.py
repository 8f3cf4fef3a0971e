"""What is run once for many tests, however many processes share them out."""

import fcntl
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

Once = Callable[[str, Callable[[], Any]], Any]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """Do something once a session and keep what it came to, as JSON, for the tests in every process.

    A test that comes meanwhile, in another process, waits for it. Where it raises, every such test fails.
    """
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":  # the tests are shared out: each process has a folder in one that all have
        folder = folder.parent
    known: dict[str, Any] = {}

    def get(name: str, work: Callable[[], Any]) -> Any:
        if name not in known:
            kept = folder / f"{name}.json"
            with open(folder / f"{name}.lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not kept.exists():
                    try:
                        came = {"value": work()}
                    except Exception:
                        came = {"failure": traceback.format_exc()}
                    kept.write_text(json.dumps(came), encoding="utf-8")
            known[name] = json.loads(kept.read_text(encoding="utf-8"))
        if "failure" in known[name]:
            pytest.fail(known[name]["failure"], pytrace=False)
        return known[name]["value"]

    return get
