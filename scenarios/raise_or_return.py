"""
A price list: send the name of a drink, get its price. Nobody thought of how it
ends. `bye` returns from the endpoint, and a drink that is not on the list
raises. For the client the two are one: TCP ends, and no close frame came.

**What to look for**

- *bye*, after the price: the app returned, the server hung up. No close frame
  either way, so a browser's script gets 1006 and `wasClean` false: what it is
  told when a network breaks.
- *not on the list*: the KeyError and its line are in the ASGI lane and in the
  server's log. On the wire there is nothing of it, no 500 and no 1011. After
  the 101 there is no HTTP left to carry a status.
- *client closes*: `iter_text` ends, the endpoint returns, and all is well. It
  was the client's close frame that made this one clean, and it hides the flaw
  in every test that ends so.

A page that reconnects on 1006 now does so for an ordinary goodbye, and for a
message that will raise again each time.

## Notes

"FastAPI sends 1000 when my function is done." Ask who believes it, then play
*bye*. FastAPI sends nothing by itself, and uvicorn closes the socket without a
word.

The mends, one for each way: `await websocket.close()` in front of `return`;
and a `try` with `close(code=1003, reason="no such drink")` or, for what you
did not foresee, `close(code=1011)`.

A KeyError by anyone's message is also a stack trace in the log at anyone's
wish.
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
# expect.browser = { opened = true, error = true, code = 1006, clean = false }
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
# expect.browser = { opened = true, error = true, code = 1006, clean = false }
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
# question = "The client says `bye` and the endpoint returns. How does the connection end for the client?"
# hint = "Which line of the endpoint sends a close frame?"
# explanation = """Neither FastAPI nor uvicorn says goodbye for an endpoint. It returned, the socket was closed, and no
# close frame had been sent. 1006 is what a browser calls that; the code is never on the wire."""
#
# [[tool.wsplay.challenge.choice]]
# text = "With close code 1000: the function is done, all went well"
# holds = { close = 1000 }
#
# [[tool.wsplay.challenge.choice]]
# text = "With a close frame that has no code, which reads as 1005"
# holds = { close = 1005 }
#
# [[tool.wsplay.challenge.choice]]
# text = "With close code 1011: the server ended without a close()"
# holds = { close = 1011 }
#
# [[tool.wsplay.challenge.choice]]
# text = "Without a close frame; a script is told 1006"
# holds = { close = "none", ended = "dropped", browser = 1006 }
#
# [[tool.wsplay.challenge.choice]]
# text = "It does not: it stays open until the client leaves"
# holds = { ended = "open" }
# ///
