"""
The door is guarded well: a key, a user, a role that may come in. Behind it
nobody asks again. Bob may read. He sends `delete`, and it is done.

**What to look for**

- *viewer deletes*: the handshake is right, Bob has a good key. It is the
  message that he has no right to, and no line between `receive` and `send` asks.
- *role is taken away*: Carol is an admin when she connects. Alice takes that
  from her, over HTTP, while she is connected. She goes on deleting.
- *admin deletes* looks just the same. A test with an admin's key is green.
- *unknown key* is refused with 403, so the check at the door works. It answers
  one question, "who is it?", and is taken to answer another.

## Notes

Ask "Where is the authorisation?" Most will point at the check. It is the
authentication; `role` is used once and thrown away.

Over HTTP a route is a right: `DELETE /posts/1` has a dependency of its own. A
WebSocket is one route with many commands in it, so each command needs what each
route had.

The same holds for a JWT with a `role` claim: it was true when it was signed.
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
# title = "Role checked at the door"
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
# name = "role is taken away"
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
# question = "Bob's key is good and his role is `viewer`. He connects and sends `read`, then `delete`. What happens?"
# hint = "Follow `role` through the endpoint. Where is it read for the last time?"
# explanation = """The role decided whether Bob may connect, and nothing after that. To FastAPI the whole connection is
# one request to one route: a dependency, a middleware or a check before accept runs once for it, not once for each
# message."""
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403: a viewer may not use an endpoint that can delete"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "`read` is done; at `delete` he is closed with 1008"
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
