"""
With the right token, the endpoint sends `Welcome!` at once, but it never calls
`accept()`. There is no WebSocket to send on yet, so Starlette raises a
`RuntimeError`, and the only client with a valid token gets a 500.

**What to look for**

- *valid token*: the last row of the ASGI lane is the exception, at the line
  of `send_text`. Its text names the messages that are allowed first:
  `websocket.accept`, `websocket.close` or `websocket.http.response.start`.
- No `websocket.send` reached the server. Starlette checks the order and raises
  before it passes anything on. The `500` is the server's answer to an app that
  failed.
- *no token*: `close()` is allowed before accept, so this path works and gives
  a 403. A test that covers only the refusal does not find the bug.
- A browser's script cannot tell the two apart: an error, then 1006.

## Notes

The fix is one line: `await websocket.accept()` before the send. Add it and run
again.

Answers on the web quote "Cannot send data before WebSocket is accepted". Read
the real text from the timeline instead.

`receive_text()` before accept fails too, with a different text: `WebSocket is
not connected. Need to call "accept" first.`
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token == "validtoken":
        await websocket.send_text("Welcome!")
    else:
        await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "A send that raises"
# order = 4
# topics = ["handshake", "order of messages"]
# flawed = true
# mended = "close_before_accept"
# sources = [
#   "ASGI spec, WebSocket Accept - send event",
#   "Starlette documentation, WebSockets, Accepting the connection",
# ]
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "validtoken"]]
# expect.status = 500
# expect.opened = false
# expect.received = []
# expect.close = "none"
# expect.ended = "refused"
# expect.error = "InvalidStatus"
# expect.server_error = "RuntimeError"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 403
# expect.opened = false
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = 1000
# expect.browser = 1006
#
# [tool.wsplay.challenge]
# seed = 4
# level = "advanced"
# seconds = 120
# try = "valid token"
# question = "With the right token, send_text() raises. Why? Each answer comes with a fix. Which fix delivers `Welcome!`?"
# hint = "Read the full RuntimeError: it names the messages that are allowed at this point."
# explanation = """Each fix was applied and run. ASGI defines an order: the app must first send an accept, a close or
# a denial response. Until it accepts, there is no WebSocket to send on."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The connection was never accepted: call accept() first"
# patch = [['        await websocket.send_text("Welcome!")', "        await websocket.accept()\n        await websocket.send_text(\"Welcome!\")"]]
# holds = { opened = true, received = ["Welcome!"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The token is None: give it a default"
# patch = [['websocket.headers.get("Authorization")', 'websocket.headers.get("Authorization", "validtoken")']]
# holds = { opened = true, received = ["Welcome!"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "A WebSocket has no headers: read the query instead"
# patch = [['websocket.headers.get("Authorization")', 'websocket.query_params.get("Authorization", "validtoken")']]
# holds = { opened = true, received = ["Welcome!"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "close() has no code: pass 1008"
# patch = [['await websocket.close()', 'await websocket.close(code=1008)']]
# holds = { opened = true, received = ["Welcome!"] }
# ///
