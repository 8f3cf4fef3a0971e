"""
Some pages cannot send headers, so they bring a ticket instead. This ticket is
random, valid for a short time, and removed from the store when it is looked
up. A second client with the same ticket is refused.

**What to look for**

- *fresh ticket*: first HTTP, with the token in a header. Then the WebSocket,
  with the ticket in its request line. The token is never in a URL.
- *same ticket again*: the same request line a moment later, and a 403. Compare
  the two `wire.request` rows: they do not differ, but the store does.
- *expired* was never used, and is refused anyway. Without a lifetime, tickets
  that nobody used would stay valid forever.
- Lookup and removal are one step, `pop`. With `get` and a later `del`, a
  second request can run between them as soon as something is awaited there.

## Notes

Show *fresh ticket*, then *same ticket again*, and ask where the ticket can be
read now. One place is the server's log. It is harmless there.

With several server processes, the store must be shared: in Redis, `SET` with
`EX` and `GETDEL` replace the lifetime and `pop`.

The cost: a page needs a new ticket for each connection, and so for each
reconnect. Many pages forget to fetch one when they reconnect.

A ticket shows who asked for it, so bind it to the user, and put nothing else
into it. It is not a session.
"""

import secrets
import time

from fastapi import FastAPI, Header, HTTPException, WebSocket

app = FastAPI()

LIFETIME = 2  # seconds; 30 is usual
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
    good_until = tickets.pop(ticket, 0)
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
# title = "Ticket and reconnect"
# order = 29
# topics = ["sessions", "tickets"]
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Session Management",
#   "RFC 6750 section 2.3, URI Query Parameter",
#   "Redis documentation, GETDEL",
# ]
#
# [[tool.wsplay.try]]
# name = "fresh ticket"
# before = [
#   { http = "POST /ticket", headers = { Authorization = "Bearer alice-token" }, save = { ticket = "json:ticket" } },
# ]
# query = { ticket = "{saved.ticket}" }
# expect.status = 101
# expect.opened = true
# expect.received = ["Welcome, Alice"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "same ticket again"
# before = [{ connect = "fresh ticket" }]
# query = { ticket = "{saved.ticket}" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
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
# name = "made-up ticket"
# query = { ticket = "letmein" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "token instead of a ticket"
# headers = [["Authorization", "Bearer alice-token"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 60
# try = "same ticket again"
# question = "A page loses its network, and its script reconnects at once with the same URL. What happens?"
# hint = "The ticket is less than a second old. Is it still in the dictionary?"
# explanation = """The lookup removed the ticket, so the URL no longer works, however new the ticket is. A script that
# reconnects has to fetch a new ticket first. The script cannot tell this 403 from a server that is down: that is the
# cost of refusing before accept."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in: the ticket is valid for two seconds"
# holds = { opened = true, received = ["Welcome, Alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: the ticket is used up"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: the ticket is no longer there, which raises KeyError"
# holds = { status = 500, server_error = "KeyError" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It connects, and is closed with 1008"
# holds = { opened = true, close = 1008 }
# ///
