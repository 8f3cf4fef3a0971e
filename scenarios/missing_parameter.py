"""
Two parameters without a default: a header `X-Token` and a number `room` in the
query. FastAPI checks them before it calls the endpoint. What does not fit is
answered with a 403, and whoever has the right token looks for the fault in it.

**What to look for**

- *no room*: the token is right and the answer is 403. The `print` at the top
  of the endpoint is not in the timeline: not a line of it has run.
- Over HTTP the same mistake is a 422 with a list of what is missing. Here it
  is `websocket.close` with 1008 before accept, so the body is empty, and the
  list is in the reason that nobody gets. Read it in the ASGI lane.
- *wrong token* and *no room* are the same on the wire, byte for byte but for
  the date. Only the ASGI lane tells them apart, by the reason.
- *underscore in the name*: `x_token: Header()` reads `X-Token`. FastAPI turns
  `_` into `-`, and a client that sends `x_token` has sent another header.

## Notes

This is the bug report "my token does not work on WebSockets". Ask the room
where they would look first, then play *no room*.

How to tell in one look: is there a row of the endpoint's own in the timeline?
A 403 without one came from the framework.

If absence is to be your own refusal, give the parameter a default (`str | None
= None`) and check it in the endpoint. Or install a handler for
`WebSocketRequestValidationError` that answers with a denial response.
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
# name = "all there"
# headers = [["X-Token", "validtoken"]]
# query = [["room", "7"]]
# expect.status = 101
# expect.received = ["Welcome to room 7"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "room is no number"
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
# explanation = """A parameter without a default is checked before the endpoint is called. FastAPI closes with 1008 and
# hands over its list of errors as the reason, both before accept, so neither is on the wire. It looks exactly like a
# bad token."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 422 with a list of what is missing, as on an HTTP route"
# holds = { opened = false, status = 422, body = "room" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, then closes with 1008 and says what is missing"
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in: the token is right, and room is None"
# holds = { opened = true, received = ["Welcome to room None"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403 with an empty body, as if the token were wrong"
# holds = { opened = false, status = 403, body = "none" }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: the endpoint is called without an argument it needs"
# holds = { opened = false, status = 500, server_error = "TypeError" }
# ///
