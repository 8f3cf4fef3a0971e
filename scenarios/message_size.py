"""
The notice board with its own limit: 100 bytes per note, and text only. A
message that breaks a rule gets the close code that RFC 6455 defines for it,
and a reason.

**What to look for**

- *too long*: 1009, *message too big*. The endpoint sends it, with a reason
  that helps the user. uvicorn's own limit uses the same code.
- *thirty emoji*: 30 characters, 120 bytes. `len()` of a `str` counts
  characters. Memory, disks, database columns and the wire count bytes. Say
  which one you mean.
- *binary*: 1003, *unsupported data*. `receive()` returns the ASGI message,
  with `text` or `bytes`, and accepts both.
- Only a message that breaks a rule ends the connection, and it ends with a
  close frame. A client that gets 1009 knows not to send the message again.

## Notes

The whole message was in memory before this check ran. To prevent that, set the
server's limit too: `uvicorn --ws-max-size 1024`. It closes with 1009 as well.
The reason text depends on the implementation: the oldest,
`uvicorn-websockets`, sends none, and reports 1006 to the app instead.

Ask: "How long is 🌞?" One character in Python, two in JavaScript, four bytes on
the wire.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()

MAX_SIZE = 100  # bytes of UTF-8
notes: list[str] = []


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        note = message.get("text")
        if note is None:
            await websocket.close(1003, "text only")
            return
        size = len(note.encode())
        if size > MAX_SIZE:
            await websocket.close(1009, f"{MAX_SIZE} bytes at most")
            return
        notes.append(note)
        await websocket.send_text(f"stored {size} bytes")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Message size limit"
# order = 41
# topics = ["limits", "message size", "close codes", "1009"]
# sources = [
#   "RFC 6455 section 7.4.1, Defined Status Codes, 1003 and 1009",
#   "RFC 6455 section 10.4, Implementation-Specific Limits",
#   "ASGI spec, WebSocket Receive - receive event",
#   "uvicorn documentation, Settings, ws-max-size",
# ]
#
# [[tool.wsplay.try]]
# name = "a short note"
# send = ["hello"]
# expect.status = 101
# expect.opened = true
# expect.ended = "open"
# expect.received = ["stored 5 bytes"]
#
# [[tool.wsplay.try]]
# name = "just fits"
# send = ["0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"]
# expect = { opened = true, ended = "open", received = ["stored 100 bytes"] }
#
# [[tool.wsplay.try]]
# name = "too long"
# send = ["hello", "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"]
# expect.opened = true
# expect.received = ["stored 5 bytes"]
# expect.close = { code = 1009, reason = "100 bytes at most", by = "server" }
# expect.ended = "closed"
# expect.server_error = "none"
# expect.browser = { opened = true, code = 1009, clean = true }
#
# [[tool.wsplay.try]]
# name = "thirty emoji"
# send = ["🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞🌞"]
# expect = { opened = true, received = [], ended = "closed", close = { code = 1009, reason = "100 bytes at most" } }
#
# [[tool.wsplay.try]]
# name = "binary"
# send = [{ hex = "68 65 6c 6c 6f" }]
# expect = { opened = true, received = [], ended = "closed", close = { code = 1003, reason = "text only" } }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "thirty emoji"
# question = "The limit is 100. A client sends thirty emoji: 🌞, thirty times. What does it get back?"
# hint = "What does .encode() return for one 🌞, and what does the endpoint count?"
# explanation = """A str counts characters. UTF-8 counts bytes, and 🌞 has four. Most limits protect something that is
# measured in bytes, so count bytes."""
#
# [[tool.wsplay.challenge.choice]]
# text = "`stored 30 bytes`: thirty is less than a hundred"
# holds = { received = ["stored 30 bytes"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Close code 1007: this is not ASCII"
# holds = { opened = true, close = 1007 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Close code 1003: an emoji is sent as binary"
# holds = { opened = true, close = 1003 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Close code 1009, with a reason"
# holds = { opened = true, close = { code = 1009, reason = "100 bytes at most" } }
#
# [[tool.wsplay.challenge.choice]]
# text = "No close frame: a UnicodeEncodeError ends it"
# holds = { ended = "dropped", server_error = "UnicodeEncodeError" }
# ///
