"""The server's own process: the only room that imports fastapi, starlette or uvicorn."""
