"""The parent's handle on the server's process."""
