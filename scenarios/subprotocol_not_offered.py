"""
`accept(subprotocol="chat.v1")` reads like a wish. It is an answer: the server
may only name what the client has offered. `/ws` names it to everybody;
`/asked` looks first.

**What to look for**

- *offers chat.v1*: both sides agree, nobody notices anything.
- *offers nothing* and *offers chat.v2* never get a connection. The RFC tells a
  client to fail where a subprotocol comes back that it did not offer, and
  browsers and the `websockets` library do.
- The implementations differ in who finds out. uvicorn with `websockets`, new
  and old, sends the 101 as it was told to, and the *client* hangs up. With
  `wsproto` the *server* raises `LocalProtocolError` and sends nothing at all.
- The server's log says `[accepted]` in every case.
- `/asked` chooses from what was offered, and says 403 where there is nothing to
  choose from.

## Notes

The bug hides well: the developer's page offers `chat.v1`, so does the test. It
shows with the first client that offers nothing: a health check, `wscat`, or
next year's page that says `chat.v2`.

Run *offers nothing* on two engines. The same line of code is at fault on both,
and only one of them names it.

Which to select is the server's choice (RFC 6455 section 4.2.2): the client's
order is a preference, not a command.
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
# name = "offers nothing, is asked"
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
# # wsproto checks what the app selects, and raises; the old and the new websockets send it.
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
# name = "offers chat.v2, is asked"
# path = "/asked"
# subprotocols = ["chat.v2"]
# expect = { status = 403, opened = false, ended = "refused", server_error = "none", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "offers both, is asked"
# path = "/asked"
# subprotocols = ["chat.v2", "chat.v1"]
# expect = { status = 101, subprotocol = "chat.v1", received = ["You speak chat.v1"], ended = "open" }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "offers chat.v2"
# question = """At /ws, the endpoint calls accept(subprotocol="chat.v1"), whoever is there. A client connects that offers
# chat.v2 and nothing else. What becomes of it?"""
# hint = "Is the name in accept() a proposal that the client may decline politely, or an answer to its offer?"
# explanation = """RFC 6455 lets a server select from the client's offer, or select nothing. Here the connection comes to
# nothing on every implementation: the client turns the 101 down, or the server's own library refuses to write it. Switch
# the engine and see which of the two you got."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens and speaks chat.v1: the server decides"
# holds = { opened = true, subprotocol = "chat.v1" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens without a subprotocol, since there was none in common"
# holds = { opened = true, subprotocol = "none", received = ["You speak chat.v1"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server notices and refuses it with HTTP 403"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It never opens: the connection is dropped, and a script sees 1006"
# holds = { opened = false, ended = "dropped", browser = 1006 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and is closed with 1002, protocol error"
# holds = { opened = true, close = 1002 }
# ///
