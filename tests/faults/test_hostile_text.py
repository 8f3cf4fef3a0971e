"""Escape codes and bidirectional marks, wherever they come from: shown, never obeyed, in any output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

#: Sets the terminal's title, clears the screen, moves the cursor, and turns the text around.
EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[1;1Hgone\u202eevil\u2066\x9b31m\u200b\x7f\r"
LITERAL = ascii(EVIL)
#: The same as TOML takes it.
TOML = json.dumps(EVIL).replace("\x7f", "\\u007f")
BODY = (
    f"evil = {LITERAL}\n"
    "print(evil)\n"
    "os.write(1, evil.encode())\n"
    "sys.stderr.write(evil + chr(10))\n"
    "logging.getLogger('mine').warning('log %s', evil)\n"
    "if 'refuse' in websocket.query_params:\n"
    "    connection = raw(websocket)\n"
    "    head = f'HTTP/1.1 403 {evil[:-1]}\\r\\nX-Evil: {evil[:-1]}\\r\\n'\n"
    "    connection.sendall(head.encode() + b'Content-Length: 6\\r\\n\\r\\nbody' + evil[:2].encode())\n"
    "    connection.shutdown(socket.SHUT_RDWR)\n"
    "    connection.close()\n"
    "    return\n"
    # What a server lets through in a header: no controls of ASCII's, but those of latin-1 and all marks.
    "raw_head = ''.join(char for char in evil if char > chr(127)).encode('utf-8')\n"
    "await websocket.accept(headers=[(b'x-evil', raw_head)])\n"
    "await websocket.send_text(evil)\n"
    "await websocket.send_text('[bold red]markup[/] [/')\n"
    "await websocket.send_bytes(evil.encode())\n"
    "if 'raise' in websocket.query_params:\n"
    "    raise ValueError(evil)\n"
    "await websocket.close(4000, evil)"
)
BLOCK = (
    f"[tool.wsplay]\ntitle = {TOML}\ntopics = [{TOML}]\n"
    f"[[tool.wsplay.try]]\nname = {TOML}\n"
    f'headers = [["X-Mine", "a"]]\nquery = [["q", {TOML}]]\nexpect = {{ received = [{TOML}] }}\n'
)


@pytest.fixture
def hostile(endpoint: Any) -> Path:
    """A scenario all of whose words are hostile, its file name among them."""
    path = endpoint(BODY, block=BLOCK)
    evil = path.with_name("evil\x1b[2J\u202e.py")
    evil.write_text(
        path.read_text().replace('"""A probe."""', '"""A probe. \u202e\n\n## Notes\n\x1b[2J\n"""')
    )
    return evil


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "-v"],
        ["run", "-v", "--query", "raise=1", "--path", "/ws"],
        ["run", "-v", "--query", "refuse=1"],
        ["run", "--json", "--query", "refuse=1"],
        ["run", "--path", "/\x1b[2J\u202e"],
        ["run", "--json"],
        ["run", "--json", "--query", "raise=1"],
        ["show", "--notes"],
        ["show", "--json"],
        ["run", "--try", "nothing like it"],
        ["run", "--all"],
    ],
    ids=" ".join,
)
def test_on_the_command_line(wsplay: Any, tools: Any, hostile: Path, words: list[str]) -> None:
    done = wsplay(words[0], str(hostile), *words[1:])
    assert tools.raw_in(done.stdout) == ""
    assert tools.raw_in(done.stderr) == ""
    assert "Traceback" not in done.stderr
    said = done.stdout + done.stderr
    if words[:2] == ["run", "--json"]:
        everything = "".join(text for line in tools.events(done.stdout) for text in texts(line))
        assert EVIL[:-1] in everything  # nothing is lost
    elif "--path" not in words and "--json" not in words:
        assert "␛" in said


def texts(value: Any) -> list[str]:
    """All text in some JSON."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list) else []


def test_in_the_list(wsplay: Any, tools: Any, hostile: Path) -> None:
    (hostile.parent / "broken\x1b[2J.py").write_text("def f(:\n")
    more = {"WSPLAY_SCENARIOS": str(hostile.parent)}
    for words in (["list"], ["list", "--json"], ["run", "evi"]):
        done = wsplay(*words, more=more)
        assert tools.raw_in(done.stdout + done.stderr) == ""
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        f"raise RuntimeError({LITERAL})\n",
        f"import wsplay_{'x'}\n# {EVIL}",
        f"x = '{EVIL[:4]}'\n(",
        f"app = {LITERAL}\n",
    ],
    ids=["raises", "import", "syntax", "app"],
)
def test_in_errors_of_what_does_not_load(wsplay: Any, tools: Any, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad\x1b[2J.py"
    path.write_text(text)
    for command in ("run", "serve"):
        done = wsplay(command, str(path))
        assert done.returncode == 3
        assert tools.raw_in(done.stdout + done.stderr) == ""
        assert "␛" in done.stderr
        assert "Traceback" not in done.stderr


def test_while_serving(start: Any, tools: Any, hostile: Path) -> None:
    served = start("serve", str(hostile), "-v")
    served.until("listening")
    hostile.write_text(f"raise RuntimeError({LITERAL})\n")
    served.until("not loaded")
    served.until("not loaded: .*\n")
    assert tools.raw_in(served.text) == ""


@pytest.mark.tmux
@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
def test_in_the_terminal(terminal: Any, tools: Any, hostile: Path, size: tuple[int, int]) -> None:
    terminal.start(str(hostile), size=size)
    terminal.until("READY")
    title = terminal.tmux("display-message", "-p", "#{pane_title}")
    terminal.keys("C-r")
    terminal.until("CLOSED 4000")
    terminal.keys("t", "Home", "i")
    for _ in range(30):  # every event, whole
        text = terminal.until("CLOSED 4000")
        assert tools.raw_in(text) == ""
        assert "wsplay" in text.splitlines()[0]  # nothing has cleared the screen or moved the cursor
        terminal.keys("Down")
    terminal.until("␛")
    assert terminal.tmux("display-message", "-p", "#{pane_title}") == title
    assert "owned" not in title
    terminal.keys("C-q")
    terminal.ended(0)
