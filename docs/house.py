"""Draw the house: the rooms of the package, the files in them, and who imports whom.

    python docs/house.py               writes docs/house.svg

Rooms, files and arrows are read from the source, so the picture can be checked: `tests/test_house.py` fails
where it is no longer current. An arrow is left out where a longer way says the same. Where a room stands is
the one thing written down here.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "house.svg"

#: Room -> (row, first column, columns) on a grid of `COLUMNS`.
PLACES: Mapping[str, tuple[int, int, int]] = {
    "start": (0, 0, 5),
    "cli": (1, 0, 5),
    "tui": (2, 0, 5),
    "config": (3, 0, 1),
    "challenge": (3, 1, 4),
    "attack": (4, 1, 4),
    "play": (5, 1, 4),
    "export": (6, 0, 1),
    "scenario": (6, 1, 1),
    "client": (6, 2, 1),
    "server": (6, 3, 1),
    "wire": (6, 4, 1),
    "verdict": (7, 1, 1),
    "protocol": (8, 0, 4),
    "events": (9, 0, 5),
    "files": (10, 0, 5),
}
#: The rooms inside `tui`, a row each from the top.
TUI_ROWS: tuple[tuple[str, ...], ...] = (
    ("app", "first_paint", "navigation", "any_byte_driver", "configurable"),
    ("main", "challenge", "attack", "runs"),
    ("compare", "run"),
    ("background", "client", "hold"),
    ("timeline", "inspector", "source"),
    ("kit",),
)
COLUMNS = 5
WIDTH, MARGIN, GAP, ROW_GAP, PAD = 1240, 20, 18, 34, 12
LINE, SMALL = 17, 15

STYLE = """
text { font: 12.5px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
.name { font-weight: 700; font-size: 14.5px; }
.file { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #57606a; }
.room { fill: #f6f8fa; stroke: #8c959f; }
.inner { fill: #ffffff; stroke: #c4cbd2; }
.arrow { stroke: #0969da; stroke-width: 1.6; fill: none; }
.head { fill: #0969da; }
.page { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .file { fill: #9198a1; }
  .room { fill: #161b22; stroke: #57606a; }
  .inner { fill: #0d1117; stroke: #3d444d; }
  .arrow { stroke: #58a6ff; }
  .head { fill: #58a6ff; }
  .page { fill: #0d1117; }
}
"""


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted((root / "wsplay").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path = ROOT) -> dict[str, set[str]]:
    """Module -> the modules of the package that it imports, wherever in the file the import stands."""
    known = modules(root)
    return {name: set(_imported(path, known)) - {name} for name, path in known.items()}


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "wsplay":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def rooms(root: Path = ROOT) -> dict[str, set[str]]:
    """Room -> the rooms that it imports. A room is a folder of the package, or a file beside the folders."""
    found: dict[str, set[str]] = {}
    for module, imported in imports(root).items():
        if (room := _room(module)) is not None:
            others = {other for name in imported if (other := _room(name)) is not None}
            found.setdefault(room, set()).update(others - {room})
    return found


def _room(module: str) -> str | None:
    name = module.split(".")[1] if "." in module else ""
    # `__main__` is `start` by another name; `tty` is one question that both doors ask.
    return None if name in ("", "__main__", "tty") else name


def reduced(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same graph without the arrows that a longer way implies."""

    def beyond(start: str, but: str) -> set[str]:
        seen: set[str] = set()
        ahead = [name for name in graph.get(start, ()) if name != but]
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += graph.get(name, ())
        return seen

    return {
        room: {other for other in others if other not in beyond(room, other)}
        for room, others in graph.items()
    }


def _files(room: str, known: Mapping[str, Path]) -> str:
    prefix = f"wsplay.{room}."
    names = [
        name.removeprefix(prefix)
        for name in known
        if name.startswith(prefix) and not name.endswith("__main__")
    ]
    folders = {name.partition(".")[0] for name in names if "." in name}
    shown = [name for name in names if "." not in name and name not in folders]
    shown += [f"{folder}/" for folder in sorted(folders)]
    return "  ".join(shown)


def _about(room: str, known: Mapping[str, Path]) -> str:
    text = ast.get_docstring(ast.parse(known[f"wsplay.{room}"].read_text(encoding="utf-8"))) or ""
    return text.partition("\n\n")[0].replace("\n", " ").strip()


class Box:
    """A room on the page: its name, what it is for, and its files."""

    def __init__(
        self, room: str, x: float, width: float, known: Mapping[str, Path], *, inner: bool = False
    ) -> None:
        self.room, self.x, self.y, self.width, self.inner = room, x, 0.0, width, inner
        self.about = wrap(_about(room, known), int((width - 2 * PAD) / 6.9)) if not inner else []
        self.files = wrap(_files(room, known), int((width - 2 * PAD) / 6.7), break_on_hyphens=False)
        self.rows: list[list[Box]] = []
        self.height = PAD * 2 + LINE + LINE * len(self.about) + SMALL * len(self.files)

    def furnish(self, rows: tuple[tuple[str, ...], ...], known: Mapping[str, Path]) -> None:
        """Put rooms inside, in place of the files."""
        self.files = []
        self.height = PAD * 2 + LINE + LINE * len(self.about) + 4
        for names in rows:
            width = (self.width - 2 * PAD - (len(names) - 1) * 10) / len(names)
            row = [
                Box(f"tui.{name}", self.x + PAD + place * (width + 10), width, known, inner=True)
                for place, name in enumerate(names)
            ]
            for box in row:
                box.y = self.height
                box.height = max(box.height for box in row)
            self.rows.append(row)
            self.height += row[0].height + 10

    def move(self, y: float) -> None:
        self.y = y
        for row in self.rows:
            for box in row:
                box.y += y

    def draw(self) -> Iterator[str]:
        kind = "inner" if self.inner else "room"
        yield (
            f'<rect class="{kind}" x="{self.x:.1f}" y="{self.y:.1f}" width="{self.width:.1f}" '
            f'height="{self.height:.1f}" rx="6"/>'
        )
        y = self.y + PAD + 10
        name = (
            self.room.rpartition(".")[2]
            if self.inner
            else f"{self.room}{'' if self.room == 'start' else '/'}"
        )
        yield self._text(y, name, "name")
        for text in self.about:
            y += LINE
            yield self._text(y, text, "about")
        for text in self.files:
            y += SMALL if self.about or text != self.files[0] else LINE
            yield self._text(y, text, "file")
        for row in self.rows:
            for box in row:
                yield from box.draw()

    def _text(self, y: float, text: str, kind: str) -> str:
        text = escape(text).replace("  ", "&#160; ")
        return f'<text class="{kind}" x="{self.x + PAD:.1f}" y="{y:.1f}">{text}</text>'


def draw(root: Path = ROOT) -> str:
    """The picture. Raises `ValueError` for a room that has no place, or a place that has no room."""
    graph, known = rooms(root), modules(root)
    inside = {name.split(".")[2] for name in known if name.startswith("wsplay.tui.")}
    for placed, there in ((set(PLACES), set(graph)), ({name for row in TUI_ROWS for name in row}, inside)):
        if placed != there:
            raise ValueError(f"docs/house.py places {sorted(placed)}, but there are {sorted(there)}")
    column = (WIDTH - 2 * MARGIN - (COLUMNS - 1) * GAP) / COLUMNS
    boxes: dict[str, Box] = {}
    for room, (_, first, span) in PLACES.items():
        x = MARGIN + first * (column + GAP)
        boxes[room] = Box(room, x, span * column + (span - 1) * GAP, known)
    boxes["tui"].furnish(TUI_ROWS, known)
    y = float(MARGIN)
    for number in range(max(row for row, *_ in PLACES.values()) + 1):
        row = [box for room, box in boxes.items() if PLACES[room][0] == number]
        for box in row:
            box.height = max(other.height for other in row)
            box.move(y)
        y += row[0].height + ROW_GAP
    arrows = [
        _arrow(boxes[room], boxes[other])
        for room, others in sorted(reduced(graph).items())
        for other in sorted(others)
    ]
    shapes = [shape for box in boxes.values() for shape in box.draw()]
    height = y - ROW_GAP + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}">',
            f"<title>The rooms of wsplay, and who imports whom</title><style>{STYLE}</style>",
            f'<rect class="page" width="{WIDTH}" height="{height:.0f}"/>',
            *arrows,
            *shapes,
            "</svg>\n",
        ]
    )


def _arrow(upper: Box, lower: Box) -> str:
    left, right = max(upper.x, lower.x), min(upper.x + upper.width, lower.x + lower.width)
    x, top, bottom = (left + right) / 2, upper.y + upper.height, lower.y
    head = f'<path class="head" d="M{x - 5:.1f},{bottom - 9:.1f} h10 l-5,9 z"/>'
    return f'<path class="arrow" d="M{x:.1f},{top:.1f} V{bottom - 6:.1f}"/>{head}'


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}\n")
