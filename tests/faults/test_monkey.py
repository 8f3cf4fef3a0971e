"""Random input in a short form; `python -m tests.faults.monkey` plays as long as wanted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_random_input_for_a_few_seconds() -> None:
    words = [
        "--seconds",
        "10",
        "--seed",
        "7",
        "--screen",
        "main",
        "--screen",
        "palette",
        "--screen",
        "toasts",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.monkey", *words],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "held" in done.stdout
