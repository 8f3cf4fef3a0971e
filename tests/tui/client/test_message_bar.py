"""The buttons of the message bar."""

from __future__ import annotations

from textual.app import App, ComposeResult

from wsplay.tui.client.message_bar import BarButton
from wsplay.tui.kit.theme import register


class ButtonApp(App[None]):
    """One button, and what it said."""

    def __init__(self) -> None:
        super().__init__()
        register(self)
        self.said: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield BarButton("Go", "Go there", id="go")

    def on_button_pressed(self, event: BarButton.Pressed) -> None:
        self.said.append(event.button.id)


async def test_a_button_that_is_disabled_does_nothing() -> None:
    app = ButtonApp()
    async with app.run_test() as pilot:
        button = app.query_one(BarButton)
        assert button.size.height == 1
        button.focus()
        await pilot.press("enter", "space")
        await pilot.click(button)
        await pilot.pause()
        assert app.said == ["go", "go", "go"]
        button.disabled = True
        await pilot.pause()
        await pilot.click(button)
        button.action_press()
        await pilot.pause()
        assert app.said == ["go", "go", "go"]


async def test_a_new_label_is_shown_whole() -> None:
    app = ButtonApp()
    async with app.run_test() as pilot:
        button = app.query_one(BarButton)
        button.label = "Disconnect"
        await pilot.pause()
        assert button.render_line(0).text == " Disconnect "
        button.label = "Go"
        await pilot.pause()
        assert button.size.width == 7
