"""The state of the client's form: rows, options, undo, and the resulting handshake. Pure.

No input is lost: invalid text is kept and reported by `problems`, and every change can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from wsplay.protocol.handshake import Handshake, Pairs
from wsplay.protocol.steps import SetupStep, Step
from wsplay.tui.client.validation import Part, Problem, problems_of_option, problems_of_row, seconds_of

#: The three lists of rows a form has.
ListName = Literal["headers", "query", "subprotocols"]
LIST_NAMES: tuple[ListName, ...] = get_args(ListName)
#: The options that are typed.
TypedOption = Literal["open_timeout", "close_timeout"]
TYPED_OPTIONS: tuple[TypedOption, ...] = get_args(TypedOption)
#: Changes that can be undone.
MAX_UNDO = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One header, query parameter or subprotocol; it is sent only while `on`."""

    name: str = ""
    value: str = ""
    on: bool = True

    @property
    def blank(self) -> bool:
        """Whether it is empty."""
        return not self.name and not self.value

    def get(self, part: Part) -> str:
        """The text of one cell."""
        return self.name if part == "name" else self.value


@dataclass(frozen=True, slots=True)
class FormState:
    """A form's content at one moment. Timeouts are kept as typed.

    `filled` is the try that filled the form, as it was then; `given_path` is the path from the scenario or
    the try, to tell it from a path that the user typed. `kept` says that another scenario left the request.
    """

    headers: tuple[Row, ...] = ()
    query: tuple[Row, ...] = ()
    subprotocols: tuple[Row, ...] = ()
    path: str = ""
    given_path: str = ""
    compression: bool = True
    omit: tuple[str, ...] = ()
    open_timeout: str = "5"
    close_timeout: str = "2"
    before: tuple[SetupStep, ...] = ()  # what the try does before it connects
    steps: tuple[Step, ...] = ()
    play_steps: bool = True
    try_name: str | None = None
    filled: FormState | None = None
    kept: bool = False

    def rows(self, which: ListName) -> tuple[Row, ...]:
        """The rows of one list."""
        return {"headers": self.headers, "query": self.query, "subprotocols": self.subprotocols}[which]

    def with_rows(self, which: ListName, rows: tuple[Row, ...]) -> FormState:
        """The same state with other rows in one list."""
        if which == "headers":
            return replace(self, headers=rows)
        if which == "query":
            return replace(self, query=rows)
        return replace(self, subprotocols=rows)

    @property
    def request(self) -> tuple[object, ...]:
        """What the handshake of this state depends on; equal requests give equal handshakes."""
        lists = tuple(tuple((row.name, row.value) for row in self.rows(w) if row.on) for w in LIST_NAMES)
        timeouts = (_seconds_or_text(self.open_timeout), _seconds_or_text(self.close_timeout))
        omit = frozenset(name.lower() for name in self.omit)
        return (*lists, self.path, self.compression, omit, timeouts)

    @property
    def typed(self) -> tuple[str, ...]:
        """The names of what differs from the try that filled the form, or from a plain request."""
        plain = self.filled or FormState(path=self.given_path, given_path=self.given_path)
        mine, given = list(_items(self)), list(_items(plain))
        added = [item[0] for item in mine if item not in given]
        gone = [item[0] for item in given if item not in mine and item[0] not in added]
        return tuple(dict.fromkeys([*added, *(f"without {name}" for name in gone)]))

    @property
    def sent_steps(self) -> tuple[Step, ...]:
        """The steps to take once connected."""
        return self.steps if self.play_steps else ()


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was made, undone or redone: in words, and where it is (a list's name, `path` or
    `options`).
    """

    label: str
    where: str


class InvalidForm(ValueError):
    """The form cannot be sent; `problems` says why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


