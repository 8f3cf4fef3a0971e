"""A line of pieces: tabs among them, one of which is active; what is shown again and differs is drawn."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.screen import Screen

from wsplay.tui.kit import theme
from wsplay.tui.kit.status_line import StatusLine, Tab, bar, heading, laid_out, progress, tab_pieces

TABS = (Tab("one", "First", "f"), Tab("two", "Second", "s"))


class TabScreen(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self.gone: list[str] = []

    def compose(self) -> ComposeResult:
        yield StatusLine(classes="-tabs")

    def action_go(self, name: str) -> None:
        self.gone.append(name)


class Tabs(App[None]):
    def __init__(self) -> None:
        super().__init__()
        theme.register(self)

    def get_default_screen(self) -> TabScreen:
        return TabScreen()


async def test_tabs_stand_side_by_side_and_each_can_be_pressed() -> None:
    app = Tabs()
    async with app.run_test(size=(40, 3)) as pilot:
        line = app.query_one(StatusLine)
        line.show(tab_pieces(TABS, "one"))
        await pilot.pause()
        assert line.text == " f First  s Second "
        for x in (0, 8, 9, 18):
            await pilot.click(line, offset=(x, 0))
        await pilot.click(line, offset=(19, 0))
        await pilot.pause()
        assert isinstance(app.screen, TabScreen)
        assert app.screen.gone == ["one", "one", "two", "two"]


async def test_another_active_tab_is_drawn_though_the_text_is_the_same() -> None:
    app = Tabs()
    async with app.run_test(size=(40, 3)) as pilot:
        line = app.query_one(StatusLine)
        styles = []
        for active in ("one", "two"):
            line.show(tab_pieces(TABS, active))
            await pilot.pause()
            styles.append([segment.style for segment in line.render_line(0)])
        assert styles[0] != styles[1]


def test_what_is_needed_least_goes_first() -> None:
    left, right = heading("Challenge", "A title"), progress(3, 7, "solved")
    for width, shown in (
        (80, [" wsplay ", "Challenge", "A title", "██████░░░░░░░░░░", "3 of 7 solved"]),
        (55, [" wsplay ", "A title", "██████░░░░░░░░░░", "3 of 7 solved"]),
        (40, [" wsplay ", "A title", "3 of 7 solved"]),
        (28, [" wsplay ", "3 of 7 solved"]),
        (12, [" wsplay "]),
    ):
        assert [piece.content.plain for _, piece in laid_out(left, right, width)] == shown
    assert progress(0, 0, "solved") == []


def test_a_bar_is_full_only_when_all_is_done() -> None:
    assert bar(0, 47, 10) == ("", "░" * 10)
    assert bar(1, 47, 10) == ("█", "░" * 9)
    assert bar(46, 47, 10)[1] != ""
    assert bar(47, 47, 10) == ("█" * 10, "")
    assert bar(0, 0, 4) == ("", "░" * 4)
