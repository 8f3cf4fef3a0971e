"""Only one address may come in. The server stands behind a proxy, so the
address is read from `X-Forwarded-For`, which any client can write.

**What to look for**

- With the header the proxy would set, the client is in; without it, the
  address is that of whoever connected, and the answer is 403.
- The header is text like any other. Type the allowed address into it and the
  filter sees a friend.
- Behind one office address sit many people. The filter cannot tell them
  apart.

## Notes

Put the header into the client pane by hand. Then ask what the proxy does with
a header that is there already: most append to it, and the first entry stays
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
# name = "spoofed in front"
# headers = [["X-Forwarded-For", "10.0.0.7, 203.0.113.9"]]
# expect = { opened = true, ended = "open", received = ["welcome home, the secret is 42"] }
#
# [tool.wsplay.challenge]
# level = "advanced"
# seconds = 90
# try = "spoofed in front"
# question = "An attacker writes the allowed address into X-Forwarded-For; an honest proxy appends the real one behind it. What happens?"
# hint = "Which of the two entries does the endpoint read?"
# explanation = """The first entry of the list is the one the client itself could write. Only entries that a trusted
# proxy appended say anything, and they stand at the end."""
#
# [[tool.wsplay.challenge.choice]]
# text = "403: the real address stands in the header, too"
# holds = { opened = false, status = 403 }
#
# [[tool.wsplay.challenge.choice]]
# text = "The attacker is in"
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "The server answers 400: a header may not hold two addresses"
# holds = { status = 400 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It is let in, but gets nothing"
# holds = { opened = true, received = [] }
# ///
