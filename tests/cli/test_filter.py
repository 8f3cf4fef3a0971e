"""`--filter`: events are hidden and counted; neither outcome nor exit code changes."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from wsplay.cli.filtering import complete_filter, filter_option

LIMIT = 60


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wsplay", "run", "close_before_accept", "--try", "no token", *args],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def test_hidden_events_are_counted_and_the_verdict_stays() -> None:
    ran = run("--filter", "lane:wire -kind:eof")
    first, *rows = ran.stdout.split("\n\n")[0].splitlines()
    assert "Close before accept" in first
    assert all("wire" in row and "EOF" not in row for row in rows[:-1])
    shown, seen = (int(word) for word in rows[-1].split() if word.isdigit())
    assert rows[-1] == f"{shown} of {seen} events shown (--filter)"
    assert (shown, seen > shown) == (len(rows) - 1, True)
    assert "✗ REFUSED 403" in ran.stdout
    assert ran.returncode == 0


def test_in_json_the_chosen_events_and_the_outcome_are_printed() -> None:
    ran = run("--filter", "status:4xx", "--json")
    *events, outcome = map(json.loads, ran.stdout.splitlines())
    assert [event["kind"] for event in events] == ["wire.response", "client.error"]
    assert all(event["client"] == "A" for event in events)
    assert (outcome["kind"], outcome["status"]) == ("outcome", 403)


def test_a_wrong_filter_is_told_with_its_place() -> None:
    ran = run("--filter", "lane:wire statis:403")
    assert ran.returncode == 2
    assert ran.stdout == ""
    *_, told, text, place = ran.stderr.splitlines()
    assert "column 11: no key `statis`; did you mean `status`? Quote it to find it as text." in told
    assert text[place.index("^") :] == "statis:403"


def test_all_has_no_events_to_filter() -> None:
    arguments = [sys.executable, "-m", "wsplay", "run", "--all", "--filter", "lane:wire"]
    ran = subprocess.run(arguments, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert ran.returncode == 2
    assert "--all prints no events: leave out --filter" in ran.stderr


@pytest.mark.parametrize(
    ("typed", "some"),
    [("", "lane:"), ("lane:wire sta", "lane:wire status:"), ("-lane:wire,a", "-lane:wire,asgi")],
)
def test_completions_go_on_with_what_is_typed(typed: str, some: str) -> None:
    command = filter_option(click.Command("probe"))
    items = complete_filter(click.Context(command), click.Option(["--filter"]), typed)
    assert some in [item.value for item in items]
    assert all(item.value.startswith(typed[:1]) for item in items)
