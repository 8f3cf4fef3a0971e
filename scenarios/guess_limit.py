"""
The same meeting room, with a limit: after three wrong PINs within a minute,
the room accepts no guess until the minute is over. The count belongs to the
room and outlives every connection.

**What to look for**

- *keeps guessing*: the fourth PIN is the right one, and the server does not
  compare it. The check comes before the comparison. The other way round, an
  attacker would still learn which PIN is right.
- *reconnects*: the handshake is refused. A client that gets `429` with
  `Retry-After` before accept does not cost a WebSocket.
- A browser's script cannot read this 429: it sees an error and 1006. On an
  open connection it can read 4429 and the reason.
- *a typo*: one wrong PIN, then the right one. If a limit blocks honest typing
  mistakes, someone will soon remove it.

## Notes

There is no `await` between `too_many` and `append`. In one process, nothing
can run in between, so a hundred parallel connections share the three guesses.
With more than one worker, move the count elsewhere, for example to Redis.

The cost: anyone who knows the room number can lock the room for everybody. A
count per room and address lets the honest users in, and gives each address of
a botnet three guesses. Decide which you want, and use longer PINs first.

The clock is `time.monotonic()`: changing the system time does not reset the
limit.
"""

import secrets
import time

from fastapi import FastAPI, WebSocket
from fastapi.responses import PlainTextResponse

app = FastAPI()

LIMIT, WINDOW = 3, 60.0  # wrong PINs, within seconds
pins: dict[str, str] = {}
wrong: dict[str, list[float]] = {}


def too_many(room: str) -> bool:
    since = time.monotonic() - WINDOW
    wrong[room] = [when for when in wrong[room] if when > since]
    return len(wrong[room]) >= LIMIT


@app.post("/rooms")
async def open_room():
    room, pin = secrets.token_hex(4), str(1000 + secrets.randbelow(9000))
    pins[room], wrong[room] = pin, []
    return {"room": room, "pin": pin}


@app.websocket("/ws/{room}")
async def endpoint(websocket: WebSocket, room: str):
    if room not in pins:
        await websocket.close()
        return
    if too_many(room):
        refusal = PlainTextResponse("later", 429, {"Retry-After": "60"})
        await websocket.send_denial_response(refusal)
        return
    await websocket.accept()
    async for guess in websocket.iter_text():
        if too_many(room):
            await websocket.close(4429, "too many wrong PINs")
            return
        if secrets.compare_digest(guess.encode(), pins[room].encode()):
            await websocket.send_text("you are in, the secret is 42")
        else:
            wrong[room].append(time.monotonic())
            await websocket.send_text("wrong PIN")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "PIN guessing with a limit"
# order = 39
# topics = ["limits", "brute force", "429"]
# path = "/ws/{saved.room}"
# sources = [
#   "RFC 6585 section 4, 429 Too Many Requests",
#   "RFC 9110 section 10.2.3, Retry-After",
#   "OWASP Authentication Cheat Sheet, Protect Against Automated Attacks",
#   "ASGI spec, Websocket Denial Response extension",
# ]
#
# [tool.wsplay.attack]
# let_in = "right PIN"
# credential = "message"
# prize = "the secret is"
#
# [[tool.wsplay.try]]
# name = "no such room"
# path = "/ws/nowhere"
# expect = { status = 403, opened = false, ended = "refused", asked = 1000 }
#
# [[tool.wsplay.try]]
# name = "right PIN"
# before = [{ http = "POST /rooms", save = { room = "json:room", pin = "json:pin" } }]
# send = ["{saved.pin}"]
# expect = { opened = true, ended = "open", received = ["you are in, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "a typo"
# before = [{ http = "POST /rooms", save = { room = "json:room", pin = "json:pin" } }]
# send = ["0000", "{saved.pin}"]
# expect = { opened = true, ended = "open", received = ["wrong PIN", "you are in, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "keeps guessing"
# before = [{ http = "POST /rooms", save = { room = "json:room", pin = "json:pin" } }]
# send = ["0000", "0001", "0002", "{saved.pin}"]
# expect.opened = true
# expect.received = ["wrong PIN", "wrong PIN", "wrong PIN"]
# expect.close = { code = 4429, reason = "too many wrong PINs", by = "server" }
# expect.browser = { opened = true, code = 4429, clean = true }
#
# [[tool.wsplay.try]]
# name = "reconnects"
# before = [{ connect = "keeps guessing" }]
# send = ["{saved.pin}"]
# expect.status = 429
# expect.opened = false
# expect.received = []
# expect.body = "later"
# expect.asked = "none"
# expect.browser = { opened = false, error = true, code = 1006 }
#
# [[tool.wsplay.try]]
# name = "another room meanwhile"
# before = [
#   { connect = "keeps guessing" },
#   { http = "POST /rooms", save = { room = "json:room", pin = "json:pin" } },
# ]
# send = ["{saved.pin}"]
# expect = { opened = true, ended = "open", received = ["you are in, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "reconnects"
# question = """An attacker has used all three guesses, and reconnects at once with the right PIN. What does the
# attacker get?"""
# hint = "Where does the count live, and is there a WebSocket yet when the endpoint checks it?"
# explanation = """The count belongs to the room, so a new connection does not reset it. The first check comes before
# accept, where the answer is still HTTP and can have any status."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Access: a new connection has three new guesses"
# holds = { opened = true, received = ["you are in, the secret is 42"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and closes with 4429 at the first PIN"
# holds = { opened = true, close = 4429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: every refusal before accept is one"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 429, and no WebSocket"
# holds = { opened = false, status = 429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens and waits until the minute is over"
# holds = { opened = true, received = [], close = "none" }
# ///
