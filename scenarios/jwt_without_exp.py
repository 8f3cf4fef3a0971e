"""
The signature is verified, the algorithm is fixed, and expired tokens are
refused. One kind of token passes all of this and is valid forever: a token
without an `exp`.

**What to look for**

- *expired* is refused: PyJWT checks `exp` by default.
- *without exp* is let in. The claim is optional (RFC 7519), and a token
  without it cannot expire. Not today, and not in ten years.
- Its signature is genuine. A script, a test or an old version of the login
  created it, with the real key and without that one claim.

## Notes

The test suite has an expired token, and it is refused, so nobody notices. Ask
what the suite would need, then show the list of tries.

PyJWT has had three similar options, and only one of them helps here.
`verify_exp` checks the value if it is present, and is on by default.
`require_exp` was the option up to PyJWT 1.7. Later versions accept it silently
and ignore it. `require` is a list of claims that must be present.

Checking `exp` at connect says nothing about a connection that stays open: see
the scenarios on sessions.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    header = websocket.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
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
# title = "JWT without an expiry"
# order = 27
# topics = ["tokens", "expiry"]
# flawed = true
# mended = "jwt_pinned"
# sources = [
#   "RFC 7519 section 4.1.4, \"exp\" (Expiration Time) Claim",
#   "PyJWT documentation, Usage Examples, Requiring Presence of Claims",
#   "PyJWT changelog, 2.0.0",
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
# name = "without exp"
# headers = [["Authorization", "Bearer {token.no_exp}"]]
# expect = { status = 101, received = ["Hello, alice"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "expired"
# headers = [["Authorization", "Bearer {token.expired}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "forged"
# headers = [["Authorization", "Bearer {token.forged}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "alg none"
# headers = [["Authorization", "Bearer {token.unsigned}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "without exp"
# question = """A token with a valid signature and no `exp` is accepted forever. Which option of jwt.decode makes the
# endpoint refuse it with 403?"""
# hint = "One of them checks the value, one demands that the claim is present, and one is from an older PyJWT."
# explanation = """Each option was put into the call and run with the same token. Options are a dict, and PyJWT
# ignores keys it does not know. A missing claim cannot fail a check of its value. You have to demand separately that
# it is present."""
#
# [[tool.wsplay.challenge.choice]]
# text = 'options={"verify_exp": True}'
# patch = [['algorithms=["HS256"])', 'algorithms=["HS256"], options={"verify_exp": True})']]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = 'options={"require": ["exp"]}'
# patch = [['algorithms=["HS256"])', 'algorithms=["HS256"], options={"require": ["exp"]})']]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = 'options={"require_exp": True}'
# patch = [['algorithms=["HS256"])', 'algorithms=["HS256"], options={"require_exp": True})']]
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "leeway=0"
# patch = [['algorithms=["HS256"])', 'algorithms=["HS256"], leeway=0)']]
# holds = { opened = false, status = 403 }
# ///
