"""Scenes of the terminal UI: every screen, in the states that draw something else, and how to get there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from app_under_test import AppUnderTest

from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.challenge.badge import BadgeScreen
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.screen import ChallengeScreen
from wsplay.tui.challenge.session import Stage
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.compare.screen import CompareScreen
from wsplay.tui.first_paint import FirstScreen
from wsplay.tui.hold.band import HoldBand
from wsplay.tui.hold.head_editor import HeadEditor
from wsplay.tui.kit.ask_screen import AskScreen
from wsplay.tui.kit.commands import Palette
from wsplay.tui.kit.help import HelpScreen
from wsplay.tui.kit.key_menu import KeyMenu
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.runs.recorded_screen import RecordedScreen
from wsplay.tui.runs.screen import RunsScreen

WIDE, NARROW = (140, 40), (80, 24)


class Scene(AppUnderTest):
    """The app, and the steps to a state."""

    async def settled(self) -> None:
        """Wait until what was asked for is drawn."""
        for _ in range(3):
            await self.pilot.pause()

    async def ready(self) -> None:
        await self.until(lambda: self.main.state.loaded is not None, "loaded")
        await self.until(lambda: self.headline == "READY", "ready")

    async def on(self, screen: type) -> None:
        await self.until(lambda: isinstance(self.app.screen, screen), screen.__name__)
        await self.settled()

    def screen_of(self, kind: type) -> Any:
        """The screen of a kind on the stack, under a badge too."""
        return next(one for one in self.app.screen_stack if isinstance(one, kind))

    async def focus(self, widget: Any) -> None:
        self.app.screen.set_focus(widget)
        await self.settled()


async def first_paint(it: Scene) -> None:
    await it.on(FirstScreen)


async def main(it: Scene) -> None:
    await it.ready()


async def refused(it: Scene) -> None:
    await it.ready()
    await it.press("ctrl+r")
    await it.until(lambda: "403" in it.headline, "the end of the run")
    await it.press("t", "up", "up")
    await it.settled()


async def inspected(it: Scene) -> None:
    await refused(it)
    await it.press("i")
    await it.until(lambda: it.main.panes.inspecting, "the event")


async def connected(it: Scene) -> None:
    it.fake.prepare = lambda playground: setattr(playground, "refuse", False)
    for playground in it.fake.playgrounds:
        playground.refuse = False
    await it.ready()
    it.fake.playground.refuse = False
    await it.press("ctrl+r")
    await it.until(lambda: it.main.state.client == "connected", "connected")
    await it.settled()


async def searching(it: Scene) -> None:
    await refused(it)
    await it.press("slash", *"http")


async def finding(it: Scene) -> None:
    await it.ready()
    await it.press("slash", *"cookie")


async def nothing_found(it: Scene) -> None:
    await it.ready()
    await it.press("slash", *"qqq")


async def unloadable(it: Scene) -> None:
    await it.ready()
    it.main.open_scenario(it.main.library.get("broken"))
    await it.until(lambda: it.headline == "NOT LOADED", "the problem")


async def explained(it: Scene) -> None:
    await it.ready()
    await it.press("I")
    await it.until(lambda: it.main.place.what == "explanation", "the explanation")


async def difference(it: Scene) -> None:
    await it.ready()
    it.main.action_open_partner(it.main.standing.partners[0].name)
    await it.until(lambda: it.main.standing.flawed, "its flawed partner")
    await it.press("equals_sign")
    await it.until(lambda: it.main.place.what == "difference", "the difference")


def tab(number: int) -> Callable[[Scene], Awaitable[None]]:
    """The client pane's tab of that number, with something wrong in its first input if it has one."""

    async def show(it: Scene) -> None:
        await it.ready()
        pane = it.main.query_one(ClientPane)
        pane.form.add("headers", 0)
        pane.form.type_in("headers", 0, "name", "Sec-WebSocket-Key ")
        pane.form.type_in("headers", 0, "value", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.xx")
        pane.form.type_option("path", "no slash")
        pane.tables["headers"].reread()
        pane.options.reread()
        pane.show_tab(pane.tabs.tabs[number].key, enter=True)

    return show


async def cell(it: Scene) -> None:
    await it.ready()
    pane = it.main.query_one(ClientPane)
    pane.show_tab("headers", enter=True)
    await it.press("a", *"Coo")


async def held(it: Scene) -> None:
    """Something waits."""
    await it.ready()
    it.fake.playground.wait_for_close = True
    it.main.action_hold("all")
    await it.press("t", "ctrl+r")
    await it.until(lambda: len(it.main.state.held.waiting) == 2, "two that wait")
    await it.until(lambda: any(band.display for band in it.main.query(HoldBand)), "the band")
    it.app.clear_notifications()
    await it.settled()


async def head_edited(it: Scene) -> None:
    await held(it)
    await it.press("full_stop")
    await it.until(lambda: len(it.main.state.held.waiting) == 1, "the request")
    await it.press("enter")
    await it.until(lambda: isinstance(it.main.focused, HeadEditor), "its editor")
    await it.settled()


async def hold_menu(it: Scene) -> None:
    await it.ready()
    await it.press("H")
    await it.on(Palette)
    await it.until(lambda: it.app.screen.query("CommandList"), "the choices")


async def toasts(it: Scene) -> None:
    await it.ready()
    for severity in ("information", "warning", "error"):
        it.main.say(f"{severity} of a kind", severity)  # type: ignore[arg-type]
    await it.until(lambda: len(it.told) >= 3, "the notifications")


async def warned(it: Scene) -> None:
    await it.ready()
    it.main.state.server = replace(it.main.state.server, warning="other machines can connect")
    it.main.draw_status()


async def hovered(it: Scene) -> None:
    await refused(it)
    await it.pilot.hover("#scenarios", offset=(8, 4))


async def hovered_button(it: Scene) -> None:
    await refused(it)
    await it.pilot.hover("#client-connect")


async def palette(it: Scene) -> None:
    await it.ready()
    await it.press("ctrl+p")
    await it.on(Palette)
    await it.press(*"the")
    await it.until(lambda: it.app.screen.query("CommandList"), "the choices")


async def palette_empty(it: Scene) -> None:
    await it.ready()
    await it.press("ctrl+p")
    await it.on(Palette)
    await it.press(*"qqqq")


async def small_palette(it: Scene) -> None:
    await it.ready()
    await it.press("g")
    await it.on(Palette)


async def helped(it: Scene) -> None:
    await it.ready()
    await it.press("question_mark")
    await it.on(HelpScreen)


async def challenge(it: Scene) -> None:
    await it.ready()
    await it.press("q")
    await it.on(ChallengeScreen)


async def answered(it: Scene) -> None:
    """A wrong answer first."""
    await challenge(it)
    await it.press("h", "2", "enter")
    await it.until(lambda: it.app.screen.session.stage is Stage.REFUTED, "the answer")  # type: ignore[attr-defined]
    await it.until(lambda: not it.app.screen.working, "the end")  # type: ignore[attr-defined]


async def solved(it: Scene) -> None:
    await challenge(it)
    await it.press("1", "enter")
    await it.until(lambda: it.screen_of(ChallengeScreen).session.stage is Stage.DONE, "the answer")
    await it.until(lambda: not it.screen_of(ChallengeScreen).working, "the end")
    if isinstance(it.app.screen, BadgeScreen):
        await it.press("space")
    await it.on(ChallengeScreen)


async def badge(it: Scene) -> None:
    await challenge(it)
    screen = it.app.screen
    assert isinstance(screen, ChallengeScreen)
    for name in screen.catalogue.groups["handshake"]:
        screen.store.add_answer(name, True)
    group = "handshake"
    it.app.push_screen(BadgeScreen(group, screen.catalogue.groups[group], screen.store.progress))
    await it.on(BadgeScreen)


async def challenges(it: Scene) -> None:
    await it.ready()
    await it.press("Q")
    await it.on(ChallengesScreen)


async def attack(it: Scene) -> None:
    await it.ready()
    await it.press("b")
    await it.on(AttackScreen)
    screen = it.app.screen
    assert isinstance(screen, AttackScreen)
    await it.until(lambda: not screen.working, "the end of the attacks")
    await it.press("home")


async def run(it: Scene) -> None:
    await attack(it)
    await it.press("enter")
    await it.on(RunScreen)


async def runs(it: Scene) -> None:
    await refused(it)
    await it.press("escape", "o")
    await it.on(RunsScreen)


async def no_runs(it: Scene) -> None:
    await it.ready()
    await it.press("o")
    await it.on(RunsScreen)


async def recorded(it: Scene) -> None:
    """A run of this session after another one: it is shown as a recording, and stepped."""
    await refused(it)
    await it.press("ctrl+r")
    await it.until(lambda: len(it.main.state.kept) == 2, "another run")
    await it.until(lambda: "403" in it.headline, "its end")
    await it.press("escape", "o")
    await it.on(RunsScreen)
    await it.press("down", "enter")
    await it.on(RecordedScreen)
    await it.press(*["full_stop"] * 5)


async def saving(it: Scene) -> None:
    await runs(it)
    await it.press("s")
    await it.on(AskScreen)


async def compare_menu(it: Scene) -> None:
    await refused(it)
    await it.press("B")
    await it.on(KeyMenu)


async def compared(it: Scene) -> None:
    """A refused run, and one that is open."""
    await refused(it)
    for playground in it.fake.playgrounds:
        playground.refuse = False
    await it.press("ctrl+r")
    await it.until(lambda: it.main.state.client == "connected", "connected")
    await it.press("escape", "B")
    await it.on(KeyMenu)
    await it.press("b")
    await it.on(CompareScreen)
    await it.until(lambda: it.screen_of(CompareScreen).compared, "the comparison")
    await it.settled()


async def both_events(it: Scene) -> None:
    await compared(it)
    await it.press("end", "enter")
    await it.settled()


#: The scenes by name; each brings a fresh app into a state.
SCENES: dict[str, Callable[[Any], Awaitable[None]]] = {
    "first paint": first_paint,
    "main": main,
    "refused": refused,
    "event": inspected,
    "connected": connected,
    "search in the timeline": searching,
    "search for scenarios": finding,
    "nothing found": nothing_found,
    "not loaded": unloadable,
    "explanation": explained,
    "difference": difference,
    "headers": tab(0),
    "query": tab(1),
    "token": tab(3),
    "options": tab(4),
    "cell": cell,
    "held": held,
    "held request edited": head_edited,
    "hold menu": hold_menu,
    "toasts": toasts,
    "warned": warned,
    "mouse over a scenario": hovered,
    "mouse over a button": hovered_button,
    "palette": palette,
    "palette without a hit": palette_empty,
    "small palette": small_palette,
    "help": helped,
    "challenge": challenge,
    "challenge refuted": answered,
    "challenge solved": solved,
    "badge": badge,
    "challenges": challenges,
    "attack": attack,
    "run": run,
    "runs": runs,
    "no runs": no_runs,
    "recording": recorded,
    "saving a run": saving,
    "compare menu": compare_menu,
    "compare": compared,
    "compare, events": both_events,
}
