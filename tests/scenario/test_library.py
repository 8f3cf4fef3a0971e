import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.scenario.library import (
    MAX_SIZE,
    Library,
    UnknownScenario,
    builtin_folder,
    find_user_folders,
    read_scenario,
)


def block(toml: str) -> str:
    lines = "".join(f"# {line}\n" for line in toml.split("\n"))
    return f"app = None\n# /// script\n# [tool.wsplay]\n{lines}# ///\n"


def write(folder: Path, name: str, text: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three scenarios: `second` (2), `first` (1), `unordered`."""
    folder = tmp_path / "own"
    write(folder, "second.py", block('order = 2\ntitle = "The second one"'))
    write(folder, "first.py", block("order = 1"))
    write(folder, "unordered.py", "app = None\n")
    return folder


def names(library: Library) -> list[str]:
    return [scenario.name for scenario in library.scenarios]


def test_the_built_in_scenarios_are_found() -> None:
    library = Library.find(user_folders=())
    assert library.notes == ()
    assert [(scenario.order, scenario.name) for scenario in library.scenarios][:6] == [
        (1, "no_auth"),
        (2, "header_check"),
        (3, "close_before_accept"),
        (4, "send_before_accept"),
        (5, "jwt_before_accept"),
        (6, "accept_then_close"),
    ]
    assert all(Path(scenario.file).is_absolute() for scenario in library.scenarios)


def test_an_installed_package_brings_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "wsplay"
    package.mkdir(parents=True)
    monkeypatch.setattr("wsplay.PACKAGE", str(package))
    assert builtin_folder() == package.parent / "scenarios"
    (package / "scenarios").mkdir()
    assert builtin_folder() == package / "scenarios"


def test_folders_come_from_the_environment_and_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *a, **k: str(tmp_path / "config" / "wsplay"))
    monkeypatch.setenv("WSPLAY_SCENARIOS", os.pathsep.join([str(tmp_path / "a"), "", "~/b"]))
    named = [tmp_path / "a", tmp_path / "b"]
    assert find_user_folders() == named
    own = tmp_path / "config" / "wsplay" / "scenarios"
    own.mkdir(parents=True)
    assert find_user_folders() == [*named, own]

    write(tmp_path / "b", "mine.py", "app = None\n")
    library = Library.find()
    assert names(library)[-1] == "mine"
    [note] = library.notes
    assert str(tmp_path / "a") in note


def test_order_is_by_number_then_name_and_last_those_without(folder: Path) -> None:
    write(folder, "also_second.py", block("order = 2"))
    assert names(Library([folder])) == ["first", "also_second", "second", "unordered"]


def test_only_scenario_files_are_taken(folder: Path) -> None:
    write(folder, "_helper.py", "")
    write(folder, ".hidden.py", "")
    write(folder, "notes.txt", "")
    assert names(Library([folder])) == ["first", "second", "unordered"]


def test_broken_files_are_listed_and_take_nothing_down(folder: Path) -> None:
    write(folder, "syntax.py", "def f(:\n")
    write(folder, "latin.py", b"app = 1\n# caf\xe9\n")
    write(folder, "bom_latin.py", b"\xef\xbb\xbfapp = 1\n\n# caf\xe9\n")
    write(folder, "huge.py", b"#" * (MAX_SIZE + 1))
    (folder / "folder.py").mkdir()
    (folder / "dangling.py").symlink_to(folder / "nowhere")
    (folder / "circle.py").symlink_to(folder / "circle.py")
    library = Library([folder])
    assert len(library.scenarios) == 10
    problems = {scenario.name: scenario.problem for scenario in library.scenarios if scenario.problem}
    assert {name: found.line for name, found in problems.items()} == {
        "syntax": 1,
        "latin": 2,
        "bom_latin": 3,
        "huge": None,
        "folder": None,
        "dangling": None,
        "circle": None,
    }
    assert "0xe9" in problems["latin"].message
    assert "UTF-8" in problems["latin"].message
    assert "folder" in problems["folder"].message
    assert "larger" in problems["huge"].message
    assert library.get("latin").source == "app = 1\n# caf�\n"
    assert str(problems["syntax"]).startswith(f"{folder / 'syntax.py'}:1: SyntaxError")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_neither_waited_for_nor_read_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    os.mkfifo("pipe.py")
    os.symlink("/dev/zero", "zero.py")
    with open("gigabyte.py", "wb") as file:
        file.truncate(2**30)  # sparse: it takes no room
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.py")
    library = Library([tmp_path])
    problems = {scenario.name: scenario.problem for scenario in library.scenarios}
    assert {name: "regular file" in found.message for name, found in problems.items()} == {
        "gigabyte": False,
        "pipe": True,
        "socket": True,
        "zero": True,
    }
    assert "larger than" in problems["gigabyte"].message
    for name in ("pipe", "zero"):
        with pytest.raises(UnknownScenario, match="no regular file"):
            library.open(tmp_path / f"{name}.py")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read_say_so(folder: Path) -> None:
    (folder / "first.py").chmod(0)
    found = Library([folder]).get("first").problem
    assert found is not None
    assert "permission" in found.message


def test_folders_that_are_not_there_are_noted(tmp_path: Path) -> None:
    library = Library([tmp_path / "gone", tmp_path / "nul\0"])
    assert library.scenarios == ()
    assert len(library.notes) == 2
    assert str(tmp_path / "gone") in library.notes[0]


def test_a_file_with_a_taken_name_stands_beside_the_first(folder: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", "first.py", block('order = 1\ntitle = "Mine"'))
    library = Library([folder, tmp_path / "other", folder])
    assert names(library) == ["first", "first-2", "second", "unordered"]
    assert library.get("first").file == str(folder / "first.py")
    assert library.get("1").file == str(folder / "first.py")
    assert library.get("first-2").title == "Mine"
    assert library.get(str(other)).name == "first-2"


@pytest.mark.parametrize(
    "ref", ["2", "02", " 2 ", "second", "SECOND", "The second one", "the-second_one", "the  second one"]
)
def test_a_scenario_is_found_by_number_name_and_title(folder: Path, ref: str) -> None:
    assert Library([folder]).get(ref).name == "second"


@pytest.mark.parametrize(
    ("ref", "nearest"),
    [
        ("secnd", ["second"]),
        ("sec", ["second"]),
        ("The secnd one", ["second"]),
        ("9", []),
        ("", []),
        ("²", []),
    ],
)
def test_an_unknown_one_names_the_nearest(folder: Path, ref: str, nearest: list[str]) -> None:
    with pytest.raises(UnknownScenario) as caught:
        Library([folder]).get(ref)
    assert caught.value.name == ref
    assert caught.value.nearest == nearest


@given(st.text(max_size=20) | st.text("0123456789", max_size=6))
def test_any_reference_is_found_or_unknown(ref: str) -> None:
    library = Library([])
    with contextlib.suppress(UnknownScenario):
        assert library.get(ref) in library.scenarios


def test_a_number_that_is_not_there_tells_which_are(folder: Path) -> None:
    with pytest.raises(UnknownScenario, match=r"number 9; the numbers go from 1 to 2"):
        Library([folder]).get("9")


def test_a_path_is_read_and_listed_from_then_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "elsewhere", "mine.py", "app = None\n")
    library = Library([folder])
    monkeypatch.chdir(path.parent)
    scenario = library.get("mine.py")
    assert scenario.file == str(path)
    assert scenario in library.scenarios
    assert library.get("./mine.py") == library.get(str(path)) == library.get("mine") == scenario
    library.reload()
    assert "mine" in names(library)
    assert names(library).count("mine") == 1


def test_a_path_into_a_folder_of_the_library_is_the_one_listed(folder: Path) -> None:
    library = Library([folder])
    path = folder / "second.py"
    assert library.get(str(path)) == library.get("second")
    assert len(library.scenarios) == 3
    write(folder, "second.py", "app = 2\n")
    assert library.get(str(path)).source == "app = 2\n"


@pytest.mark.parametrize(
    "ref", ["secnod.py", "./second.py", "a/b", "~nobody-of-that-name/x.py", "nul\0.py", "/"]
)
def test_a_path_that_leads_nowhere(
    folder: Path, ref: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownScenario, match=r"no such file|folder") as caught:
        Library([folder]).get(ref)
    assert ("second" in caught.value.nearest) is ("sec" in ref)
    assert str(caught.value).isprintable()


def test_refresh_reads_the_file_again(folder: Path) -> None:
    library = Library([folder])
    old = library.get("first")
    write(folder, "first.py", block('order = 7\ntitle = "Renamed"'))
    fresh = library.refresh(old)
    assert (fresh.name, fresh.title, fresh.order) == ("first", "Renamed", 7)
    assert library.get("first") == fresh
    assert names(library) == ["second", "first", "unordered"]
    (folder / "first.py").unlink()
    gone = library.refresh(fresh)
    assert gone.problem is not None
    assert "deleted" in gone.problem.message
    assert library.get("first").problem is not None


def test_a_link_goes_by_its_own_name_and_one_file_is_listed_once(folder: Path) -> None:
    elsewhere = write(folder.parent / "elsewhere", "target.py", "app = 1\n")
    (folder / "linked.py").symlink_to(elsewhere)
    library = Library([folder])
    assert library.get("linked").file == str(folder / "linked.py")
    assert library.get(str(elsewhere)).name == "linked"
    assert library.refresh(library.get("linked")) in library.scenarios
    (folder / "linked.py").unlink()
    library.reload()
    assert names(library) == ["first", "second", "unordered"]


def test_reload_sees_new_files_and_forgets_those_gone(folder: Path) -> None:
    library = Library([folder])
    (folder / "first.py").unlink()
    write(folder, "third.py", block("order = 3"))
    library.reload()
    assert names(library) == ["second", "third", "unordered"]


def test_control_characters_in_a_file_name_stay_off_the_screen(tmp_path: Path) -> None:
    path = write(tmp_path, "a\x1b[2Jb.py", "app = None\n")
    assert read_scenario(path).name.isprintable()
    assert read_scenario(path).title.isprintable()
