"""Events, the timeline of a run, and text made safe to show."""
