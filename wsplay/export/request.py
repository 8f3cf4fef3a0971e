"""A handshake for another tool: a `wscat`, `websocat` or `curl` command, or Python code.

If a tool cannot send something (the same header twice, a request without an automatic header), a comment
above the command says so. Text is quoted so that a shell takes it as data.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake
from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText, Step, Wait

#: The key of RFC 6455 section 1.3, for tools that do not generate one.
SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="

#: Characters that curl expands in a URL (curl's "URL globbing").
_GLOB = frozenset("[]{}")

_ANSI_C = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "'": "\\'"}


def quote(text: str) -> str:
    """`text` as one word of a shell.

    Plain words are not quoted, printable text is in single quotes. Control and invisible characters could
    affect the terminal they are pasted into, so they become escapes inside `$'...'` (bash, zsh, ksh and
    POSIX.1-2024).
    """
    if visible(text) == text:
        return shlex.quote(text)
    written = []
    for character in text:
        if character in _ANSI_C:
            written.append(_ANSI_C[character])
        elif visible(character) == character:
            written.append(character)
        else:
            # A three-digit octal escape has a fixed end; \x would include a hex digit that follows.
            written.extend(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
    return "$'" + "".join(written) + "'"


def as_wscat(url: str, handshake: Handshake) -> str:
    """The handshake as a `wscat` command. `url` is `ws://host:port`, without a path."""
    words = ["wscat", "--connect", quote(url + handshake.target)]
    remarks = []
    # wscat keeps headers in an object: of two with the same name it sends only the last.
    if _repeated(handshake):
        remarks.append("of headers with the same name, wscat sends only the last")
    for name, value in handshake.headers:
        words += ["--header", quote(f"{name}: {value}")]
    for protocol in handshake.subprotocols:
        words += ["--subprotocol", quote(protocol)]
    match handshake.steps:
        case ():
            pass
        case (SendText(text),):
            words += ["--execute", quote(text)]
        case _:
            remarks.append("send the messages by hand")
    if handshake.omit:
        remarks.append("wscat cannot leave out " + _names(handshake.omit))
    return _command(words, remarks)


def as_websocat(url: str, handshake: Handshake) -> str:
    """The handshake as a `websocat` command. `url` is `ws://host:port`, without a path."""
    # `--header=`, because a bare `-H` takes the following arguments too.
    words = ["websocat"]
    words += ["--header=" + quote(f"{name}: {value}") for name, value in handshake.headers]
    if handshake.subprotocols:
        words.append("--protocol=" + quote(", ".join(handshake.subprotocols)))
    words.append(quote(url + handshake.target))
    remarks = ["send the messages by hand"] if handshake.steps else []
    if handshake.omit:
        remarks.append("websocat cannot leave out " + _names(handshake.omit))
    return _command(words, remarks)


def as_curl(url: str, handshake: Handshake) -> str:
    """The handshake as a `curl` command that prints the response head. `url` is `ws://host:port`, no path.

    It uses plain HTTP/1.1 and explicit upgrade headers, so any curl works, and a refusal is shown with its
    body. It stops after five seconds, because curl keeps waiting on an accepted connection.
    """
    target = handshake.target
    words = ["curl", "--include", "--no-buffer", "--http1.1", "--max-time", "5"]
    if _GLOB & set(target):
        words.append("--globoff")
    if "/." in target:
        words.append("--path-as-is")
    own = {name.lower() for name, _ in handshake.headers}
    left_out = {name.lower() for name in handshake.omit}
    automatic = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", SAMPLE_KEY),
        ("Sec-WebSocket-Version", "13"),
    ]
    if handshake.subprotocols:
        automatic.append(("Sec-WebSocket-Protocol", ", ".join(handshake.subprotocols)))
    if handshake.compression:
        automatic.append(("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"))
    for name, value in automatic:
        if name.lower() not in own | left_out:
            words += ["--header", quote(f"{name}: {value}")]
    for name in ("Host", "User-Agent"):
        if name.lower() in left_out - own:
            words += ["--header", quote(f"{name}:")]
    for name, value in handshake.headers:
        # curl reads "Name:" as "leave it out" and "Name;" as "send it empty".
        words += ["--header", quote(f"{name}: {value}" if value.strip() else f"{name};")]
    words.append(quote(url.replace("ws", "http", 1) + target))
    return _command(words, ["curl sends no messages"] if handshake.steps else [])


def as_python(url: str, handshake: Handshake) -> str:
    """The handshake as a Python program with the `websockets` library. `url` is `ws://host:port`, no path."""
    arguments = [repr(url + handshake.target)]
    remarks = []
    overridden = {name.lower() for name, _ in handshake.headers}
    if handshake.headers:
        pairs = "".join(f"            ({name!r}, {value!r}),\n" for name, value in handshake.headers)
        arguments.append(f"additional_headers=[\n{pairs}        ]")
    if handshake.subprotocols:
        arguments.append(f"subprotocols=[{', '.join(map(repr, handshake.subprotocols))}]")
    if not handshake.compression:
        arguments.append("compression=None")
    omitted = {name.lower() for name in handshake.omit}
    if "user-agent" in omitted - overridden:
        arguments.append("user_agent_header=None")
    cannot = [name for name in handshake.omit if name.lower() != "user-agent"]
    if cannot:
        remarks.append("websockets cannot leave out " + _names(cannot))
    doubled = [
        name
        for name in AUTOMATIC_HEADERS
        if name.lower() in overridden and name.lower() not in ("user-agent", "origin")
    ]
    if doubled:
        remarks.append("websockets adds its own header as well as " + _names(doubled))
    arguments.append("proxy=None")
    arguments.append(f"open_timeout={handshake.open_timeout:g}")
    steps = map(_python_step, handshake.steps)
    lines = [
        *(f"# {remark}" for remark in remarks),
        "import asyncio",
        "",
        "import websockets",
        "",
        "",
        "async def main() -> None:",
        "    async with websockets.connect(",
        *(f"        {argument}," for argument in arguments),
        "    ) as websocket:",
        *(f"        {line}" for line in steps),
        "        async for message in websocket:",
        "            print(repr(message))",
        '        print("closed", websocket.close_code, repr(websocket.close_reason))',
        "",
        "",
        "asyncio.run(main())",
        "",
    ]
    return "\n".join(lines)


#: Every form in which a request can be written, by its name.
FORMS: Mapping[str, Callable[[str, Handshake], str]] = {
    "wscat": as_wscat,
    "websocat": as_websocat,
    "curl": as_curl,
    "Python": as_python,
}


def _python_step(step: Step) -> str:
    match step:
        case SendText(message) | SendBinary(message):
            return f"await websocket.send({message!r})"
        case Ping(payload):
            return f"await websocket.ping({payload!r})"
        case Wait(seconds):
            return f"await asyncio.sleep({seconds:g})"
        case Close(code, reason):
            return f"await websocket.close({code!r}, {reason!r})"
        case HttpRequest():
            return f"# send an HTTP request here: {step}"


def _repeated(handshake: Handshake) -> bool:
    names = [name.lower() for name, _ in handshake.headers]
    return len(names) != len(set(names))


def _names(names: tuple[str, ...] | list[str]) -> str:
    # A shell without interactive comments would run their text: keep to a token's plain characters.
    return ", ".join(re.sub(r"[^\w-]", "?", name, flags=re.ASCII) for name in names)


def _command(words: list[str], remarks: list[str]) -> str:
    # A remark is on its own line before the command: zsh has no comments at the end of a typed line.
    # No line feed at the end: pasting must not run the command.
    return "".join(f"# {remark}\n" for remark in remarks) + " ".join(words)
