"""The themes of the terminal UI, and the names of their colours.

Every colour has a name that a stylesheet can use (`$lane-wire`, `$bad-ground`) and that a widget with the
line API gets from `colours(app)`. Text has a contrast of at least 4.5:1 on every possible background, and at
least 7:1 in `wsplay-contrast` (WCAG 2.2, 1.4.3 and 1.4.6); `PAIRS` lists the combinations, and a test
computes them. Colour alone never carries information: `lanes` gives each lane and kind a glyph and a word
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

DEFAULT_THEME: Final = "wsplay-dark"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme; each becomes a theme variable, `_` written `-`."""

    # Grounds
    page: str  # behind everything
    bar: str  # the bars at the top and the bottom, input fields
    field: str  # buttons and chips
    cursor_ground: str  # the row under the cursor, in the focused pane
    cursor_ground_blurred: str  # and in other panes
    lit_ground: str  # the source line of the event
    good_ground: str
    bad_ground: str
    warn_ground: str
    info_ground: str
    match_ground: str  # behind search matches
    # Lines that are not text
    edge: str  # borders of panes, lifelines
    # Text
    text_bright: str
    text_plain: str
    text_soft: str
    text_dim: str
    text_on_accent: str  # on accent, good, bad, warn and the lanes' colours as a background
    text_match: str
    accent: str  # focus, keys
    good: str
    bad: str
    warn: str
    info: str
    lane_client: str
    lane_wire: str
    lane_asgi: str
    lane_server: str
    lit_mark: str  # the mark at the lit line
    # Connections, told apart by number and colour
    conn_1: str
    conn_2: str
    conn_3: str
    conn_4: str
    conn_5: str
    conn_6: str
    # Source code
    code_text: str
    code_keyword: str
    code_string: str
    code_number: str
    code_function: str
    code_operator: str
    code_builtin: str
    code_constant: str
    code_comment: str

    def variables(self) -> dict[str, str]:
        """The palette as theme variables: `lane_wire` becomes `lane-wire`."""
        return {field.name.replace("_", "-"): getattr(self, field.name) for field in fields(self)}


DARK = Palette(
    page="#0e1116",
    bar="#171c25",
    field="#232b39",
    cursor_ground="#26314a",
    cursor_ground_blurred="#1c2331",
    lit_ground="#30233a",
    good_ground="#15301f",
    bad_ground="#3a1f26",
    warn_ground="#37290f",
    info_ground="#1b2a4a",
    match_ground="#5a4300",
    edge="#3d4a62",
    text_bright="#eef1f7",
    text_plain="#c9d1de",
    text_soft="#a3adbe",
    text_dim="#919db0",
    text_on_accent="#0e1116",
    text_match="#fff0c2",
    accent="#8fb1ff",
    good="#7ee2a8",
    bad="#ff9a9a",
    warn="#ffb870",
    info="#8fb1ff",
    lane_client="#6fdcf0",
    lane_wire="#ffd166",
    lane_asgi="#c8adff",
    lane_server="#aeb9cc",
    lit_mark="#ff7a9c",
    conn_1="#6fdcf0",
    conn_2="#ff9ad5",
    conn_3="#a7e06f",
    conn_4="#ffb26b",
    conn_5="#9fb4ff",
    conn_6="#f0e06a",
    code_text="#e6edf7",
    code_keyword="#d0a6e8",
    code_string="#c3e88d",
    code_number="#ff9e80",
    code_function="#8fb1ff",
    code_operator="#89ddff",
    code_builtin="#ffd58a",
    code_constant="#ff9e80",
    code_comment="#919db0",
)

