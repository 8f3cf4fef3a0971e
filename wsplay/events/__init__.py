"""What happened: an event, the timeline of a run, and text made safe to show."""
