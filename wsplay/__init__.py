"""wsplay: a terminal playground for WebSocket authentication in FastAPI."""

__version__ = "0.1.0"
