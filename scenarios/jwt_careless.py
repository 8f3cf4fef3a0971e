"""
The decoder asks the token which algorithm to use. A token that says `none` is
not verified at all.

**What to look for**

- *alg none* has no signature. Anyone can write such a token with any name in
  it. The endpoint greets its bearer as Alice.
- *alg none, expired in 1970* expired long ago. `verify_signature: False`
  disables more than the signature: PyJWT then skips `exp`, `nbf` and `aud`.
- *forged* and *expired* are refused. A test suite with only these two passes.
- `algorithms=[alg]` passes on the attacker's choice. Here it does no further
  harm: PyJWT refuses to verify `none` with a key. That is the library's merit,
  and not every library refused.

## Notes

Nobody writes "accept forged tokens". People write `if alg == "none"` for the
tests, and `verify_signature: False`, copied from an answer on how to "just
read the claims". Ask which of the five lines they would have rejected in a
review.

Write such a token live, without a key: `base64({"alg":"none"})`, a dot,
`base64({"sub":"alice"})`, a dot, nothing.

The header of a token is input. It may help to find a key (`kid`), but it must
never choose how the key is used (RFC 8725, section 3.1).
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


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
# title = "JWT with alg none"
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
# secret = "demo-only-secret-keep-yours-out-of-the-code"
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
# name = "alg none, expired in 1970"
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
# try = "alg none, expired in 1970"
# question = """A token says `alg: none`, has no signature, names Alice, and expired in the first second of 1970. What
# does its bearer get?"""
# hint = "Which of the two decode calls reads it, and which checks are still on there?"
# explanation = """verify_signature is PyJWT's main switch: when it is off, the checks of exp, nbf, iat, aud and iss
# are off too, unless you ask for them one by one. The decoded claims are then unverified input."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: signature or not, the token is past its `exp`"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: PyJWT raises, because `none` must not be used with a key"
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
