"""Headers, query parameters or subprotocols as rows that are edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from wsplay.tui.client.cell_input import CellInput
from wsplay.tui.client.form import ClientForm, ListName
from wsplay.tui.client.pair_rows import PairRows
from wsplay.tui.client.row_tools import RowTools
from wsplay.tui.client.validation import Part


class PairTable(Vertical):
    """An editor for one list of a form: rows, an input over the cell being edited, and tools.

    Changes go into the form at once; `Changed` reports each one, `UndoAsked` asks for undo and redo, which
    may concern another list. `names` and `values` are suggested while typing; `values` by their row's name
    in lower case.
    """

    DEFAULT_CSS = """
    PairTable {
        height: 1fr;
        & > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; layers: base over; }
    }
    """

    @dataclass
    class Changed(Message):
        """The form's rows have changed; `said` is a message about it. Empty: the previous message is out of
        date. None: it is not, because only an empty row was removed.
        """

        said: str | None = ""

    @dataclass
    class UndoAsked(Message):
        """The user wants to undo a change of the form, or (`redo`) to redo it."""

        redo: bool = False

    def __init__(
        self,
        form: ClientForm,
        which: ListName,
        *,
        add_label: str,
        names: Sequence[str] = (),
        values: Mapping[str, Sequence[str]] | None = None,
        single: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.form = form
        self.which: ListName = which
        self.rows = PairRows(form, which, add_label=add_label, single=single)
        self.cell = CellInput(self._go_on, select_on_focus=False)
        self.tools = RowTools()
        self._names = tuple(names)
        self._values = dict(values or {})

    def compose(self) -> ComposeResult:
        """Rows with the input over them, tools below."""
        with VerticalScroll(can_focus=False):
            yield self.rows
            yield self.cell
        yield self.tools

    def on_mount(self) -> None:
        """Show the form's rows."""
        self.reread()

    def reread(self) -> None:
        """The form was changed elsewhere: draw it again, and keep editing if the cell still exists."""
        self.rows.reread()
        editing = self.rows.editing
        if editing is None:
            return
        index, part = editing
        rows = self.form.rows(self.which)
        if index >= len(rows):
            self._close()
            return
        self.cell.text = rows[index].get(part)
        self.call_after_refresh(self._place_cell)

    # -- editing

    def edit(self, index: int, part: Part, at: int | None = None) -> None:
        """Open a cell for editing; `at` is the caret's position in columns (None: the end)."""
        if self.rows.editing is None or self.rows.editing[0] != index:
            self._finish()
        rows = self.form.rows(self.which)
        if not 0 <= index < len(rows):
            return
        row = rows[index]
        self.form.new_undo_step()
        self.rows.cursor = index
        self.rows.column = part
        self.rows.editing = (index, part)
        suggested = self._names if part == "name" else self._values.get(row.name.lower(), ())
        cell = self.cell
        cell.suggester = SuggestFromList(suggested, case_sensitive=False) if suggested else None
        cell._suggestion = ""
        cell.text = row.get(part)
        cell.cursor_position = len(cell.value) if at is None else _index_at(cell.value, at)
        cell.display = True
        self._place_cell()
        cell.focus(scroll_visible=False)
        self.rows.show_cursor()
        self._light()
        self.call_after_refresh(self._place_cell)

    def _place_cell(self) -> None:
        if self.rows.editing is not None:
            region = self.rows.cell_region(*self.rows.editing)
            self.cell.styles.offset = (region.x, region.y)
            self.cell.styles.width = region.width

    def on_resize(self) -> None:
        """The columns have moved."""
        self.call_after_refresh(self._place_cell)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self.rows.editing is not None and event.value == self.cell.value:
            self._write(*self.rows.editing)

    def _write(self, index: int, part: Part) -> None:
        """Write the cell's text into the form."""
        rows = self.form.rows(self.which)
        if index < len(rows) and self.cell.text != rows[index].get(part):
            self.form.type_in(self.which, index, part, self.cell.text)
            self.rows.reread()
            self.call_after_refresh(self._place_cell)
            self.post_message(self.Changed())

    @on(CellInput.Left)
    def _left(self, event: CellInput.Left) -> None:
        self._go_on(event.where)

    def _go_on(self, where: str) -> None:
        """Leave the cell, as `CellInput.Left` says, or with `enter`."""
        editing = self.rows.editing
        if editing is None:
            return
        index, part = editing
        self._write(index, part)
        more = part == "name" and not self.rows.single  # the value is next
        match where:
            case "blur":
                if not self.cell.has_focus:
                    self._finish()
                    self._light()
            case "next" if more:
                self.edit(index, "value")
            case "next":
                self._tab_to_row(index, 1)
            case "enter" if more and not self.form.rows(self.which)[index].blank:
                self.edit(index, "value")
            case "previous" if part == "value":
                self.edit(index, "name")
            case "previous":
                self._tab_to_row(index, -1)
            case "up" | "down":
                self._to_row(index, part, -1 if where == "up" else 1)
            case _:
                self._close()

    def _tab_to_row(self, index: int, by: int) -> None:
        """Edit the next row from its name, or the previous one from its end. After the last one, add a row;
        after a row that is still empty, begin again at the first.
        """
        rows = self.form.rows(self.which)
        last: Part = "name" if self.rows.single else "value"
        if len(rows) == 1 and rows[0].blank:
            self.edit(0, "name" if by > 0 else last)
            return
        gone = self._finish()
        count = len(self.form.rows(self.which))
        if by < 0:
            self.edit((index - 1) % count, last)
        elif gone:
            self.edit(index % count, "name")
        elif index + 1 < count:
            self.edit(index + 1, "name")
        else:
            self._add(count)

    def _to_row(self, index: int, part: Part, by: int) -> None:
        if self._finish() and by > 0:
            by = 0  # the row was removed, so the next one is in its place
        target = index + by
        if 0 <= target < len(self.form.rows(self.which)):
            self.edit(target, part)
        else:
            self._close()
            self.rows.cursor = max(0, min(target, len(self.form.rows(self.which))))

    def _finish(self) -> bool:
        """End editing; an empty new row is removed, and True is returned."""
        editing = self.rows.editing
        if editing is None:
            return False
        self.rows.editing = None
        self.cell.display = False
        self.form.new_undo_step()
        gone = self.form.drop_if_blank(self.which, editing[0])
        if gone:
            self.rows.reread()
            self.post_message(self.Changed(None))
        return gone

    def _close(self) -> None:
        """End editing, and go back to the rows."""
        self._finish()
        self.screen.set_focus(self.rows)
        self._light()

    def finish_edit(self) -> None:
        """End editing from outside, for example before connecting; the text stays."""
        had = self.cell.has_focus
        self._finish()
        if had:
            self.rows.focus()
        self._light()

    def on_descendant_focus(self) -> None:
        """Brighten the tools."""
        self._light()

    def on_descendant_blur(self) -> None:
        """Dim the tools."""
        self.call_after_refresh(self._light)

    def _light(self) -> None:
        lit = self.rows.has_focus or self.cell.has_focus
        self.tools.show(
            lit=lit,
            editing=self.rows.editing is not None,
            near=self.app.mouse_over is not None and self in self.app.mouse_over.ancestors_with_self,
        )
        self.rows.refresh()

    def on_enter(self) -> None:
        """Show the tools for the mouse too."""
        self._light()

    def on_leave(self) -> None:
        """The mouse has left."""
        self._light()

    # -- changing rows

    @on(RowTools.Pressed)
    def _tool(self, event: RowTools.Pressed) -> None:
        self.act(event.what)

    @on(PairRows.Asked)
    def _asked(self, event: PairRows.Asked) -> None:
        self.act(event.what, event.at)

    def act(self, what: str, at: int | None = None) -> None:
        """Run an action on the row under the cursor. `what`: edit (`at` is the position in the cell), switch,
        add, duplicate, delete, up, down, undo, redo.
        """
        rows = self.form.rows(self.which)
        index = self.rows.cursor
        if what in ("undo", "redo"):
            self.post_message(self.UndoAsked(redo=what == "redo"))
            return
        if what == "add" or (what == "edit" and index >= len(rows)):
            self._finish()
            rows = self.form.rows(self.which)
            self._add(min(index + 1, len(rows)))
            return
        if what == "edit":
            self.edit(index, self.rows.column, at)
            return
        if index >= len(rows):
            return
        editing = self.rows.editing is not None
        self._finish()
        if index >= len(self.form.rows(self.which)):
            return
        said = ""
        match what:
            case "switch":
                self.form.switch(self.which, index)
            case "duplicate":
                self.rows.cursor = self.form.duplicate(self.which, index)
            case "delete":
                self.form.delete(self.which, index)
                said = f"deleted {rows[index].name or 'a row'}; u undoes it"
            case _:
                self.rows.cursor = self.form.move(self.which, index, -1 if what == "up" else 1)
        self.rows.reread()
        if editing:
            self.rows.focus()
        self._light()
        self.rows.show_cursor()
        self.post_message(self.Changed(said))

    def _add(self, at: int) -> None:
        index = self.form.add(self.which, at)
        self.rows.reread()
        self.edit(index, "name")
        self.post_message(self.Changed())


def _index_at(text: str, column: int) -> int:
    """The index of the character at `column` on the screen; the end for a column after it."""
    for index in range(len(text)):
        if cell_len(text[: index + 1]) > column:
            return index
    return len(text)
