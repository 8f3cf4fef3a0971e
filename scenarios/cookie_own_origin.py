"""
The session cookie again, and one question more: is the page that opened the
socket one of ours? The browser says so in `Origin`, and no script can change
what it says.

**What to look for**

- *on another site* carries Alice's own cookie, and is refused all the same:
  the session is right, the page is not.
- The origins are compared whole: scheme, host and port, as one string.
  *a look-alike* starts with ours, contains ours and ends like ours, and is
  still somebody else's.
- *a subdomain* is another origin too. Whoever takes over a forgotten blog
  there has the same site, and so the cookies, but not this string.
- `null` is what a sandboxed frame or a local file sends. It is no origin of
  ours.
- Without `Origin` nobody gets in here. A browser always sends one with a
  WebSocket handshake.

## Notes

"But anybody can write an Origin header!" True, with a program; and the program
has no cookie of Alice's. The check does not say who is there. It protects the
browser of somebody who is logged in from the pages that this somebody visits.

Behind a proxy: `Origin` is the browser's address bar, so it is the public name,
not the name by which the proxy calls the app. Comparing it with `Host` works
only where both are the same.

Starlette has no switch for this. `allow_origins` of `CORSMiddleware` looks as
if it were one, and never runs for a WebSocket.
"""

import secrets

from fastapi import FastAPI, Response, WebSocket

app = FastAPI()
sessions: dict[str, str] = {}

COOKIE = {"httponly": True, "secure": True, "samesite": "none"}
ORIGINS = {"https://shop.example", "http://127.0.0.1:8000"}


@app.post("/login")
async def login(user: str, response: Response):
    """Stands for the form and its password."""
    key = secrets.token_urlsafe(32)
    sessions[key] = user
    response.set_cookie("session", key, **COOKIE)


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    origin = websocket.headers.get("Origin", "")
    if origin not in ORIGINS:
        await websocket.close(code=1008)
        return
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
# title = "Cookie session, own Origin"
# order = 20
# topics = ["browsers", "cookies", "origin"]
# sources = [
#   "RFC 6455 section 10.2, Origin Considerations",
#   "RFC 6454 section 6.2, ASCII Serialization of an Origin",
#   "OWASP WebSocket Security Cheat Sheet, Origin Header Validation",
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
# send = ["a hat"]
# expect = { status = 101, ended = "open", received = ["alice, your balance is 42", "alice orders: a hat"] }
#
# [[tool.wsplay.try]]
# name = "on another site"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# origin = "https://evil.example"
# send = ["42 to evil.example"]
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "a look-alike"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# origin = "https://shop.example.my-shop.example"
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "a subdomain"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# origin = "https://blog.shop.example"
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "a sandboxed frame"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# origin = "null"
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "no Origin"
# before = [{ http = "POST /login?user=alice", save = { session = "cookie:session" } }]
# headers = [["Cookie", "session={saved.session}"]]
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1008 }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "a look-alike"
# question = """An attacker has registered a domain, and a page on https://shop.example.my-shop.example connects from
# Alice's browser, with her cookie. Which condition for closing keeps it out?"""
# hint = "Read the attacker's origin from the left, from the right, and as a whole."
# explanation = """Each condition stood in the endpoint and met the same page. An origin is scheme, host and port: part of
# one says nothing about whose it is. Only a comparison of the whole string with a list tells own from foreign."""
#
# [[tool.wsplay.challenge.choice]]
# text = 'if not origin.startswith("https://shop.example")'
# patch = [["if origin not in ORIGINS:", 'if not origin.startswith("https://shop.example"):']]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = 'if "shop.example" not in origin'
# patch = [["if origin not in ORIGINS:", 'if "shop.example" not in origin:']]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = 'if origin not in {"https://shop.example"}'
# patch = [["if origin not in ORIGINS:", 'if origin not in {"https://shop.example"}:']]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = 'if not origin.endswith("shop.example")'
# patch = [["if origin not in ORIGINS:", 'if not origin.endswith("shop.example"):']]
# holds = { opened = false, status = 403 }
# ///
