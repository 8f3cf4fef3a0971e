"""
At most two open sockets per user. Counting up is easy. The hard part is
counting down again, however the function ends.

**What to look for**

- *a third socket*: two are open, and the next handshake gets a `429`, before
  accept. The first two are not affected.
- *after two crashes*: `int()` of a word raises, the socket drops with 1006,
  and the count goes down anyway. That is the `finally`.
- *the other user*: the count is per user, after the token was checked. With a
  count per address, a whole office would share two sockets.
- There is no `await` between reading the count and increasing it. With
  `accept()` in between, two handshakes at once could both pass the check.

## Notes

Move the last line out of the `finally` and run *after two crashes*: alice is
locked out until the server restarts. In production, people restart the server
and think that this fixes it.

These end a connection without warning: an exception, a cancelled task, a
laptop that closes. Only `finally` runs for all of them. The laptop takes a
while: its socket counts until a ping gets no answer.

With more than one worker, each counts for itself: the limit is then two times
the number of workers. Keep the count in Redis instead.
"""

from collections import Counter

from fastapi import FastAPI, WebSocket
from fastapi.responses import PlainTextResponse

app = FastAPI()

LIMIT = 2
USERS = {"Bearer a11ce-5e55": "alice", "Bearer b0b-5e55": "bob"}
sockets: Counter[str] = Counter()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    user = USERS.get(websocket.headers.get("Authorization", ""))
    if user is None:
        await websocket.close(code=1008)
        return
    if sockets[user] >= LIMIT:
        refusal = PlainTextResponse("too many sockets", 429)
        await websocket.send_denial_response(refusal)
        return
    sockets[user] += 1
    try:
        await websocket.accept()
        await websocket.send_text(f"welcome {user}, send me a number")
        async for text in websocket.iter_text():
            await websocket.send_text(f"doubled: {2 * int(text)}")
    finally:
        sockets[user] -= 1


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Sockets per user"
# order = 44
# topics = ["limits", "connections", "429"]
# sources = [
#   "RFC 6585 section 4, 429 Too Many Requests",
#   "ASGI spec, Websocket Denial Response extension",
#   "OWASP WebSocket Security Cheat Sheet, Denial-of-Service Protection",
#   "Python documentation, The try statement, finally",
# ]
#
# [tool.wsplay.attack]
# let_in = "one socket"
# credential = "header:Authorization"
# prize = "welcome alice"
#
# [[tool.wsplay.try]]
# name = "one socket"
# headers = [["Authorization", "Bearer a11ce-5e55"]]
# send = ["21"]
# expect.status = 101
# expect.opened = true
# expect.ended = "open"
# expect.received = ["welcome alice, send me a number", "doubled: 42"]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect = { opened = false, status = 403, asked = 1008 }
#
# [[tool.wsplay.try]]
# name = "a third socket"
# headers = [["Authorization", "Bearer a11ce-5e55"]]
# before = [{ join = "one socket", times = 2 }]
# expect.status = 429
# expect.opened = false
# expect.body = "too many sockets"
# expect.asked = "none"
# expect.browser = { opened = false, error = true, code = 1006 }
#
# [[tool.wsplay.try]]
# name = "the other user"
# headers = [["Authorization", "Bearer b0b-5e55"]]
# before = [{ join = "one socket", times = 2 }]
# expect = { opened = true, ended = "open", received = ["welcome bob, send me a number"] }
#
# [[tool.wsplay.try]]
# name = "sends a word"
# headers = [["Authorization", "Bearer a11ce-5e55"]]
# send = ["twenty-one"]
# expect.opened = true
# expect.received = ["welcome alice, send me a number"]
# expect.ended = "dropped"
# expect.close = "none"
# expect.server_error = "ValueError"
#
# [[tool.wsplay.try]]
# name = "after two crashes"
# headers = [["Authorization", "Bearer a11ce-5e55"]]
# before = [{ connect = "sends a word" }, { connect = "sends a word" }]
# expect = { opened = true, ended = "open", received = ["welcome alice, send me a number"] }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 150
# try = "after two crashes"
# question = "Two of alice's sockets crashed, because int() of a word raised. Which change locks her out from then on?"
# hint = "Follow the exception up from int(). Which lines of the function still run?"
# explanation = """Each change was applied and run. After an exception, the only lines of the function that still run
# are those of a matching except or of a finally."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Count down in an `else`, when the loop is over"
# patch = [["    finally:\n", "    except WebSocketDisconnect:\n        pass\n    else:\n"], ["from fastapi import FastAPI, WebSocket\n", "from fastapi import FastAPI, WebSocket, WebSocketDisconnect\n"]]
# holds = { opened = false, status = 429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Allow only one socket per user"
# patch = [["LIMIT = 2", "LIMIT = 1"]]
# holds = { opened = false, status = 429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Count up after accept()"
# patch = [
#   ["    sockets[user] += 1\n    try:\n        await websocket.accept()\n", "    await websocket.accept()\n    sockets[user] += 1\n    try:\n"],
# ]
# holds = { opened = false, status = 429 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Count down in an `except Exception` and raise again, and otherwise at the end"
# patch = [["    finally:\n        sockets[user] -= 1\n", "    except Exception:\n        sockets[user] -= 1\n        raise\n    else:\n        sockets[user] -= 1\n"]]
# holds = { opened = false, status = 429 }
# ///
