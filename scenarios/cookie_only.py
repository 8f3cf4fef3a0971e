"""Everybody is accepted, and whatever the cookie says is believed: no
signature, no look-up, no look at where the page came from.

**What to look for**

- A client without a cookie is let in as a guest and still gets the secret.
- A browser sends the cookie along with a handshake from any page: the page of
  another site connects as the user. Cookies ignore ports, too.
- The name in the cookie is the name in the answer. Whoever edits it is
  somebody else.

## Notes

Open the cookie in the client pane and change the name. Then run *another web
site* and ask who sent that cookie: not the attacker, the victim's browser.
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
# title = "Cookie, believed"
# order = 45
# topics = ["designs", "cookies"]
# flawed = true
# mended = "jwt_before_accept"
# sources = [
#   "RFC 6455 section 10.2, Origin Considerations",
#   "RFC 6265 section 8.5, Weak Confidentiality",
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
# name = "another web site"
# headers = [["Cookie", "session=alice"]]
# origin = "https://evil.example"
# expect = { opened = true, ended = "open", received = ["alice, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "no cookie"
# question = "The session cookie is the only credential here. A client connects without it. What does it get?"
# hint = "What does cookies.get() return when there is no such cookie, and who checks that?"
# explanation = """A default is not a check. Nothing in this endpoint refuses anybody, so the cookie only decides
# what the client is called."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, because the cookie is missing"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in, and the secret comes"
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in, and nothing comes until it logs in"
# holds = { opened = true, received = [] }
#
# [[tool.wsplay.challenge.choice]]
# text = "A KeyError ends it"
# holds = { server_error = "KeyError" }
# ///
