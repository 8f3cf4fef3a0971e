"""wsplay: a terminal playground for WebSocket authentication in FastAPI."""

import os

__version__ = "0.1.0"

#: The folder of the package.
PACKAGE = os.path.dirname(os.path.abspath(__file__))
