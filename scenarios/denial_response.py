"""
A complete refusal: status 401, a `WWW-Authenticate` header and a JSON body
that says what to do. `send_denial_response` sends any HTTP response instead of
the handshake's 101.

**What to look for**

- *no token*, ASGI lane: `websocket.http.response.start` and `.body`, where
  other refusals have `websocket.close`. The wire lane shows this response with
  its headers and body.
- The client library passes all of it to its caller: status, headers and body
  are in the `InvalidStatus` that it raises. A program can tell "log in again"
  from "never", and can retry by itself.
- A browser does not pass it on. The script gets an error and 1006, as with an
  empty 403, so a web page gains nothing from it.
- It is an extension of ASGI: a server that supports it says so in the scope's
  `extensions`. On other servers, Starlette raises a RuntimeError.

The `return` after it matters. Sending a response ends the handshake, but not
your function.

## Notes

Run *no token* here and in scenario 3, and open both responses in the
inspector: the same refusal, with and without a reason.

RFC 9110 requires `WWW-Authenticate` in every 401. RFC 6750 adds rules for
bearer tokens: leave out `error` if the client sent no token, and send
`error="invalid_token"` if the token was bad.

Any status is allowed: 429 with `Retry-After` for a rate limit, 503 for a full
room. Some clients follow a redirect. No browser does.

With the engine `uvicorn`, the log then has an error, `ASGI callable returned
without completing handshake`. The handshake was completed: the 401 is on the
wire. The other two engines do not log this.
"""

from fastapi import FastAPI, WebSocket
from fastapi.responses import JSONResponse

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != "Bearer validtoken":
        refusal = JSONResponse(
            {"detail": "Log in at /login first"},
            status_code=401,
            headers={"WWW-Authenticate": 'Bearer realm="wsplay"'},
        )
        await websocket.send_denial_response(refusal)
        return
    await websocket.accept()
    await websocket.send_text("Welcome!")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Denial response"
# order = 7
# topics = ["refusals", "handshake", "401"]
# sources = [
#   "ASGI spec, Websocket Denial Response extension",
#   "RFC 9110 section 15.5.2, 401 Unauthorized",
#   "RFC 6750 section 3, The WWW-Authenticate Response Header Field",
#   "Starlette documentation, WebSockets",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 401
# expect.opened = false
# expect.body = "Log in at /login first"
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = "none"
# expect.asgi = ["websocket.http.response.start", "websocket.http.response.body"]
# expect.error = "InvalidStatus"
# expect.server_error = "none"
# expect.browser = { opened = false, error = true, code = 1006, reason = "" }
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "Bearer validtoken"]]
# expect.status = 101
# expect.opened = true
# expect.received = ["Welcome!"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "scheme missing"
# headers = [["Authorization", "validtoken"]]
# expect = { status = 401, opened = false, ended = "refused", body = "Log in", browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "no token"
# question = "The endpoint refuses with send_denial_response(JSONResponse(..., 401)). What does a client program get?"
# hint = "What does the server send first after the request, and what would a 101 mean?"
# explanation = """The handshake is an HTTP request, and any HTTP response can answer it. A close before accept always
# becomes an empty 403. With a denial response, the app chooses status, headers and body. A browser receives it too,
# but does not show any of it to a script."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403 with an empty body: servers send that for every refusal"
# holds = { opened = false, status = 403, body = "none" }
#
# [[tool.wsplay.challenge.choice]]
# text = "101, and the JSON arrives as the first message"
# holds = { opened = true, received = [{ contains = "Log in" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 401, with the JSON as its body"
# holds = { opened = false, status = 401, body = "Log in" }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: a WebSocket endpoint cannot send a response"
# holds = { opened = false, status = 500, server_error = "RuntimeError" }
#
# [[tool.wsplay.challenge.choice]]
# text = "101, then a close with code 4401 and the JSON as its reason"
# holds = { opened = true, close = 4401 }
# ///
