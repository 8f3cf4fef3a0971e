"""
A meeting room with a four-digit PIN. Whoever opens a room gets its number and
its PIN; whoever has the number may guess. Nobody counts.

**What to look for**

- *guesses on*: a wrong PIN costs the guesser one short message, and the next
  may follow at once. All of them are answered on the same connection.
- There are 9,000 PINs. Run *a hundred guesses*, read the time from the first
  answer to the last off the timeline, and multiply by 90: no time at all.
- No line of the log shows it. uvicorn logs the handshake and nothing of what
  is said after it, so a thousand guesses look like one visitor.
- *comes back*: closing a connection slows nobody down. A new one has no past.

## Notes

Ask the room what they would add. The first proposal is a counter in the
function, and the challenge runs it: it counts one connection, and forgets with
it.

The mended form counts by room, outside of the function. A rate limit in front
of the app, at the proxy, sees handshakes only and would miss all of this.

Each try opens a room of its own first, so the PIN differs on every run.
"""

import secrets

from fastapi import FastAPI, WebSocket

app = FastAPI()

pins: dict[str, str] = {}


@app.post("/rooms")
async def open_room():
    room, pin = secrets.token_hex(4), str(1000 + secrets.randbelow(9000))
    pins[room] = pin
    return {"room": room, "pin": pin}


@app.websocket("/ws/{room}")
async def endpoint(websocket: WebSocket, room: str):
    if room not in pins:
        await websocket.close()
        return
    await websocket.accept()
    async for guess in websocket.iter_text():
        if guess == pins[room]:
            await websocket.send_text("you are in, the secret is 42")
        else:
            await websocket.send_text("wrong PIN")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Guessing without a limit"
# order = 38
# topics = ["limits", "brute force", "first message"]
# path = "/ws/{saved.room}"
# flawed = true
# mended = "guess_limit"
# sources = [
#   "OWASP Authentication Cheat Sheet, Protect Against Automated Attacks",
#   "OWASP WebSocket Security Cheat Sheet, Security Monitoring and Logging",
#   "CWE-307, Improper Restriction of Excessive Authentication Attempts",
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
# name = "guesses on"
# before = [{ http = "POST /rooms", save = { room = "json:room", pin = "json:pin" } }]
# send = ["0000", "0001", "0002", "0003", "{saved.pin}"]
# expect.opened = true
# expect.ended = "open"
# expect.received = ["wrong PIN", "wrong PIN", "wrong PIN", "wrong PIN", "you are in, the secret is 42"]
# expect.close = "none"
#
# [[tool.wsplay.try]]
# name = "a hundred guesses"
# before = [{ http = "POST /rooms", save = { room = "json:room" } }]
# send = [{ text = "0000", times = 100 }]
# expect = { opened = true, ended = "open", received_count = 100, close = "none" }
#
# [[tool.wsplay.try]]
# name = "three wrong guesses"
# before = [{ http = "POST /rooms", save = { room = "json:room", pin = "json:pin" } }]
# send = ["0000", "0001", "0002"]
# expect = { opened = true, ended = "open", received = ["wrong PIN", "wrong PIN", "wrong PIN"] }
#
# [[tool.wsplay.try]]
# name = "comes back"
# before = [{ connect = "three wrong guesses" }]
# send = ["{saved.pin}"]
# expect = { opened = true, ended = "open", received = ["you are in, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 150
# try = "comes back"
# question = "Somebody guesses three times, leaves, comes back with a new connection and has the PIN. Which mend closes the door on them?"
# hint = "Where does each mend keep what it knows, and how long does that live?"
# explanation = """Each mend was patched in and run. What stands in a local variable ends with its connection, and
# connections cost a guesser nothing. The count has to live with what is guessed at."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Count wrong PINs in the endpoint, and close with 4429 after the third"
# patch = [
#   ["    await websocket.accept()\n", "    await websocket.accept()\n    wrong = 0\n"],
#   ["        if guess == pins[room]:", "        if wrong >= 3:\n            await websocket.close(code=4429)\n            return\n        if guess == pins[room]:"],
#   ["        else:\n", "        else:\n            wrong += 1\n"],
# ]
# holds = { opened = true, received = [], close = 4429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Close with 4429 after every wrong PIN"
# patch = [['await websocket.send_text("wrong PIN")', 'await websocket.close(code=4429)']]
# holds = { opened = true, received = [], close = 4429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Wait a little before every answer to a wrong PIN"
# patch = [
#   ["import secrets\n", "import asyncio\nimport secrets\n"],
#   ["        else:\n", "        else:\n            await asyncio.sleep(0.1)\n"],
# ]
# holds = { opened = true, received = [], close = 4429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Count wrong PINs by room, outside of the endpoint, and close with 4429 from the third on"
# patch = [
#   ["pins: dict[str, str] = {}\n", "pins: dict[str, str] = {}\nwrong: dict[str, int] = {}\n"],
#   ["        if guess == pins[room]:", "        if wrong.get(room, 0) >= 3:\n            await websocket.close(code=4429)\n            return\n        if guess == pins[room]:"],
#   ["        else:\n", "        else:\n            wrong[room] = wrong.get(room, 0) + 1\n"],
# ]
# holds = { opened = true, received = [], close = 4429 }
# ///
