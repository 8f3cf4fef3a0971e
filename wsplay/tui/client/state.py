"""The state of our client's connection."""

from __future__ import annotations

from typing import Literal

ClientState = Literal["idle", "connecting", "connected"]
