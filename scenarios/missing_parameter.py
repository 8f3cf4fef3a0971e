"""
Two parameters without a default: a header `X-Token` and a number `room` in the
query. FastAPI checks them before it calls the endpoint. If one is missing or
invalid, the answer is a 403, and users with a valid token think the token is
wrong.

**What to look for**

- *no room*: the token is right and the answer is 403. The `print` at the top
  of the endpoint is not in the timeline: no line of the endpoint has run.
- Over HTTP the same mistake is a 422 with a list of what is missing. Here
  FastAPI sends `websocket.close` with 1008 before accept, so the body is
  empty. The list is in the reason, which no client gets: read it in the ASGI
  lane.
- *wrong token* and *no room* are the same bytes on the wire, except for the
  date. Only the ASGI lane tells them apart, by the reason.
- *underscore in the name*: `x_token: Header()` reads `X-Token`. FastAPI turns
  `_` into `-`, and a client that sends `x_token` sends a different header.

## Notes

This is the bug report "my token does not work on WebSockets". Ask the audience
where they would look first, then run *no room*.

How to tell at a glance: does the timeline have a row from the endpoint? If it
does not, the 403 came from the framework.

To refuse a missing parameter yourself, give it a default (`str | None = None`)
and check it in the endpoint. Or install a handler for
`WebSocketRequestValidationError` that sends a denial response.
"""

from typing import Annotated

from fastapi import FastAPI, Header, Query, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(
    websocket: WebSocket,
    x_token: Annotated[str, Header()],
    room: Annotated[int, Query()],
):
    print("the endpoint runs, for room", room)
    if x_token != "validtoken":
        await websocket.close(code=1008, reason="wrong token")
        return
    await websocket.accept()
    await websocket.send_text(f"Welcome to room {room}")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Missing parameter"
# order = 8
# topics = ["refusals", "parameters", "headers"]
# sources = [
#   "FastAPI documentation, WebSockets, Using Depends and others",
#   "FastAPI documentation, Header Parameters",
#   "ASGI spec, WebSocket Close - send event",
# ]
#
# [[tool.wsplay.try]]
# name = "no room"
# headers = [["X-Token", "validtoken"]]
# expect.status = 403
# expect.opened = false
# expect.body = "none"
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = 1008
# expect.asgi = ["websocket.close"]
# expect.server_error = "none"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "all parameters"
# headers = [["X-Token", "validtoken"]]
# query = [["room", "7"]]
# expect.status = 101
# expect.received = ["Welcome to room 7"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "room is not a number"
# headers = [["X-Token", "validtoken"]]
# query = [["room", "lobby"]]
# expect = { status = 403, opened = false, body = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "no header"
# query = [["room", "7"]]
# expect = { status = 403, opened = false, body = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "underscore in the name"
# headers = [["x_token", "validtoken"]]
# query = [["room", "7"]]
# expect = { status = 403, opened = false, body = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["X-Token", "guess"]]
# query = [["room", "7"]]
# expect.status = 403
# expect.opened = false
# expect.body = "none"
# expect.asked = { code = 1008, reason = "wrong token" }
# expect.browser = 1006
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "no room"
# question = "A client sends the right X-Token and forgets `?room=`. What does it get?"
# hint = "FastAPI closes the connection with 1008 here. Has it been accepted by then?"
# explanation = """FastAPI checks a parameter without a default before it calls the endpoint. It closes with 1008 and
# puts its list of errors into the reason. Both come before accept, so neither is on the wire. To the client it looks
# exactly like a bad token."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 422 with a list of what is missing, as on an HTTP route"
# holds = { opened = false, status = 422, body = "room" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, then closes with 1008 and names the missing parameter"
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in: the token is right, and room is None"
# holds = { opened = true, received = ["Welcome to room None"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403 with an empty body, as for a wrong token"
# holds = { opened = false, status = 403, body = "none" }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: the endpoint is called without a required argument"
# holds = { opened = false, status = 500, server_error = "TypeError" }
# ///
