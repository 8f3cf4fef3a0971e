"""The client pane: what it posts, what it keeps, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, Static

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText, Step
from wsplay.protocol.token import KINDS, mint, read
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.client.form import InvalidForm, Row
from wsplay.tui.client.message_bar import BarButton, MessageBar, MessageInput
from wsplay.tui.client.options_tab import SwitchList
from wsplay.tui.kit.chips import Chips
from wsplay.tui.kit.text_input import TextInput
from wsplay.tui.kit.theme import register

pytestmark = pytest.mark.slow

NOW = 1_764_000_000.0
SECRET = "a secret of thirty-two bytes or more"


def commented(block: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in block.strip().splitlines())


def scenario(name: str, block: str) -> Scenario:
    text = f"app = None\n\n# /// script\n{commented(block)}\n# ///\n"
    parsed = parse_scenario(name, f"/scenarios/{name}.py", text)
    assert parsed.problem is None
    return parsed


PLAIN = scenario(
    "close_before_accept",
    """
[tool.wsplay]
title = "Close before accept"
[[tool.wsplay.try]]
name = "no token"
[[tool.wsplay.try]]
name = "valid"
headers = [["Authorization", "validtoken"]]
send = ["hello"]
[[tool.wsplay.try]]
name = "wrong"
headers = [["Authorization", "wrongtoken"], ["Origin", "https://evil.example"]]
""",
)
OTHER = scenario(
    "accept_then_close",
    """
[tool.wsplay]
title = "Accept, then close"
path = "/other"
[[tool.wsplay.try]]
name = "the right one"
headers = [["Authorization", "validtoken"]]
[[tool.wsplay.try]]
name = "nothing"
""",
)
JWT = scenario(
    "jwt_before_accept",
    f"""
[tool.wsplay]
title = "JWT before accept"
[tool.wsplay.tokens]
secret = "{SECRET}"
audience = "wsplay"
subject = "alice"
"""
    + "".join(
        f"""
[[tool.wsplay.try]]
name = "{name}"
headers = [["Authorization", "{value}"]]
"""
        for name, value in (
            ("valid", "Bearer {token.valid}"),
            ("expired", "Bearer {token.expired}"),
            ("forged signature", "Bearer {token.forged}"),
            ("alg none", "Bearer {token.unsigned}"),
            ("wrong audience", "Bearer {token.wrong_audience}"),
            ("Bearer twice", "Bearer Bearer {token.valid}"),
        )
    )
    + """
