"""
The session cookie again, plus one more check: does the page that opened the
socket belong to us? The browser sets the `Origin` header, and no script can
change it.

**What to look for**

- *on another site* sends Alice's own cookie and is refused anyway: the session
  is right, the page is not.
- The endpoint compares the whole origin: scheme, host and port, as one string.
  *look-alike domain* starts with ours and contains ours, and belongs to
  someone else.
- *a subdomain* is a different origin too. An attacker who takes over a
  forgotten blog there is on the same site and gets the cookies, but this
  string still differs.
- A sandboxed frame or a local file sends `null`. It is not one of our origins.
- A client without `Origin` is refused. A browser always sends one with a
  WebSocket handshake.

## Notes

"But anyone can write an Origin header!" True, with a program. But that program
does not have Alice's cookie. The check does not authenticate anyone. It
protects a logged-in user's browser from other pages that the user visits.

Behind a proxy: `Origin` has the public name from the browser's address bar,
not the name that the proxy uses for the app. Comparing it with `Host` works
only if the two are the same.

Starlette has no setting for this. `allow_origins` of `CORSMiddleware` looks
like one, but it never runs for a WebSocket.
"""

import secrets

from fastapi import FastAPI, Response, WebSocket

app = FastAPI()
sessions: dict[str, str] = {}

COOKIE = {"httponly": True, "secure": True, "samesite": "none"}
ORIGINS = {"https://shop.example", "http://127.0.0.1:8000"}


@app.post("/login")
async def login(user: str, response: Response):
    """Stand in for the form and its password."""
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
# title = "Cookie session with an Origin check"
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
# name = "look-alike domain"
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
# try = "look-alike domain"
# question = """An attacker has registered a domain. A page on https://shop.example.my-shop.example connects from
# Alice's browser, with her cookie. Which condition for closing keeps it out?"""
# hint = "Read the attacker's origin from the left, from the right, and as a whole."
# explanation = """Each condition was put into the endpoint and run with the same page. An origin is a scheme, a host
# and a port: a part of it does not tell you whose it is. Compare the whole string with a list of your own origins."""
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
