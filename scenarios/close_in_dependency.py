"""
The dependency closes the connection of a client without a token, and returns.
That looks final. But `close()` sends a message to the client, it does not
raise: FastAPI gets a result, `None`, and calls the endpoint with it.

**What to look for**

- *no token*: the client gets its 403, from the dependency. Look further down:
  the endpoint's `print` has run, with `None` as the user.
- The endpoint stops at `accept()` by chance: Starlette raises `Cannot call
  "send" once a close message has been sent.` Every client without a token
  leaves a stack trace in the log.
- Everything before `accept()` has already happened. Here, the endpoint adds
  the user `None` to the list of online users, and never removes it.
- *after a refused client*: alice connects and reads that list. `None` is in it.

The client sees nothing wrong, and neither does any test that looks only at the
client's side.

## Notes

Run *no token* and read out the 403. Ask "So it works?" Then scroll on.

Instead of the list, imagine a counter of seats, a one-time invitation that is
marked as used, or a message taken from a queue. All of these belong after the
accept, but the real bug is that the endpoint runs at all.

The fix: raise an exception, as scenario 13 does. It leaves the dependency, the
endpoint is not called, and FastAPI closes the connection. An `if user is None:
return` in each endpoint also works, until someone forgets one.

The endpoint declares `str` and gets `None`. FastAPI does not compare the
declared type with what the dependency returns.
"""

from typing import Annotated

from fastapi import Depends, FastAPI, WebSocket

app = FastAPI()

USERS = {"alicetoken": "alice"}
online = []


async def current_user(websocket: WebSocket):
    user = USERS.get(websocket.headers.get("X-Token", ""))
    if user is None:
        await websocket.close(code=4401, reason="log in first")
    return user


@app.websocket("/ws")
async def endpoint(
    websocket: WebSocket,
    user: Annotated[str, Depends(current_user)],
):
    print("welcome,", user)
    online.append(user)
    await websocket.accept()
    await websocket.send_text(f"online: {online}")
    await websocket.close()
    online.remove(user)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Close in a dependency"
# order = 16
# topics = ["dependencies", "order of messages"]
# flawed = true
# mended = "exception_in_dependency"
# sources = [
#   "FastAPI documentation, WebSockets, Using Depends and others",
#   "ASGI spec, WebSocket Close - send event",
#   "OWASP WebSocket Security Cheat Sheet, Authentication and Authorization",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 403
# expect.opened = false
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = { code = 4401, reason = "log in first" }
# expect.error = "InvalidStatus"
# expect.server_error = 'Cannot call "send" once a close message has been sent.'
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["X-Token", "alicetoken"]]
# expect.status = 101
# expect.received = [{ contains = "'alice'" }]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
# expect.server_error = "none"
#
# [[tool.wsplay.try]]
# name = "after a refused client"
# before = [{ connect = "no token" }]
# headers = [["X-Token", "alicetoken"]]
# expect = { status = 101, received = [{ contains = "None" }], ended = "closed", close = 1000 }
#
# [tool.wsplay.attack]
# let_in = "valid token"
# credential = "header:X-Token"
# prize = "online: "
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "no token"
# question = "The client sends no token. The dependency calls close(4401) and returns. What happens next?"
# hint = "How does FastAPI learn that a dependency refused the connection?"
# explanation = """A close is a message to the client. Only an exception stops the caller. The client was refused, and
# the endpoint still ran up to the first line that tried to send."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The client gets a 403, and the endpoint is not called"
# holds = { status = 403, server_error = "none" }
#
# [[tool.wsplay.challenge.choice]]
# text = "The client gets a 403, and the endpoint runs until its accept() raises"
# holds = { status = 403, server_error = 'Cannot call "send" once a close message has been sent.' }
#
# [[tool.wsplay.challenge.choice]]
# text = "The endpoint runs and accepts: the client is let in"
# holds = { opened = true, received = [{ contains = "online" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The endpoint runs and raises, so the client gets a 500"
# holds = { status = 500, server_error = "RuntimeError" }
#
# [[tool.wsplay.challenge.choice]]
# text = "The client gets close code 4401, and the endpoint is not called"
# holds = { close = 4401, server_error = "none" }
# ///