LIGHT = Palette(
    page="#fcfcfd",
    bar="#eef0f4",
    field="#e1e5ec",
    cursor_ground="#d5e2fb",
    cursor_ground_blurred="#e8ecf3",
    lit_ground="#fbe7ef",
    good_ground="#dcf3e4",
    bad_ground="#fce3e3",
    warn_ground="#fbeacd",
    info_ground="#dfe9fc",
    match_ground="#ffe38a",
    edge="#b3bcc9",
    text_bright="#10151d",
    text_plain="#29313d",
    text_soft="#46505f",
    text_dim="#505a69",
    text_on_accent="#ffffff",
    text_match="#3a2a00",
    accent="#1f4fb5",
    good="#0d5c30",
    bad="#a01722",
    warn="#7d4200",
    info="#1f4fb5",
    lane_client="#035a72",
    lane_wire="#744c00",
    lane_asgi="#6030b4",
    lane_server="#45505f",
    lit_mark="#a50f45",
    conn_1="#035a72",
    conn_2="#982070",
    conn_3="#3a5c07",
    conn_4="#8c3d00",
    conn_5="#3a46b8",
    conn_6="#665200",
    code_text="#1b222c",
    code_keyword="#7a2491",
    code_string="#3b5e0a",
    code_number="#993a0a",
    code_function="#1f4fb5",
    code_operator="#0b5876",
    code_builtin="#7a4a00",
    code_constant="#993a0a",
    code_comment="#505a69",
)

CONTRAST = Palette(
    page="#000000",
    bar="#0c0c0c",
    field="#1c1c1c",
    cursor_ground="#00307a",
    cursor_ground_blurred="#1e1e1e",
    lit_ground="#400a28",
    good_ground="#00280f",
    bad_ground="#3a0008",
    warn_ground="#2c1c00",
    info_ground="#00204f",
    match_ground="#ffe600",
    edge="#8c8c8c",
    text_bright="#ffffff",
    text_plain="#f4f4f4",
    text_soft="#e2e2e2",
    text_dim="#d4d4d4",
    text_on_accent="#000000",
    text_match="#000000",
    accent="#9ccdff",
    good="#6cffa4",
    bad="#ffb3b3",
    warn="#ffcf70",
    info="#a5d0ff",
    lane_client="#5cf0ff",
    lane_wire="#ffe14d",
    lane_asgi="#dcc4ff",
    lane_server="#e6e6e6",
    lit_mark="#ff9fc4",
    conn_1="#5cf0ff",
    conn_2="#ffaee0",
    conn_3="#b4ff6e",
    conn_4="#ffc48a",
    conn_5="#c0ccff",
    conn_6="#fff36b",
    code_text="#ffffff",
    code_keyword="#eebcff",
    code_string="#ccff8a",
    code_number="#ffc0a3",
    code_function="#a5d0ff",
    code_operator="#8af0ff",
    code_builtin="#ffe08a",
    code_constant="#ffc0a3",
    code_comment="#d4d4d4",
)

_TEXT = ("text_bright", "text_plain", "text_soft", "text_dim")
_TONES = ("accent", "good", "bad", "warn", "info")
_LANES = ("lane_client", "lane_wire", "lane_asgi", "lane_server")
_CONNS = tuple(f"conn_{number}" for number in range(1, 7))
_CODE = tuple(field.name for field in fields(Palette) if field.name.startswith("code_"))

#: (text, background): every pair that can be seen. The first names are text, the second its background.
PAIRS: Final[tuple[tuple[str, str], ...]] = (
    *(
        (text, ground)
        for text in (*_TEXT, *_TONES, *_LANES, *_CONNS, "lit_mark")
        for ground in ("page", "bar")
    ),
    *(
        (text, ground)
        for text in (*_TEXT, *_TONES, *_LANES, *_CONNS)
        for ground in ("cursor_ground", "cursor_ground_blurred")
    ),
    *((text, ground) for text in (*_TEXT, *_CODE, "lit_mark") for ground in ("page", "lit_ground")),
    *((text, "bad_ground") for text in (*_CODE, *_LANES)),
    *((text, ground) for text in _CODE for ground in ("info_ground", "warn_ground", "good_ground")),
    *((text, "field") for text in (*_TEXT, *_TONES)),
    *(
        (text, f"{tone}_ground")
        for tone in ("good", "bad", "warn", "info")
        for text in (*_TEXT, "good", "bad", "warn", "info")
    ),
    *(("text_on_accent", ground) for ground in (*_TONES, *_LANES)),
    ("text_match", "match_ground"),
)


@dataclass(frozen=True, slots=True)
class DifferenceLook:
    """The colour of a difference's mark, and of the background of its line, by their names."""

    colour: str
    ground: str


