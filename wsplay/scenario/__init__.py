"""Scenario files: reading, checking and finding them."""
