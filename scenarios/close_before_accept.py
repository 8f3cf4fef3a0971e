"""
Without the right token, the endpoint calls `close(code=1008)` and returns
before it has accepted. It looks as if the client gets a close with code 1008,
*policy violation*. No client does.

**What to look for**

- ASGI lane: `websocket.close 1008`. Wire lane, right after it: `HTTP/1.1 403`
  with an empty body. There is no WebSocket yet, so there is no close frame
  that could carry a code. The ASGI spec defines a close before accept as an
  HTTP 403.
- The client library reports a refused handshake. A script in a browser sees an
  error and then code 1006, the same as for a server that is down.
- Starlette's `TestClient` does report 1008: it reads the ASGI message, without
  a network. A test for 1008 passes, and is wrong for every real client.

The check itself is sound: no unauthorised client gets in, and the server
spends nothing on an unwanted connection. Only the code is lost.

With the valid token, `Welcome!` arrives and then the endpoint returns without
closing. Look at the end of that run: TCP ends without a close frame.

## Notes

Let the audience predict: "1008, 403, 1006 or nothing?" Then run *no token*,
stop at the `websocket.close` row, and move down one row to the wire.

Three answers are right, each from a different viewpoint: the app asked for
1008, the server sent 403, and a browser's script sees 1006.

If the client needs to know why: accept first (scenario 6), or send your own
HTTP response with `send_denial_response` (scenario 7).
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text("Welcome!")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Close before accept"
# order = 3
# topics = ["handshake", "close codes"]
# sources = [
#   "ASGI spec, WebSocket Close - send event",
#   "RFC 6455 section 4.2.2, Sending the Server's Opening Handshake",
#   "RFC 6455 section 7.4.1, Defined Status Codes",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 403
# expect.opened = false
# expect.received = []
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = { code = 1008, reason = "" }
# expect.error = "InvalidStatus"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "validtoken"]]
# expect.status = 101
# expect.opened = true
# expect.received = ["Welcome!"]
# expect.close = "none"
# expect.ended = "dropped"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["Authorization", "guess"]]
# expect = { status = 403, opened = false, close = "none", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# seed = 3
# level = "advanced"
# seconds = 120
# try = "wrong token"
# observers = true
# question = "The check fails, and the endpoint calls close(code=1008) before accept(). What does the client get?"
# hint = "Before accept there is no WebSocket yet. Which protocol does the connection use at that moment?"
# explanation = """Tutorials often say close code 1008. See which viewpoint confirms it: only TestClient, which reads
# the ASGI message and uses no network. A real client gets an HTTP response, and a browser's script an error and 1006."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The connection closes with code 1008, without any message"
# holds = { close = 1008, received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The client receives `Welcome!` first, then the close"
# holds = { received = ["Welcome!"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server raises WebSocketDisconnect"
# holds = { server_error = "WebSocketDisconnect" }
#
# [[tool.wsplay.challenge.choice]]
# text = "The connection stays open and nothing is sent"
# holds = { ended = "open", received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, and no WebSocket at all"
# holds = { opened = false, status = 403, ended = "refused" }
# ///
