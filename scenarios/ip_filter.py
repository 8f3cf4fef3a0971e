"""
Only one address is allowed. The server is behind a proxy, so the endpoint
reads the address from `X-Forwarded-For`, a header that any client can write.

**What to look for**

- With the header that the proxy would set, the client is let in. Without it,
  the address is that of the peer, and the answer is 403.
- The header is text like any other. Type the allowed address into it, and the
  filter lets you in.
- Many people share one office address. The filter cannot tell them apart.

## Notes

Add the header in the client pane by hand. Then ask what the proxy does with a
header that is already there: most append to it, and the first entry is still
the attacker's.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()

ALLOWED = {"10.0.0.7"}


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    forwarded = websocket.headers.get("X-Forwarded-For")
    address = forwarded.split(",")[0] if forwarded else websocket.client.host
    if address.strip() not in ALLOWED:
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text("welcome home, the secret is 42")
    async for text in websocket.iter_text():
        await websocket.send_text(text)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "IP filter"
# order = 47
# topics = ["designs", "addresses"]
# flawed = true
# mended = "ip_behind_proxy"
# sources = [
#   "RFC 7239 section 8.1, Header Validity and Integrity",
#   "uvicorn documentation, Settings, proxy headers",
# ]
#
# [tool.wsplay.attack]
# let_in = "from the allowed address"
# credential = "address"
# prize = "the secret is"
#
# [[tool.wsplay.try]]
# name = "from the allowed address"
# headers = [["X-Forwarded-For", "10.0.0.7"]]
# expect = { opened = true, ended = "open", received = ["welcome home, the secret is 42"] }
#
# [[tool.wsplay.try]]
# name = "from elsewhere"
# expect = { opened = false, status = 403, asked = 1008 }
#
# [[tool.wsplay.try]]
# name = "spoofed first entry"
# headers = [["X-Forwarded-For", "10.0.0.7, 203.0.113.9"]]
# expect = { opened = true, ended = "open", received = ["welcome home, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 90
# try = "spoofed first entry"
# question = """An attacker writes the allowed address into X-Forwarded-For. An honest proxy appends the real address
# after it. What happens?"""
# hint = "Which of the two entries does the endpoint read?"
# explanation = """The client itself could write the first entry of the list. Only entries that a trusted proxy
# appended mean anything, and they are at the end."""
#
# [[tool.wsplay.challenge.choice]]
# text = "403: the real address is in the header, too"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The attacker is let in"
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server answers 400: a header may not hold two addresses"
# holds = { status = 400 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The attacker is let in, but receives nothing"
# holds = { opened = true, received = [] }
# ///
