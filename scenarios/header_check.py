"""
The endpoint reads the token with `websocket.headers.get("Authorization")`, and
from nowhere else. The tries send the right token in four places. Only the
header is accepted.

**What to look for**

- Open `asgi.scope` and read `headers`: a list of pairs, with each name in
  lower case. Cookies are in this list too, as one header called `cookie`. The
  query is not: it has a field of its own, `query_string`.
- `AUTHORIZATION` and `authorization` both work. Header names are
  case-insensitive (RFC 9110, section 5.1): the server converts them to lower
  case, and `headers.get` does the same. Values are case-sensitive.
- `.get` returns `None` if there is no header, and `None` is not the token, so
  the check holds. `websocket.headers["Authorization"]` would raise `KeyError`,
  and the client would get a 500 instead of a refusal.

A wrong token is **refused before the handshake is complete**: `close()` before
`accept()` makes the server answer `403`. The client never gets a WebSocket, so
nothing can be sent over one. The next scenario shows what happens to the close
code in that case.

## Notes

Let the audience guess first: which works, cookie, query or header? Then run
the tries in that order.

The limit of this design: a browser's `new WebSocket(url, protocols)` cannot
set headers. It works for programs, other servers and mobile apps. A web page
has to use a cookie, a ticket in the query, a subprotocol or a first message
instead.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()

TOKEN = "validtoken"


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != TOKEN:
        await websocket.close()
        return
    await websocket.accept()
    await websocket.send_text("The header held the token")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Header check"
# order = 2
# topics = ["handshake", "headers"]
# sources = [
#   "RFC 9110 section 5.1, Field Names",
#   "ASGI spec, WebSocket Connection Scope",
#   "WHATWG WebSockets Standard, the WebSocket constructor",
# ]
#
# [[tool.wsplay.try]]
# name = "in the header"
# headers = [["Authorization", "validtoken"]]
# expect.status = 101
# expect.received = ["The header held the token"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
# expect.browser = 1000
#
# [[tool.wsplay.try]]
# name = "lower-case name"
# headers = [["authorization", "validtoken"]]
# expect = { status = 101, received = ["The header held the token"], close = 1000 }
#
# [[tool.wsplay.try]]
# name = "upper-case name"
# headers = [["AUTHORIZATION", "validtoken"]]
# expect = { status = 101, received = ["The header held the token"], close = 1000 }
#
# [[tool.wsplay.try]]
# name = "in a cookie"
# headers = [["Cookie", "Authorization=validtoken"]]
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1000 }
#
# [[tool.wsplay.try]]
# name = "in the query"
# query = [["Authorization", "validtoken"]]
# expect = { status = 403, opened = false, ended = "refused", received = [], asked = 1000 }
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["Authorization", "VALIDTOKEN"]]
# expect.status = 403
# expect.opened = false
# expect.ended = "refused"
# expect.close = "none"
# expect.error = "InvalidStatus"
# expect.browser = 1006
#
# [tool.wsplay.challenge]
# seed = 2
# level = "intermediate"
# seconds = 120
# try = "in the header"
# question = "The client sends its token in the Authorization header. Which expression reads it?"
# hint = "A handshake is a GET request. Where in the request is the token, and does a GET have a body?"
# explanation = """Each snippet was put into the endpoint and run with the same request. A missing cookie is None, a
# missing query parameter raises KeyError, and a WebSocket object has no body. Only `headers` has the header."""
#
# [[tool.wsplay.challenge.choice]]
# text = "websocket.cookies.get('Authorization')"
# patch = [['websocket.headers.get("Authorization")', "websocket.cookies.get('Authorization')"]]
# holds = { opened = true, received = ["The header held the token"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "websocket.query_params['Authorization']"
# patch = [['websocket.headers.get("Authorization")', "websocket.query_params['Authorization']"]]
# holds = { opened = true, received = ["The header held the token"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "websocket.headers.get('Authorization')"
# patch = [['websocket.headers.get("Authorization")', "websocket.headers.get('Authorization')"]]
# holds = { opened = true, received = ["The header held the token"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "websocket.body['Authorization']"
# patch = [['websocket.headers.get("Authorization")', "websocket.body['Authorization']"]]
# holds = { opened = true, received = ["The header held the token"] }
# ///
