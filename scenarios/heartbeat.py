"""
A client has to send a message, any message, within 1.5 seconds of the last
one. Otherwise the server closes with 4408. Half-open connections, sleeping
laptops and idle sockets all end this way.

**What to look for**

- *sends messages*: every message restarts the deadline. The connection lives
  longer than the deadline.
- *goes silent*: 4408, one deadline after the last message. The client broke no
  protocol rule: it only stopped sending.
- *only pings*: each ping is answered with a pong, and the endpoint closes
  anyway. The server's WebSocket layer answers. ASGI has no message for a ping,
  so your code never sees one.
- `asyncio.timeout` ends the wait, not the connection. The `close` after it
  does that.

## Notes

uvicorn sends its own ping every 20 seconds, and closes with 1011 if no pong
arrives for another 20: `ws_ping_interval` and `ws_ping_timeout`. That finds a
dead peer. It does not find a page whose script hangs: the browser answers
pings by itself, and a script can neither send a ping nor see one. A heartbeat
of messages tests the program itself.

The deadline is short for this demo. Half a minute or more is usual: phones
sleep, and proxies cut connections that are silent for 60 seconds.

Run *only pings* last, and ask for a show of hands before you do.
"""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()

DEADLINE = 1.5  # seconds


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            async with asyncio.timeout(DEADLINE):
                text = await websocket.receive_text()
            await websocket.send_text(f"heard {text}")
    except TimeoutError:
        await websocket.close(4408, "no sign of life")
    except WebSocketDisconnect:
        pass  # the client left by itself


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Heartbeat with a deadline"
# order = 43
# topics = ["limits", "ping", "timeout", "idle"]
# sources = [
#   "RFC 6455 section 5.5.2, Ping",
#   "ASGI spec, WebSocket Receive - receive event",
#   "uvicorn documentation, Settings, ws-ping-interval and ws-ping-timeout",
#   "OWASP WebSocket Security Cheat Sheet, Denial-of-Service Protection",
#   "Python documentation, asyncio.timeout",
# ]
#
# [[tool.wsplay.try]]
# name = "goes silent"
# send = ["hello"]
# expect.status = 101
# expect.opened = true
# expect.received = ["heard hello"]
# expect.close = { code = 4408, reason = "no sign of life", by = "server" }
# expect.ended = "closed"
# expect.server_error = "none"
# expect.browser = { opened = true, code = 4408, clean = true }
#
# [[tool.wsplay.try]]
# name = "sends messages"
# send = [
#   "1", { wait = 0.3 }, "2", { wait = 0.3 }, "3", { wait = 0.3 }, "4", { wait = 0.3 },
#   "5", { wait = 0.3 }, "6", { wait = 0.3 }, "7",
# ]
# expect.opened = true
# expect.received = ["heard 1", "heard 2", "heard 3", "heard 4", "heard 5", "heard 6", "heard 7"]
# expect.ended = "open"
# expect.close = "none"
# expect.asked = "none"
# expect.server_error = "none"
#
# [[tool.wsplay.try]]
# name = "only pings"
# send = [
#   { ping = "1" }, { wait = 0.3 }, { ping = "2" }, { wait = 0.3 }, { ping = "3" }, { wait = 0.3 },
#   { ping = "4" }, { wait = 0.3 }, { ping = "5" }, { wait = 0.3 }, { ping = "6" },
# ]
# expect = { opened = true, received = [], ended = "closed", close = { code = 4408, by = "server" } }
#
# [[tool.wsplay.try]]
# name = "sends nothing"
# expect = { opened = true, received = [], ended = "closed", close = { code = 4408, by = "server" } }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 90
# try = "only pings"
# question = "A client sends a WebSocket ping every 0.3 seconds, and no message. What does the endpoint do?"
# hint = "Who answers a ping? Look for an ASGI message that would tell the endpoint about it."
# explanation = """The WebSocket layer below the app handles ping and pong. They show that layer that the peer's
# machine is there. An endpoint that needs to hear from the program at the other end has to wait for messages."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It stays connected: each ping restarts the deadline"
# holds = { opened = true, close = "none", ended = "open" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It answers `heard 1`, `heard 2` and so on"
# holds = { received = ["heard 1", "heard 2", "heard 3", "heard 4", "heard 5", "heard 6"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It closes with 4408: no message has arrived"
# holds = { opened = true, received = [], close = 4408 }
#
# [[tool.wsplay.challenge.choice]]
# text = "receive_text() raises a KeyError at the first ping"
# holds = { server_error = "KeyError" }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server closes with 1011: the ping timed out"
# holds = { opened = true, close = 1011 }
# ///
