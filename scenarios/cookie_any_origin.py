"""
The login sets a session cookie, and the WebSocket requires it. The session
check is sound. But nothing checks *which page* opened the socket.

**What to look for**

- *not logged in* and *guessed cookie* are refused. The session check works.
- *on another site* sends the same cookie with `Origin: https://evil.example`,
  and is let in. It reads the balance, and its order is placed as Alice's.
- The attacker never sees the cookie. Alice's browser attaches it to every
  handshake to this host, whichever page opened it. This attack is called
  cross-site WebSocket hijacking (CSWSH).
- `CORSMiddleware` would not help: it handles HTTP only and passes WebSocket
  handshakes on. The same-origin policy does not stop a page from reading
  WebSocket messages either.

`samesite` is `none`, as people often set it when the front end is on another
domain and the cookie "does not arrive". `lax`, Starlette's default, withholds
the cookie from other *sites*. It does not withhold it from other *origins* of
the same site: another port, or a forgotten blog on a subdomain.

## Notes

With a real browser, in three steps. Run this file, open
`http://127.0.0.1:8000/docs`, and type in its console:
`await fetch("/login?user=alice", {method: "POST"})`. Then serve any page from
another port, `python -m http.server 9000`, open `http://127.0.0.1:9000`, and
type in that console:
`new WebSocket("ws://127.0.0.1:8000/ws").onmessage = e => alert(e.data)`.

That was another origin of the same site: cookies ignore ports, so `lax` would
not have helped. Open `http://localhost:9000` for another *site*. It works from
there too, in a browser that does not block third-party cookies.

Only the Origin header tells the pages apart. The next scenario reads it.
"""

import secrets

from fastapi import FastAPI, Response, WebSocket

app = FastAPI()
sessions: dict[str, str] = {}

COOKIE = {"httponly": True, "secure": True, "samesite": "none"}


@app.post("/login")
async def login(user: str, response: Response):
    """Stand in for the form and its password."""
    key = secrets.token_urlsafe(32)
    sessions[key] = user
    response.set_cookie("session", key, **COOKIE)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    user = sessions.get(websocket.cookies.get("session", ""))
    if user is None:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text(f"{user}, your balance is 42")
    async for order in websocket.iter_text():
        await websocket.send_text(f"{user} orders: {order}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Cookie session across sites"
# order = 19
# topics = ["browsers", "cookies", "origin"]
# flawed = true
# mended = "cookie_own_origin"
# sources = [
#   "RFC 6455 section 10.2, Origin Considerations",
#   "OWASP WebSocket Security Cheat Sheet, Additional CSWSH Protections",
#   "RFC 6265bis section 5.2, Same-site and cross-site Requests",
#   "FastAPI documentation, CORS",
# ]
#
# [tool.wsplay.attack]
# let_in = "on the shop's page"
# credential = "cookie:session"
# prize = "your balance"
#
# [[tool.wsplay.try]]
# name = "not logged in"
# origin = "https://shop.example"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "on the shop's page"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# origin = "https://shop.example"
# expect = { status = 101, ended = "open", received = ["alice, your balance is 42"] }
#
# [[tool.wsplay.try]]
# name = "on another site"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# origin = "https://evil.example"
# send = ["42 to evil.example"]
# expect.status = 101
# expect.ended = "open"
# expect.received = ["alice, your balance is 42", "alice orders: 42 to evil.example"]
# expect.browser = { opened = true, error = false }
#
# [[tool.wsplay.try]]
# name = "guessed cookie"
# headers = [["Cookie", "session=alice"]]
# origin = "https://shop.example"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 120
# try = "on another site"
# question = """Alice is logged in at the shop, and her browser does not block third-party cookies. In another tab, a
# script on https://evil.example opens a WebSocket to this endpoint and sends an order. What happens?"""
# hint = "Who attaches the cookie to the handshake, and which line checks where the page came from?"
# explanation = """A browser attaches cookies by where a request goes, not by which page made it. SameSite limits
# that, and here it is switched off. CORS and the same-origin policy do not apply to WebSockets: the Origin header is
# all the server gets, and this endpoint does not read it."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Nothing: without CORS headers, the handshake is refused with 403"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It connects, but the same-origin policy keeps the script from reading the messages"
# holds = { browser = { opened = true, received = [] } }
#
# [[tool.wsplay.challenge.choice]]
# text = "It connects without the cookie, as no user, and is closed with 1008"
# holds = { opened = true, close = 1008, received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It reads Alice's balance and places the order in her name"
# holds = { opened = true, received = [{ contains = "alice, your balance" }, { contains = "alice orders" }] }
# ///
