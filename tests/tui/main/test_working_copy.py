"""Which text is edited, which is applied, and what happens when the file is saved by another program."""

from __future__ import annotations

from wsplay.scenario.file import parse_scenario
from wsplay.tui.main.working_copy import WorkingCopies, WorkingCopy


def test_an_unedited_copy_follows_its_file() -> None:
    copies = WorkingCopies()
    copy = copies.of(parse_scenario("mine", "/a/mine.py", "x = 1\n"))
    assert (copy.text, copy.applied, copy.edited) == ("x = 1\n", "x = 1\n", False)
    again = copies.of(parse_scenario("mine", "/a/mine.py", "x = 2\n"))
    assert again is copy
    assert (copy.text, copy.applied, copy.original, copy.changed) == ("x = 2\n", "x = 2\n", "x = 2\n", False)
    other = copies.of(parse_scenario("other", "/b/mine.py", "y\n"))
    assert other is not copy


def test_an_edit_stays_when_the_file_is_saved() -> None:
    copy = WorkingCopy("mine", "/a/mine.py", "x = 1\n", "x = 1\n", "x = 1\n")
    copy.text = "x = 'edit'\n"
    copy.follow("x = 2\n")
    assert (copy.text, copy.original, copy.changed) == ("x = 'edit'\n", "x = 2\n", True)
    assert copy.applied == "x = 2\n"  # nothing of the edit was applied: the file's text is what to serve
    copy.applied = copy.text
    copy.follow("x = 3\n")
    assert copy.applied == copy.text == "x = 'edit'\n"
    copy.revert()
    assert (copy.text, copy.applied, copy.edited, copy.changed) == ("x = 3\n", "x = 3\n", False, False)


def test_a_save_without_a_change_of_text_is_none() -> None:
    copy = WorkingCopy("mine", "/a/mine.py", "x\n", "edit\n", "x\n")
    copy.follow("x\n")
    assert not copy.changed


def test_an_edit_that_the_file_has_by_now_is_no_edit() -> None:
    copy = WorkingCopy("mine", "/a/mine.py", "x\n", "edit\n", "edit\n", changed=True)
    copy.follow("edit\n")
    assert not copy.edited


def test_a_text_is_a_scenario_under_the_file_s_name() -> None:
    copy = WorkingCopy("mine", "/a/mine.py", "", "", "")
    scenario = copy.scenario("def (\n")
    assert (scenario.name, scenario.file, scenario.source) == ("mine", "/a/mine.py", "def (\n")
    assert scenario.problem is not None
    assert scenario.problem.line == 1
