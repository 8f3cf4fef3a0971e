"""
The JWT is verified before the handshake is answered, `exp` and all. Then nobody
looks at it again. The token lives for seconds here; the connection lives for
as long as the client likes.

**What to look for**

- *outlives its token*: two messages with the token's end between them. Both
  are answered. Put the `exp` claim beside the time of the second one.
- *already expired*: the same token, a moment later at the door, is refused.
  Over HTTP that check comes with every request; a WebSocket has one request.
- Nothing in the ASGI lane between the two messages asks for anything. Whoever
  was let in stays in: after a logout, after a password change, after the
  account was closed.

## Notes

Run *outlives its token* and keep talking: the timeline waits for the token to
run out. Then ask "When will this connection end?" When the client closes it,
when the network breaks, when the server is deployed again.

Short-lived tokens are chosen to limit what a stolen one can do. A WebSocket
that checks once takes that limit away: steal it, connect within five minutes,
stay for a month.

The mend knows the second in which the token ends, and waits for it. It is the
next scenario.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"


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
# title = "Token expires, nobody looks"
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
# secret = "for-the-stage-only-keep-yours-out-of-the-code"
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
# name = "says nothing"
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
# try = "says nothing"
# question = "Alice connects and only listens. With which change is she cut off when her token runs out?"
# hint = "Which of these lines runs in the second in which the token ends?"
# explanation = """A check in the loop runs when a message comes, and she sends none. PyJWT looks at `exp` when it decodes
# and at no other time, with or without leeway. It takes something that waits for the time itself: a timeout round the
# loop, or a task of its own."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Decode the token again for each message that comes"
# patch = [["        await websocket.send_text(", "        read_token(websocket)\n        await websocket.send_text("]]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Decode with `leeway=0`, so that PyJWT allows no second more"
# patch = [["options=required)", "options=required, leeway=0)"]]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Put `asyncio.timeout` round the loop, for as long as `exp` leaves, and close when it strikes"
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
