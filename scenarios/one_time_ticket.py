"""
The ticket of a page that cannot send headers, done right: random, good for a
moment, and taken out of the store by the very lookup that checks it. The second
one to bring it finds nothing.

**What to look for**

- *fresh ticket*: HTTP first, with the token in a header; then the WebSocket,
  with the ticket in its request line. The token never stands in a URL.
- *the same again*: the same request line a moment later, and a 403. Compare
  both `wire.request` rows: nothing in them differs, the store does.
- *expired* was never used, and is refused all the same. Without a lifetime,
  tickets that nobody fetched would stay good forever.
- Looking up and taking out are one step, `pop`. With a `get` and a later `del`
  there is a gap between them, and two requests fit into it as soon as
  something is awaited there.

## Notes

Show *fresh ticket*, then *the same again*, and ask where the ticket can be read
now: in the server's log, for one. Let them.

With several server processes the store must be shared: in Redis `SET` with `EX`
and `GETDEL` do what lifetime and `pop` do here.

The price: a page needs a new ticket for each connection, and so for each
reconnect. What is forgotten most often is to fetch one there.

A ticket says who asked for it, so bind it to the user, and let it say nothing
more. It is no session.
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
# title = "One-time ticket"
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
# name = "the same again"
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
# name = "made up"
# query = { ticket = "letmein" }
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "token in place of a ticket"
# headers = [["Authorization", "Bearer alice-token"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 60
# try = "the same again"
# question = "A page loses its network, and its script reconnects at once with the URL it has. What happens?"
# hint = "The ticket is not a second old. Is it still in the dictionary?"
# explanation = """The ticket was taken out when it was looked up, so the URL is spent, however young it is. A script
# that reconnects has to fetch a new ticket first. That it cannot tell this 403 from a server that is down is the price
# of refusing before accept."""
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in: the ticket is good for two seconds"
# holds = { opened = true, received = ["Welcome, Alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: the ticket is used up"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: the ticket is not there any more, which raises KeyError"
# holds = { status = 500, server_error = "KeyError" }
#
# [[tool.wsplay.challenge.choice]]
# text = "It connects, and is closed with 1008"
# holds = { opened = true, close = 1008 }
# ///
