"""
The same room, and the name comes from the token. The message may say what it
likes: the server takes the text out of it and puts the sender in by itself.

**What to look for**

- *Mallory as Alice*: she sends `"from": "alice"`, and all read `"from":
  "mallory"`. Compare the frame that came in with those that go out.
- The outgoing message is built from its parts. Fields that nobody asked for,
  an `"admin": true` for one, do not travel on with it.
- Nothing is refused. A false name is not even looked at, so there is nothing to
  get around.
- *no text*: an empty one. A `message["text"]` would raise, and drop the
  connection of whoever forgot it.

## Notes

Run *Mallory as Alice* here and in the scenario before: the request and the
frame that Mallory sends are the same bytes.

A rule to take home: who, from the connection; what, from the message; whether,
from a lookup of the two.

One slow member holds up everyone in this loop, since each `send_json` waits for
the one before. A real room gives each member a queue and a task, and drops who
cannot keep up.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()

TOKENS = {"token-a": "alice", "token-m": "mallory"}
room: set[WebSocket] = set()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    _, _, token = websocket.headers.get("Authorization", "").partition(" ")
    user = TOKENS.get(token)
    if user is None:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    room.add(websocket)
    try:
        async for message in websocket.iter_json():
            said = {"from": user, "text": message.get("text", "")}
            for member in list(room):
                await member.send_json(said)
    finally:
        room.discard(websocket)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Name from the token"
# order = 36
# topics = ["sessions", "rooms", "identity"]
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Input Validation",
#   "OWASP Mass Assignment Cheat Sheet",
#   "CWE-290, Authentication Bypass by Spoofing",
# ]
#
# [[tool.wsplay.try]]
# name = "Mallory as Alice"
# before = [{ join = "Alice listens" }]
# headers = [["Authorization", "Bearer token-m"]]
# send = ['{"from": "alice", "text": "Please pay Mallory"}']
# expect.status = 101
# expect.received = ['{"from":"mallory","text":"Please pay Mallory"}']
# expect.close = "none"
# expect.ended = "open"
#
# [[tool.wsplay.try]]
# name = "Mallory as Mallory"
# before = [{ join = "Alice listens" }]
# headers = [["Authorization", "Bearer token-m"]]
# send = ['{"text": "Hello"}']
# expect = { status = 101, received = ['{"from":"mallory","text":"Hello"}'], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "no text"
# headers = [["Authorization", "Bearer token-m"]]
# send = ['{"from": "alice", "admin": true}']
# expect = { status = 101, received = ['{"from":"mallory","text":""}'], ended = "open" }
#
# [[tool.wsplay.try]]
# name = "Alice listens"
# headers = [["Authorization", "Bearer token-a"]]
# expect = { status = 101, received = [], close = "none", ended = "open" }
#
# [[tool.wsplay.try]]
# name = "no token"
# expect = { status = 403, opened = false, ended = "refused", asked = 1008, browser = 1006 }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 120
# try = "Mallory as Alice"
# question = "Four ways to build `said`. With which of them can Mallory still speak as Alice?"
# hint = "Where a key stands twice in a dictionary, which value stays?"
# explanation = """In a dictionary display the later value wins, so it matters on which side the client's message is
# spread. Where it comes last, whatever is in it overwrites what the server knows. Building the message from named parts
# needs no such thought, and lets no other field through either."""
#
# [[tool.wsplay.challenge.choice]]
# text = "`{\"from\": user, \"text\": message.get(\"text\", \"\")}`"
# holds = { received = [{ contains = '"from":"alice"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "`{\"from\": user, **message}`"
# patch = [['{"from": user, "text": message.get("text", "")}', '{"from": user, **message}']]
# holds = { received = [{ contains = '"from":"alice"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "`{**message, \"from\": user}`"
# patch = [['{"from": user, "text": message.get("text", "")}', '{**message, "from": user}']]
# holds = { received = [{ contains = '"from":"alice"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "`message | {\"from\": user}`"
# patch = [['{"from": user, "text": message.get("text", "")}', 'message | {"from": user}']]
# holds = { received = [{ contains = '"from":"alice"' }] }
# ///
