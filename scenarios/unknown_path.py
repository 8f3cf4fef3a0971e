"""
The WebSocket is at `/api/chat`. A client that connects anywhere else does not
get a 404. It gets a 403, the same answer as for a wrong token.

**What to look for**

- *prefix forgotten* and *trailing slash* send the right token and get 403. The
  endpoint has not been called: the timeline has no row of it.
- The wire shows the same answer to *wrong token*. The ASGI lane shows the
  difference: the router closes with 1000 and no reason, this endpoint with
  1008.
- For an HTTP route, Starlette would redirect `/api/chat/` to `/api/chat`. For
  a WebSocket it does not, and a browser would not follow.
- uvicorn logs `403` for both. Only the path in that line helps.

## Notes

Before you debug a token, read the request line: the first row of the wire
lane. Most often the cause is the prefix of `include_router`, the `root_path`
of a proxy, or a slash.

Starlette's router can refuse a WebSocket in one way: a close before accept,
which is a 403 in the ASGI spec. So a scanner cannot tell an unknown path from
a protected one. That is a side effect, not a defence.

For a 404 of your own, add a catch-all route, `@app.websocket("/{path:path}")`,
as the last route, and send a denial response.
"""

from fastapi import APIRouter, FastAPI, WebSocket

router = APIRouter()


@router.websocket("/chat")
async def chat(websocket: WebSocket):
    if websocket.headers.get("Authorization") != "validtoken":
        await websocket.close(code=1008, reason="wrong token")
        return
    await websocket.accept()
    await websocket.send_text("Welcome to the chat")
    await websocket.close()


app = FastAPI()
app.include_router(router, prefix="/api")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Unknown path"
# order = 9
# topics = ["refusals", "routing"]
# path = "/api/chat"
# sources = [
#   "Starlette documentation, Routing, WebSocket Routing",
#   "ASGI spec, WebSocket Close - send event",
#   "FastAPI documentation, Bigger Applications",
# ]
#
# [[tool.wsplay.try]]
# name = "prefix forgotten"
# path = "/chat"
# headers = [["Authorization", "validtoken"]]
# expect.status = 403
# expect.opened = false
# expect.body = "none"
# expect.close = "none"
# expect.ended = "refused"
# expect.asked = { code = 1000, reason = "" }
# expect.asgi = ["websocket.close"]
# expect.error = "InvalidStatus"
# expect.server_error = "none"
# expect.browser = 1006
#
# [[tool.wsplay.try]]
# name = "trailing slash"
# path = "/api/chat/"
# headers = [["Authorization", "validtoken"]]
# expect = { status = 403, opened = false, body = "none", asked = 1000, browser = 1006 }
#
# [[tool.wsplay.try]]
# name = "right path"
# headers = [["Authorization", "validtoken"]]
# expect.status = 101
# expect.received = ["Welcome to the chat"]
# expect.close = { code = 1000, reason = "", by = "server" }
# expect.ended = "closed"
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["Authorization", "guess"]]
# expect.status = 403
# expect.opened = false
# expect.body = "none"
# expect.asked = { code = 1008, reason = "wrong token" }
# expect.browser = 1006
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "trailing slash"
# question = "The route is /api/chat. A client with the right token connects to /api/chat/. What does it get?"
# hint = "A router can only refuse with ASGI messages. Which of them may come first on a WebSocket?"
# explanation = """No route matches, and the endpoint is not called. Starlette redirects slashes for HTTP only, and
# without a matching route it closes before accept. On the wire, this is the same answer as for a wrong token."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 404 Not Found"
# holds = { opened = false, status = 404 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 307, which redirects to /api/chat"
# holds = { opened = false, status = 307 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in: a slash at the end makes no difference"
# holds = { opened = true, received = ["Welcome to the chat"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It opens, and closes at once with code 1000"
# holds = { opened = true, close = 1000 }
# ///
