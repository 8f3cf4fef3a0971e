"""
This endpoint asks for nothing, so it lets everyone in: no header, a made-up
token, a script on another web site. All of them read `Connected`.

**What to look for**

- The ASGI lane goes `connect`, `accept`, `send`, `close`. No line of the
  endpoint lies between `connect` and `accept`, and that gap is where a check
  belongs.
- The wire answers `101 Switching Protocols`, whatever the client brought.
  An `Authorization` header that nobody reads changes nothing.
- `Origin` does not help by itself. A browser sends it, and CORS never applies
  to a WebSocket: unless the endpoint compares it, any site may connect.

## Notes

Start here: it is what the other scenarios are measured against. Run the three
tries one after another and let the room find the difference in the timeline.
There is none past the request.

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
# name = "another web site"
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
# question = "This endpoint looks at no credentials at all. A client connects without any. What happens?"
# hint = "Read the endpoint from the top. Does any line stand between the client and accept()?"
# explanation = """Nothing in WebSocket, ASGI or FastAPI asks for credentials by itself: RFC 6455 leaves that to the
# application. An endpoint that accepts first has let everybody in."""
#
# [[tool.wsplay.challenge.choice]]
# text = "The handshake is refused with 401"
# holds = { status = 401, opened = false }
#
# [[tool.wsplay.challenge.choice]]
# text = "A runtime error ends it"
# holds = { server_error = "Error" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It hangs: the client waits and gets no message"
# holds = { ended = "timeout", received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It connects and receives `Connected`"
# holds = { opened = true, received = ["Connected"] }
# ///
