"""
Each message is asked about for itself: who sends it, what role have they now,
and may that role do this? What nobody is named for is forbidden.

**What to look for**

- *viewer deletes*: `read` is done, `delete` is answered with a refusal, and the
  connection stays. A message that is not allowed is no reason to hang up.
- *role is taken away*: the same message twice from the same client. In between,
  Alice changes Carol's role over HTTP. The second one is refused: the role is
  read where it is used.
- *unknown command*: not in `MAY`, so nobody may. A list of what is forbidden
  would have let it pass.
- The key is still checked at the door, once. Who it is does not change while
  they are connected; what they may do does.

## Notes

Run *role is taken away* here and in the scenario before, and put the two
timelines side by side. They differ in one message.

The lookup is a dictionary here. In a database it costs a query for each message;
a cache of a few seconds is a fair price, if it is one that somebody decided.

The refusal is an answer for the client's program. Count them, too: a viewer who
tries `delete` ten times is worth a look, and then a close with 4403.
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
# title = "Role checked for each message"
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
# name = "role is taken away"
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
# try = "role is taken away"
# question = "Carol's role is taken away while she is connected. Where must it be read, so that her next `delete` fails?"
# hint = "How often does each of these run during one connection?"
# explanation = """A dependency runs once for each connection, like anything before the loop, and a cache keeps what was
# true when it was filled. Only what is read for each message can be as new as the message."""
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
# text = "In a dependency of the endpoint, `role: str = Depends(role_of)`: FastAPI resolves it freshly"
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
# text = "In the loop, for each message, as it stands here"
# holds = { received = ["delete: done for carol", "delete: not allowed"] }
#
# [[tool.wsplay.challenge.choice]]
# text = "In the loop, by a function with `functools.cache`, so that it costs nothing"
# patch = [
#   ["from fastapi import", "from functools import cache\n\nfrom fastapi import"],
#   ["@app.websocket(\"/ws\")", "@cache\ndef role_of(user):\n    return roles[user]\n\n\n@app.websocket(\"/ws\")"],
#   ["role = roles[user]", "role = role_of(user)"],
# ]
# holds = { received = ["delete: done for carol", "delete: not allowed"] }
# ///
