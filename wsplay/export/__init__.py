"""A timeline as text, JSON lines and other forms."""
