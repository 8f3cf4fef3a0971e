"""
The check of scenario 3, but after `accept()`. Now there is a WebSocket, so a
close frame can carry the code and the reason, and the client gets both: 1008,
`wrong or missing token`.

**What to look for**

- *no token*: first `101`, then a close frame with 1008 and the reason. Compare
  the wire lane with *Close before accept*, where all of this was one 403.
- A browser's script gets `open`, then `close` with the code, the reason and
  `wasClean` true. This is the benefit: a page can tell "log in again" from
  "the server is down".
- The cost: an unauthorised client had an open connection. `open` does not mean
  *authorised*, so a page must not show "connected" before it has heard from
  the server, and the endpoint must not send anything before its check.
- *valid token* ends with a close frame, 1000, because this endpoint closes
  when it is done.

## Notes

Run *no token* here and in scenario 3, and compare: one line has moved, and the
client sees something entirely different.

When to use which: refuse before accept if the client is a program and an HTTP
status is enough. Accept, then close, if a page in a browser has to know why.
A reason is at most 123 bytes of UTF-8 and anyone can read it: help the user,
not an attacker.

Codes 4000 to 4999 are free for applications: 4401 is a common code for
"unauthorized".
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        await websocket.close(code=1008, reason="wrong or missing token")
        return
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
# title = "Accept, then close"
# order = 6
# topics = ["handshake", "close codes"]
# sources = [
#   "RFC 6455 section 5.5.1, Close",
#   "RFC 6455 section 7.4.2, Reserved Status Code Ranges",
#   "WHATWG WebSockets Standard, the CloseEvent interface",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 101
# expect.opened = true
# expect.received = []
# expect.close = { code = 1008, reason = "wrong or missing token", by = "server" }
# expect.ended = "closed"
# expect.asked = { code = 1008, reason = "wrong or missing token" }
# expect.error = "ConnectionClosedError"
# expect.browser = 1008
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "validtoken"]]
# expect.status = 101
# expect.received = ["Welcome!"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
# expect.browser = 1000
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["Authorization", "guess"]]
# expect = { status = 101, received = [], ended = "closed", close = 1008, browser = 1008 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "wrong token"
# question = "The same check as before, but accept() comes first. What does a client with a wrong token see now?"
# hint = "After the 101 there is a WebSocket, and a close frame has room for a code and a reason."
# explanation = """Accepting first costs an open connection for every client that connects. In return, every client
# can read a close code and a reason, even a script in a browser."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, and no WebSocket at all"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, then closes with 1008 and a reason"
# holds = { opened = true, close = { code = 1008, reason = "wrong or missing token" } }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, then drops without a close frame: 1006"
# holds = { opened = true, close = "none", ended = "dropped" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and `Welcome!` arrives before the close"
# holds = { opened = true, received = ["Welcome!"] }
# ///
