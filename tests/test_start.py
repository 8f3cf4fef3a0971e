import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_the_terminal_ui_starts_before_the_command_line_is_imported(tmp_path: Path) -> None:
    """In a pseudo-terminal, `wsplay` alone reaches `run_app` with neither click nor the library imported."""
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import sys\n"
        "import wsplay.tui.app as app\n"
        "def run_app(library, **options):\n"
        "    names = {'click', 'wsplay.scenario.library', 'wsplay.play.playground', 'fastapi'}\n"
        "    names |= {'websockets'}\n"
        "    sys.stdout.write('LOADED ' + ' '.join(sorted(names & set(sys.modules))) + '.')\n"
        "    sys.stdout.write(' SCENARIOS ' + str(len(library().scenarios) > 0))\n"
        "    return 7\n"
        "app.run_app = run_app\n"
        "sys.argv = ['wsplay']\n"
        "from wsplay.start import main\n"
        "main()\n"
    )
    leader, follower = os.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, str(probe)],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "TERM": "xterm"},
        )
        assert process.wait(60) == 7
        said = os.read(leader, 10_000).decode()
    finally:
        os.close(follower)
        os.close(leader)
    assert "LOADED ." in said
    assert "SCENARIOS True" in said


def test_python_m_wsplay_is_wsplay() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "wsplay", "--version"], capture_output=True, text=True, timeout=60
    )
    assert run.stdout.startswith("wsplay, version")
