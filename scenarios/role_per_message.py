"""
The endpoint checks each message: who sends it, which role do they have now,
and may that role do this? A command that is not in the list is forbidden.

**What to look for**

- *viewer deletes*: `read` is done, `delete` gets a refusal as its answer, and
  the connection stays open. A forbidden message is no reason to disconnect.
- *role is removed*: the same client sends the same message twice. In between,
  Alice changes Carol's role over HTTP. The second message is refused, because
  the endpoint reads the role when it needs it.
- *unknown command*: it is not in `MAY`, so nobody may use it. A list of
  forbidden commands would have allowed it.
- The key is still checked once, at connect. Who the user is does not change
  during a connection. What the user may do does.

## Notes

Run *role is removed* here and in the scenario before, and compare the two
timelines. They differ in one message.

The lookup here is a dictionary. In a database it costs one query per message.
A cache of a few seconds is a fair compromise, if someone decides on it.

The refusal is an answer for the client's program. Count the refusals, too: a
viewer who tries `delete` ten times deserves a closer look, and then a close
with 4403.
"""

from fastapi import FastAPI, Header, HTTPException, WebSocket

app = FastAPI()

KEYS = {"key-a": "alice", "key-b": "bob", "key-c": "carol"}
MAY = {"read": {"viewer", "admin"}, "delete": {"admin"}}
roles = {"alice": "admin", "bob": "viewer", "carol": "viewer"}


@app.put("/roles/{user}/{role}")
async def set_role(user: str, role: str, authorization: str = Header("")):
    if roles.get(KEYS.get(authorization, "")) != "admin":
        raise HTTPException(403)
    roles[user] = role


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    user = KEYS.get(websocket.headers.get("Authorization", ""))
    if user is None:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    async for command in websocket.iter_text():
        role = roles[user]
        if role in MAY.get(command, set()):
            await websocket.send_text(f"{command}: done for {user}")
        else:
            await websocket.send_text(f"{command}: not allowed")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "A role that changes"
# order = 34
# topics = ["sessions", "authorisation", "roles"]
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Message-Level Authorization",
#   "OWASP Authorization Cheat Sheet, Validate the Permissions on Every Request",
#   "OWASP Authorization Cheat Sheet, Deny by Default",
# ]
#
# [[tool.wsplay.try]]
# name = "viewer deletes"
# headers = [["Authorization", "key-b"]]
# send = ["read", "delete"]
# expect.status = 101
# expect.received = ["read: done for bob", "delete: not allowed"]
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
# expect = { status = 101, received = ["delete: done for carol", "delete: not allowed"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "unknown command"
# headers = [["Authorization", "key-a"]]
# send = ["drop table"]
# expect = { status = 101, received = ["drop table: not allowed"], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "unknown key"
# headers = [["Authorization", "key-z"]]
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 150
# try = "role is removed"
# question = """Carol's role is removed while she is connected. Where must the code read the role, so that her next
# `delete` fails?"""
# hint = "How often does each of these run during one connection?"
# explanation = """A dependency runs once per connection, like everything before the loop, and a cache keeps the value
# it was filled with. Only a value that is read for each message is as new as the message."""
#
# [[tool.wsplay.challenge.choice]]
# text = "In the endpoint, right after `accept()`"
# patch = [
#   ["        role = roles[user]\n", ""],
#   ["    await websocket.accept()\n", "    await websocket.accept()\n    role = roles[user]\n"],
# ]
# holds = { received = ["delete: done for carol", "delete: not allowed"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "In a dependency of the endpoint, `role: str = Depends(role_of)`: FastAPI resolves it"
# patch = [
#   ["import FastAPI,", "import Depends, FastAPI,"],
#   ["@app.websocket(\"/ws\")\nasync def endpoint(websocket: WebSocket):\n", """
# async def role_of(websocket: WebSocket):
#     return roles.get(KEYS.get(websocket.headers.get("Authorization", ""), ""))
#
#
# @app.websocket("/ws")
# async def endpoint(websocket: WebSocket, role: str = Depends(role_of)):
# """],
#   ["        role = roles[user]\n", ""],
# ]
# holds = { received = ["delete: done for carol", "delete: not allowed"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "In the loop, for each message, as the code does now"
# holds = { received = ["delete: done for carol", "delete: not allowed"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "In the loop, with a function that has `functools.cache`, so that it costs nothing"
# patch = [
#   ["from fastapi import", "from functools import cache\n\nfrom fastapi import"],
#   ["@app.websocket(\"/ws\")", "@cache\ndef role_of(user):\n    return roles[user]\n\n\n@app.websocket(\"/ws\")"],
#   ["role = roles[user]", "role = role_of(user)"],
# ]
# holds = { received = ["delete: done for carol", "delete: not allowed"] }
# ///
