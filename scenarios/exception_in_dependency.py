"""
The check is a dependency, and it refuses by raising `WebSocketException`. The
endpoint is then never called. The exception has code 4401. What the client
gets depends on when it is raised.

**What to look for**

- *no token*: the exception is raised before accept, so it becomes a close
  before accept, which is a 403. Starlette catches it and calls `close(4401,
  "log in first")`. The code is in the ASGI lane, but not on the wire.
- *forbidden command*: the same class, raised after accept. Now a close frame
  carries it, and the client gets 4403 and the reason.
- The exception is not a failure of the app. Starlette catches it: there is no
  stack trace, no 500, and no exception in the ASGI lane.
- An exception stops everything: this dependency, the dependencies that need
  it, and the endpoint. A `close()` in its place does not (scenario 16).

## Notes

Run *no token* and *forbidden command*. The same exception class at two moments
gives two entirely different answers: let the audience say why.

Code that has `user: str = Depends(...)` can rely on having a user. That is the
point of this pattern. To test it, add one refused try for each route that uses
it.

If a page has to read 4401, accept in the dependency before you raise. The
endpoint must then not accept again.
"""

from typing import Annotated

from fastapi import Depends, FastAPI, WebSocket, WebSocketException

app = FastAPI()

USERS = {"alicetoken": "alice"}


async def current_user(websocket: WebSocket) -> str:
    user = USERS.get(websocket.headers.get("X-Token", ""))
    if user is None:
        raise WebSocketException(code=4401, reason="log in first")
    return user


@app.websocket("/ws")
async def endpoint(
    websocket: WebSocket,
    user: Annotated[str, Depends(current_user)],
):
    await websocket.accept()
    async for text in websocket.iter_text():
        if text == "shutdown" and user != "root":
            raise WebSocketException(code=4403, reason="for root only")
        await websocket.send_text(f"{user}: {text}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "WebSocketException in a dependency"
# order = 13
# topics = ["dependencies", "close codes", "handshake"]
# sources = [
#   "FastAPI documentation, WebSockets, Using Depends and others",
#   "Starlette documentation, Exceptions, WebSocketException",
#   "ASGI spec, WebSocket Close - send event",
#   "RFC 6455 section 7.4.2, Reserved Status Code Ranges",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 403
# expect.opened = false
# expect.body = "none"
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = { code = 4401, reason = "log in first" }
# expect.asgi = ["websocket.close"]
# expect.error = "InvalidStatus"
# expect.server_error = "none"
# expect.browser = { error = true, code = 1006, reason = "" }
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["X-Token", "alicetoken"]]
# send = ["hello"]
# expect = { status = 101, opened = true, received = ["alice: hello"], close = "none", ended = "open" }
#
# [[tool.wsplay.try]]
# name = "forbidden command"
# headers = [["X-Token", "alicetoken"]]
# send = ["hello", "shutdown"]
# expect.status = 101
# expect.received = ["alice: hello"]
# expect.close = { code = 4403, reason = "for root only", by = "server" }
# expect.ended = "closed"
# expect.server_error = "none"
# expect.browser = { code = 4403, reason = "for root only", clean = true }
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["X-Token", "guess"]]
# expect = { status = 403, opened = false, asked = 4401, close = "none", browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "no token"
# question = """A client without a token gets a 403, and the code 4401 is lost. Which change lets the client read a
# close code?"""
# hint = "A close frame carries the close code. What has to be sent before the first frame?"
# explanation = """Each change was applied and run. Neither the number nor the place of the exception matters: before
# accept, every close becomes a 403. The fix is to accept before refusing."""
#
# [[tool.wsplay.challenge.choice]]
# text = "4401 is not a defined code: raise with 1008, which RFC 6455 defines"
# patch = [["code=4401", "code=1008"]]
# holds = { close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Call close(4401) in the dependency instead of raising"
# patch = [['raise WebSocketException(code=4401, reason="log in first")', 'await websocket.close(code=4401, reason="log in first")']]
# holds = { close = 4401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Raise in the endpoint, on its first line"
# patch = [['raise WebSocketException(code=4401, reason="log in first")', "return user"], ["    await websocket.accept()", "    if user is None:\n        raise WebSocketException(code=4401, reason=\"log in first\")\n    await websocket.accept()"]]
# holds = { close = 4401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "In the dependency, accept the connection before raising"
# patch = [['raise WebSocketException(code=4401, reason="log in first")', "await websocket.accept()\n        raise WebSocketException(code=4401, reason=\"log in first\")"]]
# holds = { close = 4401 }
# ///
