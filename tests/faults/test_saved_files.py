"""What is saved while it is served: files that end or block the server, and modules of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

GOOD = "await websocket.close(4000, 'good')"


@pytest.mark.parametrize("bad", ["os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_saved_file_that_ends_the_server_leaves_the_previous_version(
    start: Any, endpoint: Any, bad: str
) -> None:
    path = endpoint(GOOD)
    served = start("serve", str(path))
    served.until("loaded probe in")
    good = path.read_text()
    path.write_text(good.replace("app = FastAPI()", f"{bad}; app = FastAPI()"))
    served.until(r"not loaded: probe\.py: the server's process .* meanwhile")
    served.until("the server was restarted with the previous version; save the file to try again")
    path.write_text(good + "\n# mended\n")
    served.until(r"previous version[\s\S]*loaded probe in")
    assert "Traceback" not in served.text


def test_a_save_ends_the_load_of_a_file_that_never_loads(
    start: Any, endpoint: Any, tmp_path: Path, tools: Any
) -> None:
    path = endpoint(GOOD)
    served = start("serve", str(path))
    served.until("loaded probe in")
    good = path.read_text()
    begun = f"open({str(tmp_path / 'begun')!r}, 'w').close()"
    path.write_text(good.replace("app = FastAPI()", f"{begun}\nwhile True: pass"))
    tools.until((tmp_path / "begun").exists)
    path.write_text(good + "\n# mended\n")
    served.until(r"loaded probe in[\s\S]*killed by SIGKILL[\s\S]*loaded probe in")
    assert "no response within" not in served.text  # it did not wait for the limit
    assert "Traceback" not in served.text


def test_a_module_that_the_scenario_imports_is_watched_too(start: Any, endpoint: Any, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "words.py").write_text("WORD = 'first'\n")
    path = endpoint(GOOD, before="from parts.words import WORD\nprint('WORD', WORD)")
    served = start("serve", str(path))
    served.until("WORD first")
    (folder / "words.py").write_text("WORD = 'second'\n")
    served.until("WORD second")
    (folder / "words.py").write_text("WORD = = 'broken'\n")
    served.until("not loaded: words.py, line 1: SyntaxError")
    (folder / "words.py").write_text("WORD = 'third, after a mistake'\n")
    served.until("WORD third")
    (folder / "words.py").write_text("WORD = 1 / 0\n")
    served.until("not loaded: .*ZeroDivisionError")
    (folder / "words.py").write_text("WORD = 'fourth, after another'\n")
    served.until("WORD fourth")


@pytest.mark.tmux
def test_in_the_terminal_the_next_good_save_brings_the_server_back(terminal: Any, endpoint: Any) -> None:
    path = endpoint(GOOD)
    terminal.start(str(path))
    terminal.until("READY", "● listening")
    good = path.read_text()
    path.write_text(good.replace("app = FastAPI()", "os._exit(7)\napp = FastAPI()"))
    terminal.until("code 7")
    path.write_text(good.replace("'good'", "'mended'"))
    terminal.until("● listening", "READY")
    terminal.keys("C-r")
    terminal.until('close 4000 "mended"')
    terminal.keys("C-q")
    terminal.ended(0)
