"""
The header is `Authorization: Bearer <JWT>`. The endpoint verifies the token
before it answers the handshake. A client with a valid token gets a greeting
and an echo. Every other client gets a 403.

**What to look for**

- `algorithms=["HS256"]` is the server's choice. The token's own `alg` is a
  claim by whoever made the token, so a token with `alg: none` is refused.
- `require` names `exp` and `sub`. Without it, PyJWT accepts a token that has
  no expiry, and such a token is valid forever.
- `audience` binds the token to this service. A token for another service has
  a valid signature, and is refused anyway.
- *Bearer twice* happens when code adds `Bearer ` to a value that already
  starts with it. The rest is not a JWT.
- All six refusals look the same to the client: 403 with an empty body. This is
  intended: the reason belongs in the server's log, not in an attacker's hands.

The endpoint checks once, at connect. The connection outlives the token's `exp`
unless something watches it.

A program can send this header, a page cannot: `new WebSocket(url, protocols)`
takes no headers. Pages have three other ways: a ticket in the URL
(*Ticket and reconnect*), a session cookie with a check of `Origin` (*Cookie
session with an Origin check*), and a first message with a deadline (*First
message with a deadline*).

## Notes

Run *valid* first and open the request in the inspector: anyone can read the
JWT, since its three parts are base64 and not encrypted. What must not be
forgeable is the signature.

Then remove `algorithms`: PyJWT refuses to decode at all. Remove `audience`:
the valid token fails, because a token with `aud` needs a server that checks
it. Remove `exp` from `require`: every try still passes, and this is the
dangerous one.

The secret is in the code only for this demo. It is longer than 32 bytes
because HS256 requires at least that (RFC 7518, section 3.2).
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


def check(websocket: WebSocket) -> str:
    """Return the name of the token's owner, or raise InvalidTokenError."""
    header = websocket.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError("no bearer token")
    claims = jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        audience="wsplay",
        options={"require": ["exp", "sub"]},
    )
    return claims["sub"]


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    try:
        user = check(websocket)
    except jwt.InvalidTokenError as error:
        print("refused:", error)
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text(f"Hello, {user}")
    async for text in websocket.iter_text():
        await websocket.send_text(f"{user}: {text}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "JWT before accept"
# order = 5
# topics = ["handshake", "tokens"]
# sources = [
#   "RFC 6750 section 2.1, Authorization Request Header Field",
#   "RFC 8725, JSON Web Token Best Current Practices",
#   "RFC 7518 section 3.2, HMAC with SHA-2 Functions",
#   "PyJWT documentation, API Reference, jwt.decode",
# ]
#
# [tool.wsplay.tokens]
# secret = "demo-only-secret-keep-yours-out-of-the-code"
# algorithm = "HS256"
# subject = "alice"
# audience = "wsplay"
# lifetime = 300
#
# [tool.wsplay.attack]
# let_in = "valid"
# credential = "header:Authorization"
# prize = "Hello, alice"
#
# [tool.wsplay.challenge]
# seed = 5
# level = "expert"
# seconds = 180
# question = "Four designs face the same attacks. Which one is the most secure?"
# hint = "Ask of each: how does someone without credentials get in, and when does the server notice?"
# explanation = """Every design was attacked live, and the table shows what held. The most secure design is the one
# with the fewest broken results. That does not make it unbreakable: look at the attacks that still work. Idle sockets
# alone tell the JWT from the token by message, whose file sets no deadline for the first message. And a page in a
# browser cannot send the Authorization header. Pages use a ticket (one_time_ticket), a cookie with an Origin check
# (cookie_own_origin) or a first message with a deadline (first_message_deadline): to see where each stands, give these
# names to `wsplay attack`."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Cookies only: accept everyone and trust the cookie"
# bench = "cookie_only"
#
# [[tool.wsplay.challenge.choice]]
# text = "A JWT in the headers, verified before accept"
# bench = "jwt_before_accept"
#
# [[tool.wsplay.challenge.choice]]
# text = "Accept everyone, then ask for a token in a message"
# bench = "ask_by_message"
#
# [[tool.wsplay.challenge.choice]]
# text = "Accept known IP addresses only"
# bench = "ip_filter"
#
# [[tool.wsplay.try]]
# name = "valid"
# headers = [["Authorization", "Bearer {token.valid}"]]
# send = ["hello"]
# expect.status = 101
# expect.opened = true
# expect.received = ["Hello, alice", "alice: hello"]
# expect.close = "none"
# expect.ended = "open"
#
# [[tool.wsplay.try]]
# name = "expired"
# headers = [["Authorization", "Bearer {token.expired}"]]
# expect = { status = 403, ended = "refused", close = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "forged signature"
# headers = [["Authorization", "Bearer {token.forged}"]]
# expect = { status = 403, ended = "refused", close = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "alg none"
# headers = [["Authorization", "Bearer {token.unsigned}"]]
# expect = { status = 403, ended = "refused", close = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "wrong audience"
# headers = [["Authorization", "Bearer {token.wrong_audience}"]]
# expect = { status = 403, ended = "refused", close = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "missing"
# expect = { status = 403, ended = "refused", close = "none", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "Bearer twice"
# headers = [["Authorization", "Bearer Bearer {token.valid}"]]
# expect = { status = 403, ended = "refused", close = "none", asked = 1008, browser = 1006 }
# ///
