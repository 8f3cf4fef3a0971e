"""What is held: where, what waits, and the request that is edited meanwhile."""
