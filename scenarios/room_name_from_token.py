"""
The same room, but the name comes from the token. It does not matter which name
the message contains: the server takes only the text and sets the sender.

**What to look for**

- *Mallory as Alice*: she sends `"from": "alice"`, and everyone receives
  `"from": "mallory"`. Compare the incoming frame with the outgoing frames.
- The server builds the outgoing message from its parts. Unknown fields, such
  as `"admin": true`, are not passed on.
- Nothing is refused. The endpoint does not read the false name at all, so
  there is no check to bypass.
- *no text*: the text is then empty. `message["text"]` would raise and drop the
  connection of a client that forgot the field.

## Notes

Run *Mallory as Alice* here and in the scenario before: Mallory's request and
frame are the same bytes.

A rule to remember: take the user from the connection and the content from the
message, and look up whether the user may do this.

One slow member delays everyone in this loop, because each `send_json` waits
for the one before. A real chat room gives each member a queue and a task, and
disconnects members that cannot keep up.
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
# title = "Sender name from the token"
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
# question = "Four ways to build `said`. With which one can Mallory still send as Alice?"
# hint = "If a key appears twice in a dictionary, which value is kept?"
# explanation = """In a dictionary display the later value wins, so the position of the client's message matters. If
# it comes last, its fields overwrite what the server knows. Building the message from named parts avoids the
# question, and passes on no other field."""
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
