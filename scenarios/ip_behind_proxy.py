"""
The address filter, fixed in two ways. uvicorn's own middleware reads the
forwarding header, and only if the peer that connects is a trusted proxy. And
an address is not enough: the client needs a token as well.

**What to look for**

- *spoofed first entry*: the client wrote the office's address, and the proxy
  appended the address it saw. The middleware reads the list from the end and
  stops at the first entry that is not a trusted proxy: the attacker's address.
- *past the proxy*: without the header, `client` is the peer that connected.
  Leaving the header out lets nobody in.
- *the office, no token*: 403. One office address is shared by the printer, the
  guest network and every borrowed laptop.
- Open the `websocket /ws` row of the ASGI lane: its `client` is the peer as
  the server sees it, 127.0.0.1. The middleware replaces it before the endpoint
  runs, and uvicorn's log shows the replaced address.

## Notes

uvicorn includes this middleware, on by default, and trusts `127.0.0.1` and
`::1` only. People set `--forwarded-allow-ips='*'` when it "does not work" in a
container. The challenge shows what that costs. wsplay starts uvicorn with it
switched off, so this file adds it itself.

Here everything comes from 127.0.0.1, so every client acts as the proxy. That
is why *the office* can be typed in, and why it is not enough: use an address
as a second check, never as the only one.

Ask: "Who can connect to the app's port directly?" If anyone but the proxy can,
do not trust the header.
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
# name = "spoofed first entry"
# headers = [["X-Forwarded-For", "10.0.0.7, 203.0.113.9"], ["Authorization", "Bearer office-7f3a91c2"]]
# expect = { opened = false, status = 403, asked = 1008, received = [] }
#
# [[tool.wsplay.try]]
# name = "spoofed second header"
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
# try = "spoofed first entry"
# question = """A thief has the token, and writes the office's address in front of the one that the proxy appends.
# Which change lets the thief in?"""
# hint = "Read the list from the end. Where does the middleware stop, and whose entry is that?"
# explanation = """Each change was applied and run. A middleware that trusts everyone skips every entry up to the
# first one in the list, and the client wrote that one. Trusting more networks than needed takes you closer to it.
# Without the header, nobody is let in at all."""
#
# [[tool.wsplay.challenge.choice]]
# text = "Trust a whole network of proxies: `10.0.0.0/8`"
# patch = [['["127.0.0.1"]', '["127.0.0.1", "10.0.0.0/8"]']]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Trust everyone, because it runs in a container: `*`"
# patch = [['["127.0.0.1"]', '["*"]']]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Remove the middleware"
# patch = [["app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[\"127.0.0.1\"])\n", ""]]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
#
# [[tool.wsplay.challenge.choice]]
# text = "Read the last entry of the header in the endpoint"
# patch = [[
#   "websocket.client.host not in",
#   'websocket.headers.get("X-Forwarded-For", "").split(",")[-1].strip() not in',
# ]]
# holds = { opened = true, received = [{ contains = "the secret is" }] }
# ///
