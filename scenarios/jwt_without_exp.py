"""
Signature checked, algorithm pinned, expired tokens refused. One kind of token
gets through all of it and never stops being good: one without an `exp`.

**What to look for**

- *expired* is refused: PyJWT looks at `exp` without being asked.
- *without exp* is let in. The claim is optional (RFC 7519), and what is not
  there cannot be over. Today, and in ten years.
- Its signature is genuine. It was minted by a script, a test, an old version of
  the log-in, whoever held the key and left out one line.

## Notes

The test suite has an expired token, and it is refused; that is why nobody
notices. Ask what the suite would need, then show the list of tries.

PyJWT has had three spellings, and only one of them is meant here. `verify_exp`
says whether a value that is there is looked at, and is on anyway. `require_exp`
was the option up to PyJWT 1.7; the versions after it take it without a word and
do nothing. `require` is a list of claims that have to be there.

An `exp` checked at the door says nothing of a connection that stays open: see
the scenarios on sessions.
"""

import jwt
from fastapi import FastAPI, WebSocket

app = FastAPI()

SECRET = "for-the-stage-only-keep-yours-out-of-the-code"


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
# question = """A token with a good signature and no `exp` is let in, for ever. Which option, given to jwt.decode, has it
# refused with 403?"""
# hint = "One of them looks at the claim, one asks that it is there, and one is from an older PyJWT."
# explanation = """Each option was put into the call and run with the same token. Options are a dict, and PyJWT does not
# complain about keys that it does not know. A claim that is not there cannot fail a check of its value: that it is there
# has to be asked for in its own right."""
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
