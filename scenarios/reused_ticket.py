"""
A browser's `WebSocket` cannot set headers. So the page first requests a ticket
over HTTP, where it can, and then sends the ticket in the query. Here the
endpoint looks the ticket up and leaves it in the store. Until it expires,
anyone with a copy can use it.

**What to look for**

- *fresh ticket*: two connections. The first is plain HTTP and carries the
  token. The second carries the ticket, readable in its request line.
- The `server` lane logs that request line. So do most proxies, and some error
  reports quote it. A ticket has to be harmless when it leaks.
- *same ticket again*: the ticket has been used, someone sends it a second
  time, and is greeted as Alice. The wire shows no difference between the two.
- *expired* is refused, so the lifetime works. It only limits how long a thief
  has.

## Notes

Run *same ticket again* and copy the ticket from the first request line in the
timeline with the mouse, as someone with access to the log would.

People say of such tickets, "It is only valid for 30 seconds". A script that
watches a log needs less than one.

The fix is one word: `pop` instead of `get`. The next scenario shows it.
"""

import secrets
import time

from fastapi import FastAPI, Header, HTTPException, WebSocket

app = FastAPI()

LIFETIME = 3  # seconds; 30 is usual
tickets: dict[str, float] = {}  # ticket: when it expires


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
# name = "same ticket again"
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
#   { wait = 3.1 },
# ]
# query = { ticket = "{saved.ticket}" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "made-up ticket"
# query = { ticket = "letmein" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 90
# try = "same ticket again"
# question = "Alice has used her ticket, and its URL is in a log. Which change stops someone who reads the log?"
# hint = "What does the dictionary contain after Alice has connected?"
# explanation = """Only a ticket that is removed at its first use is worthless to whoever finds it. Its length and the
# way it is compared protect against guessing, and nobody guesses here. A shorter lifetime makes the window smaller,
# but does not close it."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Half the lifetime: `LIFETIME = 1.5`"
# patch = [["LIFETIME = 3", "LIFETIME = 1.5"]]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "A ticket four times as long: `secrets.token_urlsafe(64)`"
# patch = [["token_urlsafe(16)", "token_urlsafe(64)"]]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Remove it during the lookup: `tickets.pop(ticket, 0)`"
# patch = [["tickets.get(ticket, 0)", "tickets.pop(ticket, 0)"]]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Compare it in constant time: `secrets.compare_digest`"
# patch = [["tickets.get(ticket, 0)", "max((tickets[t] for t in tickets if secrets.compare_digest(t, ticket)), default=0)"]]
# holds = { opened = false, status = 403 }
# ///
