"""
The decoder asks the token how it wants to be checked. A token that answers
`none` is not checked at all.

**What to look for**

- *alg none* has no signature. Anybody can write one, with any name in it; it is
  greeted as Alice.
- *alg none, from 1970* ran out long ago. `verify_signature: False` switches off
  more than it says: PyJWT then leaves `exp`, `nbf` and `aud` alone as well.
- *forged* and *expired* are refused. A test that tries only these is green.
- `algorithms=[alg]` passes the attacker's choice on. Here it does no more harm:
  PyJWT refuses to verify `none` with a key. That is luck of the library's
  making, and not every library has been so kind.

## Notes

Nobody writes "accept forged tokens". What people write is `if alg == "none"`,
for the tests, and `verify_signature: False`, copied from an answer on how to
"just read the claims". Ask which line of the five they would have stopped in a
review.

Write one live, no key needed: `base64({"alg":"none"})`, a dot,
`base64({"sub":"alice"})`, a dot, nothing.

The header of a token is input. It may help to find a key (`kid`), never to
choose how the key is used (RFC 8725, section 3.1).
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"


def read(token: str) -> dict:
    alg = jwt.get_unverified_header(token)["alg"]
    if alg == "none":  # what our tests send
        return jwt.decode(token, options={"verify_signature": False})
    return jwt.decode(token, SECRET, algorithms=[alg])


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    header = websocket.headers.get("Authorization", "")
    try:
        claims = read(header.removeprefix("Bearer "))
    except jwt.InvalidTokenError:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text(f"Hello, {claims['sub']}")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets", "pyjwt"]
#
# [tool.wsplay]
# title = "JWT, decoded carelessly"
# order = 24
# topics = ["tokens", "alg none"]
# flawed = true
# mended = "jwt_pinned"
# sources = [
#   "RFC 8725 section 2.1, Weak Signatures and Insufficient Signature Validation",
#   "RFC 8725 section 3.1, Perform Algorithm Verification",
#   "RFC 7519 section 6, Unsecured JWTs",
#   "PyJWT documentation, API Reference, jwt.decode",
# ]
#
# [tool.wsplay.tokens]
# secret = "for-the-stage-only-keep-yours-out-of-the-code"
# subject = "alice"
#
# [tool.wsplay.attack]
# let_in = "valid"
# credential = "header:Authorization"
# prize = "Hello, alice"
#
# [[tool.wsplay.try]]
# name = "valid"
# headers = [["Authorization", "Bearer {token.valid}"]]
# expect = { status = 101, received = ["Hello, alice"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "alg none"
# headers = [["Authorization", "Bearer {token.unsigned}"]]
# expect = { status = 101, received = ["Hello, alice"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "alg none, from 1970"
# # {"alg":"none"} . {"sub":"alice","exp":1} . no signature
# headers = [["Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6MX0."]]
# expect = { status = 101, received = ["Hello, alice"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "forged"
# headers = [["Authorization", "Bearer {token.forged}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "expired"
# headers = [["Authorization", "Bearer {token.expired}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "no token"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "alg none, from 1970"
# question = """A token says `alg: none`, carries no signature, names Alice, and ran out in the first second of 1970. What
# does its bearer get?"""
# hint = "Which of the two decode calls reads it, and what is left switched on there?"
# explanation = """verify_signature is PyJWT's main switch: with it off, the checks of exp, nbf, iat, aud and iss are off too,
# unless they are asked for one by one. What comes out are claims in the plain sense of the word."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: without its signature or not, `exp` is over"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: PyJWT raises, since `none` must not come with a key"
# holds = { opened = false, status = 500, server_error = "InvalidKeyError" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Alice's greeting"
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "A WebSocket that is closed with 1008 at once"
# holds = { opened = true, close = 1008 }
# ///
