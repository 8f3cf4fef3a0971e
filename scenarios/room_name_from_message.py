"""
A chat room: every member receives every message. The server takes the sender's
name from the message, and the client wrote the message. Mallory has a token of
her own and sends another name.

**What to look for**

- *Mallory as Alice*: Alice is in the room. Mallory connects with her own token
  and sends `"from": "alice"`. Both receive a message from Alice, although
  Alice sent nothing.
- The connection's `wire.request` has Mallory's token. The server knows her
  name: it is in `user`, and the endpoint does not use it again.
- *no token* is refused. The authentication works: the server knows who each
  client is. It does not use that for the messages.

## Notes

Run *Mallory as Alice*, then follow connection 1 in the timeline: it is
Alice's, and it receives a message with her name that she did not send.

Where this comes from: the page has a form, the form has a user, the user goes
into the JSON, and the server passes it on. It works in every demo, because in
a demo nobody lies.

The same happens with `room`, `user_id`, `is_admin` and `price`: what a client
sends is a claim, not a fact.
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
# title = "Sender name in a chat room"
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
# question = 'Mallory connects with her own valid token and sends `{"from": "alice", ...}`. What happens in the room?'
# hint = "Which variable holds the name that belongs to the token, and where is it used?"
# explanation = """The token shows who is connected. The message is the sender's own text, including the name in it,
# and the server passes it on unchanged. The server knows two names for each message, and only one of them is proven."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Mallory is closed with 1008: the name does not match her token"
# holds = { ended = "closed", close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Everyone receives it as a message from Mallory"
# holds = { received = [{ contains = '"from":"mallory"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Everyone receives it as a message from Alice"
# holds = { received = [{ contains = '"from":"alice"' }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Nobody receives it: the server drops messages with a false name"
# holds = { ended = "open", received = [] }
# ///
