"""
FastAPI's own `OAuth2PasswordBearer` on a WebSocket, with the JWT check from
FastAPI's tutorial for HTTP routes. Nothing in it is specific to WebSockets. It
works since FastAPI 0.144.

**What to look for**

- *bearer token* is let in. `bearer` splits the header, `current_user` verifies
  the token, and the endpoint gets a user name.
- *no header* gets `401`, `WWW-Authenticate: Bearer` and `Not authenticated`.
  This comes from `bearer` itself, before `current_user` runs. *expired* and
  *forged* get this file's own `Invalid token`.
- The scheme is case-insensitive: `bearer` works too. But it is required: for
  this class, a token without a scheme is the same as no header.
- It reads only this header. It does not find a token in the query or in a
  cookie, and those are the two places where a browser can put one.

`bearer` checks that there is a token, not that the token is valid. Without
`current_user`, it lets in everyone who sends `Bearer x`.

## Notes

In FastAPI 0.143 and earlier, this is a 500: `OAuth2PasswordBearer.__call__()
missing 1 required positional argument: 'request'`. The classes needed a
`Request`, and a WebSocket is not one. Much hand-written header parsing dates
from that time. `HTTPBearer` and the API key classes changed in the same
release.

`tokenUrl` is for the documentation page. No request goes there.

With `auto_error=False` you get None instead of the 401, for an endpoint that
also looks for the token in a second place. Then the endpoint has to check for
None.
"""

from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, WebSocket
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")

SECRET = "another-demo-secret-keep-yours-out-of-the-code"


def current_user(token: Annotated[str, Depends(bearer)]) -> str:
    must = {"require": ["exp", "sub"]}
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options=must)
    except jwt.InvalidTokenError as error:
        how = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise HTTPException(401, "Invalid token", headers=how) from error
    return claims["sub"]


@app.websocket("/ws")
async def endpoint(
    websocket: WebSocket,
    user: Annotated[str, Depends(current_user)],
):
    await websocket.accept()
    await websocket.send_text(f"Hello, {user}")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.144", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "Bearer token with a security class"
# order = 15
# topics = ["dependencies", "tokens", "401"]
# sources = [
#   "FastAPI documentation, Security",
#   "FastAPI release notes, 0.144.0",
#   "RFC 6750 section 2.1, Authorization Request Header Field",
#   "RFC 9110 section 11.1, Authentication Scheme",
# ]
#
# [tool.wsplay.tokens]
# secret = "another-demo-secret-keep-yours-out-of-the-code"
# algorithm = "HS256"
# subject = "alice"
# lifetime = 300
#
# [[tool.wsplay.try]]
# name = "bearer token"
# headers = [["Authorization", "Bearer {token.valid}"]]
# expect.status = 101
# expect.opened = true
# expect.received = ["Hello, alice"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "no header"
# expect.status = 401
# expect.opened = false
# expect.body = "Not authenticated"
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = "none"
# expect.server_error = "none"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "scheme in lower case"
# headers = [["Authorization", "bearer {token.valid}"]]
# expect = { status = 101, received = ["Hello, alice"], ended = "closed", close = 1000 }
#
# [[tool.wsplay.try]]
# name = "without a scheme"
# headers = [["Authorization", "{token.valid}"]]
# expect = { status = 401, opened = false, body = "Not authenticated", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "in the query"
# query = [["access_token", "{token.valid}"]]
# expect = { status = 401, opened = false, body = "Not authenticated", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "in a cookie"
# headers = [["Cookie", "access_token=Bearer {token.valid}"]]
# expect = { status = 401, opened = false, body = "Not authenticated", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "expired"
# headers = [["Authorization", "Bearer {token.expired}"]]
# expect = { status = 401, opened = false, body = "Invalid token", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "forged"
# headers = [["Authorization", "Bearer {token.forged}"]]
# expect = { status = 401, opened = false, body = "Invalid token", browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 90
# try = "bearer token"
# question = "Each of these clients has a valid token. Which one does OAuth2PasswordBearer let in?"
# hint = "It reads one header and splits the value at the first space. Which parts of a header are case-insensitive?"
# explanation = """Each client was run. The class reads only the Authorization header and requires a scheme before the
# token. Scheme names are case-insensitive. A script in a browser cannot send this header."""
#
# [[tool.wsplay.challenge.choice]]
# text = "One that sends `Authorization: <token>`"
# try = "without a scheme"
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "One that connects to /ws?access_token=<token>"
# try = "in the query"
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "One with a cookie `access_token=Bearer <token>`"
# try = "in a cookie"
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "One that sends `Authorization: bearer <token>`, in lower case"
# try = "scheme in lower case"
# holds = { opened = true, received = ["Hello, alice"] }
# ///
