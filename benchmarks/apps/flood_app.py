"""Sends messages as fast as they go, as many as the path says."""

import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/flood/{count}")
async def endpoint(websocket: WebSocket, count: int) -> None:
    await websocket.accept()
    try:
        for number in range(count):
            await websocket.send_text(f"message {number:8} of a flood of them")
            if not number % 64:
                await asyncio.sleep(0)  # as any app that awaits something: its loop lives
    except WebSocketDisconnect:
        return
    await websocket.close()
