"""The attack bench: the same attacks against each design."""
