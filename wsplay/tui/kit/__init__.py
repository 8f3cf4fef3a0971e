"""Widgets without a subject of their own, and the themes."""
