"""
The dependency closes the connection of a stranger, and returns. It reads like
the end of it. But a `close()` is a message to the client and not a `raise`:
FastAPI has a result, `None`, and calls the endpoint with it.

**What to look for**

- *no token*: the client gets its 403, from the dependency. Look further down.
  The endpoint's `print` has run, with `None` for a user.
- It stops at `accept()`, by chance: Starlette raises `Cannot call "send" once
  a close message has been sent.` Each stranger is a stack trace in the log.
- What stands before `accept()` has happened by then. Here a stranger is added
  to the list of who is online, and is never taken off it again.
- *after a stranger*: alice is let in and reads that list. `None` is on it.

The client's side is perfect, and so is every test that looks at it alone.

## Notes

Run *no token* and read out the 403. "So it works?" Then scroll on.

In place of the list imagine a counter of seats, a one-time invitation that is
marked as used, a message taken from a queue. All of that belongs after the
accept, too, but the flaw is that the endpoint runs at all.

The mend: raise, as scenario 13 does. An exception leaves the dependency and
the endpoint, and FastAPI does the closing. An `if user is None: return` in
each endpoint works as well, until someone forgets one.

The endpoint's type says `str`, and lies. Nothing compares it with what the
dependency returns.
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
#   "OWASP WebSocket Security Cheat Sheet, Authorization",
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
# name = "after a stranger"
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
# question = "No token came, and the dependency calls close(4401) and returns. What happens then?"
# hint = "How does FastAPI learn that a dependency did not want the connection?"
# explanation = """A close is a message to the client; only an exception ends the function that calls you. The client was
# refused and the endpoint ran all the same, up to the first line that tried to send."""
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
# text = "The endpoint runs and accepts: the stranger is in"
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
