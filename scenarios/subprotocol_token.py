"""
The one header that a page can fill: `new WebSocket(url, ["chat.v1", token])`
sends `Sec-WebSocket-Protocol: chat.v1, eyJ...`. The token is in no URL, and
uvicorn's log has no headers. It needs one extra argument in `accept()`, and
`/silent` has forgotten it.

**What to look for**

- `/ws` answers with `sec-websocket-protocol: chat.v1`. The server selected one
  of the page's offers, and the connection opens.
- `/silent` accepts, sends its greeting, and selects no subprotocol. Our client
  allows that. A browser fails the connection: an error, then 1006, although
  the wire shows 101 and the server sees no error.
- The server echoes only the name, never the token. What it echoes goes back
  over the wire, and a script can read it as `ws.protocol`.
- A JWT is a valid subprotocol name, because base64url and dots are allowed. A
  `/`, an `=` or a space is not: the constructor throws.

## Notes

Run *not echoed* and let the audience judge by the wire: 101, a message,
everything fine. Then point at the last line of the verdict, what a browser's
script sees. This is "It works in my tests and not in Chrome".

The WHATWG standard tells a browser to fail if it offered subprotocols and the
server selected none. RFC 6455 lets a client go on, and a Python client does.

This header was not designed for tokens. Some proxies log headers, and then the
token is in that log.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


def name_of(websocket: WebSocket) -> str:
    """Read offers of the form `chat.v1, <token>`."""
    offered = websocket.scope["subprotocols"]
    if len(offered) != 2 or offered[0] != "chat.v1":
        raise jwt.InvalidTokenError("unexpected offer")
    options = {"require": ["exp", "sub"]}
    return jwt.decode(offered[1], SECRET, ["HS256"], options)["sub"]


@app.websocket("/ws")
async def echoed(websocket: WebSocket):
    try:
        user = name_of(websocket)
    except jwt.InvalidTokenError:
        await websocket.close(code=1008)
        return
    await websocket.accept(subprotocol="chat.v1")
    await websocket.send_text(f"Hello, {user}")
    await websocket.receive()


@app.websocket("/silent")
async def not_echoed(websocket: WebSocket):
    try:
        user = name_of(websocket)
    except jwt.InvalidTokenError:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text(f"Hello, {user}")
    await websocket.receive()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "Token as a subprotocol"
# order = 22
# topics = ["browsers", "subprotocols", "tokens"]
# sources = [
#   "RFC 6455 section 4.1, Client Requirements",
#   "RFC 6455 section 11.3.4, Sec-WebSocket-Protocol",
#   "WHATWG WebSockets Standard, Opening handshake",
#   "ASGI spec, WebSocket Accept - send event",
# ]
#
# [tool.wsplay.tokens]
# secret = "demo-only-secret-keep-yours-out-of-the-code"
# subject = "alice"
#
# [tool.wsplay.attack]
# let_in = "echoed"
# credential = "subprotocol"
# prize = "Hello, alice"
#
# [[tool.wsplay.try]]
# name = "no token"
# subprotocols = ["chat.v1"]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "echoed"
# subprotocols = ["chat.v1", "{token.valid}"]
# expect.status = 101
# expect.opened = true
# expect.subprotocol = "chat.v1"
# expect.received = ["Hello, alice"]
# expect.ended = "open"
# expect.browser = { opened = true, error = false }
#
# [[tool.wsplay.try]]
# name = "not echoed"
# path = "/silent"
# subprotocols = ["chat.v1", "{token.valid}"]
# expect.status = 101
# expect.opened = true
# expect.subprotocol = "none"
# expect.received = ["Hello, alice"]
# expect.ended = "open"
# expect.browser = { opened = false, error = true, code = 1006, clean = false }
#
# [[tool.wsplay.try]]
# name = "forged token"
# subprotocols = ["chat.v1", "{token.forged}"]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "token in the query"
# query = [["token", "{token.valid}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008 }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "not echoed"
# question = """A page runs new WebSocket("/silent", ["chat.v1", token]) with a valid token. The endpoint there
# verifies it and calls accept(), without arguments. What happens?"""
# hint = "The page offered two subprotocols. Which one did the server select, and who checks that?"
# explanation = """A 101 does not complete the handshake: the client checks it. Browsers fail a connection if
# subprotocols were offered and none was selected. Other clients go on without one. accept(subprotocol=...) selects
# one."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and the page receives the greeting"
# holds = { browser = { opened = true, received = ["Hello, alice"] } }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server refuses it with HTTP 403: no subprotocol fits"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server answers 101, and the browser fails the connection with 1006"
# holds = { status = 101, browser = { opened = false, error = true, code = 1006 } }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server selects the first offer, chat.v1, by itself"
# holds = { status = 101, subprotocol = "chat.v1" }
# ///
