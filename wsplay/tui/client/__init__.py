"""The client pane: what is asked for, and what is sent."""
