"""
This endpoint checks nothing, so it lets every client in: no header, a made-up
token, a page on another site. Each of them receives `Connected`.

**What to look for**

- The ASGI lane shows `connect`, `accept`, `send`, `close`. No line of the
  endpoint runs between `connect` and `accept`. That gap is where a check
  belongs.
- The wire shows `101 Switching Protocols`, whatever the client sent. An
  `Authorization` header that no code reads changes nothing.
- `Origin` alone protects nothing. A browser sends it, but CORS does not apply
  to WebSockets: unless the endpoint compares it, any site can connect.

## Notes

Start here: the other scenarios build on this one. Run the three tries in turn
and ask the audience to find the difference in the timeline. Only the request
differs.

Ask: "Who can read what this sends?" Everyone who can reach the port, and every
web page open in the browser of someone who can.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("Connected")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "No authentication"
# order = 1
# topics = ["handshake", "no check"]
# flawed = true
# mended = "header_check"
# sources = [
#   "RFC 6455 section 10.5, WebSocket Client Authentication",
#   "OWASP WebSocket Security Cheat Sheet, Authentication and Authorization",
# ]
#
# [[tool.wsplay.try]]
# name = "no credentials"
# expect.status = 101
# expect.opened = true
# expect.received = ["Connected"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
# expect.asked = 1000
# expect.browser = 1000
#
# [[tool.wsplay.try]]
# name = "made-up token"
# headers = [["Authorization", "whatever"]]
# expect = { status = 101, received = ["Connected"], ended = "closed", close = 1000 }
#
# [[tool.wsplay.try]]
# name = "another site"
# origin = "https://evil.example"
# expect = { status = 101, received = ["Connected"], ended = "closed", close = 1000 }
#
# [tool.wsplay.attack]
# let_in = "no credentials"
# credential = "none"
# prize = "Connected"
#
# [tool.wsplay.challenge]
# seed = 1
# level = "intermediate"
# seconds = 120
# try = "no credentials"
# question = "This endpoint checks no credentials. A client connects without any. What happens?"
# hint = "Read the endpoint from the top. Does any line run before accept()?"
# explanation = """WebSocket, ASGI and FastAPI do not ask for credentials by themselves: RFC 6455 leaves that to the
# application. An endpoint that accepts without a check lets everyone in."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The server refuses the handshake with 401"
# holds = { status = 401, opened = false }
#
# [[tool.wsplay.challenge.choice]]
# text = "A runtime error ends the connection"
# holds = { server_error = "Error" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It waits and gets no message"
# holds = { ended = "timeout", received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It connects and receives `Connected`"
# holds = { opened = true, received = ["Connected"] }
# ///
