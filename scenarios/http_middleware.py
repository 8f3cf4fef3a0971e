"""
One middleware guards the whole app: whoever has no token gets a 401, whatever
the path. It is registered with `@app.middleware("http")`, and means just that.
A WebSocket goes past it.

**What to look for**

- *no token*: `101`, and the secret. The middleware's `print` is not in the
  timeline, and nothing raised. It was not asked.
- *a GET first*: the same stranger asks for `GET /secret`, and gets a 401.
  There the guard works, so every test of the HTTP routes is green.
- Open `asgi.scope`: its `type` is `websocket`. Starlette's BaseHTTPMiddleware
  passes on what is not `http`, untouched.
- *another web site*: CORSMiddleware does the same. It is no protection for a
  WebSocket either, and an allow-list in it is not looked at.

## Notes

Play *a GET first* and stop at the 401. Ask whether the app is safe. Then step
on to the WebSocket of the same client.

This is how a WebSocket gets added to a grown app: all routes were behind the
middleware, and nobody thought that this one would not be. The same is true of
anything built on BaseHTTPMiddleware: rate limits, audit logs, request ids.

What does run for both: a dependency of the router or the app (next scenario),
or a plain ASGI middleware that looks at `scope["type"]` itself.
"""

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse

app = FastAPI()


@app.middleware("http")
async def guard(request: Request, call_next):
    print("the guard sees", request.url.path)
    if request.headers.get("X-Token") != "validtoken":
        return JSONResponse({"detail": "Log in first"}, status_code=401)
    return await call_next(request)


@app.get("/secret")
async def secret():
    return {"secret": "4711"}


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("The secret is 4711")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "HTTP middleware as a guard"
# order = 17
# topics = ["dependencies", "middleware", "no check"]
# flawed = true
# mended = "router_dependency"
# sources = [
#   "FastAPI documentation, Middleware",
#   "Starlette documentation, Middleware, BaseHTTPMiddleware",
#   "ASGI spec, WebSocket Connection Scope",
#   "OWASP WebSocket Security Cheat Sheet, Authentication and Authorization",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 101
# expect.opened = true
# expect.received = ["The secret is 4711"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
# expect.server_error = "none"
# expect.browser = 1000
#
# [[tool.wsplay.try]]
# name = "a GET first"
# before = [{ http = "GET /secret" }]
# expect = { status = 101, received = ["The secret is 4711"], ended = "closed", close = 1000 }
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["X-Token", "validtoken"]]
# expect = { status = 101, received = ["The secret is 4711"], ended = "closed", close = 1000 }
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["X-Token", "guess"]]
# expect = { status = 101, received = ["The secret is 4711"], ended = "closed", close = 1000 }
#
# [[tool.wsplay.try]]
# name = "another web site"
# origin = "https://evil.example"
# expect = { status = 101, received = ["The secret is 4711"], ended = "closed", close = 1000 }
#
# [tool.wsplay.attack]
# let_in = "valid token"
# credential = "header:X-Token"
# prize = "The secret is 4711"
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "no token"
# question = "The middleware answers everyone without a token with 401. A client without one opens /ws. What does it get?"
# hint = 'Read the decorator aloud: @app.middleware("http").'
# explanation = """A handshake looks like an HTTP request on the wire, but ASGI gives it a scope of its own, of type
# `websocket`. Middleware for `http` hands that on without a look, and so does CORSMiddleware."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 401, as on every route of the app"
# holds = { opened = false, status = 401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: a refusal of a WebSocket always is"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 500: a JSONResponse does not fit a WebSocket"
# holds = { opened = false, status = 500 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The secret"
# holds = { opened = true, received = ["The secret is 4711"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, then closes with 1008 before anything is sent"
# holds = { opened = true, received = [], close = 1008 }
# ///