class ClientForm:
    """The form and its history. Row indices count from 0; one outside a list raises IndexError."""

    def __init__(self) -> None:
        self.state = FormState()
        self._undo: list[tuple[Change, FormState]] = []
        self._redo: list[tuple[Change, FormState]] = []
        self._typing: object = None  # the cell being edited; its changes are undone together

    # -- what it holds

    def rows(self, which: ListName) -> tuple[Row, ...]:
        """The rows of one list, including disabled ones."""
        return self.state.rows(which)

    @property
    def try_name(self) -> str | None:
        """The try that filled the form, edited or not."""
        return self.state.try_name

    @property
    def edited(self) -> bool:
        """Whether the request differs from the try that filled the form."""
        state, filled = self.state, self.state.filled
        return filled is not None and (
            filled.request != state.request or filled.sent_steps != state.sent_steps
        )

    def problems(self) -> tuple[Problem, ...]:
        """What prevents a handshake, in the order of the tabs; disabled rows are not checked."""
        found: list[Problem] = []
        for which in LIST_NAMES:
            for index, row in enumerate(self.rows(which)):
                if row.on:
                    found += problems_of_row(which, index, row.name, row.value)
        found += problems_of_option("path", self.state.path)
        for option in TYPED_OPTIONS:
            found += problems_of_option(option, getattr(self.state, option))
        return tuple(found)

    def to_handshake(self) -> Handshake:
        """The handshake to send. Raises InvalidForm if there are problems."""
        problems = self.problems()
        if problems:
            raise InvalidForm(problems)
        state = self.state
        return Handshake(
            path=state.path,
            query=_pairs(state.query),
            headers=_pairs(state.headers),
            omit=state.omit,
            subprotocols=tuple(row.name for row in state.subprotocols if row.on),
            compression=state.compression,
            before=state.before,
            steps=state.sent_steps,
            open_timeout=seconds_of(state.open_timeout),
            close_timeout=seconds_of(state.close_timeout),
        )

    # -- rows

    def add(self, which: ListName, index: int | None = None, row: Row | None = None) -> int:
        """Put `row` (a blank one if None) before `index` (at the end if None) and return its index."""
        rows = self.rows(which)
        at = len(rows) if index is None else max(0, min(index, len(rows)))
        self._change_rows(which, (*rows[:at], row or Row(), *rows[at:]), f"add a {_NOUN[which]}")
        return at

    def type_in(self, which: ListName, index: int, part: Part, text: str) -> None:
        """Set one cell; consecutive changes of the same cell are undone together."""
        row = self.rows(which)[index]
        if row.get(part) == text:
            return
        new = replace(row, name=text) if part == "name" else replace(row, value=text)
        self._replace_row(which, index, new, f"edit {_name_of(which, row)}", typing=(which, index, part))

    def switch(self, which: ListName, index: int) -> None:
        """Turn a row on or off."""
        row = self.rows(which)[index]
        word = "switch off" if row.on else "switch on"
        self._replace_row(which, index, replace(row, on=not row.on), f"{word} {_name_of(which, row)}")

    def duplicate(self, which: ListName, index: int) -> int:
        """Duplicate a row and return the copy's index."""
        rows = self.rows(which)
        row = rows[index]
        self._change_rows(
            which, (*rows[: index + 1], row, *rows[index + 1 :]), f"duplicate {_name_of(which, row)}"
        )
        return index + 1

    def move(self, which: ListName, index: int, by: int) -> int:
        """Move a row up (negative) or down, to the end at most, and return its new index."""
        rows = list(self.rows(which))
        row = rows.pop(index)
        to = max(0, min(index + by, len(rows)))
        if to != index:
            rows.insert(to, row)
            self._change_rows(which, tuple(rows), f"move {_name_of(which, row)}")
        return to

    def delete(self, which: ListName, index: int) -> None:
        """Delete a row."""
        rows = self.rows(which)
        row = rows[index]
        self._change_rows(which, (*rows[:index], *rows[index + 1 :]), f"delete {_name_of(which, row)}")

    def drop_if_blank(self, which: ListName, index: int) -> bool:
        """Remove an empty row, undoing its addition; return whether it was removed."""
        rows = self.rows(which)
        if index >= len(rows) or not rows[index].blank:
            return False
        without = (*rows[:index], *rows[index + 1 :])
        while self._undo and self._undo[-1][0].where == which and self._undo[-1][1].rows(which) == without:
            self.state = self._undo.pop()[1]
        if self.rows(which) != without:
            self._change_rows(which, without, f"delete a {_NOUN[which]}")
        self.new_undo_step()
        return True

    def put_header(self, name: str, value: str) -> int:
        """Set the first enabled header of that name (ignoring case), or add one; return its index."""
        for index, row in enumerate(self.state.headers):
            if row.on and row.name.lower() == name.lower():
                self._replace_row("headers", index, replace(row, value=value), f"set {row.name}")
                return index
        return self.add("headers", row=Row(name, value))

    # -- options

    def type_option(self, option: TypedOption, text: str) -> None:
        """Set a timeout, in seconds, as typed; consecutive changes are undone together."""
        typed: dict[str, Any] = {option: text}
        label = f"edit the {option.replace('_', ' ')}"
        self._change(replace(self.state, **typed), label, "options", typing=option)

    def type_address(self, path: str, query: Pairs = ()) -> None:
        """Set the path, and add the query's parameters that are not sent yet; both are undone together."""
        sent = [(row.name, row.value) for row in self.state.query if row.on]
        new = []
        for pair in query:
            if pair in sent:
                sent.remove(pair)
            else:
                new.append(Row(*pair))
        state = replace(self.state, path=path, query=(*self.state.query, *new))
        self._change(state, "edit the path", "query" if new else "path")

    def set_compression(self, on: bool) -> None:
        """Offer permessage-deflate or not."""
        self._change(replace(self.state, compression=on), "switch compression", "options")

    def set_play_steps(self, on: bool) -> None:
        """Send the try's messages once connected, or not."""
        self._change(replace(self.state, play_steps=on), "switch the try's messages", "options")

    def set_sent_automatically(self, name: str, on: bool) -> None:
        """Send an automatic header or leave it out."""
        omit = tuple(other for other in self.state.omit if other.lower() != name.lower())
        self._change(replace(self.state, omit=omit if on else (*omit, name)), f"switch {name}", "options")

    # -- tries

    def fill(self, handshake: Handshake, try_name: str) -> None:
        """Fill the whole form from a try."""
        self._change(_filled(handshake, try_name), f"choose {try_name}", "headers")

    def open_scenario(
        self, first: Handshake, try_name: str | None, path: str, *, keep: bool = False
    ) -> tuple[str, ...]:
        """Switch to another scenario, served at `path`: fill the form from its first try, or `keep` the
        request, then without a try. Names what was typed and is replaced, or all that is kept.

        What was typed can be brought back, but no try of the scenario before, nor its messages and path.
        """
        typed, before = self.state.typed, _moved(self.state, path)
        self._undo = [(change, _moved(state, path)) for change, state in self._undo if state.typed]
        self._redo.clear()
        self.new_undo_step()
        if keep:
            self.state = replace(before, kept=True)
            return before.typed
        if typed:
            self._undo.append((Change("open another scenario", "headers"), before))
            del self._undo[:-MAX_UNDO]
        self.state = _filled(first, try_name)
        return typed

    # -- undo

    def new_undo_step(self) -> None:
        """Later changes are undone separately from earlier ones."""
        self._typing = None

    def undo(self) -> Change | None:
        """Undo the newest change and return it; None if there is none."""
        return self._step(self._undo, self._redo)

    def redo(self) -> Change | None:
        """Redo the last undone change and return it; None if there is none."""
        return self._step(self._redo, self._undo)

    def _step(
        self, source: list[tuple[Change, FormState]], target: list[tuple[Change, FormState]]
    ) -> Change | None:
        self.new_undo_step()
        if not source:
            return None
        change, state = source.pop()
        target.append((change, self.state))
        self.state = state
        return change

    def _replace_row(self, which: ListName, index: int, row: Row, label: str, typing: object = None) -> None:
        rows = list(self.rows(which))
        rows[index] = row
        self._change_rows(which, tuple(rows), label, typing)

    def _change_rows(self, which: ListName, rows: tuple[Row, ...], label: str, typing: object = None) -> None:
        self._change(self.state.with_rows(which, rows), label, which, typing=typing)

    def _change(self, state: FormState, label: str, where: str, *, typing: object = None) -> None:
        if state == self.state:
            return
        if typing is None or typing != self._typing:
            self._undo.append((Change(label, where), self.state))
            del self._undo[:-MAX_UNDO]
        self._typing = typing
        self._redo.clear()
        self.state = state


