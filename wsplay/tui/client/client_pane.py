"""The client: tries, the parts of the request, the connect button and messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher

from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import Handshake, Pairs
from wsplay.scenario.file import Scenario, Try
from wsplay.tui.client.form import LIST_NAMES, TYPED_OPTIONS, ClientForm, InvalidForm
from wsplay.tui.client.message_bar import MessageBar
from wsplay.tui.client.options_tab import OptionsTab
from wsplay.tui.client.pair_table import PairTable
from wsplay.tui.client.state import ClientState
from wsplay.tui.client.suggestions import HEADER_NAMES, HEADER_VALUES, QUERY_NAMES, SUBPROTOCOLS
from wsplay.tui.client.token_tab import TokenTab
from wsplay.tui.client.tokens import fill_in, kit_of
from wsplay.tui.client.validation import Problem, problems_of_option
from wsplay.tui.kit.chips import Chips
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.tab_strip import TabName, TabStrip

TABS: tuple[TabName, ...] = (
    TabName("headers", ("Headers", "Headers", "Head"), "The headers you send, in this order"),
    TabName("query", ("Query", "Query", "Query"), "The parameters after the path"),
    TabName("subprotocols", ("Subprotocols", "Protocols", "Subp"), "The subprotocols you offer"),
    TabName("token", ("Token", "Token", "Token"), "The JWT you send, decoded, and buttons that mint others"),
    TabName("options", ("Options", "Opts", "Opts"), "Compression, timeouts and automatic headers"),
)
#: Heights in lines below which gaps, then empty lines are left out; the width of the complete bar.
LOW, FLAT, ONE_LINE = 15, 11, 70
#: The first of these where a token is shown, which needs more lines than the rows of the other tabs.
TOKEN_LOW = 20
#: Minted tokens that are remembered.
MINTED = 100


class ClientPane(Vertical):
    """The form for a request, and for messages once it is connected.

    `now` gives seconds since the epoch, for minting and reading tokens. The pane does no IO: it posts what
    the user wants, and `set_state` sets its state.
    """

    BORDER_TITLE = BINDING_GROUP_TITLE = "Client"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+z", "undo", "Undo", "client.undo", "Undo the last change of the form"),
        bind("ctrl+y", "redo", "Redo", "client.redo", "Redo the change of the form"),
    ]
    DEFAULT_CSS = """
    ClientPane {
        border: round $border-blurred;
        border-title-color: $text-soft;
        border-title-style: bold;
        border-subtitle-color: $text-soft;
        padding: 0 1;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &:focus-within { border: heavy $accent; border-title-color: $accent; }
        & > TabStrip { margin-top: 1; }
        & > ContentSwitcher { height: 1fr; min-height: 3; margin-top: 1; }
        &.-low > TabStrip, &.-low > ContentSwitcher { margin-top: 0; }
        &.-flat RowTools.-quiet { display: none; }
    }
    """

    @dataclass
    class Connect(Message):
        """Connect with this; `try_name` is the try that filled the form, or `edited_from` if it was edited
        since.
        """

        handshake: Handshake
        try_name: str | None
        edited_from: str | None = None
        minted: Mapping[str, str] = field(default_factory=dict)  # tokens, each with its placeholder

    class Disconnect(Message):
        """Close the connection, or stop connecting."""

    class PathProblem(Message):
        """The path cannot be sent: it has to be edited."""

    @dataclass
    class TryChanged(Message):
        """The try that filled the form is another one, or none, or was edited since; or the path changed."""

        name: str | None
        edited: bool

    @dataclass
    class RequestMoved(Message):
        """Another scenario was opened. What was typed is replaced by its first try, or the request is kept;
        `words` says which, and names what.
        """

        words: str

    def __init__(
        self, *, now: Callable[[], float] = time.time, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.form = ClientForm()
        self.scenario: Scenario | None = None
        self._now = now
        self._ready = False
        self._waiting: Scenario | None = None
        self._state: tuple[ClientState, str] = ("idle", "")
        self._tokens: dict[str, str] = {}  # tokens of this scenario, each with its placeholder
        self._told: tuple[str | None, bool, str] = (None, False, "")  # the try, if it was edited, the path
        form = self.form
        self.tries = Chips("Try", empty="this scenario has no tries", id="client-tries")
        self.tries.BINDING_GROUP_TITLE = "Tries"
        self.tabs = TabStrip(TABS, id="client-tabs")
        self.tables = {
            "headers": PairTable(
                form,
                "headers",
                add_label="add a header",
                names=HEADER_NAMES,
                values=HEADER_VALUES,
                id="headers",
            ),
            "query": PairTable(form, "query", add_label="add a parameter", names=QUERY_NAMES, id="query"),
            "subprotocols": PairTable(
                form,
                "subprotocols",
                add_label="add a subprotocol",
                names=SUBPROTOCOLS,
                single=True,
                id="subprotocols",
            ),
        }
        self.token = TokenTab(form, now=now, id="token")
        self.options = OptionsTab(form, id="options")
        self.bar = MessageBar(id="client-bar")

    def compose(self) -> ComposeResult:
        """Tries, tabs, the shown tab, and the bar for connecting and messages."""
        yield self.tries
        yield self.tabs
        with ContentSwitcher(initial="headers"):
            yield from self.tables.values()
            yield self.token
            yield self.options
        yield self.bar

    def on_mount(self) -> None:
        """Show the form, and everything requested before the pane was mounted."""
        self._ready = True
        self._refresh_form()
        if self._waiting is not None:
            scenario, self._waiting = self._waiting, None
            self.load_tries(scenario)
        self.bar.set_state(*self._state)

    def on_resize(self) -> None:
        """With little height, gaps are left out first."""
        self._fit()

    def _fit(self) -> None:
        width, height = self.size
        self.set_class(height < (TOKEN_LOW if self.tabs.active == "token" else LOW), "-low")
        self.set_class(height < FLAT, "-flat")
        self.bar.set_class(height < FLAT, "-flat")
        self.bar.set_class(height < FLAT and width >= ONE_LINE, "-line")

    # -- what the app calls

    def load_tries(self, scenario: Scenario | None) -> None:
        """Show a scenario's tries. Another scenario's first try fills the form, unless the request is kept;
        the same one, read again, leaves the form as it is.
        """
        if not self._ready:
            self._waiting = scenario
            return
        before, self.scenario = self.scenario, scenario
        tries = scenario.tries if scenario is not None else ()
        same = before is not None and scenario is not None and before.name == scenario.name
        self.token.use_kit(kit_of(scenario))
        if not same:
            self._finish_edits()
            self._open(tries[0] if tries else None, scenario.path if scenario is not None else "")
        names = [try_.name for try_ in tries]
        self.tries.show_names(names, self.form.try_name, [_tip(try_) for try_ in tries])
        self._refresh_form()

    def set_state(self, state: ClientState, note: str = "") -> None:
        """Set the connection's state: `idle`, `connecting` or `connected`, with a note."""
        self._state = (state, note)
        if self._ready:
            self.bar.set_state(state, note)

    def handshake(self) -> Handshake:
        """The form's handshake. Raises InvalidForm if it has problems."""
        return self.form.to_handshake()

    def choose_try(self, name: str) -> None:
        """Fill the form from a try of the scenario, as if it was pressed."""
        try_ = self.scenario.get_try(name) if self.scenario is not None else None
        if try_ is not None:
            self._finish_edits()
            handshake, problem = self._minted_for(try_)
            self.form.fill(handshake, try_.name)
            self.bar.say(problem, "bad" if problem else "")
            self._refresh_form()

    def use_address(self, path: str, query: Pairs = ()) -> str:
        """Connect to another path, with more parameters; returns what is wrong with the path."""
        self._finish_edits()
        self.form.type_address(path, query)
        self._finish_edits()
        self._refresh_form()
        problems = problems_of_option("path", path)
        return problems[0].message if problems else ""

    def show_tab(self, key: str, *, enter: bool = False) -> None:
        """Show a tab (headers, query, subprotocols, token, options) and, with `enter`, focus its content."""
        self.tabs.active = key
        self.query_one(ContentSwitcher).current = key
        self._fit()
        if key == "token":
            self.call_after_refresh(self.token.reread)
        if enter:
            if key in self.tables:
                self.screen.set_focus(self.tables[key].rows)  # at once, so that the next key goes there
            elif key == "token":
                self.token.focus_first()
            else:
                self.options.focus_first()

    @property
    def chosen_try(self) -> str | None:
        """The try that filled the form, edited or not; None if no try of the scenario did."""
        return self.form.try_name

    @on(MessageBar.ConnectPressed)
    def press_connect(self) -> None:
        """Do what the button says: connect, cancel, or disconnect."""
        if self.bar.state != "idle":
            self.post_message(self.Disconnect())
        else:
            self.connect()

    def connect(self) -> None:
        """Post Connect in any state; if the form has a problem, go there and say why instead."""
        self._finish_edits()
        try:
            handshake = self.handshake()
        except InvalidForm as error:
            self._show_problem(error.problems[0], len(error.problems))
            return
        self.bar.say("")
        name = self.form.try_name
        edited, minted = self.form.edited, dict(self._tokens)
        tries = (None, name) if edited else (name, None)
        self.post_message(self.Connect(handshake, tries[0], tries[1], minted))

    def mint(self, kind: str) -> None:
        """Put a new token of that kind (`wsplay.protocol.token.KINDS`) into the Authorization header."""
        self._finish_edits()
        try:
            token = self.token.kit.make(kind, int(self._now()))
        except ValueError as error:
            self.bar.say(str(error), "bad")
            return
        self._keep_minted(token, f"{{token.{kind}}}")
        self.form.put_header("Authorization", f"Bearer {token}")
        self._refresh_form()
        self.bar.say(f"put a token into the Authorization header: {kind.replace('_', ' ')}")

    # -- inside

    def toggle_keep(self) -> None:
        """Keep the request, or not, when another scenario is opened."""
        self.bar.set_keep(not self.bar.keep)
        self.bar.say(
            "the next scenario keeps this request" if self.bar.keep else "the next scenario starts anew"
        )

    @on(MessageBar.KeepPressed)
    def _keep_pressed(self) -> None:
        self.toggle_keep()

    def _open(self, first: Try | None, path: str) -> None:
        """Fill the form for another scenario."""
        self._tokens.clear()
        handshake, problem = Handshake(path=path), ""
        if first is not None and not self.bar.keep:
            handshake, problem = self._minted_for(first)
        name, keep = (None if first is None else first.name), self.bar.keep
        had_steps = bool(self.form.state.sent_steps)
        moved = self.form.open_scenario(handshake, name, path, keep=keep)
        self.bar.say(problem, "bad" if problem else "")
        if keep:
            without = ", without the messages of its try" if had_steps else ""
            self.post_message(self.RequestMoved(f"kept your request: {_listed(moved)}{without}"))
        elif moved:
            by = f'by the try "{visible(name, 24)}"' if name is not None else "this scenario has no tries"
            was = f"your request ({_listed(moved)}) was replaced"
            back = "c, then ctrl+z brings it back"
            self.post_message(self.RequestMoved(f"{was} {by}: {back}" if name else f"{was}, {by}: {back}"))

    def _minted_for(self, try_: Try) -> tuple[Handshake, str]:
        """What a try sends, with new tokens, and why they could not be minted."""
        try:
            return fill_in(try_, self.token.kit, self._now(), self._keep_minted), ""
        except ValueError as error:
            return try_.handshake, str(error)

    def _keep_minted(self, token: str, placeholder: str) -> None:
        self._tokens[token] = placeholder
        if len(self._tokens) > MINTED:
            del self._tokens[next(iter(self._tokens))]

    def _refresh_form(self) -> None:
        """The form has changed: show it again."""
        for table in self.tables.values():
            table.reread()
        self.options.reread()
        self._refresh_marks()

    def _refresh_marks(self) -> None:
        form = self.form
        edited = form.edited
        self.tries.chosen, self.tries.mark = form.try_name, "*" if edited else ""
        subtitle = f"edited from {visible(form.try_name or '', 24)}" if edited else ""
        if form.state.kept:
            subtitle = f"kept: {_listed(form.state.typed)}"
        self.border_subtitle = Content(subtitle)
        if self._told != (form.try_name, edited, form.state.path):
            self._told = (form.try_name, edited, form.state.path)
            self.post_message(self.TryChanged(form.try_name, edited))
        wrong = {
            "options" if problem.where in TYPED_OPTIONS else problem.where for problem in form.problems()
        }
        marks: dict[str, str] = {}
        for which in LIST_NAMES:
            if which in wrong:
                marks[which] = "wrong"
            elif which != "headers" and any(row.on for row in form.rows(which)):
                marks[which] = "•"
        if "options" in wrong:
            marks["options"] = "wrong"
        self.tabs.marks = marks
        self.token.reread()

    def _finish_edits(self) -> None:
        for table in self.tables.values():
            table.finish_edit()
        self.form.new_undo_step()

    def _show_problem(self, problem: Problem, count: int) -> None:
        """Go to the problem and report it."""
        if problem.row is not None:
            self.show_tab(problem.where)
            self.tables[problem.where].edit(problem.row, problem.part)
        elif problem.where == "path":
            self.post_message(self.PathProblem())
        else:
            self.show_tab("options")
            self.options.focus_option(problem.where)
        more = f" (and {count - 1} more)" if count > 1 else ""
        self.bar.say(f"cannot connect: {problem.message}{more}", "bad")

    def action_undo(self) -> None:
        """Undo the last change."""
        self._step_back(redo=False)

    def action_redo(self) -> None:
        """Redo the last undone change."""
        self._step_back(redo=True)

    def _step_back(self, *, redo: bool) -> None:
        if self.bar.has_focus_within:
            return  # a message is not part of the form
        change = self.form.redo() if redo else self.form.undo()
        if change is None:
            self.bar.say("nothing to redo" if redo else "nothing to undo")
            return
        if self.tabs.active != change.where and change.where in (*self.tables, "options"):
            self.show_tab(change.where, enter=True)
        self._refresh_form()
        self.bar.say(f"{'redone' if redo else 'undone'}: {change.label}")

    @on(PairTable.UndoAsked)
    def _undo_asked(self, event: PairTable.UndoAsked) -> None:
        self._step_back(redo=event.redo)

    @on(Chips.Pressed, "#client-tries")
    def _try_pressed(self, event: Chips.Pressed) -> None:
        self.choose_try(event.name)

    @on(TabStrip.Activated)
    def _tab_shown(self, event: TabStrip.Activated) -> None:
        self.show_tab(event.key, enter=event.entered)

    @on(PairTable.Changed)
    def _rows_changed(self, event: PairTable.Changed) -> None:
        self.options.reread()
        self._refresh_marks()
        if event.said is not None:
            self.bar.say(event.said)

    @on(OptionsTab.Changed)
    def _options_changed(self) -> None:
        self._refresh_marks()
        self.bar.say("")

    @on(TokenTab.Minted)
    def _minted(self, event: TokenTab.Minted) -> None:
        self.mint(event.kind)


def _listed(names: tuple[str, ...]) -> str:
    """The names of parts of a request, in a few words."""
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(visible(name, 24) for name in names[:4]) + more or "only automatic headers"


def _tip(try_: Try) -> str:
    """What a try sends, in one line, as in its file."""
    parts = [f"{name}: {value}" for name, value in try_.handshake.headers]
    parts += [f"?{name}={value}" for name, value in try_.handshake.query]
    parts += [f"subprotocol {name}" for name in try_.handshake.subprotocols]
    parts += [f"without {name}" for name in try_.handshake.omit]
    # A tooltip is parsed as markup.
    return visible(" · ".join(parts) or "only automatic headers", 120).replace("[", "\\[")
