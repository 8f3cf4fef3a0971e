"""
Four ways to close, and two of them are not possible: 401 and 1006 must not be
sent in a close frame. A third works only for short tokens: its reason contains
the token, and a reason has room for 123 bytes.

**What to look for**

- *no token*, *old token*, *long token* with the engine `uvicorn`: the library
  checks the frame before it sends it, and raises `ProtocolError`. The client
  gets no close frame, no code and no reason. TCP ends.
- The same with `uvicorn-wsproto`: it sends the forbidden 401, and our client
  answers with 1002, *protocol error*. It turns 1006 into 1000, so a failure
  looks like success. It cuts the reason.
- *short token*: 4401 and the reason arrive. This is the case that people test.
- ASGI lane: it is the same `websocket.close` each time. ASGI allows these
  values, RFC 6455 does not.

These may be sent: 1000 to 1003, 1007 to 1014, and 3000 to 4999. A client
reports 1005, 1006 or 1015 by itself, when it received no code.

## Notes

Where these come from: 401 is a habit from HTTP, and people copy 1006 from a
browser's console into their code. `reason=str(error)` is the usual long
reason: a single Pydantic error has over 200 bytes.

A control frame holds at most 125 bytes. Two are for the code, so 123 are left
for the reason. They are bytes of UTF-8, not characters.

The fix: a code from 4000 to 4999, and a short reason that you wrote yourself.
A reason that repeats the client's text also repeats an attacker's. For HTTP's
codes, people add 4000: 4401, 4403, 4429.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket, token: str = ""):
    await websocket.accept()
    if not token:
        await websocket.close(code=401, reason="no token")
    elif token == "oldtoken":
        await websocket.close(code=1006, reason="session over")
    elif token != "validtoken":
        reason = f"not a token of ours: {token}"
        await websocket.close(code=4401, reason=reason)
    else:
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
# title = "A close that cannot be sent"
# order = 12
# topics = ["refusals", "close codes"]
# flawed = true
# mended = "accept_then_close"
# sources = [
#   "RFC 6455 section 7.4, Status Codes",
#   "RFC 6455 section 5.5, Control Frames",
#   "IANA WebSocket Close Code Number Registry",
#   "WHATWG WebSockets Standard, the close() method",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 101
# expect.close = "none"
# expect.asked = { code = 401, reason = "no token" }
# expect.ended = "dropped"
# expect.error = "no close frame received or sent"
# expect.server_error = "ProtocolError: invalid status code"
# expect.browser = 1006
# [tool.wsplay.try.expect_on.uvicorn-wsproto]
# status = 101
# close = "none"
# asked = { code = 401, reason = "no token" }
# ended = "closed"
# error = "sent 1002 (protocol error) invalid status code"
# server_error = "none"
# browser = { opened = true }
#
# [[tool.wsplay.try]]
# name = "old token"
# query = [["token", "oldtoken"]]
# expect.status = 101
# expect.close = "none"
# expect.asked = { code = 1006, reason = "session over" }
# expect.ended = "dropped"
# expect.error = "no close frame received or sent"
# expect.server_error = "ProtocolError: invalid status code"
# expect.browser = { code = 1006, clean = false }
# [tool.wsplay.try.expect_on.uvicorn-wsproto]
# status = 101
# close = { code = 1000, reason = "session over", by = "server" }
# asked = { code = 1006, reason = "session over" }
# ended = "closed"
# error = "none"
# server_error = "none"
# browser = { code = 1000, clean = true }
#
# [[tool.wsplay.try]]
# name = "short token"
# query = [["token", "guess"]]
# expect.status = 101
# expect.close = { code = 4401, reason = "not a token of ours: guess", by = "server" }
# expect.asked = 4401
# expect.ended = "closed"
# expect.server_error = "none"
# expect.browser = { code = 4401, reason = "not a token of ours: guess", clean = true }
#
# [[tool.wsplay.try]]
# name = "long token"
# query = [["token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.I2AYGaNHFk3Qhqp-VX95tV3ncxT4SAK8fkCBqgdJzGI"]]
# expect.status = 101
# expect.close = "none"
# expect.asked = 4401
# expect.ended = "dropped"
# expect.error = "no close frame received or sent"
# expect.server_error = "ProtocolError: control frame too long"
# expect.browser = { code = 1006, clean = false }
# [tool.wsplay.try.expect_on.uvicorn-wsproto]
# status = 101
# asked = 4401
# ended = "closed"
# close = { code = 4401, reason = "not a token of ours: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.I2AYGaNHFk3Qhqp-VX95t", by = "server" }
# error = "received 4401"
# server_error = "none"
# browser = { code = 4401, clean = true }
#
# [[tool.wsplay.try]]
# name = "valid token"
# query = [["token", "validtoken"]]
# expect = { status = 101, received = ["Welcome!"], ended = "closed", close = 1000, server_error = "none" }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "no token"
# question = "The client sends no token. Which close() delivers both its code and its complete reason?"
# hint = "A control frame holds 125 bytes, and not every number is a close code."
# explanation = """Each call was put into the endpoint and run. Close codes are not HTTP's, some are reserved for what
# a client reports when no frame arrived, and a reason is counted in bytes. What happens to an invalid one depends on
# the implementation: run this with each engine."""
#
# [[tool.wsplay.challenge.choice]]
# text = 'close(code=401, reason="no token"), as the code does now'
# holds = { close = { code = 401, reason = "no token" } }
#
# [[tool.wsplay.challenge.choice]]
# text = 'close(code=1006, reason="no token"), the code that browsers show'
# patch = [['code=401, reason="no token"', 'code=1006, reason="no token"']]
# holds = { close = { code = 1006, reason = "no token" } }
#
# [[tool.wsplay.challenge.choice]]
# text = 'close(code=4401, reason="no token"), from the private range'
# patch = [['code=401, reason="no token"', 'code=4401, reason="no token"']]
# holds = { close = { code = 4401, reason = "no token" } }
#
# [[tool.wsplay.challenge.choice]]
# text = "close(code=1008, reason=...), with a Japanese reason of 45 characters"
# patch = [['code=401, reason="no token"', 'code=1008, reason="認証トークンがありません。もう一度ログインしてから、新しいトークンで接続し直してください。"']]
# holds = { close = { code = 1008, reason = "認証トークンがありません。もう一度ログインしてから、新しいトークンで接続し直してください。" } }
# ///
