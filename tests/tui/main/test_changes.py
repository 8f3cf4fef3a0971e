"""The changes to try: the patches of a challenge, unmarked, and the way to the fix, hunk by hunk."""

from __future__ import annotations

from wsplay.scenario.file import parse_scenario
from wsplay.scenario.library import Library
from wsplay.tui.main.changes import changes_to

FLAWED = '''"""Flawed."""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.close(code=1008)
    await websocket.send_text("x")
    print("same")
    await websocket.send_text("end")
'''
FIXED = '''"""Fixed, and explained with more lines.

Here.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    print("same")
    await websocket.send_text("end")
    await websocket.close()
'''


def test_patches_are_named_by_their_own_text_in_the_order_of_that() -> None:
    patches = [
        (("code=1008", "code=4401"),),
        (("    await websocket.close", "    await websocket.accept()\n    await websocket.close"),),
        (('send_text("x")', 'send_text("y")'), ('"end"', '"END"')),
    ]
    scenario = parse_scenario("flawed", "/a/flawed.py", FLAWED)
    changes = changes_to(scenario, None, patches)
    assert [change.title for change in changes] == [
        "add: await websocket.accept()",
        "code=1008 → code=4401",
        'send_text("x") → send_text("y") · "end" → "END"',
    ]
    assert len({change.about for change in changes}) == 1
    assert changes[1].text == FLAWED.replace("1008", "4401")


def test_a_patch_that_does_not_fit_the_edited_text_is_not_offered() -> None:
    patches = [(("code=1008", "code=4401"),), (('"x"', '"y"'),)]
    edited = parse_scenario("flawed", "/a/flawed.py", FLAWED.replace("1008", "4401"))
    assert [change.title for change in changes_to(edited, None, patches)] == ['"x" → "y"']


def test_the_way_to_the_fix_goes_hunk_by_hunk_and_leaves_docstrings_alone() -> None:
    scenario = parse_scenario("flawed", "/a/flawed.py", FLAWED)
    fix = parse_scenario("fixed", "/a/fixed.py", FIXED)
    text = FLAWED
    steps = []
    while changes := changes_to(parse_scenario("flawed", "/a/flawed.py", text), fix, ()):
        steps.append((changes[0].title, changes[0].about, len(changes)))
        text = changes[0].text
    assert steps[1][0] == "add: await websocket.close()"
    assert steps[0][0].endswith("→ await websocket.accept()")
    assert [(about, left) for _, about, left in steps] == [
        ("Line 10, as in its fix (fixed)", 2),
        ("Line 13, as in its fix (fixed)", 1),
    ]
    code = FIXED[FIXED.index("from fastapi") :]
    assert text == '"""Flawed."""\n\n' + code
    assert changes_to(scenario, None, ()) == []


def test_a_patch_that_is_also_a_hunk_is_offered_once() -> None:
    scenario = parse_scenario("flawed", "/a/flawed.py", FLAWED)
    fix = parse_scenario("fixed", "/a/fixed.py", FLAWED.replace("1008", "4401"))
    changes = changes_to(scenario, fix, [(("code=1008", "code=4401"),)])
    assert [change.about for change in changes] == ["A change that the challenge offers"]


def test_code_that_cannot_be_read_has_only_the_patches_that_fit() -> None:
    broken = parse_scenario("flawed", "/a/flawed.py", FLAWED.replace("app = FastAPI()", "app = ("))
    changes = changes_to(broken, parse_scenario("fixed", "/a/fixed.py", FLAWED), [(("1008", "4401"),)])
    assert [change.title for change in changes] == ["1008 → 4401"]


def test_control_characters_are_shown() -> None:
    scenario = parse_scenario("flawed", "/a/flawed.py", FLAWED)
    [change] = changes_to(scenario, None, [(('"end"', '"\x1b[31m"'),)])
    assert change.title == '"end" → "␛[31m"'


def test_every_change_of_the_library_differs_from_the_text_and_is_unlike_the_others(library: Library) -> None:
    seen = 0
    named = {scenario.name: scenario for scenario in library.scenarios}
    for scenario in library.scenarios:
        choices = () if scenario.challenge is None else scenario.challenge.choices
        fix = named.get(scenario.mended or "")
        changes = changes_to(scenario, fix, [choice.patch for choice in choices if choice.patch])
        texts = [change.text for change in changes]
        assert len(set(texts)) == len(texts)
        assert scenario.source not in texts
        assert all(change.title.strip() for change in changes)
        seen += len(changes)
    assert seen > 50
