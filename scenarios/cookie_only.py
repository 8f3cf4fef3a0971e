"""
The endpoint accepts every client and trusts the cookie: it checks no
signature, no session store and no `Origin`.

**What to look for**

- A client without a cookie is let in as a guest and still gets the secret.
- The name in the cookie is the name in the answer. Anyone who edits the cookie
  becomes someone else.
- *another port*: cookies ignore ports. A page on another port of the same host
  is of the same site, so Alice's browser sends her cookie, and the page
  connects as Alice.
- *another site*: this cookie has no `SameSite`. Chromium treats it as `Lax` and
  sends no cookie from another site's page, which is let in as a guest. Not
  every browser does so, and `SameSite=None` turns it off.

The fixed version has a real session and reads the `Origin` header: which page
opened the socket?

## Notes

Open the cookie in the client pane and change the name. Then run *another port*
and ask who sent that cookie: not the attacker, but the victim's browser.

With a real browser: run this file, open `http://127.0.0.1:8000/docs`, and type
in its console: `document.cookie = "session=alice"`. Serve any page from another
port, `python -m http.server 9000`. Open it as `http://127.0.0.1:9000`, then as
`http://localhost:9000`, which is another site, and type each time:
`new WebSocket("ws://127.0.0.1:8000/ws").onmessage = e => alert(e.data)`.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    user = websocket.cookies.get("session", "guest")
    await websocket.send_text(f"{user}, the secret is 42")
    async for text in websocket.iter_text():
        await websocket.send_text(f"{user}: {text}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Cookie as the only credential"
# order = 45
# topics = ["designs", "cookies"]
# flawed = true
# mended = "cookie_own_origin"
# sources = [
#   "RFC 6455 section 10.2, Origin Considerations",
#   "RFC 6265 section 8.5, Weak Confidentiality",
#   "RFC 6265bis section 5.2, Same-site and cross-site Requests",
#   "OWASP WebSocket Security Cheat Sheet",
# ]
#
# [tool.wsplay.attack]
# let_in = "with a cookie"
# credential = "cookie:session"
# prize = "the secret is"
#
# [[tool.wsplay.try]]
# name = "with a cookie"
# headers = [["Cookie", "session=alice"]]
# expect = { opened = true, ended = "open", received = ["alice, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "no cookie"
# expect = { opened = true, ended = "open", received = ["guest, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "another port"
# headers = [["Cookie", "session=alice"]]
# origin = "http://127.0.0.1:9000"
# expect = { opened = true, ended = "open", received = ["alice, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "another site"
# origin = "https://evil.example"
# expect = { opened = true, ended = "open", received = ["guest, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "no cookie"
# question = "The session cookie is the only credential. A client connects without it. What does the client get?"
# hint = "What does cookies.get() return if there is no such cookie, and which line checks the result?"
# explanation = """A default value is not a check. Nothing in this endpoint refuses a client, so the cookie only
# decides what name the client gets."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, because the cookie is missing"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in and receives the secret"
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in, and receives nothing until it logs in"
# holds = { opened = true, received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "A KeyError ends the connection"
# holds = { server_error = "KeyError" }
# ///
