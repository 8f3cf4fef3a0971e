"""One real run: server, tap and client together."""
