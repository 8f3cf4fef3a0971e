"""One finished run on a screen of its own."""
