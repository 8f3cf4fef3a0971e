"""The attack bench on the screen."""
