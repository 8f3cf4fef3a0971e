"""The thread in which the playground runs."""
