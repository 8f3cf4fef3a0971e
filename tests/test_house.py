"""The house as it stands: no import circle, and a picture of it that is current."""

import importlib.util
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / "docs" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one import circle, or none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_another_way(house: ModuleType) -> None:
    """Imports inside functions and those for types alone count, too."""
    graph = house.imports()
    assert len(graph) > 100
    assert "wsplay.tui.app" in graph["wsplay.cli.main"]  # a lazy one
    assert circle(graph) == []


def test_a_lazy_circle_is_found(house: ModuleType, tmp_path: Path) -> None:
    package = tmp_path / "wsplay"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "a.py").write_text("from wsplay import b\n")
    (package / "b.py").write_text("def late():\n    from wsplay.a import something\n")
    assert set(circle(house.imports(tmp_path))) == {"wsplay.a", "wsplay.b"}


def test_the_picture_is_current(house: ModuleType) -> None:
    assert house.PICTURE.read_text(encoding="utf-8") == house.draw(), "run: python docs/house.py"


def test_a_room_without_a_place_is_told(house: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "PLACES", {key: at for key, at in house.PLACES.items() if key != "wire"})
    with pytest.raises(ValueError, match=r"places .* but there are .*wire"):
        house.draw()


def test_contributing_names_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/.]+/(?:[\w.]+\.py)?)`", text)) | set(re.findall(r"\]\(([\w/.]+)\)", text))
    assert len(named) > 40
    folders = [ROOT, *(ROOT / "wsplay" / folder for folder in ("", "tui", "server"))]
    assert [name for name in sorted(named) if not any((base / name).exists() for base in folders)] == []
