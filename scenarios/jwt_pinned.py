"""
One algorithm, chosen by the server, written down where the token is decoded.
What the token says of itself is not asked.

**What to look for**

- *alg none* gets a 403. `none` is not in the list, and that is all there is to
  it: no special case, no test for the word.
- *forged* has the right algorithm and the wrong key. Refused.
- *without exp* would be a key to the house for ever. `require` asks that the
  claim is there; PyJWT checks its value by itself.
- `sub` is required for the line after: `claims["sub"]` of a token without one
  would be a `KeyError`, and a 500 in place of a refusal.
- `except jwt.PyJWTError` takes in what `InvalidTokenError` leaves out: an
  `InvalidKeyError` is not an invalid token.

## Notes

The list is short because the service signs with one key. Two algorithms in it
are fine where both belong to the *same kind of key*. HS256 beside RS256 is how
a public key came to be used as a shared secret, the other classic of RFC 8725.

Try it: add `"none"` to the list and run *alg none*. PyJWT raises
`InvalidKeyError`, since `none` must not come with a key. Still a refusal, but
now it is the library that says no, and not this line.

The secret stands in the code for the stage only.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"


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
# title = "JWT, pinned"
# order = 25
# topics = ["tokens", "alg none"]
# sources = [
#   "RFC 8725 section 3.1, Perform Algorithm Verification",
#   "RFC 8725 section 2.1, Weak Signatures and Insufficient Signature Validation",
#   "PyJWT documentation, Usage Examples, Requiring Presence of Claims",
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
# question = """Four colleagues change the decode call, and somebody sends a token with `alg: none` and no signature. With
# whose change is it greeted as Alice?"""
# hint = "PyJWT was told a key in each of them. In which is it also told not to use it?"
# explanation = """All four are mistakes, and each was run. Where `none` gets among the algorithms, PyJWT stops at the key,
# which `none` must not have: the library saves the code that did not save itself. Switching the verification off is
# taken at its word, and the list of algorithms beside it means nothing any more."""
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
