"""From the start of the process to the first painted frame, compared with a minimal Textual app.

Also reported: until every pane has its content.
"""

from __future__ import annotations

from measure import APPS, PYTHON, Result, Terminal, main, median, milliseconds, take_turns

ROUNDS = 11
BAR = 1.15
#: A title in the list of scenarios: it appears once the library is read and all panes are painted.
WHOLE = "Close before accept"


def paint(marker: str, *argv: str) -> float:
    """Seconds until `marker` is on the terminal."""
    with Terminal(PYTHON, *argv) as terminal:
        return terminal.until(marker) - terminal.started


def run() -> list[Result]:
    bare, first, whole = take_turns(
        ROUNDS,
        lambda: paint("painted", str(APPS / "bare_app.py")),
        lambda: paint("Timeline", "-m", "wsplay"),
        lambda: paint(WHOLE, "-m", "wsplay"),
    )
    details = {"minimal Textual": milliseconds(bare), "wsplay": milliseconds(first), "rounds": ROUNDS}
    also = {"wsplay": milliseconds(whole)}
    what = "to a minimal Textual app"
    return [
        Result("first_paint", f"first paint, {what}", median(first) / median(bare), BAR, details=details),
        Result(
            "first_paint.whole", f"every pane painted, {what}", median(whole) / median(bare), details=also
        ),
    ]


if __name__ == "__main__":
    main(run)
