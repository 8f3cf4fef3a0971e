"""The verdict: told by glyph and word, never losing whether it was as expected."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from wsplay.tui.kit import theme
from wsplay.tui.kit.verdict import GLYPHS, Verdict
from wsplay.tui.kit.verdict_bar import VerdictBar, content_of

REFUSED = Verdict(
    "bad",
    "REFUSED 403",
    "The app closed before accept, so the server answered the handshake with HTTP 403.",
    "In a browser (per spec): error, then close 1006, no reason",
    True,
    next_step="To let the client see the code, accept first, then close.",
)


class Bar(App[None]):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        theme.register(self)
        self.first = verdict

    def compose(self) -> ComposeResult:
        bar = VerdictBar()
        bar.verdict = self.first
        yield bar


def text_of(app: App[None]) -> list[str]:
    bar = app.query_one(VerdictBar)
    strips = bar.render_lines(bar.outer_size.region)
    return [strip.text.removeprefix("▌").strip() for strip in strips]


def test_what_is_derived_says_so() -> None:
    for one_flow in (True, False):
        assert "In a browser (per spec): " in content_of(REFUSED, one_flow=one_flow).plain
    assert "per spec" not in content_of(replace(REFUSED, browser=""), one_flow=False).plain


def test_expected_is_told_in_words() -> None:
    assert REFUSED.expected == "as expected"
    assert replace(REFUSED, met=None).expected == ""
    assert replace(REFUSED, met=False).expected == "not as expected"
    assert replace(REFUSED, met=False, mismatch="status 500").expected == "not as expected: status 500"
    lapsed = replace(REFUSED, met=None, lapsed="you sent a message")
    assert lapsed.expected == "expectations no longer apply: you sent a message"


def test_data_is_shown_not_obeyed() -> None:
    verdict = Verdict("bad", "[/]\x1b[2J", "[bold]\u202e", "[@click=x]", False, "[red]\x07", "\x9b")
    plain = content_of(verdict, one_flow=False).plain
    for shown in ("[/]␛[2J", "[bold]<U+202E>", "[@click=x]", "[red]␇", "<U+009B>"):
        assert shown in plain


@pytest.mark.parametrize(("size", "height"), [((80, 24), 2), ((140, 40), 3), ((140, 24), 2)])
async def test_its_height_is_fixed_by_the_screen_so_that_nothing_jumps(
    size: tuple[int, int], height: int
) -> None:
    app = Bar(REFUSED)
    async with app.run_test(size=size) as pilot:
        bar = app.query_one(VerdictBar)
        assert bar.size.height == height
        bar.verdict = Verdict("info", "READY")
        await pilot.pause()
        assert bar.size.height == height


@pytest.mark.parametrize("tone", sorted(GLYPHS))
async def test_the_tone_is_told_by_a_glyph_and_a_ground(tone) -> None:
    app = Bar(replace(REFUSED, tone=tone))
    async with app.run_test(size=(140, 40)):
        assert text_of(app)[0].startswith(f"{GLYPHS[tone]} REFUSED 403")
        assert app.query_one(VerdictBar).has_class(f"-{tone}")


async def test_a_long_text_is_cut_with_a_hint_and_can_be_had_whole() -> None:
    app = Bar(replace(REFUSED, text="word " * 80 + "end."))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = text_of(app)
        assert "✓ as expected" in lines[0]
        assert lines[1].endswith("… v more")
        assert all(len(line) <= 80 for line in lines)
        await pilot.click(VerdictBar)
        await pilot.pause()
        whole = " ".join(" ".join(text_of(app)).split())
        assert "end." in whole
        assert "In a browser (per spec): " in whole
        assert "v more" not in whole
        await pilot.click(VerdictBar)
        await pilot.pause()
        assert app.query_one(VerdictBar).size.height == 2


async def test_what_was_expected_is_never_cut() -> None:
    app = Bar(replace(REFUSED, text="word " * 200, met=False, mismatch="status is 403"))
    async with app.run_test(size=(140, 40)):
        assert "✗ not as expected: status is 403" in " ".join(text_of(app))


@pytest.mark.parametrize(("size", "height"), [((80, 24), 3), ((140, 40), 3), ((140, 24), 3)])
async def test_what_is_not_as_expected_pushes_the_verdict_out_of_sight_at_no_size(size, height) -> None:
    mismatch = "; ".join(
        f'messages: expected "{word * 20}", observed none' for word in ("one ", "two ", "three ")
    )
    app = Bar(replace(REFUSED, met=False, mismatch=mismatch))
    async with app.run_test(size=size) as pilot:
        lines = text_of(app)
        assert len(lines) == height
        assert lines[0].startswith("✗ REFUSED 403  The app closed before accept, so the server")
        assert lines[-1].startswith('✗ not as expected: messages: expected "one one')
        assert lines[-1].endswith("… v more")
        assert sum("v more" in line for line in lines) == 1
        await pilot.click(VerdictBar)
        await pilot.pause()
        whole = " ".join(" ".join(text_of(app)).split())
        assert REFUSED.text in whole
        assert REFUSED.next_step in whole
        assert 'three ", observed none' in whole


async def test_a_short_mismatch_leaves_the_hint_to_the_verdict() -> None:
    app = Bar(replace(REFUSED, met=False, mismatch="status: expected 101, observed 403"))
    async with app.run_test(size=(80, 24)):
        first, second, third = text_of(app)
        assert first.startswith("✗ REFUSED 403  The app closed before accept")
        assert second.endswith("… v more")
        assert third == "✗ not as expected: status: expected 101, observed 403"


async def test_what_no_longer_applies_is_told_next_to_the_headline() -> None:
    app = Bar(replace(REFUSED, met=None, lapsed="you edited the request"))
    async with app.run_test(size=(80, 24)):
        first = text_of(app)[0]
        assert first.startswith("✗ REFUSED 403  · expectations no longer apply: you edited the request")


async def test_it_takes_blank_rows_and_gives_them_back() -> None:
    app = Bar(REFUSED)
    async with app.run_test(size=(80, 24)) as pilot:
        bar = app.query_one(VerdictBar)
        for blank, height in [(0, 2), (1, 3), (0, 3), (9, 4), (0, 4), (-1, 3), (-9, 2)]:
            bar.take_blank(blank)
            await pilot.pause()
            assert bar.size.height == height, blank
            assert ("v more" in " ".join(text_of(app))) == (height < 4)


async def test_it_takes_no_more_rows_than_its_text_needs_and_never_above_half_of_the_screen() -> None:
    app = Bar(Verdict("info", "READY"))
    async with app.run_test(size=(80, 24)) as pilot:
        bar = app.query_one(VerdictBar)
        bar.take_blank(20)
        await pilot.pause()
        assert bar.size.height == 2
        bar.verdict = replace(REFUSED, text="word " * 400)
        await pilot.pause()
        assert bar.size.height == 12
