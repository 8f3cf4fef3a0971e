"""
The endpoint verifies the JWT before it answers the handshake, including `exp`.
After that, nothing checks the token again. The token lives for seconds here.
The connection lives as long as the client wants.

**What to look for**

- *outlives its token*: the token expires between two messages. Both are
  answered. Compare the `exp` claim with the time of the second one.
- *already expired*: such a token is refused at connect. Over HTTP, that check
  comes with every request. A WebSocket has only one request.
- In the ASGI lane, nothing between the two messages checks the token. A client
  that was let in stays connected: after a logout, after a password change,
  after the account was closed.

## Notes

Run *outlives its token* and keep talking while the token expires in the
timeline. Then ask "When will this connection end?" When the client closes it,
when the network fails, or when the server is deployed again.

Short-lived tokens limit what a thief can do with a stolen one. A WebSocket
that checks only once removes that limit: steal the token, connect within five
minutes, stay for a month.

The fix: the endpoint knows when the token expires, and waits for that time.
The next scenario shows it.
"""

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
    async for text in websocket.iter_text():
        await websocket.send_text(f"{claims['sub']}: {text}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "Token expires while connected"
# order = 30
# topics = ["sessions", "tokens", "expiry"]
# flawed = true
# mended = "expiry_checked"
# sources = [
#   "RFC 7519 section 4.1.4, the exp claim",
#   "OWASP WebSocket Security Cheat Sheet, Session Management",
#   "PyJWT documentation, Expiration Time Claim",
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
# send = ["before", { wait = 3.1 }, "after"]
# expect.status = 101
# expect.received = ["alice: before", "alice: after"]
# expect.close = "none"
# expect.ended = "open"
#
# [[tool.wsplay.try]]
# name = "sends nothing"
# headers = [["Authorization", "Bearer {token.valid}"]]
# send = [{ wait = 3.1 }]
# expect = { status = 101, received = [], close = "none", ended = "open" }
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
# level = "advanced"
# seconds = 150
# try = "sends nothing"
# question = "Alice connects and only listens. Which change disconnects her when her token expires?"
# hint = "Which of these lines runs at the moment the token expires?"
# explanation = """A check in the loop runs when a message arrives, and she sends none. PyJWT checks `exp` only when
# it decodes, with or without leeway. Something has to wait for the time itself: a timeout around the loop, or a
# separate task."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Decode the token again for each message"
# patch = [["        await websocket.send_text(", "        read_token(websocket)\n        await websocket.send_text("]]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Decode with `leeway=0`, so that PyJWT allows no extra time"
# patch = [["options=required)", "options=required, leeway=0)"]]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Put `asyncio.timeout` around the loop, with the time left until `exp`, and close when it fires"
# patch = [
#   ["import jwt\n", "import asyncio\nimport time\n\nimport jwt\n"],
#   ["""
#     async for text in websocket.iter_text():
#         await websocket.send_text(f"{claims['sub']}: {text}")
# """, """
#     try:
#         async with asyncio.timeout(claims["exp"] - time.time()):
#             async for text in websocket.iter_text():
#                 await websocket.send_text(f"{claims['sub']}: {text}")
#     except TimeoutError:
#         await websocket.close(4401)
# """],
# ]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Compare `exp` with the clock once more, right after `accept()`"
# patch = [
#   ["import jwt\n", "import time\n\nimport jwt\n"],
#   ["    await websocket.accept()\n", """
#     await websocket.accept()
#     if time.time() >= claims["exp"]:
#         await websocket.close(4401)
#         return
# """],
# ]
# holds = { ended = "closed" }
# ///
