"""Two runs compared: a screen with both, side by side or one below the other."""
