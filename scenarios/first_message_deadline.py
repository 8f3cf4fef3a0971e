"""
The token comes as the first message, and it has to come soon. Whoever says
nothing is shown out after a second, with a reason.

**What to look for**

- *says nothing*: 101, and a second later a close frame, 1008 "no token in
  time". The socket, the task and the file descriptor are free again.
- *only pings*: the server's library answers pings by itself, and the endpoint
  never hears of them. They buy no time.
- *late talker* sends its token at once and then thinks for longer than the
  deadline. The `timeout` stands round one line; the conversation after it has
  all the time there is.
- *sends bytes*: `receive_text` raises `KeyError` on a binary message. Not
  caught, it would be a traceback that any stranger can order.
- A wrong token gets another reason. There is a WebSocket by then, so code and
  reason arrive as they were sent.

## Notes

One second is for the stage. Phones on trains need five or ten, and the price
of ten is ten times as many silent sockets, so limit them by address too.

`asyncio.timeout` round `receive_text`, and nothing more inside. Round the whole
function, it would throw out everybody after a second, Alice included.

Until the token is checked, a stranger may send one message of 16 MiB, which is
uvicorn's default (`ws_max_size`). A deadline bounds the time, not the size.
"""

import asyncio

import jwt
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"
DEADLINE = 1.0  # seconds; five or ten elsewhere


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
    except (jwt.InvalidTokenError, KeyError):  # KeyError: bytes, no text
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
# title = "First message, with a deadline"
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
# secret = "for-the-stage-only-keep-yours-out-of-the-code"
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
# name = "says nothing"
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
# name = "late talker"
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
# name = "leaves at once"
# send = [{ close = 1000 }]
# expect = { received = [], ended = "closed", server_error = "none", asked = "none" }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 120
# try = "only pings"
# question = """A client connects, sends no token, and pings every 0.3 seconds. The deadline for the first message is one
# second. What becomes of the client?"""
# hint = "Who answers a ping: the endpoint, or something before it?"
# explanation = """Pings and pongs are control frames: the server's WebSocket library deals with them, and no ASGI message
# is made of them. An endpoint waits for text, and a deadline round that waiting knows nothing of who is still breathing."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It stays: each ping is a sign of life, and starts the second anew"
# holds = { opened = true, ended = "open" }
#
# [[tool.wsplay.challenge.choice]]
# text = 'The first ping is taken for a token: closed with "token refused"'
# holds = { close = { code = 1008, reason = "token refused" } }
#
# [[tool.wsplay.challenge.choice]]
# text = 'Closed after a second, with "no token in time"'
# holds = { close = { code = 1008, reason = "no token in time" } }
#
# [[tool.wsplay.challenge.choice]]
# text = "An exception ends it: receive_text() got something that is no text"
# holds = { ended = "dropped", server_error = "Error" }
# ///
