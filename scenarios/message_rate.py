"""
A rate limit: 20 messages at once, then 5 per second. It is a *token bucket*,
one for each connection. A client that empties it gets 1008 and a reason.

**What to look for**

- *a burst*: the first 20 messages are answered, then comes the close. Count
  the answers: the limit is exact if less than a fifth of a second has passed.
- All 200 messages are in the wire lane, and 21 in the ASGI lane: the 21st is
  the one above the limit. The server discards the rest, and your code never
  sees it.
- *with a pause*: 18 messages, a pause of one second, then 5 more. This is what
  the bucket is for: someone who types fast is not flooding.
- *after the flood*: a second client is not affected. The endpoint creates the
  bucket, so there is one for each connection.

## Notes

One bucket per connection is also the weakness: the client can reconnect and
gets a full bucket. *reconnects* shows it. To limit people, keep one bucket per
user, as the PIN limit keeps one count per room.

A softer way is to wait instead of closing: `await asyncio.sleep(...)` before
the next `receive`. The server stops reading, TCP buffers fill up, and the
client slows down without an error. The cost is an open socket per client.

1008 is *policy violation*. Many applications use their own code 4429.
"""

import time

from fastapi import FastAPI, WebSocket

app = FastAPI()


class Bucket:
    def __init__(self, burst: int, per_second: float):
        self.burst, self.per_second = burst, per_second
        self.left, self.when = float(burst), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.left += (now - self.when) * self.per_second
        self.left, self.when = min(self.left, self.burst), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    bucket = Bucket(burst=20, per_second=5)
    async for text in websocket.iter_text():
        if not bucket.take():
            await websocket.close(1008, "slow down")
            return
        await websocket.send_text(text)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Message rate limit"
# order = 42
# topics = ["limits", "flood", "rate limit"]
# sources = [
#   "RFC 6455 section 7.4.1, Defined Status Codes, 1008",
#   "OWASP WebSocket Security Cheat Sheet, Denial-of-Service Protection",
#   "CWE-770, Allocation of Resources Without Limits or Throttling",
# ]
#
# [[tool.wsplay.try]]
# name = "a few words"
# send = [{ text = "hello", times = 5 }]
# expect = { status = 101, opened = true, ended = "open", received_count = 5, close = "none" }
#
# [[tool.wsplay.try]]
# name = "a burst"
# send = [{ text = "me again", times = 200 }]
# expect.opened = true
# expect.ended = "closed"
# expect.close = { code = 1008, reason = "slow down", by = "server" }
# expect.server_error = "none"
# expect.browser = { opened = true, code = 1008, clean = true }
#
# [[tool.wsplay.try]]
# name = "with a pause"
# send = [{ text = "hello", times = 18 }, { wait = 1.0 }, { text = "hello", times = 5 }]
# expect = { opened = true, ended = "open", received_count = 23, close = "none" }
#
# [[tool.wsplay.try]]
# name = "after the flood"
# before = [{ connect = "a burst" }]
# send = [{ text = "hello", times = 15 }]
# expect = { opened = true, ended = "open", received_count = 15, close = "none" }
#
# [[tool.wsplay.try]]
# name = "reconnects"
# before = [{ connect = "a burst" }]
# send = [{ text = "me again", times = 200 }]
# expect = { opened = true, ended = "closed", close = { code = 1008, reason = "slow down" } }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 150
# try = "after the flood"
# question = """One client floods and is closed. Right after, another client sends 15 messages. Which change closes
# the second client, too?"""
# hint = "How many buckets are there, and who takes from which?"
# explanation = """Each change was applied and run. A bucket that all connections share is a limit for the server, and
# one flooding client uses it up for everyone. Where the bucket lives decides whom it limits."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Create the bucket once, next to the app"
# patch = [
#   ["    bucket = Bucket(burst=20, per_second=5)\n", ""],
#   ["\n\n@app.websocket", "\n\nbucket = Bucket(burst=20, per_second=5)\n\n\n@app.websocket"],
# ]
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Answer first, then take from the bucket"
# patch = [
#   ["        if not bucket.take():\n", "        await websocket.send_text(text)\n        if not bucket.take():\n"],
#   ["            return\n        await websocket.send_text(text)\n", "            return\n"],
# ]
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Refill the bucket much more slowly"
# patch = [["per_second=5", "per_second=0.01"]]
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Create the bucket before accept()"
# patch = [[
#   "    await websocket.accept()\n    bucket = Bucket(burst=20, per_second=5)\n",
#   "    bucket = Bucket(burst=20, per_second=5)\n    await websocket.accept()\n",
# ]]
# holds = { opened = true, close = 1008 }
# ///
