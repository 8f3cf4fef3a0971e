"""
The endpoint checks a key, a user and a role before it accepts. After that, it
checks nothing. Bob may only read. He sends `delete`, and it is done.

**What to look for**

- *viewer deletes*: the handshake is right, Bob has a valid key. But he has no
  right to send this message, and no line between `receive` and `send` checks.
- *role is removed*: Carol is an admin when she connects. Alice removes that
  role over HTTP while Carol is connected. Carol can still delete.
- *admin deletes* looks the same. A test with an admin's key passes.
- *unknown key* is refused with 403, so the check before accept works. It
  answers "who is it?", and is mistaken for an answer to "what may they do?".

## Notes

Ask "Where is the authorisation?" Most people will point at the check. That is
authentication: `role` is used once and then never again.

Over HTTP, each route can have its own check: `DELETE /posts/1` has its own
dependency. A WebSocket is one route with many commands, so each command needs
the check that each route had.

The same is true for a JWT with a `role` claim: it was true when the token was
signed.
"""

from fastapi import FastAPI, Header, HTTPException, WebSocket

app = FastAPI()

KEYS = {"key-a": "alice", "key-b": "bob", "key-c": "carol"}
roles = {"alice": "admin", "bob": "viewer", "carol": "viewer"}


@app.put("/roles/{user}/{role}")
async def set_role(user: str, role: str, authorization: str = Header("")):
    if roles.get(KEYS.get(authorization, "")) != "admin":
        raise HTTPException(403)
    roles[user] = role


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    user = KEYS.get(websocket.headers.get("Authorization", ""), "")
    role = roles.get(user)
    if role not in ("viewer", "admin"):
        await websocket.close(code=1008)
        return
    await websocket.accept()
    async for command in websocket.iter_text():
        await websocket.send_text(f"{command}: done for {user}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "A viewer's commands"
# order = 33
# topics = ["sessions", "authorisation", "roles"]
# flawed = true
# mended = "role_per_message"
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Message-Level Authorization",
#   "OWASP Authorization Cheat Sheet, Validate the Permissions on Every Request",
# ]
#
# [[tool.wsplay.try]]
# name = "viewer deletes"
# headers = [["Authorization", "key-b"]]
# send = ["read", "delete"]
# expect.status = 101
# expect.received = ["read: done for bob", "delete: done for bob"]
# expect.close = "none"
# expect.ended = "open"
#
# [[tool.wsplay.try]]
# name = "admin deletes"
# headers = [["Authorization", "key-a"]]
# send = ["read", "delete"]
# expect = { status = 101, received = ["read: done for alice", "delete: done for alice"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "role is removed"
# before = [{ http = "PUT /roles/carol/admin", headers = { Authorization = "key-a" } }]
# headers = [["Authorization", "key-c"]]
# send = [
#   "delete",
#   { wait = 0.2 },
#   { http = "PUT /roles/carol/viewer", headers = { Authorization = "key-a" } },
#   "delete",
# ]
# expect = { status = 101, received = ["delete: done for carol", "delete: done for carol"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "unknown key"
# headers = [["Authorization", "key-z"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "beginner"
# seconds = 60
# try = "viewer deletes"
# question = "Bob's key is valid and his role is `viewer`. He connects and sends `read`, then `delete`. What happens?"
# hint = "Follow `role` through the endpoint. Which line is the last one to read it?"
# explanation = """The role decides whether Bob may connect, and nothing after that. For FastAPI, the whole connection
# is one request to one route: a dependency, a middleware or a check before accept runs once for it, not once per
# message."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: a viewer may not use an endpoint that can delete"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "`read` is done; at `delete` the server closes with 1008"
# holds = { received = ["read: done for bob"], close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "`read` is done; `delete` is not answered"
# holds = { received = ["read: done for bob"], ended = "open" }
#
# [[tool.wsplay.challenge.choice]]
# text = "Both are done"
# holds = { received = ["read: done for bob", "delete: done for bob"] }
# ///
