"""
A browser's `new WebSocket(url)` cannot set headers, so the token travels in the
URL: `/ws?token=...`. It works in every browser. It also works for everybody
who reads the server's log.

**What to look for**

- The check is sound: the token is verified before accept, and bad ones get a
  403.
- Server lane, at the handshake: uvicorn's line has the path *and the query*,
  token and all. Nobody wrote that line; it is on by default.
- *the support desk* connects after Alice, to a page that shows the last line
  about a handshake. Nothing is decoded or cracked there: the token stands in
  it, and is good until it expires.
- The same URL is in the log of every proxy on the way, and in what people
  paste into a ticket.

## Notes

Run *valid token* and look for the log line together. Then take the token from
it, put it in the client pane and connect: that is the whole attack.

What helps: a ticket in place of the token, good for one connection and some
seconds, so that the line in the log is worthless when somebody reads it. Or the
token elsewhere: in a subprotocol (the scenario after this one) or in the first
message. A log filter that cuts the query helps with one server, and not with
the proxy in front of it.

`live_log` is small on purpose, and open to all. Real ones are called Grafana.
"""

import logging
from contextlib import asynccontextmanager

import jwt
from fastapi import FastAPI, WebSocket

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"
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
# secret = "for-the-stage-only-keep-yours-out-of-the-code"
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
# name = "the support desk"
# path = "/support/log"
# before = [{ connect = "valid token" }]
# expect = { received = [{ contains = '"WebSocket /ws?token=eyJ' }], close = 1000 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 90
# try = "the support desk"
# question = """Alice connected with a good token in the query. Nothing about logging was set up but the defaults. Somebody
# at the support desk reads what the server logged about her handshake. What do they see?"""
# hint = "A handshake is a GET request. What does a server write down about one?"
# explanation = """uvicorn logs a handshake as it logs a request: address, path and query. A secret in a URL is a secret
# in every log on the way, and a token is good for whoever holds it."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Nothing: a WebSocket is no request, so no line is written"
# holds = { received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The path alone, `/ws`: the query is left out"
# holds = { received = [{ contains = '"WebSocket /ws"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The path, and a token that is masked: `/ws?token=***`"
# holds = { received = [{ contains = "token=*" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The path and the whole query: the token, ready to be used"
# holds = { received = [{ contains = '"WebSocket /ws?token=eyJ' }] }
# ///
