"""
A browser's `WebSocket` takes no headers, so its page first asks over HTTP for a
ticket, where a header is no trouble, and then brings it in the query. Here the
ticket is looked up and left where it is. Until it runs out it opens the door
for whoever has a copy.

**What to look for**

- *fresh ticket*: two connections. The first is plain HTTP and carries the
  token; the second carries the ticket, in the open, in its request line.
- The `server` lane prints that request line. So do a proxy's log, a browser's
  history and a crash report. A ticket is made to leak harmlessly.
- *the same again*: the ticket has done its work, somebody sends it a second
  time, and is greeted as Alice. The wire shows no difference between the two.
- *expired* is refused, so the lifetime does work. It only sets how long the
  thief has.

## Notes

Play *the same again* and copy the ticket from the first request line of the
timeline with the mouse, as someone with access to the log would.

"It is only good for 30 seconds" is what people say of tickets like this. A
script that watches a log needs less than one.

The mend is one word, `pop` for `get`. It is the next scenario.
"""

import secrets
import time

from fastapi import FastAPI, Header, HTTPException, WebSocket

app = FastAPI()

LIFETIME = 2  # seconds; 30 would be usual
tickets: dict[str, float] = {}  # the ticket, and until when it is good


@app.post("/ticket")
async def make_ticket(authorization: str = Header("")):
    if authorization != "Bearer alice-token":
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    ticket = secrets.token_urlsafe(16)
    tickets[ticket] = time.monotonic() + LIFETIME
    return {"ticket": ticket}


@app.websocket("/ws")
async def endpoint(websocket: WebSocket, ticket: str = ""):
    good_until = tickets.get(ticket, 0)
    if time.monotonic() >= good_until:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text("Welcome, Alice")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Ticket used twice"
# order = 28
# topics = ["sessions", "tickets"]
# flawed = true
# mended = "one_time_ticket"
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Session Management",
#   "RFC 6750 section 2.3, URI Query Parameter",
#   "WHATWG WebSockets Standard, the WebSocket constructor",
# ]
#
# [[tool.wsplay.try]]
# name = "the same again"
# before = [{ connect = "fresh ticket" }]
# query = { ticket = "{saved.ticket}" }
# expect = { status = 101, received = ["Welcome, Alice"], close = 1000, ended = "closed" }
#
# [[tool.wsplay.try]]
# name = "fresh ticket"
# before = [
#   { http = "POST /ticket", headers = { Authorization = "Bearer alice-token" }, save = { ticket = "json:ticket" } },
# ]
# query = { ticket = "{saved.ticket}" }
# expect = { status = 101, received = ["Welcome, Alice"], close = 1000, ended = "closed" }
#
# [[tool.wsplay.try]]
# name = "expired"
# before = [
#   { http = "POST /ticket", headers = { Authorization = "Bearer alice-token" }, save = { ticket = "json:ticket" } },
#   { wait = 2.1 },
# ]
# query = { ticket = "{saved.ticket}" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "made up"
# query = { ticket = "letmein" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 90
# try = "the same again"
# question = "Alice's ticket has been used, and its URL stands in a log. Which change keeps a reader of the log out?"
# hint = "What does the dictionary hold after Alice has come in?"
# explanation = """Only a ticket that is gone after its first use is worth nothing to whoever finds it. Its length and
# how it is compared protect against guessing, and nobody guesses here. A shorter lifetime narrows the window and leaves
# it open."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Half the lifetime: `LIFETIME = 1`"
# patch = [["LIFETIME = 2", "LIFETIME = 1"]]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "A ticket four times as long: `secrets.token_urlsafe(64)`"
# patch = [["token_urlsafe(16)", "token_urlsafe(64)"]]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Take it out while looking it up: `tickets.pop(ticket, 0)`"
# patch = [["tickets.get(ticket, 0)", "tickets.pop(ticket, 0)"]]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Compare it in constant time: `secrets.compare_digest`"
# patch = [["tickets.get(ticket, 0)", "max((tickets[t] for t in tickets if secrets.compare_digest(t, ticket)), default=0)"]]
# holds = { opened = false, status = 403 }
# ///
