"""
The token's `exp` is a time, so the endpoint can wait for it. A timeout around
the whole loop ends the connection at that time, whether the client sends
messages or not, and tells it why: close 4401, `token expired`.

**What to look for**

- *outlives its token*: the first message is answered. The server closes when
  the token expires, and the second message is never sent.
- *sends nothing*: the same close. A check in the loop would wait for a message
  that never arrives. A timeout does not.
- In the ASGI lane, no `receive` comes before the close: the timeout cancelled
  the one that was waiting.
- A browser's script gets 4401 and the reason in `onclose`. It can fetch a new
  token and connect again. Codes 4000 to 4999 are for applications to use.

## Notes

Run *sends nothing* here and in the scenario before, one after the other.

The token's lifetime is 3 s for this demo. With 5 minutes, a client would
reconnect every 5 minutes. If that is too often, let the client send a new
token as a message, verify it, and move the deadline: `asyncio.timeout` returns
an object with `reschedule`.

Expiry handles tokens that nobody revoked. The next scenario shows what a
logout does during a connection.
"""

import asyncio
import time

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


def read_token(websocket: WebSocket) -> dict:
    _, _, token = websocket.headers.get("Authorization", "").partition(" ")
    required = {"require": ["exp", "sub"]}
    return jwt.decode(token, SECRET, algorithms=["HS256"], options=required)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    try:
        claims = read_token(websocket)
    except jwt.InvalidTokenError:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    try:
        async with asyncio.timeout(claims["exp"] - time.time()):
            async for text in websocket.iter_text():
                await websocket.send_text(f"{claims['sub']}: {text}")
    except TimeoutError:
        await websocket.close(code=4401, reason="token expired")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "Token expiry enforced"
# order = 31
# topics = ["sessions", "tokens", "expiry"]
# sources = [
#   "RFC 7519 section 4.1.4, the exp claim",
#   "RFC 6455 section 7.4.2, Reserved Status Code Ranges",
#   "OWASP WebSocket Security Cheat Sheet, Session Management",
#   "Python documentation, asyncio.timeout",
# ]
#
# [tool.wsplay.tokens]
# secret = "demo-only-secret-keep-yours-out-of-the-code"
# subject = "alice"
# lifetime = 3
#
# [[tool.wsplay.try]]
# name = "outlives its token"
# headers = [["Authorization", "Bearer {token.valid}"]]
# send = ["before", { wait = 4.5 }, "after"]
# expect.status = 101
# expect.received = ["alice: before"]
# expect.close = { code = 4401, reason = "token expired", by = "server" }
# expect.ended = "closed"
# expect.browser = { code = 4401, reason = "token expired", clean = true }
#
# [[tool.wsplay.try]]
# name = "sends nothing"
# headers = [["Authorization", "Bearer {token.valid}"]]
# send = [{ wait = 4.5 }]
# expect = { status = 101, received = [], ended = "closed", close = { code = 4401, reason = "token expired" } }
#
# [[tool.wsplay.try]]
# name = "already expired"
# headers = [["Authorization", "Bearer {token.expired}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "no token"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "outlives its token"
# question = "The token expires while its owner is connected. What does a script in a browser see?"
# hint = "Is there a WebSocket to carry a close frame? And who sends it?"
# explanation = """A 401 or 403 can only answer a handshake, and the handshake is over. An open connection ends with a
# close frame that has the app's own code and reason, and the script gets both. If the endpoint did not catch the
# timeout, the connection would drop without a close frame, and the script would see 1006."""
#
# [[tool.wsplay.challenge.choice]]
# text = "An error, and close code 1006: the connection is lost"
# holds = { browser = { code = 1006, clean = false } }
#
# [[tool.wsplay.challenge.choice]]
# text = "Close code 4401 with the reason `token expired`"
# holds = { browser = { code = 4401, reason = "token expired", clean = true } }
#
# [[tool.wsplay.challenge.choice]]
# text = "Close code 1008: policy violation is the only code a server may send here"
# holds = { browser = { code = 1008 } }
#
# [[tool.wsplay.challenge.choice]]
# text = "Nothing: the connection stays open, and the server no longer answers"
# holds = { ended = "open", received = ["alice: before"] }
# ///
