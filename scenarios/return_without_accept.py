"""
The check refuses clients with a bare `return`, as in any other function. But
here, `return` is no answer to the handshake, and the server has to send
something: `500 Internal Server Error`.

**What to look for**

- *no token*: the ASGI lane has no message from the app, only that it returned.
  Each such client is an error in the log, `ASGI callable returned without
  completing handshake` (`without sending handshake` in `uvicorn-websockets`).
- The client is told that the server is broken. Programs retry after a 500, and
  monitoring raises an alarm. Neither fits a refusal.
- With the engine `uvicorn-websockets`, look at the wire lane: after the 500, a
  `101 Switching Protocols` follows on the same socket. The legacy
  implementation answers for the app, then completes the handshake anyway.
  Clients read the first answer.
- A test with `TestClient` waits for an answer that never comes.

No unauthorised client gets in, so this is a bug and not a security hole. But
the refusal comes from an error handler, not from a decision.

## Notes

The fix is one line: `await websocket.close()` before the `return`. That makes
it the 403 of scenario 3.

Where this comes from: checks copied from HTTP routes, an `if` without an
`else`, and an `except` that logs and returns. Each `return` before accept
needs a `close()` or a denial response. In a dependency, an exception is safer.

Change the engine during the demo to show the double answer.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        return
    await websocket.accept()
    await websocket.send_text("Welcome!")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Return without accept"
# order = 11
# topics = ["refusals", "handshake", "order of messages"]
# flawed = true
# mended = "close_before_accept"
# sources = [
#   "ASGI spec, WebSocket Connect - receive event",
#   "RFC 6455 section 4.2.2, Sending the Server's Opening Handshake",
#   "RFC 9110 section 15.6.1, 500 Internal Server Error",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 500
# expect.opened = false
# expect.received = []
# expect.body = "Internal Server Error"
# expect.close = "none"
# expect.asked = "none"
# expect.asgi = []
# expect.ended = "refused"
# expect.error = "InvalidStatus"
# expect.server_error = "none"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "validtoken"]]
# expect.status = 101
# expect.received = ["Welcome!"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["Authorization", "guess"]]
# expect = { status = 500, opened = false, ended = "refused", asked = "none", browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 60
# try = "no token"
# question = "The token is missing, and the endpoint returns without accept() or close(). What does the client get?"
# hint = "The handshake still waits for an answer, and the app will not send one."
# explanation = """An app has to answer a handshake with an accept, a close or a denial response. If it returns
# without one, the server answers for it, and treats this as a failure of the app."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: without accept() it counts as refused"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500"
# holds = { opened = false, status = 500 }
#
# [[tool.wsplay.challenge.choice]]
# text = "No answer: the client waits until its own time limit"
# holds = { opened = false, status = "none", ended = "timeout" }
#
# [[tool.wsplay.challenge.choice]]
# text = "TCP ends without an answer"
# holds = { opened = false, status = "none", ended = "dropped" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens: FastAPI accepts by itself, and then it drops"
# holds = { opened = true, ended = "dropped" }
# ///
