"""What a new scenario of the user's begins with: a small file that runs, with two tries and a challenge."""

from __future__ import annotations

from typing import Final

FIRST_FILE: Final = '''"""
This endpoint lets a client in if it sends the right token, and refuses every
other one before the handshake is complete.

**What to look for**

- Without the token, the wire shows `HTTP/1.1 403`: there is no WebSocket yet,
  so the close code 1008 is never sent.
- With the token, the wire shows `101`, then the message, then a close frame.

This text is Markdown. Describe your endpoint here.

## Notes

Notes for a speaker. wsplay shows them separately.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


# Change the endpoint and save the file: wsplay loads it again.
@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    if websocket.headers.get("Authorization") != "validtoken":
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text("Welcome!")
    await websocket.close()


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "First file"
#
# [[tool.wsplay.try]]
# # A try is one way to connect. `expect` says what should come of it.
# name = "no token"
# expect = { status = 403, opened = false, asked = 1008 }
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "validtoken"]]
# expect = { status = 101, received = ["Welcome!"], close = 1000 }
#
# [tool.wsplay.challenge]
# # No choice is marked as right: wsplay runs every choice, and one claim is confirmed.
# question = "A client without the token connects. What does it get?"
# try = "no token"
# hint = "Is there a WebSocket yet that could carry a close frame?"
# explanation = "The endpoint closes before accept, so the server answers the handshake itself."
#
# [[tool.wsplay.challenge.choice]]
# text = "A WebSocket that closes with code 1008"
# holds = { opened = true, close = 1008 }
#
# [[tool.wsplay.challenge.choice]]
# text = "HTTP 403, and no WebSocket"
# holds = { opened = false, status = 403 }
# ///
'''
