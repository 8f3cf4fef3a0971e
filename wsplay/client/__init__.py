"""Who connects: a WebSocket client that hides nothing."""