#: What is the same, differs, is only on the left, or only on the right, by its glyph. Blue and orange stay
#: apart for the colour-blind, and green and red do not; a test computes it.
DIFFERENCE: Final[Mapping[str, DifferenceLook]] = {
    "=": DifferenceLook("text-dim", "page"),
    "~": DifferenceLook("text-bright", "cursor-ground-blurred"),
    "<": DifferenceLook("warn", "warn-ground"),
    ">": DifferenceLook("info", "info-ground"),
}


def _theme(name: str, palette: Palette, *, dark: bool) -> Theme:
    """A Textual theme of `palette`; sets colours that Textual would derive with too little contrast."""
    own = palette.variables()
    derived = {
        "text-muted": palette.text_soft,
        "text-disabled": palette.text_dim,
        "text-primary": palette.accent,
        "text-secondary": palette.lane_asgi,
        "text-accent": palette.accent,
        "text-success": palette.good,
        "text-warning": palette.warn,
        "text-error": palette.bad,
        "primary-muted": palette.info_ground,
        "accent-muted": palette.info_ground,
        "success-muted": palette.good_ground,
        "warning-muted": palette.warn_ground,
        "error-muted": palette.bad_ground,
        "foreground-muted": palette.text_soft,
        "foreground-disabled": palette.text_dim,
        "border": palette.accent,
        "border-blurred": palette.edge,
        "block-cursor-foreground": palette.text_bright,
        "block-cursor-background": palette.cursor_ground,
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": palette.text_bright,
        "block-cursor-blurred-background": palette.cursor_ground_blurred,
        "block-hover-background": palette.cursor_ground_blurred,
        "footer-foreground": palette.text_plain,
        "footer-background": palette.bar,
        "footer-key-foreground": palette.accent,
        "footer-description-foreground": palette.text_soft,
        "input-cursor-background": palette.text_bright,
        "input-cursor-foreground": palette.page,
        "input-selection-background": palette.cursor_ground,
        "input-selection-foreground": palette.text_bright,
        "screen-selection-background": palette.cursor_ground,
        "screen-selection-foreground": palette.text_bright,
        "scrollbar": palette.edge,
        "scrollbar-hover": palette.text_dim,
        "scrollbar-active": palette.accent,
        "scrollbar-background": palette.page,
        "scrollbar-background-hover": palette.page,
        "scrollbar-background-active": palette.page,
        "scrollbar-corner-color": palette.page,
        "button-foreground": palette.text_plain,
        "button-color-foreground": palette.text_on_accent,
        "link-color": palette.accent,
        "link-color-hover": palette.text_on_accent,
        "link-background-hover": palette.accent,
        "markdown-h1-color": palette.accent,
        "markdown-h2-color": palette.accent,
        "markdown-h3-color": palette.accent,
        "markdown-h4-color": palette.text_bright,
        "markdown-h5-color": palette.text_bright,
        "markdown-h6-color": palette.text_soft,
    }
    return Theme(
        name=name,
        primary=palette.accent,
        secondary=palette.lane_asgi,
        accent=palette.accent,
        warning=palette.warn,
        error=palette.bad,
        success=palette.good,
        foreground=palette.text_plain,
        background=palette.page,
        surface=palette.bar,
        panel=palette.bar,
        dark=dark,
        variables={**derived, **own},
    )


PALETTES: Final[Mapping[str, Palette]] = {
    "wsplay-dark": DARK,
    "wsplay-light": LIGHT,
    "wsplay-contrast": CONTRAST,
}
THEMES: Final[tuple[Theme, ...]] = tuple(
    _theme(name, palette, dark=palette is not LIGHT) for name, palette in PALETTES.items()
)


def register(app: App[Any], theme: str = DEFAULT_THEME) -> None:
    """Make the three themes the only ones of `app`, and activate `theme`; call it in the app's `__init__`.

    Textual's own themes are not offered: the contrast of what is drawn in them is not checked.
    """
    for known in THEMES:
        app.register_theme(known)
    app.theme = theme
    for name in BUILTIN_THEMES:
        app.unregister_theme(name)


def colours(app: App[Any]) -> dict[str, str]:
    """Name -> colour of the theme in use, for widgets that draw line by line."""
    return PALETTES[app.theme].variables()
