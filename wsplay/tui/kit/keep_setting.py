"""How a screen has the app keep what the user has chosen."""

from __future__ import annotations

from textual.message import Message


class KeepSetting(Message):
    """The user has chosen `value` for the setting `name` (see `config.config_file`)."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__()
        self.name = name
        self.value = value
