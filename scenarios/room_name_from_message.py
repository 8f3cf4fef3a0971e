"""
A room where everybody reads what anybody writes. Who wrote it is read from the
message, and the message was written by whoever sent it. Mallory has a token of
her own, and signs with another name.

**What to look for**

- *Mallory as Alice*: Alice is in the room. Mallory connects with her own token
  and sends `"from": "alice"`. Both read a message from Alice, and Alice reads
  that she said it.
- The connection's `wire.request` holds Mallory's token. The server knows the
  name, it stands in `user`, and is not used again.
- *no token*: refused. This is no hole in the authentication. Everyone here is
  who they say they are, until they say something.

## Notes

Play *Mallory as Alice*, then follow connection 1 in the timeline: it is Alice's,
and it receives the message that she has not sent.

It comes from the client's side. The page has a form, the form has a user, the
user goes into the JSON, and the server passes on what it gets. It works in every
demo, since in a demo nobody lies.

The same happens with `room`, `user_id`, `is_admin`, `price`: what a client sends
is a wish, not a fact.
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
            for member in list(room):
                await member.send_json(message)
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
# title = "Name from the message"
# order = 35
# topics = ["sessions", "rooms", "identity"]
# flawed = true
# mended = "room_name_from_token"
# sources = [
#   "OWASP WebSocket Security Cheat Sheet, Input Validation",
#   "CWE-290, Authentication Bypass by Spoofing",
# ]
#
# [[tool.wsplay.try]]
# name = "Mallory as Alice"
# before = [{ join = "Alice listens" }]
# headers = [["Authorization", "Bearer token-m"]]
# send = ['{"from": "alice", "text": "Please pay Mallory"}']
# expect.status = 101
# expect.received = ['{"from":"alice","text":"Please pay Mallory"}']
# expect.close = "none"
# expect.ended = "open"
#
# [[tool.wsplay.try]]
# name = "Mallory as Mallory"
# before = [{ join = "Alice listens" }]
# headers = [["Authorization", "Bearer token-m"]]
# send = ['{"from": "mallory", "text": "Hello"}']
# expect = { status = 101, received = ['{"from":"mallory","text":"Hello"}'], ended = "open" }
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
# level = "beginner"
# seconds = 90
# try = "Mallory as Alice"
# question = "Mallory connects with her own, good token and sends `{\"from\": \"alice\", ...}`. What happens in the room?"
# hint = "Which variable holds the name that the token stands for, and where does it go?"
# explanation = """The token says who is connected. What is in the message is the sender's own text, a name in it
# included, and it is passed on as it came. Two names are known for each message here, and one of them is
# proved."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Mallory is closed with 1008: the name does not fit her token"
# holds = { ended = "closed", close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "All read it as a message from Mallory"
# holds = { received = [{ contains = '"from":"mallory"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "All read it as a message from Alice"
# holds = { received = [{ contains = '"from":"alice"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "It reaches nobody: the server drops messages with a false name"
# holds = { ended = "open", received = [] }
# ///