_NOUN: Mapping[ListName, str] = {"headers": "header", "query": "parameter", "subprotocols": "subprotocol"}


def _name_of(which: ListName, row: Row) -> str:
    return row.name or f"a {_NOUN[which]}"


def _pairs(rows: tuple[Row, ...]) -> Pairs:
    return tuple((row.name, row.value) for row in rows if row.on)


def _seconds_or_text(text: str) -> float | str:
    return text if problems_of_option("open_timeout", text) else seconds_of(text)


def _items(state: FormState) -> Iterator[tuple[str, object]]:
    """Everything in a request that can be typed: its name in words, then its value."""
    form = {"headers": "{}", "query": "?{}", "subprotocols": "subprotocol {}"}
    for which in LIST_NAMES:
        for row in state.rows(which):
            if not row.blank:
                name = form[which].format(row.name) if row.name else _name_of(which, row)
                yield name, (row.value, row.on)
    for name in state.omit:
        yield f"no {name}", name.lower()
    yield "the path", state.path
    yield "compression", state.compression
    yield "the open timeout", _seconds_or_text(state.open_timeout)
    yield "the close timeout", _seconds_or_text(state.close_timeout)
    yield "the try's messages", state.play_steps


def _moved(state: FormState, path: str) -> FormState:
    """The request of a state, in another scenario."""
    typed_path = state.path if state.path != state.given_path else path
    return replace(
        state, path=typed_path, given_path=path, before=(), steps=(), try_name=None, filled=None, kept=False
    )


def _filled(handshake: Handshake, try_name: str | None) -> FormState:
    state = _state_of(handshake)
    return replace(state, try_name=try_name, filled=state if try_name is not None else None)


def _state_of(handshake: Handshake) -> FormState:
    return FormState(
        headers=tuple(Row(name, value) for name, value in handshake.headers),
        query=tuple(Row(name, value) for name, value in handshake.query),
        subprotocols=tuple(Row(name) for name in handshake.subprotocols),
        path=handshake.path,
        given_path=handshake.path,
        compression=handshake.compression,
        omit=handshake.omit,
        open_timeout=f"{handshake.open_timeout:g}",
        close_timeout=f"{handshake.close_timeout:g}",
        before=handshake.before,
        steps=handshake.steps,
    )
