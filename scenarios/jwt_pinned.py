"""
The server chooses one algorithm and writes it down where it decodes the token.
It does not ask the token.

**What to look for**

- *alg none* gets a 403, because `none` is not in the list. The code has no
  special case and no test for the word.
- *forged* has the right algorithm and the wrong key. It is refused.
- *without exp* would be valid forever. `require` demands that the claim is
  present, and PyJWT checks its value by itself.
- `sub` is required for the next line: for a token without it, `claims["sub"]`
  would raise `KeyError`, and the client would get a 500 instead of a refusal.
- `except jwt.PyJWTError` also catches what `InvalidTokenError` does not:
  `InvalidKeyError` is not a subclass of it.

## Notes

The list is short because the service signs with one key. Two algorithms are
fine if both use the *same kind of key*. HS256 next to RS256 is how a public
key came to be used as a shared secret, the other classic attack in RFC 8725.

Try it: add `"none"` to the list and run *alg none*. PyJWT raises
`InvalidKeyError`, because `none` must not be used with a key. The token is
still refused, but now only because of the library, not because of this code.

The secret is in the code only for this demo.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "demo-only-secret-keep-yours-out-of-the-code"


def read(token: str) -> dict:
    return jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        options={"require": ["exp", "sub"]},
    )


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    header = websocket.headers.get("Authorization", "")
    try:
        claims = read(header.removeprefix("Bearer "))
    except jwt.PyJWTError:
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
# title = "JWT with a fixed algorithm"
# order = 25
# topics = ["tokens", "alg none"]
# sources = [
#   "RFC 8725 section 3.1, Perform Algorithm Verification",
#   "RFC 8725 section 2.1, Weak Signatures and Insufficient Signature Validation",
#   "PyJWT documentation, Usage Examples, Requiring Presence of Claims",
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
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
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
# name = "without exp"
# headers = [["Authorization", "Bearer {token.no_exp}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "not yet"
# headers = [["Authorization", "Bearer {token.not_yet}"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "expert"
# seconds = 150
# try = "alg none"
# question = """Four colleagues each change the decode call. Someone sends a token with `alg: none` and no signature.
# With whose change does the endpoint greet the sender as Alice?"""
# hint = "Each call gives PyJWT a key. Which one also tells it not to use the key?"
# explanation = """All four are mistakes, and each was run. If `none` is among the algorithms, PyJWT stops at the key,
# because `none` must not be used with one: the library prevents the mistake. With verify_signature off, PyJWT does as
# it is told, and the list of algorithms has no effect."""
#
# [[tool.wsplay.challenge.choice]]
# text = 'algorithms=["HS256", "none"]'
# patch = [['algorithms=["HS256"]', 'algorithms=["HS256", "none"]']]
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = 'algorithms=[jwt.get_unverified_header(token)["alg"]]'
# patch = [['algorithms=["HS256"]', 'algorithms=[jwt.get_unverified_header(token)["alg"]]']]
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = 'options={"verify_signature": False, "require": ["exp", "sub"]}'
# patch = [['options={"require"', 'options={"verify_signature": False, "require"']]
# holds = { opened = true, received = ["Hello, alice"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "algorithms=list(jwt.algorithms.get_default_algorithms())"
# patch = [['algorithms=["HS256"]', "algorithms=list(jwt.algorithms.get_default_algorithms())"]]
# holds = { opened = true, received = ["Hello, alice"] }
# ///
