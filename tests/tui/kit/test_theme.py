"""The themes can be read: contrast is computed, names are complete."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from drawn import contrast
from textual.app import App, ComposeResult, InvalidThemeError
from textual.theme import BUILTIN_THEMES
from textual.widgets import Static

from wsplay.tui.kit import theme
from wsplay.tui.kit.theme import PAIRS, PALETTES, THEMES, Palette


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("name", PALETTES)
def test_text_can_be_read_on_its_ground(name: str) -> None:
    palette = PALETTES[name]
    least = 7.0 if name == "wsplay-contrast" else 4.5
    faint = {
        (text, ground): round(ratio, 2)
        for text, ground in PAIRS
        if (ratio := contrast(getattr(palette, text), getattr(palette, ground))) < least
    }
    assert not faint


def test_every_colour_is_told_by_a_pair_or_is_no_text() -> None:
    told = {name for pair in PAIRS for name in pair}
    assert {field.name for field in fields(Palette)} - told == {"edge"}


@pytest.mark.parametrize("known", THEMES, ids=lambda known: known.name)
def test_textual_own_text_can_be_read(known: theme.Theme) -> None:
    least = 7.0 if known.name == "wsplay-contrast" else 4.5
    variables = {**known.to_color_system().generate(), **known.variables}
    page, bar = variables["background"], variables["surface"]
    for name in ("foreground", "text-muted", "text-disabled", "text-error", "text-success", "text-warning"):
        assert contrast(variables[name], page) >= least, name
        assert contrast(variables[name], bar) >= least, name
    for name in ("footer-foreground", "footer-key-foreground", "footer-description-foreground"):
        assert contrast(variables[name], variables["footer-background"]) >= least, name
    assert contrast(variables["block-cursor-foreground"], variables["block-cursor-background"]) >= least
    assert contrast(variables["input-selection-foreground"], variables["input-selection-background"]) >= least


def test_a_palette_is_hex_colours() -> None:
    for palette in PALETTES.values():
        for name, value in palette.variables().items():
            assert re.fullmatch(r"#[0-9a-f]{6}", value), name


class Sample(App[None]):
    CSS = "Static { color: $lane-wire; background: $bad-ground; }"

    def __init__(self) -> None:
        super().__init__()
        theme.register(self)

    def compose(self) -> ComposeResult:
        yield Static("text")


async def test_stylesheets_may_use_the_names_and_themes_can_be_switched() -> None:
    app = Sample()
    async with app.run_test() as pilot:
        text = app.query_one(Static)
        for name, palette in PALETTES.items():
            app.theme = name
            await pilot.pause()
            assert text.styles.color.hex.lower() == palette.lane_wire
            assert text.styles.background.hex.lower() == palette.bad_ground
            assert theme.colours(app) == palette.variables()


async def test_only_themes_that_are_measured_can_be_put_on() -> None:
    app = Sample()
    assert list(app.available_themes) == list(PALETTES)
    async with app.run_test():
        assert list(app.available_themes) == list(PALETTES)
        for name in BUILTIN_THEMES:
            with pytest.raises(InvalidThemeError):
                app.theme = name
        assert app.theme == theme.DEFAULT_THEME
