"""
The token is the first message, and it has a deadline. The server closes a
client that sends nothing after one second, with a reason.

**What to look for**

- *sends nothing*: 101, and a second later a close frame, 1008 "no token in
  time". The socket, the task and the file descriptor are free again.
- *only pings*: the server's WebSocket library answers pings by itself, and the
  endpoint never sees them. They do not extend the deadline.
- *second message late* sends its token at once and then waits longer than the
  deadline. The timeout covers only one line. Messages after that have no time
  limit.
- *sends bytes*: `receive_text` raises `KeyError` on a binary message. If it is
  not caught, any client can cause a traceback in the log.
- A wrong token gets a different reason. There is a WebSocket by then, so code
  and reason reach the client.

## Notes

One second is for this demo. Phones on trains need five or ten seconds. Ten
seconds means ten times as many silent sockets, so limit them by address too.

Put `asyncio.timeout` around `receive_text` and nothing else. Around the whole
function, it would disconnect everyone after a second, including Alice.

Until the token is checked, any client can send one message of up to 16 MiB,
uvicorn's default (`ws_max_size`). A deadline limits the time, not the size.
"""

import asyncio

import jwt
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"
DEADLINE = 1.0  # seconds; use five or ten in production


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        async with asyncio.timeout(DEADLINE):
            token = await websocket.receive_text()
        options = {"require": ["exp", "sub"]}
        claims = jwt.decode(token, SECRET, ["HS256"], options)
    except TimeoutError:
        await websocket.close(code=1008, reason="no token in time")
        return
    except (jwt.InvalidTokenError, KeyError):  # KeyError: bytes, not text
        await websocket.close(code=1008, reason="token refused")
        return
    except WebSocketDisconnect:
        return
    await websocket.send_text(f"{claims['sub']}, the secret is 42")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "First message with a deadline"
# order = 26
# topics = ["tokens", "first message", "deadlines"]
# sources = [
#   "OWASP WebSocket Security Cheat Sheet",
#   "RFC 6455 section 5.5.2, Ping",
#   "Python documentation, asyncio.timeout",
#   "Uvicorn documentation, Settings, ws-max-size",
# ]
#
# [tool.wsplay.tokens]
# secret = "demo-only-secret-keep-yours-out-of-the-code"
# subject = "alice"
#
# [tool.wsplay.attack]
# let_in = "valid token"
# credential = "message"
# prize = "the secret is"
#
# [[tool.wsplay.try]]
# name = "valid token"
# send = ["{token.valid}"]
# expect = { status = 101, ended = "open", received = ["alice, the secret is 42"], asked = "none" }
#
# [[tool.wsplay.try]]
# name = "sends nothing"
# expect.status = 101
# expect.received = []
# expect.close = { code = 1008, reason = "no token in time", by = "server" }
# expect.ended = "closed"
# expect.browser = { opened = true, code = 1008, clean = true }
#
# [[tool.wsplay.try]]
# name = "only pings"
# send = [{ ping = "1" }, { wait = 0.3 }, { ping = "2" }, { wait = 0.3 }, { ping = "3" }, { wait = 0.3 }, { ping = "4" }]
# expect.received = []
# expect.close = { code = 1008, reason = "no token in time", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "second message late"
# send = ["{token.valid}", { wait = 1.5 }, "still here"]
# expect = { ended = "open", received = ["alice, the secret is 42", "still here"], asked = "none" }
#
# [[tool.wsplay.try]]
# name = "forged token"
# send = ["{token.forged}"]
# expect.received = []
# expect.close = { code = 1008, reason = "token refused", by = "server" }
# expect.ended = "closed"
# expect.browser = 1008
#
# [[tool.wsplay.try]]
# name = "sends bytes"
# send = [{ hex = "00 ff" }]
# expect.close = { code = 1008, reason = "token refused", by = "server" }
# expect.server_error = "none"
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "closes at once"
# send = [{ close = 1000 }]
# expect = { received = [], ended = "closed", server_error = "none", asked = "none" }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 120
# try = "only pings"
# question = """A client connects, sends no token, and pings every 0.3 seconds. The deadline for the first message is
# one second. What happens to the client?"""
# hint = "Who answers a ping: the endpoint, or something below it?"
# explanation = """Pings and pongs are control frames: the server's WebSocket library handles them, and they do not
# become ASGI messages. The endpoint waits for text, and its deadline does not depend on whether the peer is alive."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It stays connected: each ping restarts the deadline"
# holds = { opened = true, ended = "open" }
#
# [[tool.wsplay.challenge.choice]]
# text = 'The endpoint takes the first ping for a token: closed with "token refused"'
# holds = { close = { code = 1008, reason = "token refused" } }
#
# [[tool.wsplay.challenge.choice]]
# text = 'Closed after a second, with "no token in time"'
# holds = { close = { code = 1008, reason = "no token in time" } }
#
# [[tool.wsplay.challenge.choice]]
# text = "An exception ends it: receive_text() got something that is not text"
# holds = { ended = "dropped", server_error = "Error" }
# ///
