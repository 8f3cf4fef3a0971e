"""What a run came to: its outcome, its diagnosis, and what was expected of it."""
