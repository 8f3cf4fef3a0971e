"""
One dependency protects an HTTP route and a WebSocket. It raises
`HTTPException(401)`. On the WebSocket this works too: the handshake is HTTP,
and the response goes out instead of the 101.

**What to look for**

- *no token*: `401` on the wire, with `WWW-Authenticate` and JSON. FastAPI's
  exception handler makes the response, and Starlette sends it as a denial
  response.
- *a GET first*: `GET /me` is refused with the same status, header and body.
- ASGI lane: the framework sends `websocket.http.response.start` and `.body`.
  No line of the endpoint is in the timeline.
- The dependency takes an `HTTPConnection`, the base class of `Request` and
  `WebSocket`. With `Request`, it would work for one route and raise a
  TypeError for the other.
- A browser's script does not see the 401, only 1006.

## Notes

Compare with scenario 13. Same place, same client: `WebSocketException` becomes
an empty 403, `HTTPException` becomes the response you wrote. For clients that
are programs, this is the better refusal.

This works only before `accept()`. Put `raise HTTPException(403)` after it and
run: the handler sends an HTTP response on an open WebSocket, the server raises
a RuntimeError, and the client gets a 1006. After accept, use
`WebSocketException`.

Before denial responses existed, an `HTTPException` here was a 500, and many
answers on the web still say so.
"""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, WebSocket
from fastapi.requests import HTTPConnection

app = FastAPI()

USERS = {"alicetoken": "alice"}


async def current_user(conn: HTTPConnection) -> str:
    user = USERS.get(conn.headers.get("X-Token", ""))
    if user is None:
        how = {"WWW-Authenticate": 'X-Token realm="wsplay"'}
        raise HTTPException(401, "Log in first", headers=how)
    return user


User = Annotated[str, Depends(current_user)]


@app.get("/me")
async def me(user: User):
    return {"user": user}


@app.websocket("/ws")
async def endpoint(websocket: WebSocket, user: User):
    await websocket.accept()
    await websocket.send_text(f"Hello, {user}")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "HTTPException in a dependency"
# order = 14
# topics = ["dependencies", "401", "handshake"]
# sources = [
#   "ASGI spec, Websocket Denial Response extension",
#   "RFC 9110 section 15.5.2, 401 Unauthorized",
#   "FastAPI documentation, Handling Errors, HTTPException",
#   "FastAPI documentation, Reference, HTTPConnection class",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 401
# expect.opened = false
# expect.body = '{"detail":"Log in first"}'
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = "none"
# expect.asgi = ["websocket.http.response.start", "websocket.http.response.body"]
# expect.error = "InvalidStatus"
# expect.server_error = "none"
# expect.browser = { error = true, code = 1006, reason = "" }
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["X-Token", "alicetoken"]]
# expect.status = 101
# expect.received = ["Hello, alice"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["X-Token", "guess"]]
# expect = { status = 401, opened = false, body = "Log in first", ended = "refused", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "a GET first"
# before = [{ http = "GET /me" }]
# expect = { status = 401, opened = false, body = "Log in first", ended = "refused", browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "wrong token"
# question = "The dependency raises HTTPException(401) on a WebSocket. What does a client with a wrong token get?"
# hint = "The dependency runs before accept(). Which protocol does the connection use until then?"
# explanation = """Until accept, the exchange is HTTP, and the server can send a complete response: FastAPI turns the
# exception into one, as on any route. The server has to support ASGI's denial response. All three uvicorn
# implementations do."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: HTTPException is not for WebSockets, and nothing catches it"
# holds = { opened = false, status = 500, server_error = "HTTPException" }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403 with an empty body, as for every refusal before accept"
# holds = { opened = false, status = 403, body = "none" }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 401 with the detail as JSON"
# holds = { opened = false, status = 401, body = '{"detail":"Log in first"}' }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and closes with 1008 and the detail as its reason"
# holds = { opened = true, close = { code = 1008, reason = "Log in first" } }
# ///
