"""The words of the program: plain data, no IO."""
