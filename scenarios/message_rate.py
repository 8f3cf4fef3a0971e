"""
A pace for everyone: 20 messages at once, and 5 a second from then on. It is a
*token bucket*, one for each connection. Who empties it gets 1008 and a reason.

**What to look for**

- *a burst*: the first 20 are answered, then the close. Count the answers: the
  limit is exact as long as less than a fifth of a second has gone by.
- All 200 stand on the wire, and 21 in the ASGI lane: the 21st is the one too
  many. The server throws the rest away, your code never sees it.
- *with a pause*: 18, then a second's rest, then 5 more. That is what the bucket
  is for: a fast typist is no flood.
- *after the flood*: somebody else in the meantime notices nothing. The bucket
  is made inside the endpoint, so there is one for each connection.

## Notes

One for each connection is also the hole: the flooder may come back and gets a
full bucket. *comes back* shows it. For a limit on people, keep the bucket by
user, as the guessing limit does by room; and do keep it by something.

The gentler way is to not close but wait: `await asyncio.sleep(...)` before the
next `receive`. The server stops reading, TCP fills up, and the client is held
to the pace without a single error. It costs an open socket each.

1008 is *policy violation*; 4429 is a common choice of an app's own code.
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
# title = "Message rate"
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
# name = "comes back"
# before = [{ connect = "a burst" }]
# send = [{ text = "me again", times = 200 }]
# expect = { opened = true, ended = "closed", close = { code = 1008, reason = "slow down" } }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 150
# try = "after the flood"
# question = "Somebody floods and is closed. Right after, somebody else sends 15 messages. Which change gets the innocent one closed, too?"
# hint = "How many buckets are there, and who takes from which?"
# explanation = """Each change was patched in and run. A bucket that everybody shares is a limit for the server, and one
# flooder uses it up for all. Where the bucket lives decides whom the limit is for."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Make the bucket once, beside the app"
# patch = [
#   ["    bucket = Bucket(burst=20, per_second=5)\n", ""],
#   ["\n\n@app.websocket", "\n\nbucket = Bucket(burst=20, per_second=5)\n\n\n@app.websocket"],
# ]
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Answer first, take from the bucket then"
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
# text = "Make the bucket before accept()"
# patch = [[
#   "    await websocket.accept()\n    bucket = Bucket(burst=20, per_second=5)\n",
#   "    bucket = Bucket(burst=20, per_second=5)\n    await websocket.accept()\n",
# ]]
# holds = { opened = true, close = 1008 }
# ///
