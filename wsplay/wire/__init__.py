"""The bytes: a TCP tap and a sans-IO decoder."""