[[tool.wsplay.try]]
name = "missing"
""",
)
BARE = scenario("bare", "[tool.wsplay]\ntitle = 'Bare'")


class PaneApp(App[None]):
    """The pane alone; keeps what it posts."""

    CSS = "Screen { background: $page; } ClientPane { width: 100%; height: 100%; }"

    def __init__(self, first: Scenario | None = PLAIN, theme: str = "wsplay-dark") -> None:
        super().__init__()
        register(self, theme)
        self.first = first
        self.posted: list[Message] = []

    def compose(self) -> ComposeResult:
        pane = ClientPane(now=lambda: NOW)
        if self.first is not None:
            pane.load_tries(self.first)
        yield pane

    @property
    def pane(self) -> ClientPane:
        return self.query_one(ClientPane)

    @property
    def note(self) -> str:
        return str(self.query_one("#client-note", Static).render())

    def on_client_pane_connect(self, event: ClientPane.Connect) -> None:
        self.posted.append(event)

    on_client_pane_disconnect = on_client_pane_connect
    on_client_pane_path_problem = on_client_pane_connect
    on_message_bar_send = on_client_pane_connect
    on_client_pane_try_changed = on_client_pane_connect
    on_client_pane_request_moved = on_client_pane_connect


def of(app: PaneApp, kind: type[Message]) -> list[Any]:
    return [message for message in app.posted if isinstance(message, kind)]


def told_tries(app: PaneApp) -> list[tuple[str | None, bool]]:
    return [(message.name, message.edited) for message in of(app, ClientPane.TryChanged)]


def sent(app: PaneApp) -> list[Step]:
    return [message.step for message in of(app, MessageBar.Send)]


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await pilot.pause()


# -- tries


async def test_a_new_form_takes_the_first_try_by_itself() -> None:
    app = PaneApp(JWT)
    async with app.run_test():
        assert app.pane.chosen_try == "valid"
        assert told_tries(app) == [("valid", False)]
        assert app.pane.form.undo() is None


async def test_a_try_is_one_press_by_key_or_mouse() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.tries.focus()
        await press(pilot, "end", "enter")
        assert app.pane.handshake().headers == (
            ("Authorization", "wrongtoken"),
            ("Origin", "https://evil.example"),
        )
        await press(pilot, "left", "enter")
        assert app.pane.chosen_try == "valid"
        await pilot.click(app.pane.tries, offset=(8, 0))
        assert app.pane.chosen_try == "no token"
        assert told_tries(app) == [
            ("no token", False),
            ("wrong", False),
            ("valid", False),
            ("no token", False),
        ]


async def test_connect_carries_the_try_until_it_is_edited() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.choose_try("valid")
        await pilot.click("#client-connect")
        await pilot.pause()
        expected = Handshake(path="", headers=(("Authorization", "validtoken"),), steps=(SendText("hello"),))
        (first,) = of(app, ClientPane.Connect)
        assert (first.handshake, first.try_name) == (expected, "valid")
        app.pane.show_tab("headers", enter=True)
        await pilot.pause()
        await press(pilot, "enter", "!")
        assert app.pane.tries.mark == "*"
        assert "edited from valid" in str(app.pane.border_subtitle)
        app.pane.press_connect()
        await pilot.pause()
        second = of(app, ClientPane.Connect)[1]
        assert second.handshake.headers == (("Authorization", "validtoken!"),)
        assert second.try_name is None
        await press(pilot, "enter", "backspace")
        assert app.pane.tries.mark == ""
        assert not app.pane.border_subtitle


async def test_tokens_are_minted_when_a_try_is_chosen() -> None:
    app = PaneApp(JWT)
    async with app.run_test():
        app.pane.choose_try("expired")
        ((name, value),) = app.pane.handshake().headers
        assert name == "Authorization"
        reading = read(value, key=SECRET, audience="wsplay", now=int(NOW))
        assert reading.verified
        assert reading.expires_in is not None
        assert reading.expires_in < 0
        assert "{token" not in value


async def test_a_token_that_cannot_be_minted_leaves_the_placeholder_and_says_why() -> None:
    text = '[tool.wsplay]\n[[tool.wsplay.try]]\nname = "x"\nheaders = [["A", "{token.valid}"]]'
    app = PaneApp(parse_scenario("no_kit", "/no_kit.py", f"# /// script\n{commented(text)}\n# ///\n"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.pane.handshake().headers == (("A", "{token.valid}"),)
        assert "tokens" in app.note
        assert app.note.startswith("✗")


async def test_another_scenario_fills_its_first_try_and_what_was_typed_comes_back_with_one_undo() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.show_tab("headers", enter=True)
        await pilot.pause()
        await press(pilot, "enter", *"Mine", "enter", *"yes", "enter")
        app.pane.load_tries(OTHER)
        await pilot.pause()
        assert app.pane.handshake() == Handshake(path="/other", headers=(("Authorization", "validtoken"),))
        assert app.pane.chosen_try == app.pane.tries.chosen == "the right one"
        assert app.pane.tries.names == tuple(try_.name for try_ in OTHER.tries)
        assert [moved.words for moved in of(app, ClientPane.RequestMoved)] == [
            'your request (Mine) was replaced by the try "the right one": c, then ctrl+z brings it back'
        ]
        app.pane.action_undo()
        await pilot.pause()
        assert app.pane.handshake() == Handshake(path="/other", headers=(("Mine", "yes"),))
        assert app.note == "undone: open another scenario"
        assert told_tries(app)[-3:] == [("no token", True), ("the right one", False), (None, False)]


async def test_another_scenario_loses_no_cell_that_is_being_typed() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.show_tab("headers", enter=True)
        await pilot.pause()
        await press(pilot, "enter", *"Mine")
        app.pane.load_tries(BARE)
        await pilot.pause()
        assert app.pane.form.rows("headers") == ()
        assert [moved.words for moved in of(app, ClientPane.RequestMoved)] == [
            "your request (Mine) was replaced, this scenario has no tries: c, then ctrl+z brings it back"
        ]
        app.pane.action_undo()
        assert app.pane.form.rows("headers") == (Row("Mine", ""),)


async def test_a_chosen_try_goes_with_its_scenario_and_nothing_is_said() -> None:
    app = PaneApp(JWT)
    async with app.run_test() as pilot:
        app.pane.choose_try("expired")
        app.pane.load_tries(OTHER)
        assert app.pane.chosen_try == "the right one"
        app.pane.load_tries(BARE)
        assert app.pane.handshake() == Handshake(path="")
        await pilot.pause()
        assert not of(app, ClientPane.RequestMoved)
        app.pane.action_undo()
        assert app.pane.handshake() == Handshake(path="")


async def test_a_request_is_kept_while_that_is_switched_on() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        keep = app.query_one("#client-keep", BarButton)
        assert str(keep.label) == "· keep my request"
        app.pane.choose_try("valid")
        keep.focus()
        await press(pilot, "enter")
        assert str(keep.label) == "✓ keep my request"
        app.pane.load_tries(OTHER)
        await pilot.pause()
        # The messages belong to the try, and so does the path.
        assert app.pane.handshake() == Handshake(path="/other", headers=(("Authorization", "validtoken"),))
        assert (app.pane.chosen_try, app.pane.tries.chosen) == (None, None)
        assert str(app.pane.border_subtitle) == "kept: Authorization"
        assert [moved.words for moved in of(app, ClientPane.RequestMoved)] == [
            "kept your request: Authorization, without the messages of its try"
        ]
        await pilot.click("#client-keep")
        app.pane.load_tries(PLAIN)
        await pilot.pause()
        assert (app.pane.chosen_try, str(app.pane.border_subtitle)) == ("no token", "")


@pytest.mark.parametrize("size", [(36, 18), (48, 12), (78, 9)])
@pytest.mark.parametrize("state", ["idle", "connected"])
async def test_the_switch_is_shown_or_the_connection_s_own_controls_are(size: Any, state: Any) -> None:
    app = PaneApp()
    async with app.run_test(size=size) as pilot:
        app.pane.set_state(state)
        await pilot.pause()
        keep = app.query_one("#client-keep", BarButton)
        shown = keep.display and keep.region.width >= len("· keep my request")
        assert shown or (size, state) == ((78, 9), "connected")
        assert app.screen.region.contains_region(app.query_one("#client-message").region)
        assert app.query_one("#client-message").region.width > 10


async def test_the_same_scenario_read_again_keeps_the_try() -> None:
    app = PaneApp()
    async with app.run_test():
        app.pane.choose_try("wrong")
        app.pane.load_tries(PLAIN)
        assert app.pane.chosen_try == "wrong"
        assert app.pane.tries.chosen == "wrong"


async def test_no_scenario_and_no_tries() -> None:
    app = PaneApp(None)
    async with app.run_test() as pilot:
        app.pane.load_tries(None)
        app.pane.load_tries(BARE)
        app.pane.choose_try("nobody")
        app.pane.tries.focus()
        await press(pilot, "1", "enter", "right")
        await pilot.click("#client-connect")
        await pilot.pause()
        (asked,) = of(app, ClientPane.Connect)
        assert (asked.handshake, asked.try_name) == (Handshake(path=""), None)


# -- what is wrong


async def test_a_form_that_is_wrong_connects_nothing_and_goes_to_the_cell() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.choose_try("valid")
        app.pane.form.type_in("headers", 0, "value", "a\nb")
        app.pane.show_tab("query")
        await pilot.click("#client-connect")
        await pilot.pause()
        assert not of(app, ClientPane.Connect)
        assert app.pane.tabs.active == "headers"
        assert app.focused is app.pane.tables["headers"].cell
        assert app.pane.tables["headers"].cell.value == "a␊b"
        assert "cannot connect" in app.note
        assert "line break" in app.note
        with pytest.raises(InvalidForm):
            app.pane.handshake()
        await press(pilot, "left", "backspace", "enter")
        app.pane.press_connect()
        await pilot.pause()
        assert of(app, ClientPane.Connect)[0].handshake.headers == (("Authorization", "ab"),)


async def test_the_reason_stays_when_the_state_is_told_again() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.form.add("headers", row=Row("", "x"))
        app.pane.connect()
        app.pane.set_state("idle", "refused")
        await pilot.pause()
        assert "needs a name" in app.note
        app.pane.set_state("connecting", "…")
        await pilot.pause()
        assert app.note == "…"


async def test_connecting_again_leaves_the_connection_and_the_focus_as_they_are() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected", "open")
        app.query_one("#close-reason").focus()
        await pilot.pause()
        app.pane.connect()
        await pilot.pause()
        assert len(of(app, ClientPane.Connect)) == 1
        assert app.pane.bar.state == "connected"
        assert app.focused is app.query_one("#close-reason")
        assert app.note == "open"


async def test_a_wrong_option_is_gone_to() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 30)) as pilot:
        app.pane.show_tab("options", enter=True)
        await pilot.pause()
        await press(pilot, "x")
        assert app.pane.tabs.marks["options"] == "wrong"
        app.pane.tries.focus()
        app.pane.press_connect()
        await pilot.pause()
        assert not of(app, ClientPane.Connect)
        assert app.focused is app.query_one("#option-open_timeout")
        assert "number" in app.note


async def test_a_wrong_path_is_told_and_marks_no_tab() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 30)) as pilot:
        assert app.pane.use_address("/a b") == "a space cannot be in a path; write it percent-encoded"
        await pilot.pause()
        assert "wrong" not in app.pane.tabs.marks.values()
        app.pane.press_connect()
        await pilot.pause()
        assert (len(of(app, ClientPane.PathProblem)), of(app, ClientPane.Connect)) == (1, [])
        assert "a space" in app.note
        assert app.pane.use_address("/ws/x", (("a", "1"),)) == ""
        app.pane.press_connect()
        await pilot.pause()
        [asked] = of(app, ClientPane.Connect)
        assert (asked.handshake.path, asked.handshake.query) == ("/ws/x", (("a", "1"),))


async def test_an_empty_row_that_goes_takes_no_reason_with_it() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.form.add("headers", row=Row("bad name", "x"))
        app.pane.tables["headers"].reread()
        app.pane.show_tab("headers", enter=True)
        await pilot.pause()
        await press(pilot, "end", "a")
        app.pane.press_connect()
        await pilot.pause()
        await pilot.pause()
        assert app.note == "✗ cannot connect: a space cannot be in a name"
        assert app.pane.form.rows("headers") == (Row("bad name", "x"),)
        assert app.focused is app.pane.tables["headers"].cell
        await press(pilot, "x")
        assert not app.note


async def test_a_row_being_added_does_not_stand_in_the_way() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.show_tab("headers", enter=True)
        await pilot.pause()
        await press(pilot, "a")
        app.pane.press_connect()
        await pilot.pause()
        assert of(app, ClientPane.Connect)[0].handshake == Handshake(path="")


# -- connecting and talking


async def test_the_button_says_what_it_does() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        button = app.query_one("#client-connect", BarButton)
        for state, label in (("connecting", "Cancel"), ("connected", "Disconnect"), ("idle", "Connect")):
            app.pane.set_state(state, f"note {state}")  # type: ignore[arg-type]
            await pilot.pause()
            assert str(button.label) == label
            assert app.note == f"note {state}"
            await pilot.click(button)
            await pilot.pause()
        assert [type(message).__name__ for message in app.posted[1:]] == [
            "Disconnect",
            "Disconnect",
            "Connect",
        ]


async def test_once_connected_the_message_has_the_focus() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.query_one("#client-connect").focus()
        await press(pilot, "enter")
        app.pane.set_state("connecting")
        app.pane.set_state("connected")
        await pilot.pause()
        assert app.focused is app.pane.bar.message
        await press(pilot, *"hello", "enter")
        await press(pilot, "enter")
        await press(pilot, *"bye")
        await pilot.click("#client-send")
        await pilot.pause()
        assert sent(app) == [SendText("hello"), SendText("hello"), SendText("bye")]


async def test_bytes_and_pings() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected")
        await pilot.pause()
        app.query_one("#client-kind").focus()
        await press(pilot, "enter", "tab", *"48 6", "enter")
        assert not sent(app)
        assert "hex digit is missing" in app.note
        assert app.pane.bar.message.has_class("-wrong")
        await press(pilot, "end", "5", "enter")
        assert sent(app) == [SendBinary(b"He")]
        assert not app.note
        await pilot.click("#client-kind")
        app.pane.bar.message.focus()
        app.pane.bar.message.text = ""
        await press(pilot, *"tick", "enter")
        assert sent(app) == [SendBinary(b"He"), Ping("tick")]


async def test_a_ping_too_long_is_warned_of_and_let_through() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected")
        app.pane.bar.set_kind("ping")
        app.pane.bar.message.text = "x" * 126
        await pilot.pause()
        assert app.note.startswith("! 126 bytes")
        app.pane.bar.message.focus()
        await press(pilot, "enter")
        assert sent(app) == [Ping("x" * 126)]


async def test_older_messages_come_back_with_their_kind() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected")
        message = app.pane.bar.message
        message.focus()
        await press(pilot, *"one", "enter")
        app.pane.bar.set_kind("binary")
        message.text = "00ff"
        await press(pilot, "enter")
        app.pane.bar.set_kind("text")
        message.text = "draft"
        await press(pilot, "up")
        assert (app.pane.bar.kind, message.text) == ("binary", "00ff")
        await press(pilot, "up")
        assert (app.pane.bar.kind, message.text) == ("text", "one")
        await press(pilot, "up", "down", "down")
        assert (app.pane.bar.kind, message.text) == ("text", "draft")


async def test_a_message_without_a_connection_is_kept() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.bar.message.focus()
        await press(pilot, *"hello", "enter")
        assert not sent(app)
        assert "not connected" in app.note
        assert app.pane.bar.message.text == "hello"


async def test_a_message_may_have_lines() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected")
        app.pane.bar.message.focus()
        app.pane.bar.message.text = "one\ntwo\x1b"
        await pilot.pause()
        assert app.pane.bar.message.value == "one␊two␛"
        await press(pilot, "enter")
        assert sent(app) == [SendText("one\ntwo\x1b")]


async def test_close_with_code_and_reason() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected")
        await pilot.pause()
        code = app.query_one("#close-code", TextInput)
        code.focus()
        code.text = "4001"
        await press(pilot, "tab", *"bye", "enter")
        code.text = "1006"
        await pilot.pause()
        assert app.note.startswith("! 1006 is reserved")
        await pilot.click("#client-close")
        await pilot.pause()
        assert sent(app) == [Close(4001, "bye"), Close(1006, "bye")]
        code.text = "soon"
        await pilot.pause()
        await pilot.click("#client-close")
        await pilot.pause()
        assert len(sent(app)) == 2
        assert app.note.startswith("✗")


async def test_a_connection_that_goes_leaves_the_focus_in_the_pane() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.set_state("connected")
        await pilot.pause()
        app.query_one("#close-reason").focus()
        await pilot.pause()
        app.pane.set_state("idle", "closed 1000")
        await pilot.pause()
        assert app.focused is app.query_one("#client-connect")


# -- tokens and options


@pytest.mark.parametrize("kind", KINDS)
async def test_minting_fills_the_authorization_header(kind: str) -> None:
    app = PaneApp(JWT)
    async with app.run_test(size=(60, 30)) as pilot:
        app.pane.choose_try("missing")
        app.pane.show_tab("token", enter=True)
        await pilot.pause()
        await press(pilot, *["right"] * list(KINDS).index(kind), "enter")
        ((name, value),) = app.pane.handshake().headers
        assert (name, value.split(" ")[0]) == ("Authorization", "Bearer")
        reading = read(value, key=SECRET, audience="wsplay", now=int(NOW))
        assert (not reading.problems) == (kind == "valid")
        await press(pilot, "enter")
        assert len(app.pane.handshake().headers) == 1


async def test_the_token_tab_reads_what_is_sent() -> None:
    app = PaneApp(JWT)
    async with app.run_test(size=(60, 34)) as pilot:

        async def shown() -> str:
            await pilot.pause()
            await pilot.pause()
            return str(app.pane.token.query_one(Static).render())

        app.pane.show_tab("token")
        assert "✓ valid" in await shown()
        assert "sub     alice" in await shown()
        assert "in 5 min" in await shown()
        app.pane.choose_try("expired")
        assert "it expired 60 min ago" in await shown()
        app.pane.choose_try("forged signature")
        assert "does not fit the key" in await shown()
        app.pane.choose_try("alg none")
        assert "alg is none" in await shown()
        app.pane.choose_try("wrong audience")
        assert "not-wsplay, not wsplay" in await shown()
        app.pane.choose_try("Bearer twice")
        assert "2 times" in await shown()
        app.pane.choose_try("missing")
        assert "You send no token" in await shown()
        token = app.pane.token.kit.make("valid", int(NOW))
        app.pane.form.add("query", row=Row("token", token))
        app.pane.form.add("headers", row=Row("Cookie", f"a=b; session={token}"))
        app.pane.token.reread()
        said = await shown()
        assert "query token  ✓ valid" in said
        assert "Cookie  ✓ valid" in said


async def test_a_scenario_without_a_key_gets_ours() -> None:
    app = PaneApp(PLAIN)
    async with app.run_test(size=(60, 30)) as pilot:
        app.pane.show_tab("token", enter=True)
        await pilot.pause()
        await press(pilot, "enter")
        await pilot.pause()
        said = str(app.pane.token.query_one(Static).render())
        assert "has no key" in said
        assert "not checked" in said
        assert app.pane.handshake().headers[0][1].startswith("Bearer eyJ")


async def test_claims_are_shown_and_not_obeyed() -> None:
    app = PaneApp(JWT)
    async with app.run_test(size=(60, 30)) as pilot:
        token = mint({"sub": "[bold]\x1b[31m[/]", "x": [1, {"y": "[/]"}]}, SECRET, now=int(NOW))
        app.pane.form.put_header("Authorization", token)
        app.pane.show_tab("token")
        await pilot.pause()
        await pilot.pause()
        said = str(app.pane.token.query_one(Static).render())
        assert "[bold]␛[31m[/]" in said


async def test_options_reach_the_handshake() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 34)) as pilot:
        app.pane.choose_try("valid")
        app.pane.show_tab("options", enter=True)
        await pilot.pause()
        await press(pilot, "backspace", *"2.5", "enter", "backspace", *"1", "escape")
        assert app.focused is app.query_one(SwitchList)
        await press(pilot, "space", "down", "space", "down", "space")
        handshake = app.pane.handshake()
        assert (handshake.open_timeout, handshake.close_timeout) == (2.5, 1.0)
        assert not handshake.compression
        assert handshake.steps == ()
        assert handshake.omit == ("Host",)


async def test_an_automatic_header_says_that_yours_is_sent() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 34)) as pilot:
        app.pane.form.put_header("host", "elsewhere")
        app.pane.show_tab("options")
        app.pane.options.reread()
        await pilot.pause()
        host = app.query_one(SwitchList).get_option("header:Host")
        assert str(host.prompt) == " ✓ Host  yours is sent"


# -- undo


async def test_undo_goes_where_the_change_was() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.choose_try("valid")
        app.pane.show_tab("headers", enter=True)
        await pilot.pause()
        await press(pilot, "x")
        assert app.note == "deleted Authorization; u undoes it"
        app.pane.show_tab("query", enter=True)
        await pilot.pause()
        await press(pilot, "u")
        assert app.pane.tabs.active == "headers"
        assert app.pane.form.rows("headers") == (Row("Authorization", "validtoken"),)
        assert app.note == "undone: delete Authorization"
        await press(pilot, "ctrl+y")
        assert app.pane.form.rows("headers") == ()
        await press(pilot, "ctrl+z", "u", "u", "u")
        assert app.note == "nothing to undo"


async def test_undo_leaves_the_form_alone_while_a_message_is_typed() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.choose_try("valid")
        app.pane.bar.message.focus()
        await press(pilot, "x", "ctrl+z")
        assert app.pane.chosen_try == "valid"
        assert app.pane.form.rows("headers")


# -- keys


def bindings_of(widget: Widget) -> Iterator[Binding]:
    for cls in type(widget).__mro__:
        if cls.__module__.startswith("wsplay."):
            for binding in vars(cls).get("BINDINGS", ()):
                assert isinstance(binding, Binding)
                yield binding


async def test_every_key_has_a_name_and_a_tooltip_and_none_is_taken_away() -> None:
    app = PaneApp()
    async with app.run_test():
        seen: dict[str, str] = {}
        for widget in (app.pane, *app.pane.query("*")):
            for binding in bindings_of(widget):
                assert binding.id, binding
                assert binding.tooltip, binding
                assert seen.setdefault(binding.id, binding.action) == binding.action
                keys = set(binding.key.split(","))
                assert not keys & {"ctrl+c", "ctrl+q", "ctrl+p", "ctrl+enter"}
                assert not any(key.startswith("f") and key[1:].isdigit() for key in keys)
        assert len(seen) > 30


@pytest.mark.parametrize("tab", ["headers", "query", "subprotocols", "token", "options"])
async def test_tab_reaches_everything_that_is_shown(tab: str) -> None:
    app = PaneApp(JWT)
    async with app.run_test(size=(60, 40)) as pilot:
        app.pane.set_state("connected")
        app.pane.show_tab(tab)
        await pilot.pause()
        wanted = {widget for widget in app.pane.query("*") if widget.focusable and widget.display}
        wanted = {widget for widget in wanted if all(node.display for node in widget.ancestors_with_self)}
        app.pane.tries.focus()
        await pilot.pause()
        order: list[Widget] = []
        for _ in range(len(wanted) + 1):
            assert app.focused is not None
            order.append(app.focused)
            await press(pilot, "tab")
        assert set(order) == wanted
        assert order[-1] is order[0]
        kinds = [type(widget) for widget in order]
        assert kinds[0] is type(app.pane.tries)
        assert kinds.index(MessageInput) > kinds.index(BarButton)


async def test_the_tabs_lead_into_their_content() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.pane.tabs.focus()
        await press(pilot, "right", "down")
        assert isinstance(app.focused, Widget)
        assert app.focused is app.pane.tables["query"].rows
        app.pane.tabs.focus()
        await press(pilot, "right", "right", "down")
        assert app.focused is app.query_one("#token-mint", Chips)
        app.pane.tabs.focus()
        await press(pilot, "right", "enter")
        assert app.focused is app.query_one("#option-open_timeout")


@pytest.mark.parametrize("size", [(36, 18), (48, 9), (80, 9), (36, 9)])
async def test_all_of_it_is_in_reach_in_little_room(size: tuple[int, int]) -> None:
    app = PaneApp(JWT)
    async with app.run_test(size=size) as pilot:
        app.pane.set_state("connected", "open")
        await pilot.pause()
        screen = app.screen.region
        for widget in ("#client-tries", "#client-tabs", "#client-connect", "#client-message", "#client-send"):
            found = app.query_one(widget)
            found.focus()
            found.scroll_visible(animate=False)
            await pilot.pause()
            assert found.region.width > 0
            assert screen.contains_region(found.region), widget
        app.pane.tables["headers"].rows.focus()
        await press(pilot, "enter", "!")
        assert app.pane.handshake().headers[0][1].endswith("!")


# -- pictures


Prepare = Callable[[Pilot[None]], Any]


async def still(pilot: Pilot[None]) -> None:
    """Nothing blinks in a picture."""
    for field in pilot.app.query(Input):
        field.cursor_blink = False
    await pilot.pause()


async def as_chosen(pilot: Pilot[None]) -> None:
    await still(pilot)
    pane = pilot.app.query_one(ClientPane)
    pane.choose_try("wrong")
    pane.tables["headers"].rows.focus()
    await press(pilot, "down", "space", "up")


async def as_edited(pilot: Pilot[None]) -> None:
    await as_chosen(pilot)
    await press(pilot, "left", "enter", "space", "tab", *"validtoken")


async def as_connected(pilot: Pilot[None]) -> None:
    await as_chosen(pilot)
    pane = pilot.app.query_one(ClientPane)
    pane.set_state("connected", "open, subprotocol chat")
    pane.bar.message.focus()
    await press(pilot, *"hello")


async def as_token(pilot: Pilot[None]) -> None:
    await still(pilot)
    pane = pilot.app.query_one(ClientPane)
    pane.load_tries(JWT)
    pane.choose_try("expired")
    pane.show_tab("token")
    await pilot.pause()
    await pilot.pause()


async def as_options(pilot: Pilot[None]) -> None:
    await still(pilot)
    pane = pilot.app.query_one(ClientPane)
    pane.show_tab("options", enter=True)
    pane.form.set_sent_automatically("User-Agent", False)
    pane.options.reread()
    await press(pilot, "tab", "x")


@pytest.mark.parametrize(
    ("prepare", "size", "theme"),
    [
        (as_chosen, (50, 17), "wsplay-dark"),
        (as_edited, (50, 17), "wsplay-dark"),
        (as_connected, (50, 17), "wsplay-dark"),
        (as_token, (50, 28), "wsplay-dark"),
        (as_options, (50, 24), "wsplay-dark"),
        (as_edited, (36, 17), "wsplay-dark"),
        (as_connected, (80, 9), "wsplay-dark"),
        (as_edited, (50, 17), "wsplay-light"),
        (as_connected, (50, 17), "wsplay-contrast"),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value).replace(", ", "x").strip("()"),
)
def test_how_it_looks(snap_compare: Any, prepare: Prepare, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(PaneApp(theme=theme), terminal_size=size, run_before=prepare)


def test_it_can_be_made_without_an_app() -> None:
    assert ClientPane().handshake() == Handshake(path="")
