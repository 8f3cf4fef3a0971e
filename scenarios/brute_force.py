"""
A meeting room with a four-digit PIN. Opening a room returns its number and its
PIN. Anyone with the number can guess the PIN, as often as they like.

**What to look for**

- *keeps guessing*: a wrong PIN costs one short message, and the next guess can
  follow at once. The server answers all of them on the same connection.
- There are 9,000 PINs. Run *a hundred guesses*, read the time from the first
  answer to the last in the timeline, and multiply by 90. It is very short.
- The log shows nothing of this. uvicorn logs the handshake and nothing after
  it, so a thousand guesses look like one visitor.
- *reconnects*: closing the connection does not slow a guesser down. A new
  connection starts with no history.

## Notes

Ask the audience what they would add. The first proposal is a counter in the
function, and the challenge runs it: it counts for one connection, and a new
connection starts at zero.

The fixed version counts per room, outside the function. A rate limit in a
proxy in front of the app sees only handshakes and would miss all of this.

Each try opens its own room first, so the PIN is different on every run.
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
# title = "PIN guessing without a limit"
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
# name = "keeps guessing"
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
# name = "reconnects"
# before = [{ connect = "three wrong guesses" }]
# send = ["{saved.pin}"]
# expect = { opened = true, ended = "open", received = ["you are in, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 150
# try = "reconnects"
# question = "An attacker guesses three times, reconnects and sends the right PIN. Which fix keeps the attacker out?"
# hint = "Where does each fix keep its state, and how long does that state live?"
# explanation = """Each fix was applied and run. A local variable ends with its connection, and a new connection costs
# an attacker nothing. The count has to be stored with the thing that is being guessed."""
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
# text = "Count wrong PINs per room, outside the endpoint, and close with 4429 from the third on"
# patch = [
#   ["pins: dict[str, str] = {}\n", "pins: dict[str, str] = {}\nwrong: dict[str, int] = {}\n"],
#   ["        if guess == pins[room]:", "        if wrong.get(room, 0) >= 3:\n            await websocket.close(code=4429)\n            return\n        if guess == pins[room]:"],
#   ["        else:\n", "        else:\n            wrong[room] = wrong.get(room, 0) + 1\n"],
# ]
# holds = { opened = true, received = [], close = 4429 }
# ///
