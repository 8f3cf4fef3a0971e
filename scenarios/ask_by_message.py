"""
The endpoint accepts every client and then asks for a token. The check is
sound, but the wait for the token has no limit.

**What to look for**

- The server never disconnects a client that sends nothing. A hundred such
  clients hold a hundred sockets, without a password.
- A wrong token gets a real close code, 1008 with a reason: there is a
  WebSocket that can carry it.
- The token is a message, so it is in no header and in no log.

## Notes

Run *says nothing* and wait until someone asks how long this takes. That is the
point: nobody decided. The fixed version puts `asyncio.timeout` around the
first `receive_text`.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


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
# title = "Token by message"
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
# question = "A client connects and sends nothing. What does this endpoint do?"
# hint = "At which line does the endpoint wait, and what would end the wait?"
# explanation = """receive_text() waits as long as the connection lasts. An endpoint that accepts before it has
# authenticated the client needs a deadline for the first message."""
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
# text = "It sends the secret anyway"
# holds = { received = [{ contains = "the secret is" }] }
# ///
