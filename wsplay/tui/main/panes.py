"""Which panes of the main screen are shown. main.tcss says where each one is."""

from __future__ import annotations

from typing import Any

from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from wsplay.tui.kit.status_line import StatusLine, Tab, tab_pieces

#: The panes in the upper part: a narrow screen shows one, chosen on the line of tabs.
UPPER = ("scenarios", "endpoint", "client")
#: Panes that take the place of the source.
IN_PLACE_OF_SOURCE = ("editor", "explanation", "difference")
TABS = (
    Tab("scenarios", "Scenarios", "s"),
    Tab("endpoint", "Endpoint", "e"),
    Tab("client", "Client", "c"),
    Tab("event", "Event", "i"),
)


class Panes:
    """The panes of `screen`: the upper one on show, the inspector open or not, one zoomed or none."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self.upper = "scenarios"
        self.inspecting = False

    @property
    def narrow(self) -> bool:
        """Whether only one of the upper panes fits."""
        return self._screen.has_class("-narrow")

    def show_upper(self, name: str) -> None:
        """If only one of the upper panes fits, show this one instead of the inspector."""
        self.upper = name
        # The class is on the panes: on the screen it would restyle every widget.
        for upper in UPPER:
            self._screen.query_one(f"#{upper}").set_class(upper == name, "-on")
        for instead in IN_PLACE_OF_SOURCE:
            self._screen.query(f"#{instead}").set_class(name == "endpoint", "-on")
        self.show_inspector(self.inspecting and not self.narrow)

    def show_inspector(self, inspecting: bool) -> None:
        """Open or close the inspector: next to the timeline, or in the place of the upper panes."""
        self.inspecting = inspecting
        for name in ("upper", "timeline", "inspector"):
            self._screen.query_one(f"#{name}").set_class(inspecting, "-inspecting")
        tabs = tab_pieces(TABS, "event" if inspecting else self.upper)
        fold = self._screen.query_one("#fold", StatusLine)
        fold.show(tabs, fold.pieces[1])

    def focused(self, widget: Widget) -> None:
        """The focus is on `widget`: if only one of the upper panes is shown, show the one with it."""
        if not self.narrow:
            return
        for node in widget.ancestors_with_self:
            upper = "endpoint" if node.id in IN_PLACE_OF_SOURCE else node.id
            if upper in UPPER and (upper != self.upper or self.inspecting):
                self.show_upper(upper)

    @property
    def zoomed(self) -> bool:
        """Whether a pane is zoomed."""
        return self._screen.has_class("-zoomed")

    def zoom(self, pane: DOMNode) -> None:
        """Zoom a pane."""
        pane.add_class("-zoom")
        self._screen.add_class(
            "-zoomed", "-zoom-upper" if pane.id in (*UPPER, *IN_PLACE_OF_SOURCE) else "-zoom-lower"
        )

    def unzoom(self) -> None:
        """Show all panes again."""
        self._screen.remove_class("-zoomed", "-zoom-upper", "-zoom-lower")
        self._screen.query(".pane.-zoom").remove_class("-zoom")
