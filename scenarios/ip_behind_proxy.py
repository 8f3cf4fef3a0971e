"""
The address filter, put right in two ways. The forwarding header is read by
uvicorn's own middleware, and only where a trusted proxy is the one that
connects. And an address alone opens nothing: a token has to come with it.

**What to look for**

- *spoofed in front*: the client wrote the office's address, the proxy appended
  the one it saw. The middleware reads the list from its end and stops at the
  first entry that is not a trusted proxy. That one is the stranger's.
- *past the proxy*: without the header, `client` is whoever connected. Nobody
  is let in by leaving something out.
- *the office, no token*: 403. Behind one office address sit the printer, the
  guests' network and anyone who lends a laptop.
- The `websocket /ws` row of the ASGI lane, opened, has `client` as the server
  knows it: the peer, 127.0.0.1. The middleware writes over it on the way in,
  and uvicorn's log names the address that came out.

## Notes

uvicorn has this middleware built in, on by default, and trusting 127.0.0.1
alone. `--forwarded-allow-ips='*'` is what people set when it "does not work"
in a container; the challenge lets them find out what that costs. wsplay serves
with it off, so this file asks for it by itself.

Here everything comes from 127.0.0.1, so every client plays the proxy. That is
why *the office* can be typed in, and why it is not enough: an address is a
second lock and never the only one.

Ask: "Who may connect to the app's port directly?" If it is not the proxy
alone, there is nothing to trust.
"""

import hmac

from fastapi import FastAPI, WebSocket
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

app = FastAPI()
app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=["127.0.0.1"])

OFFICE = {"10.0.0.7"}
TOKEN = "Bearer office-7f3a91c2"


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization", "")
    known = hmac.compare_digest(token.encode(), TOKEN.encode())
    if websocket.client.host not in OFFICE or not known:
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
# title = "Behind a trusted proxy"
# order = 37
# topics = ["limits", "addresses", "proxy"]
# sources = [
#   "RFC 7239 section 8.1, Header Validity and Integrity",
#   "uvicorn documentation, Deployment, Proxies and Forwarded Headers",
#   "MDN, X-Forwarded-For, Security and privacy concerns",
# ]
#
# [tool.wsplay.attack]
# let_in = "the office"
# credential = "header:Authorization"
# prize = "the secret is"
#
# [[tool.wsplay.try]]
# name = "the office"
# headers = [["X-Forwarded-For", "10.0.0.7"], ["Authorization", "Bearer office-7f3a91c2"]]
# expect.status = 101
# expect.opened = true
# expect.ended = "open"
# expect.received = ["welcome home, the secret is 42"]
#
# [[tool.wsplay.try]]
# name = "spoofed in front"
# headers = [["X-Forwarded-For", "10.0.0.7, 203.0.113.9"], ["Authorization", "Bearer office-7f3a91c2"]]
# expect = { opened = false, status = 403, asked = 1008, received = [] }
#
# [[tool.wsplay.try]]
# name = "spoofed in a header of its own"
# headers = [
#   ["X-Forwarded-For", "10.0.0.7"],
#   ["X-Forwarded-For", "203.0.113.9"],
#   ["Authorization", "Bearer office-7f3a91c2"],
# ]
# expect = { opened = false, status = 403, asked = 1008, received = [] }
#
# [[tool.wsplay.try]]
# name = "past the proxy"
# headers = [["Authorization", "Bearer office-7f3a91c2"]]
# expect = { opened = false, status = 403, asked = 1008 }
#
# [[tool.wsplay.try]]
# name = "the office, no token"
# headers = [["X-Forwarded-For", "10.0.0.7"]]
# expect = { opened = false, status = 403, asked = 1008 }
#
# [tool.wsplay.challenge]
# level = "expert"
# seconds = 120
# try = "spoofed in front"
# question = "A thief has the token, and writes the office's address in front of what the proxy appends. Which change lets the thief in?"
# hint = "Read the list from its end. When does the middleware stop, and at whose entry?"
# explanation = """Each change was patched in and run. A middleware that trusts everyone walks past every entry to the
# far end of the list, and that is the one the client wrote. Trusting more networks than needed brings you closer to
# it; reading no header at all locks everybody out instead."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Trust a whole network of proxies: `10.0.0.0/8`"
# patch = [['["127.0.0.1"]', '["127.0.0.1", "10.0.0.0/8"]']]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Trust everyone, since it runs in a container: `*`"
# patch = [['["127.0.0.1"]', '["*"]']]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Leave the middleware out"
# patch = [["app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[\"127.0.0.1\"])\n", ""]]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Read the last entry of the header by hand"
# patch = [[
#   "websocket.client.host not in",
#   'websocket.headers.get("X-Forwarded-For", "").split(",")[-1].strip() not in',
# ]]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
# ///
