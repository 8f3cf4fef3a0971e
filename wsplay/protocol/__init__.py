"""What a client can ask for: handshakes, headers, steps, HTTP requests, tokens; close codes, ASGI servers."""
