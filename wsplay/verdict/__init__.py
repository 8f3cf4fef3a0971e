"""The outcome of a run, its diagnosis, and whether it is as expected."""
