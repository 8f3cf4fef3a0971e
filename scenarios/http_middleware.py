"""
One middleware protects the whole app: a client without a token gets a 401,
whatever the path. It is registered with `@app.middleware("http")`, and it
handles HTTP only. A WebSocket bypasses it.

**What to look for**

- *no token*: `101`, and the secret. The middleware's `print` is not in the
  timeline, and there is no exception: the middleware did not run.
- *a GET first*: the same client requests `GET /secret` and gets a 401. There
  the middleware works, so every test of the HTTP routes passes.
- Open `asgi.scope`: its `type` is `websocket`. Starlette's BaseHTTPMiddleware
  passes on every scope that is not `http`, unchanged.
- *another site*: CORSMiddleware does the same. It does not protect a WebSocket
  either, and it does not check its list of origins.

## Notes

Run *a GET first* and stop at the 401. Ask whether the app is safe. Then move
on to the WebSocket of the same client.

This happens when someone adds a WebSocket to an existing app: all routes were
protected by the middleware, and nobody expected this one not to be. The same
is true of everything built on BaseHTTPMiddleware: rate limits, audit logs,
request ids.

These run for both: a dependency of the router or the app (next scenario), or a
plain ASGI middleware that checks `scope["type"]` itself.
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
# title = "HTTP middleware as the check"
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
# name = "another site"
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
# question = """The middleware answers every client without a token with 401. A client without one connects to /ws.
# What does it get?"""
# hint = 'Read the decorator carefully: @app.middleware("http").'
# explanation = """On the wire a handshake looks like an HTTP request, but ASGI gives it a scope of its own, of type
# `websocket`. Middleware for `http` passes it on without running, and so does CORSMiddleware."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 401, as on every route of the app"
# holds = { opened = false, status = 401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, as for every refused WebSocket"
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
