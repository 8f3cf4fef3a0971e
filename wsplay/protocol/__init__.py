"""The protocol's own words: a handshake, headers, close codes, tokens, and the names of ASGI servers."""
