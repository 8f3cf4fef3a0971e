from pathlib import Path

import pytest

from wsplay.config.config import VARIABLE, config_path


def test_it_is_in_the_configuration_folder_or_where_the_variable_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert config_path().parts[-2:] == ("wsplay", "config.toml")
    monkeypatch.setenv(VARIABLE, "~/mine.toml")
    assert config_path() == Path.home() / "mine.toml"
