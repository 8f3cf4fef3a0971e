"""The colours of a difference stay apart for eyes that tell fewer colours apart.

Deuteranopia, protanopia and tritanopia are simulated with the matrices of Machado, Oliveira and Fernandes
(2009, severity 1.0), in linear RGB. How far two colours are apart is CIE delta E 2000; about 2.3 is just
noticed. The marks of the two sides must be at least 20 apart and their grounds 6; other marks 8, and other
grounds 4. The glyph says it without any colour.
"""

from __future__ import annotations

from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import pytest
from drawn import contrast
from textual.color import Color

from wsplay.tui.kit.theme import DIFFERENCE, PALETTES

SEEN_WITH = {
    "all colours": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
#: For the two sides, and for every pair.
MARKS_APART, GROUNDS_APART = 20.0, 6.0
ANY_MARKS_APART, ANY_GROUNDS_APART = 8.0, 4.0

Triple = tuple[float, float, float]


def linear(colour: str) -> Triple:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in Color.parse(colour).rgb)
    )
    return red, green, blue


def seen(colour: str, matrix: tuple[Triple, Triple, Triple]) -> Triple:
    """The colour as it is seen, in linear RGB."""
    values = linear(colour)
    red, green, blue = (
        min(max(sum(one * value for one, value in zip(row, values, strict=True)), 0.0), 1.0) for row in matrix
    )
    return red, green, blue


def lab(values: Triple) -> Triple:
    """CIE L*a*b* of linear RGB, white D65."""
    rows = (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    )
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (
            sum(one * value for one, value in zip(row, values, strict=True)) / of
            for row, of in zip(rows, white, strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def delta_e(one: Triple, other: Triple) -> float:
    """CIE delta E 2000 of two colours in L*a*b*."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = 0.5 * (1 - sqrt(mean_c**7 / (mean_c**7 + 25**7)))
    c1, c2 = hypot(a1 * (1 + g), b1), hypot(a2 * (1 + g), b2)
    h1 = degrees(atan2(b1, a1 * (1 + g))) % 360 if c1 else 0.0
    h2 = degrees(atan2(b2, a2 * (1 + g))) % 360 if c2 else 0.0
    dh = h2 - h1 if c1 and c2 else 0.0
    dh -= 360 if dh > 180 else -360 if dh < -180 else 0
    big_dh = 2 * sqrt(c1 * c2) * sin(radians(dh / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2
    if c1 and c2:
        mean_h = mean_h / 2 if abs(h1 - h2) <= 180 else (mean_h + (360 if mean_h < 360 else -360)) / 2
    t = (
        1
        - 0.17 * cos(radians(mean_h - 30))
        + 0.24 * cos(radians(2 * mean_h))
        + 0.32 * cos(radians(3 * mean_h + 6))
        - 0.20 * cos(radians(4 * mean_h - 63))
    )
    turn = 60 * exp(-(((mean_h - 275) / 25) ** 2))
    r = -sin(radians(turn)) * 2 * sqrt(mean_c**7 / (mean_c**7 + 25**7))
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    parts = (l2 - l1) / s_l, (c2 - c1) / s_c, big_dh / s_h
    return sqrt(sum(part**2 for part in parts) + r * parts[1] * parts[2])


@pytest.mark.parametrize(
    ("one", "other", "apart"),  # of Sharma, Wu and Dalal (2005), table 1
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_is_as_published(one: Triple, other: Triple, apart: float) -> None:
    assert delta_e(one, other) == pytest.approx(apart, abs=1e-4)


@pytest.mark.parametrize("eyes", SEEN_WITH)
@pytest.mark.parametrize("theme", PALETTES)
def test_the_kinds_of_a_difference_stay_apart(theme: str, eyes: str) -> None:
    palette = PALETTES[theme].variables()

    def apart(one: str, other: str) -> float:
        matrix = SEEN_WITH[eyes]
        return delta_e(lab(seen(palette[one], matrix)), lab(seen(palette[other], matrix)))

    left, right = DIFFERENCE["<"], DIFFERENCE[">"]
    assert apart(left.colour, right.colour) >= MARKS_APART
    assert apart(left.ground, right.ground) >= GROUNDS_APART
    for side in (left, right):
        assert apart(side.ground, "page") >= GROUNDS_APART
    for one, other in combinations(DIFFERENCE.values(), 2):
        assert apart(one.colour, other.colour) >= ANY_MARKS_APART, (one, other)
        assert apart(one.ground, other.ground) >= ANY_GROUNDS_APART, (one, other)


def test_each_has_a_glyph_of_its_own_and_can_be_read() -> None:
    assert list(DIFFERENCE) == ["=", "~", "<", ">"]
    for one, other in combinations(DIFFERENCE.values(), 2):
        assert one != other
    for theme, known in PALETTES.items():
        palette = known.variables()
        least = 7.0 if theme == "wsplay-contrast" else 4.5
        for look in DIFFERENCE.values():
            for text in (look.colour, "text-bright", "text-plain", "text-soft"):
                assert contrast(palette[text], palette[look.ground]) >= least, (theme, look, text)
