"""
A price list: send the name of a drink, get its price. The code does not handle
the end of the connection. `bye` returns from the endpoint, and a drink that is
not on the list raises. The client sees the same in both cases: TCP ends
without a close frame.

**What to look for**

- *bye*, after the price: the app returned, and the server ended the TCP
  connection. Neither side sent a close frame, so a browser's script gets 1006
  and `wasClean` false, as when the network fails.
- *not on the list*: the KeyError and its line are in the ASGI lane and in the
  server's log. The wire shows nothing of it, neither a 500 nor a 1011. After
  the 101 there is no HTTP response that could carry a status.
- *client closes*: `iter_text` ends, the endpoint returns, and the end is
  clean. The client's close frame made it clean. Tests that end this way do not
  find the bug.

A page that reconnects on 1006 now does so after a normal goodbye, and after a
message that will raise again each time.

## Notes

"FastAPI sends 1000 when my function is done." Ask who believes it, then run
*bye*. FastAPI sends nothing by itself, and uvicorn closes the socket without a
close frame.

The fixes, one for each case: `await websocket.close()` before `return`, and a
`try` with `close(code=1003, reason="no such drink")` or, for errors you did
not expect, `close(code=1011)`.

A KeyError that any message can cause is also a stack trace that any client can
put into the log.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()

PRICES = {"tea": 3, "coffee": 4}


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        if text == "bye":
            return
        price = PRICES[text]
        await websocket.send_text(f"{text} is {price}")


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8000)

# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi", "uvicorn", "websockets"]
#
# [tool.wsplay]
# title = "Raise or return after accept"
# order = 10
# topics = ["refusals", "close codes", "1006"]
# flawed = true
# sources = [
#   "RFC 6455 section 7.1.5, The WebSocket Connection Close Code",
#   "RFC 6455 section 7.4.1, Defined Status Codes",
#   "WHATWG WebSockets Standard, Feedback from the protocol",
# ]
#
# [[tool.wsplay.try]]
# name = "bye"
# send = ["tea", "bye"]
# expect.status = 101
# expect.opened = true
# expect.received = ["tea is 3"]
# expect.close = "none"
# expect.asked = "none"
# expect.ended = "dropped"
# expect.error = "no close frame received or sent"
# expect.server_error = "none"
# expect.browser = { opened = true, error = false, code = 1006, clean = false }
#
# [[tool.wsplay.try]]
# name = "not on the list"
# send = ["tea", "milk"]
# expect.status = 101
# expect.opened = true
# expect.received = ["tea is 3"]
# expect.close = "none"
# expect.asked = "none"
# expect.ended = "dropped"
# expect.error = "no close frame received or sent"
# expect.server_error = "KeyError: 'milk'"
# expect.browser = { opened = true, error = false, code = 1006, clean = false }
#
# [[tool.wsplay.try]]
# name = "client closes"
# send = ["tea", { wait = 0.5 }, { close = 1000 }]
# expect = { status = 101, received = ["tea is 3"], close = 1000, ended = "closed", server_error = "none" }
#
# [tool.wsplay.challenge]
# level = "intermediate"
# seconds = 90
# try = "bye"
# question = "The client sends `bye` and the endpoint returns. How does the connection end for the client?"
# hint = "Which line of the endpoint sends a close frame?"
# explanation = """Neither FastAPI nor uvicorn sends a close frame for an endpoint that returns. The server closed the
# socket without one. A browser reports this as 1006. That code is never on the wire."""
#
# [[tool.wsplay.challenge.choice]]
# text = "With close code 1000: the function finished without an error"
# holds = { close = 1000 }
#
# [[tool.wsplay.challenge.choice]]
# text = "With a close frame without a code, which reads as 1005"
# holds = { close = 1005 }
#
# [[tool.wsplay.challenge.choice]]
# text = "With close code 1011: the server ended without a close()"
# holds = { close = 1011 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Without a close frame; a browser's script sees 1006"
# holds = { close = "none", ended = "dropped", browser = 1006 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It does not end: it stays open until the client leaves"
# holds = { ended = "open" }
# ///
