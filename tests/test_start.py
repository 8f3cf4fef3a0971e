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


#: Interrupts the program at the import of a module, as Ctrl+C can.
INTERRUPTS = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
        return None

sys.meta_path.insert(0, Interrupt())
"""


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("wsplay.cli.main", ["list"]),
        ("click", ["list"]),
        ("wsplay.cli.list", ["list"]),
        ("wsplay.scenario.library", ["run", "3"]),
        ("asyncio", ["serve", "3"]),
        ("wsplay.play.playground", ["run", "3"]),
        ("wsplay.cli.tour", ["3"]),
    ],
)
def test_ctrl_c_during_an_import_ends_without_a_traceback(
    tmp_path: Path, module: str, words: list[str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTS.format(module=module))
    run = subprocess.run(
        [sys.executable, "-m", "wsplay", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert run.returncode == 130, run.stderr
    assert run.stderr.strip() == "stopped"


@pytest.mark.parametrize("module", ["wsplay.tui.app", "textual.app"])
def test_ctrl_c_during_an_import_of_the_terminal_ui(tmp_path: Path, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTS.format(module=module))
    leader, follower = os.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "wsplay"],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(tmp_path)},
        )
        assert process.wait(60) == 130
        assert os.read(leader, 10_000) == b"stopped\r\n"
    finally:
        os.close(follower)
        os.close(leader)
