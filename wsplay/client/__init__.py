"""The clients: a WebSocket client and an HTTP client that hide nothing."""
