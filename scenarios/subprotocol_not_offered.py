"""
`accept(subprotocol="chat.v1")` looks like a proposal, but it is an answer: the
server may only select what the client offered. `/ws` selects it for every
client. `/asked` checks the offer first.

**What to look for**

- *offers chat.v1*: both sides agree, and nobody notices a problem.
- *offers nothing* and *offers chat.v2* never get a connection. RFC 6455 tells
  a client to fail if the server selects a subprotocol that it did not offer.
  Browsers and the `websockets` library do this.
- The implementations differ in who notices. uvicorn with `websockets`, new and
  legacy, sends the 101 as it was told, and the *client* disconnects. With
  `wsproto`, the *server* raises `LocalProtocolError` and sends nothing at all.
- The server's log says `[accepted]` in every case.
- `/asked` selects from the offer, and answers 403 if the offer has no match.

## Notes

This bug is hard to find: the developer's page offers `chat.v1`, and so does
the test. It appears with the first client that offers nothing: a health check,
`wscat`, or next year's page that says `chat.v2`.

Run *offers nothing* on two engines. The same line of code is wrong on both,
and only one of them names it.

The server selects (RFC 6455 section 4.2.2): the client's order is a
preference, not a command.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def named_to_everybody(websocket: WebSocket):
    await websocket.accept(subprotocol="chat.v1")
    await websocket.send_text("You speak chat.v1")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@app.websocket("/asked")
async def chosen(websocket: WebSocket):
    if "chat.v1" not in websocket.scope["subprotocols"]:
        await websocket.close()
        return
    await websocket.accept(subprotocol="chat.v1")
    await websocket.send_text("You speak chat.v1")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "A subprotocol not offered"
# order = 23
# topics = ["browsers", "subprotocols", "implementations"]
# flawed = true
# sources = [
#   "RFC 6455 section 4.1, Client Requirements",
#   "RFC 6455 section 4.2.2, Sending the Server's Opening Handshake",
#   "ASGI spec, WebSocket Accept - send event",
#   "wsproto documentation, LocalProtocolError",
# ]
#
# [[tool.wsplay.try]]
# name = "offers nothing at /asked"
# path = "/asked"
# expect = { status = 403, opened = false, ended = "refused", server_error = "none", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "offers nothing"
# expect.status = 101
# expect.opened = false
# expect.ended = "dropped"
# expect.received = []
# expect.error = "NegotiationError"
# expect.server_error = "none"
# expect.browser = 1006
# # wsproto checks what the app selects, and raises; both websockets implementations send it.
# expect_on.uvicorn-wsproto.status = "none"
# expect_on.uvicorn-wsproto.error = "InvalidMessage"
# expect_on.uvicorn-wsproto.server_error = "LocalProtocolError: unexpected subprotocol chat.v1"
#
# [[tool.wsplay.try]]
# name = "offers chat.v1"
# subprotocols = ["chat.v1"]
# expect = { status = 101, subprotocol = "chat.v1", received = ["You speak chat.v1"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "offers chat.v2"
# subprotocols = ["chat.v2"]
# expect.status = 101
# expect.opened = false
# expect.ended = "dropped"
# expect.received = []
# expect.error = "NegotiationError: unsupported subprotocol: chat.v1"
# expect.server_error = "none"
# expect.browser = 1006
# expect_on.uvicorn-wsproto.status = "none"
# expect_on.uvicorn-wsproto.error = "InvalidMessage"
# expect_on.uvicorn-wsproto.server_error = "LocalProtocolError: unexpected subprotocol chat.v1"
#
# [[tool.wsplay.try]]
# name = "offers both"
# subprotocols = ["chat.v2", "chat.v1"]
# expect = { status = 101, subprotocol = "chat.v1", received = ["You speak chat.v1"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "offers chat.v2 at /asked"
# path = "/asked"
# subprotocols = ["chat.v2"]
# expect = { status = 403, opened = false, ended = "refused", server_error = "none", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "offers both at /asked"
# path = "/asked"
# subprotocols = ["chat.v2", "chat.v1"]
# expect = { status = 101, subprotocol = "chat.v1", received = ["You speak chat.v1"], ended = "open" }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "offers chat.v2"
# question = """At /ws, the endpoint calls accept(subprotocol="chat.v1") for every client. A client connects that
# offers only chat.v2. What happens to it?"""
# hint = "Is the name in accept() a proposal that the client may decline, or an answer to the client's offer?"
# explanation = """RFC 6455 lets a server select from the client's offer, or select nothing. Here no implementation
# ends up with a connection: either the client rejects the 101, or the server's own library refuses to send it. Switch
# the engine to see which of the two it does."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens with chat.v1: the server decides"
# holds = { opened = true, subprotocol = "chat.v1" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens without a subprotocol, because they have none in common"
# holds = { opened = true, subprotocol = "none", received = ["You speak chat.v1"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server notices and refuses it with HTTP 403"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It never opens: the connection drops, and a browser's script sees 1006"
# holds = { opened = false, ended = "dropped", browser = 1006 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and is closed with 1002, protocol error"
# holds = { opened = true, close = 1002 }
# ///
