"""What is copied for another tool must ask for the same thing, and be data to a shell."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsplay.export.request import FORMS, as_curl, as_python, as_websocat, as_wscat, quote
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText, Wait

URL = "ws://127.0.0.1:8765"
SHELL = shutil.which("bash")

#: Any text a shell word can hold: no NUL, no lone surrogates.
words = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30)


@pytest.mark.skipif(SHELL is None, reason="no bash")
@given(st.lists(words, min_size=25, max_size=25))
@settings(max_examples=12, deadline=None)
def test_a_shell_reads_quoted_text_as_one_word_of_data(texts: list[str]) -> None:
    assert SHELL is not None
    # \1 ends each word: a text cannot be told from its end otherwise.
    texts = [text.replace("\1", "") for text in texts]
    script = "printf '%s\\1' " + " ".join(quote(text) for text in texts)
    done = subprocess.run(
        [SHELL, "--norc", "-c", script],
        capture_output=True,
        timeout=20,
        check=True,
        env={"LC_ALL": "C.UTF-8"},
    )
    assert done.stdout.decode().split("\1")[:-1] == texts


@pytest.mark.parametrize("form", sorted(FORMS))
@given(value=words)
@settings(max_examples=60, deadline=None)
def test_no_control_character_is_written_raw(form: str, value: str) -> None:
    handshake = Handshake(headers=(("X-A", value),), subprotocols=(value,), query=(("q", value),))
    written = FORMS[form](URL, handshake)
    # Only the line feeds of the program itself may stand there.
    assert not {ord(c) for c in written} & ({*range(32), 127, 0x202E, 0x2066} - {10})


def test_quoting_leaves_plain_words_plain() -> None:
    assert quote("abc") == "abc"
    assert quote("it's $HOME") == "'it'\"'\"'s $HOME'"
    assert quote("\x1b[2Jé") == "$'\\033[2Jé'"
    assert quote("a'\n9") == "$'a\\'\\n9'"


def test_wscat() -> None:
    handshake = Handshake(
        headers=(("Authorization", "validtoken"), ("X-A", "1"), ("x-a", "2")),
        subprotocols=("chat", "v2"),
        omit=("Host", "a;b\n"),
        steps=(SendText("hello world"),),
        query=(("a", "b c"),),
    )
    written = as_wscat(URL, handshake)
    assert written.splitlines() == [
        "# of headers with the same name, wscat sends only the last",
        "# wscat cannot leave out Host, a?b?",
        "wscat --connect 'ws://127.0.0.1:8765/ws?a=b+c' --header 'Authorization: validtoken' "
        "--header 'X-A: 1' --header 'x-a: 2' --subprotocol chat --subprotocol v2 --execute 'hello world'",
    ]


def test_websocat_has_no_option_that_could_swallow_the_url() -> None:
    handshake = Handshake(headers=(("A", "1"), ("A", "2")), subprotocols=("chat", "v2"))
    assert as_websocat(URL, handshake) == (
        "websocat --header='A: 1' --header='A: 2' --protocol='chat, v2' ws://127.0.0.1:8765/ws"
    )


async def head_from(ask: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """Run a command against a raw socket in `URL`'s place; return the request line and headers it sent."""
    heads: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        command = [word.replace(URL[2:], f"://{host}:{port}") for word in ask]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(20):
                head = await heads.get()
                await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = [line.split(":", 1) for line in rest]
    return first, [(name, value.strip()) for name, value in pairs]


ASKED = Handshake(
    path="/ws/[a]",
    query=(("token", "a b&c"),),
    headers=(("Authorization", "it's $HOME `x`"), ("X-A", "1"), ("X-A", "2"), ("Empty", "")),
    subprotocols=("chat", "v2"),
    omit=("User-Agent",),
    compression=False,
)


@pytest.mark.skipif(SHELL is None or shutil.which("curl") is None, reason="no bash or no curl")
async def test_curl_sends_what_was_asked_for() -> None:
    assert SHELL is not None
    first, headers = await head_from([SHELL, "--norc", "-c", as_curl(URL, ASKED)])
    assert first == "GET /ws/[a]?token=a+b%26c HTTP/1.1"
    assert [pair for pair in headers if pair[0] in ("Authorization", "X-A", "Empty")] == list(ASKED.headers)
    named = {name.lower(): value for name, value in headers}
    assert named["sec-websocket-protocol"] == "chat, v2"
    assert named["upgrade"] == "websocket"
    assert "user-agent" not in named
    assert "sec-websocket-extensions" not in named


async def test_python_sends_what_was_asked_for() -> None:
    first, headers = await head_from([sys.executable, "-c", as_python(URL, ASKED)])
    assert first == "GET /ws/[a]?token=a+b%26c HTTP/1.1"
    assert [pair for pair in headers if pair[0] in ("Authorization", "X-A", "Empty")] == list(ASKED.headers)
    named = {name.lower(): value for name, value in headers}
    assert named["sec-websocket-protocol"] == "chat, v2"
    assert "user-agent" not in named
    assert "sec-websocket-extensions" not in named


def test_python_takes_every_step_and_says_what_it_cannot_do() -> None:
    steps = (
        SendText("hi"),
        SendBinary(b"\x00"),
        Ping("p"),
        Wait(0.5),
        Close(4000, "bye"),
    )
    written = as_python(
        URL, Handshake(headers=(("Host", "a"), ("User-Agent", "u")), omit=("Sec-WebSocket-Key",), steps=steps)
    )
    compile(written, "copied", "exec")
    assert "await websocket.send('hi')\n" in written
    assert "await websocket.send(b'\\x00')\n" in written
    assert "await websocket.ping('p')\n" in written
    assert "await asyncio.sleep(0.5)\n" in written
    assert "await websocket.close(4000, 'bye')\n" in written
    assert "# websockets cannot leave out Sec-WebSocket-Key\n" in written
    assert "# websockets adds its own header as well as Host\n" in written
