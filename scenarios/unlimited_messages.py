"""
A notice board. Notes are meant to be short, but no code says so: the endpoint
stores notes of any length and any number, and treats every message as text.

**What to look for**

- *a long note*: the endpoint stores 300 characters as it stores three. uvicorn
  does have a limit for a whole message: 16 MiB (`ws_max_size`). FastAPI and
  Starlette have none. Only the endpoint can know what is too long for a note.
- Look at that note on the wire: 300 bytes, 13 compressed. A limit on traffic,
  for example in a proxy, does not see the uncompressed size.
- *a burst*: 500 notes at once, 500 answers. There is no rate limit either.
- *binary*: `iter_text()` looks for `text` in the message, and a binary message
  has none. The endpoint ends with a KeyError, and the client sees 1006. The
  word `text` in a method's name checks nothing.

## Notes

Do the sum: 16 MiB per message, one message each, a hundred connections without
a token. All of it can be in memory before your code sees the first byte.

Two things are missing, and the next two scenarios add one each: a limit for
the size, with a close code that names it, and a limit for the rate. Set
`ws_max_size` as well: only that acts before the message reaches the app.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()

notes: list[str] = []


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for note in websocket.iter_text():
        notes.append(note)
        await websocket.send_text(f"stored {len(note)} characters")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Long messages"
# order = 40
# topics = ["limits", "message size", "flood", "1009"]
# flawed = true
# mended = "message_size"
# sources = [
#   "RFC 6455 section 10.4, Implementation-Specific Limits",
#   "uvicorn documentation, Settings, ws-max-size",
#   "OWASP WebSocket Security Cheat Sheet, Denial-of-Service Protection",
# ]
#
# [[tool.wsplay.try]]
# name = "a short note"
# send = ["hello"]
# expect.status = 101
# expect.opened = true
# expect.ended = "open"
# expect.received = ["stored 5 characters"]
#
# [[tool.wsplay.try]]
# name = "a long note"
# send = ["""\
#   blah blah blah blah blah blah blah blah blah blah blah blah \
#   blah blah blah blah blah blah blah blah blah blah blah blah \
#   blah blah blah blah blah blah blah blah blah blah blah blah \
#   blah blah blah blah blah blah blah blah blah blah blah blah \
#   blah blah blah blah blah blah blah blah blah blah blah blah."""]
# expect = { opened = true, ended = "open", received = ["stored 300 characters"], close = "none" }
#
# [[tool.wsplay.try]]
# name = "a burst"
# send = [{ text = "me again", times = 500 }]
# expect = { opened = true, ended = "open", received_count = 500, close = "none" }
#
# [[tool.wsplay.try]]
# name = "binary"
# send = [{ hex = "68 65 6c 6c 6f" }]
# expect.opened = true
# expect.received = []
# expect.close = "none"
# expect.ended = "dropped"
# expect.server_error = "KeyError"
# expect.browser = 1006
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "a long note"
# question = "Notes are meant to have at most 100 characters. A client sends one with 300. Who stops it?"
# hint = "Whose limit is it, and where is it in this file?"
# explanation = """No layer below the app knows what your messages are for. The server's limit of 16 MiB per message
# protects its memory. A type hint or the name of a method is not a limit."""
#
# [[tool.wsplay.challenge.choice]]
# text = "uvicorn: it closes with 1009, message too big"
# holds = { opened = true, close = 1009 }
#
# [[tool.wsplay.challenge.choice]]
# text = "FastAPI: it closes with 1008, invalid data"
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Starlette: receive_text() cuts it off after the first frame"
# holds = { received = ["stored 100 characters"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Nobody: all of it is stored"
# holds = { received = ["stored 300 characters"], close = "none" }
#
# [[tool.wsplay.challenge.choice]]
# text = "The connection drops, and the client sees 1006"
# holds = { ended = "dropped", close = "none" }
# ///
