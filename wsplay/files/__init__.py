"""Small files of the user's: read within limits, locked, replaced in one step."""
