"""
The check of the last scenario, as a dependency of the router. It runs for
every route on that router, HTTP or WebSocket, including routes that someone
adds next year.

**What to look for**

- *a GET first*: `GET /secret`, then the WebSocket, both without a token. Both
  get `401`, with the same body. The timeline has no line of either endpoint.
- The dependency runs inside the route, where FastAPI knows which kind of route
  it is. So the refusal fits: an HTTP response, which before accept is sent as
  a denial response.
- It takes an `HTTPConnection`. FastAPI passes a `Request` to dependencies of
  HTTP routes and a `WebSocket` to those of WebSockets. `HTTPConnection` is the
  base class of both.
- *unknown path* gets 403 from the router, not 401: the check belongs to the
  routes, and no route matches here.

`dependencies=[...]` is for checks whose result nobody needs. If the endpoint
needs the user, let it depend on `current_user`, as in scenario 14.

## Notes

Compare this file with the last one: the check is the same line. Only its
caller has changed.

`FastAPI(dependencies=[...])` protects the whole app in the same way, except
its documentation page. `include_router(..., dependencies=[...])` protects the
included routes. A mounted app is a separate app and gets none of them.

Try it with `request: Request`: GET still works, and the WebSocket is a 500.
"""

from fastapi import APIRouter, Depends, FastAPI, HTTPException, WebSocket
from fastapi.requests import HTTPConnection


async def guard(conn: HTTPConnection):
    if conn.headers.get("X-Token") != "validtoken":
        raise HTTPException(401, "Log in first")


router = APIRouter(dependencies=[Depends(guard)])


@router.get("/secret")
async def secret():
    return {"secret": "4711"}


@router.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("The secret is 4711")
    await websocket.close()


app = FastAPI()
app.include_router(router)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "A check for all routes"
# order = 18
# topics = ["dependencies", "401", "routing"]
# sources = [
#   "FastAPI documentation, Bigger Applications",
#   "FastAPI documentation, Global Dependencies",
#   "FastAPI documentation, Reference, HTTPConnection class",
#   "ASGI spec, Websocket Denial Response extension",
# ]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect.status = 401
# expect.opened = false
# expect.received = []
# expect.body = '{"detail":"Log in first"}'
# expect.ended = "refused"
# expect.asked = "none"
# expect.server_error = "none"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["X-Token", "validtoken"]]
# expect.status = 101
# expect.received = ["The secret is 4711"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["X-Token", "guess"]]
# expect = { status = 401, opened = false, body = "Log in first", ended = "refused", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "a GET first"
# before = [{ http = "GET /secret" }]
# expect = { status = 401, opened = false, body = "Log in first", ended = "refused", browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "unknown path"
# path = "/wss"
# expect = { status = 403, opened = false, body = "none", asked = 1000, ended = "refused" }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 120
# try = "no token"
# question = "Which of these checks answers a client without a token with 401 on the WebSocket?"
# hint = "An ASGI scope has a type. Which of these checks depend on it, and which get a Request?"
# explanation = """Each check was applied and run. Middleware for `http` and CORS do not run for a WebSocket, and
# FastAPI has no Request to pass to its dependencies. HTTPConnection is the base class of Request and WebSocket."""
#
# [[tool.wsplay.challenge.choice]]
# text = 'The check as @app.middleware("http")'
# patch = [["APIRouter(dependencies=[Depends(guard)])", "APIRouter()"], ["app = FastAPI()", "app = FastAPI()\n\n\n@app.middleware(\"http\")\nasync def middleware(request, call_next):\n    await guard(request)\n    return await call_next(request)\n\n"]]
# holds = { opened = false, status = 401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The check as the router's dependency, taking a Request"
# patch = [["conn: HTTPConnection", "conn: Request"], ["import HTTPConnection", "import Request"]]
# holds = { opened = false, status = 401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The check as the router's dependency, taking an HTTPConnection"
# holds = { opened = false, status = 401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "CORSMiddleware with a list of origins, and no other check"
# patch = [["APIRouter(dependencies=[Depends(guard)])", "APIRouter()"], ["app = FastAPI()", "from fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=[\"https://app.example\"])"]]
# holds = { opened = false, status = 401 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The check as a dependency of GET /secret, on the same router"
# patch = [["APIRouter(dependencies=[Depends(guard)])", "APIRouter()"], ['@router.get("/secret")', '@router.get("/secret", dependencies=[Depends(guard)])']]
# holds = { opened = false, status = 401 }
# ///
