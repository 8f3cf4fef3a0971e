"""The client pane: the next request, and the messages to send."""
