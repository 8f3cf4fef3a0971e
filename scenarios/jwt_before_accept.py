"""
The header is `Authorization: Bearer <JWT>`, and the token is verified before
the handshake is answered. Whoever holds a good one is greeted by name and gets
an echo; everyone else gets a 403.

**What to look for**

- `algorithms=["HS256"]` is a list the server chose. The token's own `alg` is a
  claim of whoever made it, so a token that says `none` is turned away.
- `require` names `exp` and `sub`. Left out, PyJWT takes a token without an
  expiry, and that token is good forever.
- `audience` binds the token to this service. One that was made for another
  service has a good signature, and is refused all the same.
- *Bearer twice* is what comes of putting `Bearer ` in front of a value that
  has it already. What is left of it is no JWT.
- All six refusals look alike from outside: 403, empty. That is on purpose; the
  reason is for the server's log, not for someone who is guessing.

The check is made once, at the door. A connection outlives its token's `exp`
unless something watches it.

## Notes

Run *valid* first and open the request in the inspector: the JWT is readable
by anyone, its three parts are base64, not encryption. It is the signature that
must not be forgeable.

Then take out `algorithms`: PyJWT refuses to work at all. Take out `audience`:
the valid token fails, since a token that has `aud` needs someone to ask for
it. Take out `exp` from `require`: everything stays green, and that is the one
to worry about.

The secret stands in the code for the stage only. It has more than 32 bytes
because HS256 asks for that many (RFC 7518, section 3.2).
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"


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
# secret = "for-the-stage-only-keep-yours-out-of-the-code"
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
# question = "Four designs stand against the same attacks. Which one is the most secure?"
# hint = "Ask of each: what does somebody get in with who has nothing, and when does the server find out?"
# explanation = """Every design was attacked live, and the table says what held. The most secure one is the one that
# broke least, which is not the same as unbreakable: look at what is left of it."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Cookies alone: accept all and believe them"
# bench = "cookie_only"
#
# [[tool.wsplay.challenge.choice]]
# text = "A JWT in the headers, verified before accept"
# bench = "jwt_before_accept"
#
# [[tool.wsplay.challenge.choice]]
# text = "Accept all, and ask for a token by message"
# bench = "ask_by_message"
#
# [[tool.wsplay.challenge.choice]]
# text = "Let in known IP addresses only"
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
