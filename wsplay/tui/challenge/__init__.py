"""Challenges on the screen."""
