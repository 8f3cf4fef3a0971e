"""
A browser's `new WebSocket(url)` cannot set headers, so the token is in the
URL: `/ws?token=...`. It works in every browser. But everyone who can read the
server's log can use the token, too.

**What to look for**

- The check is sound: the token is verified before accept, and bad tokens get a
  403.
- Server lane, at the handshake: uvicorn's log line has the path *and the
  query*, including the token. uvicorn writes this line by default.
- *reads the log* connects after Alice, to a page that shows the last log line
  about a handshake. Nothing has to be decoded or cracked: the token is in that
  line, and is valid until it expires.
- The same URL is in the log of every proxy on the way, and in the URLs that
  people paste into support tickets.

## Notes

Run *valid token* and find the log line together. Then copy the token from it,
put it in the client pane and connect: that is the whole attack.

What helps: a ticket instead of the token, valid for one connection and a few
seconds, so that the log line is worthless by the time someone reads it. Or
send the token elsewhere: in a subprotocol (the next scenario) or in the first
message. A log filter that removes the query helps for one server, but not for
the proxy in front of it.

`live_log` is small, and open to everyone, for this demo. Real projects use
tools like Grafana for this.
"""

import logging
from contextlib import asynccontextmanager

import jwt
from fastapi import FastAPI, WebSocket

SECRET = "demo-only-secret-keep-yours-out-of-the-code"
handshakes: list[str] = []


class Keep(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if '"WebSocket /ws' in record.getMessage():
            handshakes[:] = [record.getMessage()]


@asynccontextmanager
async def collect_logs(app: FastAPI):
    handler = Keep()
    logging.getLogger("uvicorn.error").addHandler(handler)
    yield
    logging.getLogger("uvicorn.error").removeHandler(handler)


app = FastAPI(lifespan=collect_logs)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket, token: str = ""):
    options = {"require": ["exp", "sub"]}
    try:
        claims = jwt.decode(token, SECRET, ["HS256"], options)
    except jwt.InvalidTokenError:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text(f"Hello, {claims['sub']}")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@app.websocket("/support/log")
async def live_log(websocket: WebSocket):
    await websocket.accept()
    for line in handshakes:
        await websocket.send_text(line)
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "Token in the query"
# order = 21
# topics = ["browsers", "query", "logs"]
# flawed = true
# mended = "one_time_ticket"
# sources = [
#   "WHATWG WebSockets Standard, the WebSocket constructor",
#   "RFC 6750 section 2.3, URI Query Parameter",
#   "OWASP WebSocket Security Cheat Sheet",
#   "Uvicorn documentation, Settings, Logging",
# ]
#
# [tool.wsplay.tokens]
# secret = "demo-only-secret-keep-yours-out-of-the-code"
# subject = "alice"
#
# [tool.wsplay.attack]
# let_in = "valid token"
# credential = "query:token"
# prize = "Hello, alice"
#
# [[tool.wsplay.try]]
# name = "valid token"
# query = [["token", "{token.valid}"]]
# origin = "https://shop.example"
# expect.status = 101
# expect.received = ["Hello, alice"]
# expect.ended = "open"
# expect.browser = { opened = true, error = false }
#
# [[tool.wsplay.try]]
# name = "no token"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "expired token"
# query = [["token", "{token.expired}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "reads the log"
# path = "/support/log"
# before = [{ connect = "valid token" }]
# expect = { received = [{ contains = '"WebSocket /ws?token=eyJ' }], close = 1000 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 90
# try = "reads the log"
# question = """Alice connected with a valid token in the query. Logging uses uvicorn's defaults. Someone reads what
# the server logged about her handshake. What do they see?"""
# hint = "A handshake is a GET request. What does a server log about one?"
# explanation = """uvicorn logs a handshake like any request: address, path and query. A secret in a URL is a secret
# in every log on the way, and anyone who has a token can use it."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Nothing: a WebSocket is not a request, so nothing is logged"
# holds = { received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Only the path, `/ws`, without the query"
# holds = { received = [{ contains = '"WebSocket /ws"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The path and a masked token: `/ws?token=***`"
# holds = { received = [{ contains = "token=*" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The path and the whole query, with the token, ready to use"
# holds = { received = [{ contains = '"WebSocket /ws?token=eyJ' }] }
# ///
