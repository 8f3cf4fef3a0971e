"""
A logout that also ends open connections. The server knows which sockets belong
to a session. When the session ends, it closes them all with 4401 and a reason.

**What to look for**

- *logs out*: three connections in one timeline. HTTP logs in and gets a
  cookie, the WebSocket opens with it, and HTTP logs out. During that request,
  the server sends the close on the WebSocket.
- *logs out elsewhere*: two sockets of one session, like two browser tabs. One
  logout closes both.
- *reconnects*: the browser still has the cookie, but the server no longer has
  the session. The handshake gets a 403.
- `finally` removes the socket from the set, however the connection ends.
  Without it, every closed tab would stay in the set.

## Notes

A server checks a session cookie when a request arrives. A WebSocket is one
request with a very long answer, so ending the session does not end it. Remove
the loop in `logout` and run *logs out* again: the socket stays open, logged
out and still served.

4401 is the app's own code, modelled on HTTP's 401. A page can tell it from
1006 and show the login form instead of "reconnecting...".

With several server processes, each has some of the sockets. Then publish the
logout, for example on Redis, and let each process close its own sockets.

This cookie is `samesite="strict"`: a page of another site cannot use it, a page
on another port can. Compare `Origin`, too. It and `secure=True` are left out.
"""

import secrets

from fastapi import Body, Cookie, FastAPI, HTTPException, Response, WebSocket

app = FastAPI()

sessions: dict[str, set[WebSocket]] = {}  # each session's open sockets


@app.post("/login")
async def login(response: Response, password: str = Body(embed=True)):
    if password != "correct horse":
        raise HTTPException(401)
    session = secrets.token_urlsafe(16)
    sessions[session] = set()
    response.set_cookie("session", session, httponly=True, samesite="strict")


@app.post("/logout")
async def logout(session: str = Cookie("")):
    for websocket in sessions.pop(session, set()):
        await websocket.close(code=4401, reason="logged out")


@app.websocket("/ws")
async def endpoint(websocket: WebSocket, session: str = Cookie("")):
    if session not in sessions:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    sessions[session].add(websocket)
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(f"Alice: {text}")
    finally:
        sessions.get(session, set()).discard(websocket)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Logout with open sockets"
# order = 32
# topics = ["sessions", "cookies", "close codes"]
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Session Management",
#   "OWASP Session Management Cheat Sheet, Session Expiration",
#   "RFC 6455 section 7.4.2, Reserved Status Code Ranges",
# ]
#
# [[tool.wsplay.try]]
# name = "logs out"
# before = [
#   { http = "POST /login", headers = { Content-Type = "application/json" }, body = '{"password": "correct horse"}', save = { session = "cookie:session" } },
# ]
# headers = [["Cookie", "session={saved.session}"]]
# send = [
#   "hello",
#   { wait = 0.2 },
#   { http = "POST /logout", headers = { Cookie = "session={saved.session}" } },
#   { wait = 1 },
# ]
# expect.status = 101
# expect.received = ["Alice: hello"]
# expect.close = { code = 4401, reason = "logged out", by = "server" }
# expect.ended = "closed"
# expect.browser = { code = 4401, reason = "logged out", clean = true }
#
# [[tool.wsplay.try]]
# name = "logs out elsewhere"
# before = [{ join = "stays connected" }]
# headers = [["Cookie", "session={saved.session}"]]
# send = [{ http = "POST /logout", headers = { Cookie = "session={saved.session}" } }, { wait = 1 }]
# expect = { status = 101, ended = "closed", close = { code = 4401, reason = "logged out", by = "server" } }
#
# [[tool.wsplay.try]]
# name = "stays connected"
# before = [
#   { http = "POST /login", headers = { Content-Type = "application/json" }, body = '{"password": "correct horse"}', save = { session = "cookie:session" } },
# ]
# headers = [["Cookie", "session={saved.session}"]]
# send = ["hello"]
# expect = { status = 101, received = ["Alice: hello"], close = "none", ended = "open" }
#
# [[tool.wsplay.try]]
# name = "reconnects"
# before = [{ connect = "logs out" }]
# headers = [["Cookie", "session={saved.session}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "no session"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 120
# try = "logs out elsewhere"
# question = "Alice has two tabs open and logs out. Which of these logouts closes the socket of the other tab?"
# hint = "What does an open socket know about its session, and who tells it?"
# explanation = """The endpoint read the cookie once, at the handshake. Later changes to the cookie or the session do
# not reach a socket, unless some code keeps a reference to it and calls `close`."""
#
# [[tool.wsplay.challenge.choice]]
# text = "One that tells the browser to delete the cookie, with `response.delete_cookie`"
# patch = [
#   ["async def logout(session: str = Cookie(\"\")):", "async def logout(response: Response):"],
#   ["""
#     for websocket in sessions.pop(session, set()):
#         await websocket.close(code=4401, reason="logged out")
# """, """
#     response.delete_cookie("session")
# """],
# ]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "One that removes the session from the store: `sessions.pop(session, None)`"
# patch = [["""
#     for websocket in sessions.pop(session, set()):
#         await websocket.close(code=4401, reason="logged out")
# """, """
#     sessions.pop(session, None)
# """]]
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "One that closes each socket of the session, as the code does now"
# holds = { ended = "closed" }
#
# [[tool.wsplay.challenge.choice]]
# text = "One that answers 401 with `Clear-Site-Data`, so that the browser clears its cookies"
# patch = [["""
#     for websocket in sessions.pop(session, set()):
#         await websocket.close(code=4401, reason="logged out")
# """, """
#     sessions.pop(session, None)
#     raise HTTPException(401, headers={"Clear-Site-Data": '"cookies"'})
# """]]
# holds = { ended = "closed" }
# ///
