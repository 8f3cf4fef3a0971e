"""Everybody is accepted first and asked for a token then. The check is sound,
but there is no end to the waiting.

**What to look for**

- A client that says nothing is never asked to leave: a hundred of them cost
  a hundred sockets, and no password.
- A wrong token gets a real close code, 1008 with a reason: there is a
  WebSocket that can carry it.
- The token is a message. It stands in no header and in no log.

## Notes

Run *says nothing* and wait for somebody to ask how long. That is the point:
nobody decided. The mended form puts `asyncio.timeout` round the first
`receive_text`.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    token = await websocket.receive_text()
    try:
        claims = jwt.decode(
            token,
            SECRET,
            algorithms=["HS256"],
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        await websocket.close(code=1008, reason="token refused")
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
# title = "Ask by message"
# order = 46
# topics = ["designs", "first message"]
# flawed = true
# mended = "first_message_deadline"
# sources = [
#   "OWASP WebSocket Security Cheat Sheet",
#   "PyJWT documentation, API Reference, jwt.decode",
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
# expect = { opened = true, ended = "open", received = ["alice, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "forged token"
# send = ["{token.forged}"]
# expect.opened = true
# expect.received = []
# expect.close = { code = 1008, reason = "token refused", by = "server" }
# expect.browser = 1008
#
# [[tool.wsplay.try]]
# name = "says nothing"
# expect = { opened = true, ended = "open", received = [], asked = "none" }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "says nothing"
# question = "A client connects and says nothing at all. What does this endpoint do about it?"
# hint = "On which line does it wait, and what would end the waiting?"
# explanation = """receive_text() waits as long as the connection lasts. An endpoint that accepts before it knows who is
# there needs a deadline for the first message."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It refuses the handshake with HTTP 403"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It closes with 1008, token refused"
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Nothing: the connection stays open"
# holds = { opened = true, ended = "open", received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It sends the secret to nobody in particular"
# holds = { received = [{ contains = "the secret is" }] }
# ///
