"""
The check is a dependency, and it says no by raising `WebSocketException`. The
endpoint is then never called. The code of the exception is 4401; what comes of
it depends on when it is raised.

**What to look for**

- *no token*: raised before accept, so it is a close before accept, so it is a
  403. Starlette catches it and calls `close(4401, "log in first")`; that is in
  the ASGI lane, and it ends there.
- *a word too far*: the same class, raised after accept. Now there is a frame
  for it, and 4403 and its reason arrive.
- The exception is no failure of the app. It is caught on the way out: no stack
  trace, no 500, and nothing raised in the ASGI lane.
- An exception leaves everything: this dependency, those that wait for it, and
  the endpoint. A `close()` in its place does not (scenario 16).

## Notes

Play *no token* and *a word too far*. One exception, two moments, two entirely
different answers: let the room say why.

Everything behind `user: str = Depends(...)` may count on there being a user.
That is the point of the pattern, and a test of it needs one refused try for
each route that uses it.

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
# name = "a word too far"
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
# question = "A client without a token gets a 403, and the code 4401 is lost. Which change lets it read its close code?"
# hint = "A close code travels in a close frame. What has to be sent before the first frame?"
# explanation = """Each change was patched in and run. Which number it is and where it is raised make no difference:
# before accept, every close is a 403. What does it is an accept in front of the refusal."""
#
# [[tool.wsplay.challenge.choice]]
# text = "4401 is made up: raise it with 1008, which RFC 6455 defines"
# patch = [["code=4401", "code=1008"]]
# holds = { close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Call close(4401) in the dependency, in place of raising"
# patch = [['raise WebSocketException(code=4401, reason="log in first")', 'await websocket.close(code=4401, reason="log in first")']]
# holds = { close = 4401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Raise it in the endpoint, on its first line"
# patch = [['raise WebSocketException(code=4401, reason="log in first")', "return user"], ["    await websocket.accept()", "    if user is None:\n        raise WebSocketException(code=4401, reason=\"log in first\")\n    await websocket.accept()"]]
# holds = { close = 4401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "In the dependency, accept the connection before raising"
# patch = [['raise WebSocketException(code=4401, reason="log in first")', "await websocket.accept()\n        raise WebSocketException(code=4401, reason=\"log in first\")"]]
# holds = { close = 4401 }
# ///
