"""Challenges, graded by running every choice."""
