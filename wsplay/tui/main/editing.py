"""What the user edits, and which of it the server runs.

The text on the screen is a working copy (`working_copy.py`), kept by `kept_edits.py`. It reaches the server
when it is applied, and the file only when it is written back.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content
from textual.timer import Timer

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import builtin_folder
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.main.edit_line import EDIT_MARK, Offer, date_words, edit_pieces
from wsplay.tui.main.state import MainState
from wsplay.tui.main.working_copy import WorkingCopies, WorkingCopy
from wsplay.tui.source.line_map import line_in
from wsplay.tui.source.pane import SourceView
from wsplay.tui.source.source_place import SourcePlace

if TYPE_CHECKING:
    from wsplay.files.edits import Edit
    from wsplay.tui.main.changes import Change
    from wsplay.tui.main.kept_edits import KeptEdits

#: Seconds after a change until the text is written.
WRITE_AFTER = 0.5
#: Seconds to wait for the file that the user's own editor opens.
WRITE_LIMIT = 5.0


class Difference(NamedTuple):
    """Two texts of a file to compare."""

    before: str
    file: str
    after: str
    title: str


class Editing:
    """The edits on `screen`, whose source stands in `place`; `state` says what the server runs.

    `folder` keeps them; without one they last until the end. `serve` shows a scenario and gives it to the
    server.
    """

    def __init__(
        self,
        screen: BaseScreen,
        place: SourcePlace,
        state: MainState,
        *,
        folder: Path | None,
        serve: Callable[[Scenario], None],
    ) -> None:
        self._screen, self._place, self._state, self._serve = screen, place, state, serve
        self._folder = folder
        self._copies = WorkingCopies()
        self._kept: KeptEdits | None = None
        self._begun: set[str] = set()  # files with a working copy that is kept
        self._own_editor: set[str] = set()  # files whose working copy the user's own editor was given
        self._offers: dict[str, list[Edit]] = {}  # edits of earlier starts, not answered yet
        self._write: Timer | None = None
        self.copy: WorkingCopy | None = None  # of the scenario on show
        self._loaded = ""  # the file whose text is in the editor
        self._rest: list[Edit] = []  # the other edits beside the one that was accepted last

    # -- what is shown and served

    def opened(self, scenario: Scenario) -> Scenario:
        """A scenario was opened, or its file was read again: what to show and to serve of it."""
        self.write_now()
        copy = self.copy = self._copies.of(scenario)
        return scenario if copy.applied == copy.original else copy.scenario(copy.applied)

    def show(self) -> None:
        """Show the text of the working copy."""
        copy = self.copy
        if copy is None:
            return
        view = self._screen.query_one(SourceView)
        view.show(copy.file, copy.text)
        self._draw_title()
        if self._place.what == "editor":
            self._fill_editor()

    def draw(self) -> None:
        """Draw the line about the edit: the edit, or what the server runs, has changed."""
        copy = self.copy
        pieces = []
        if copy is not None:
            offers = self._offers.get(copy.file)
            offer = Offer(offers[0].edited, offers[0].based) if offers else None
            pieces = edit_pieces(copy, self.served, self._problem_words(), offer)
        line = next(iter(self._screen.query("#edit-line").results(StatusLine)), None)
        if line is None and pieces:
            line = StatusLine(id="edit-line")
            self._screen.mount(line, after="#fold")
        if line is not None:
            line.display = bool(pieces)
            line.show(pieces)
        self._screen.set_class(bool(pieces), "-edited")
        self._draw_title()
        self._screen.refresh_bindings()

    def draw_problem(self) -> None:
        """Mark the line at which the applied text did not load, while it is the text on the screen."""
        copy, problem = self.copy, self._state.not_loaded
        if copy is None:
            return
        mine = problem is not None and problem.scenario.file == copy.file and copy.text == copy.applied
        view = self._screen.query_one(SourceView)
        if mine and problem is not None:
            view.show_problem(problem.reason, problem.line)
        else:
            view.clear_problem()
        if self._place.what == "editor":
            self._place.editor().show_problem(problem.line if mine and problem is not None else None)

    @property
    def served(self) -> str | None:
        """The text of the file on show that the server runs; None if it runs none of it."""
        loaded, copy = self._state.loaded, self.copy
        return loaded.source if loaded is not None and copy is not None and loaded.file == copy.file else None

    def _problem_words(self) -> str:
        problem, copy = self._state.not_loaded, self.copy
        if problem is None or copy is None or problem.scenario.file != copy.file:
            return ""
        return problem.reason if problem.line is None else f"line {problem.line}: {problem.reason}"

    def _draw_title(self) -> None:
        copy = self.copy
        if copy is None:
            return
        name = _name(copy.file)
        edited = f"  {EDIT_MARK} edited" if copy.edited else ""
        self._screen.query_one(SourceView).set_title(f"Endpoint  {name}{edited}")
        if self._place.what == "editor":
            self._place.editor().border_title = Content(f"Editor  {name}{edited}")

    # -- edits of earlier starts

    def look_for_edits(self) -> None:
        """Offer the edits of the file on show that earlier starts have left, the first time it is shown."""
        copy = self.copy
        if copy is None or self._folder is None or copy.file in self._offers or copy.file in self._begun:
            return
        self._offers[copy.file] = self._keeper().find(copy.file, copy.original)
        self.draw()

    @property
    def offered(self) -> Edit | None:
        """The edit of an earlier start that is offered for the file on show."""
        copy = self.copy
        offers = None if copy is None or copy.edited else self._offers.get(copy.file)
        return offers[0] if offers else None

    def _accept(self) -> bool:
        """Go on with the edit that is offered, if there is one."""
        copy, offer = self.copy, self.offered
        if copy is None or offer is None:
            return False
        self._rest = self._offers[copy.file][1:]
        self._offers[copy.file] = []
        self._begin(copy, offer)
        self._put(offer.text)
        copy.changed = not offer.based
        return True

    # -- editing here

    def edit(self, line: int) -> None:
        """Make the source an editor, with the cursor on `line`."""
        copy = self.copy
        if copy is None or self._is_unreadable():
            return
        self._accept()
        self._place.show_editor()
        self._fill_editor()
        self._draw_title()
        self.draw_problem()
        self._place.editor().go_to(line)

    def leave(self) -> None:
        """Show the source again, with the edited text."""
        self.write_now()
        self._place.show_source()

    def changed(self) -> None:
        """The text in the editor has changed."""
        copy = self.copy
        if copy is not None and self._loaded == copy.file:
            self._take(self._place.editor().edited_text)

    def _fill_editor(self) -> None:
        copy, editor = self.copy, self._place.editor()
        if copy is None:
            return
        if self._loaded != copy.file:
            self._loaded = copy.file
            editor.load(copy.text)
        elif editor.edited_text != copy.text:
            editor.put(copy.text)

    def _put(self, text: str) -> None:
        """Another text, which undo in the editor takes back."""
        copy = self.copy
        if copy is None:
            return
        if text != copy.text:
            self._fill_editor()  # with what undo leads back to
        self._take(text)
        self._fill_editor()
        self.show()

    def _take(self, text: str) -> None:
        copy = self.copy
        if copy is None or text == copy.text:
            return
        copy.text = text
        self.draw()
        self.draw_problem()
        if self._folder is not None and self._write is None:
            self._write = self._screen.set_timer(WRITE_AFTER, self.write_now)

    # -- keeping

    def write_now(self) -> None:
        """Write the text on the screen, if it has changed since the last time."""
        if self._write is None:
            return
        self._write.stop()
        self._write = None
        copy = self.copy
        if copy is None or self._folder is None:
            return
        if copy.edited or copy.file in self._own_editor:
            self._begin(copy)
            self._keeper().keep(copy.file, copy.text)
        elif copy.file in self._begun:
            self._keeper().discard(copy.file)

    def close(self) -> None:
        """Write what is not written yet, and wait for it."""
        if self._kept is not None:
            self._kept.close()

    def _begin(self, copy: WorkingCopy, found: Edit | None = None) -> None:
        if self._folder is not None and (found is not None or copy.file not in self._begun):
            self._begun.add(copy.file)
            self._keeper().begin(copy.file, copy.original, found)

    def _keeper(self) -> KeptEdits:
        if self._kept is None:
            # Imported now: the first paint does not need it.
            from wsplay.tui.main.kept_edits import KeptEdits

            assert self._folder is not None
            self._kept = KeptEdits(self._folder, self._tell)
        return self._kept

    def _tell(self, line: str) -> None:
        """Say what went wrong with a file; in any thread."""
        screen = self._screen
        if screen.is_running:
            screen.call_later(screen.say, line, "warning")

    # -- applying

    def apply(self) -> None:
        """Give the text on the screen to the server. The file stays as it is."""
        copy = self.copy
        if copy is None or self._is_unreadable():
            return
        self._accept()
        self.write_now()
        if copy.text == copy.applied == self.served:
            self._screen.say("the server runs this text already")
            return
        copy.applied = copy.text
        self._serve(copy.scenario(copy.text))

    @property
    def can_apply(self) -> bool:
        """Whether there is, or can be at any moment, a text that the server was not given."""
        copy = self.copy
        if copy is None:
            return False
        return self._place.what == "editor" or copy.text != copy.applied or self.offered is not None

    def revert(self) -> None:
        """Show and serve the file's text again. Undo in the editor brings the edit back."""
        copy = self.copy
        if copy is None:
            return
        discarded = self._accept()
        if not copy.edited and copy.applied == copy.original:
            self._screen.say("there is no edit to revert")
            return
        self._put(copy.original)
        copy.changed = False
        self._write = self._write or self._screen.set_timer(WRITE_AFTER, self.write_now)
        what = "discarded your edit" if discarded else "back to the file"
        self._screen.say(f"{what}; in the editor (ctrl+e), ctrl+z brings your edit back")
        if copy.applied != copy.original or self.served != copy.original:
            copy.applied = copy.original
            self._serve(copy.scenario(copy.original))
        if discarded:
            self.write_now()
            self._offers[copy.file] = self._rest  # is there another one?
            self.draw()

    # -- differences

    def difference(self) -> Difference | None:
        """How the edit differs from the file; None where there is no edit."""
        copy, offer = self.copy, self.offered
        if copy is None or not (copy.edited or offer is not None):
            return None
        title = f"Difference  - {_name(copy.file)}  + your edit"
        if offer is not None:
            return Difference(copy.original, copy.file, offer.text, f"{title} of {date_words(offer.edited)}")
        return Difference(copy.original, copy.file, copy.text, title)

    def line_now(self, ran: str | None, line: int, label: str) -> tuple[int | None, str]:
        """Where a line of the text `ran` is in the text on the screen, with its label; it may be gone."""
        copy = self.copy
        if copy is None or ran is None or ran == copy.text:
            return line, label
        now = line_in(ran, copy.text, line)
        return (None, f"{label}, in code that was edited since") if now is None else (now, label)

    def words_for_save(self, saved: Sequence[str]) -> str:
        """What to tell when files of the scenario were saved, by another program."""
        copy = self.copy
        name = _name(saved[0])
        if copy is None or not copy.edited:
            return f"{name} was saved: loading it again"
        if any(os.path.samefile(file, copy.file) for file in saved if os.path.exists(file)):
            return f"{name} was saved; your edit stays: = shows the differences, Z takes the file's text"
        return f"{name} was saved: loading your edit again"

    # -- the user's own editor

    def open_own_editor(self, command: str | None, line: int) -> None:
        """Open the working copy in the user's own editor; each time it is saved it is applied."""
        from wsplay.tui.main.own_editor import EditorError, open_editor

        copy, screen = self.copy, self._screen
        if copy is None or self._is_unreadable():
            return
        if self._folder is None:
            screen.say("edits are not kept here, so there is no file to open", "warning")
            return
        self._accept()
        self._begin(copy)
        path = self._keeper().keep(copy.file, copy.text).result(WRITE_LIMIT)
        if path is None:
            return  # which is told
        self._own_editor.add(copy.file)
        try:
            open_editor(screen.app, str(path), line=line, editor=command, look=self.look)
        except EditorError as error:
            screen.say(str(error), "warning")
        self.look()

    def look(self) -> None:
        """Apply what the user's own editor has saved."""
        copy = self.copy
        if copy is None or copy.file not in self._own_editor or self._kept is None:
            return
        text = self._kept.changed(copy.file)
        if text is not None and text != copy.text:
            self._put(text)
            if copy.text != copy.applied:
                self._screen.say("saved in your editor: applied to the server")
                self.apply()

    # -- the file

    def write_back(self) -> bool:
        """Write the text on the screen to the file. False if it is left as it is, which is told."""
        copy, screen = self.copy, self._screen
        if copy is None or (refused := self.not_written_back()):
            screen.say(refused if copy is not None else "no scenario is open", "warning")
            return False
        from wsplay.files.kept_file import NotKept
        from wsplay.files.write_back import write_back

        text = copy.text
        try:
            write_back(Path(copy.file), copy.original, text)
        except NotKept as error:
            screen.say(f"not written: {error}", "error")
            return False
        self._write = self._write or screen.set_timer(WRITE_AFTER, self.write_now)
        copy.original, copy.changed = text, False
        self.write_now()
        screen.say(f"{_name(copy.file)} has your edit now")
        return True

    def not_written_back(self) -> str:
        """Why the text on the screen cannot be written to the file, or nothing."""
        copy = self.copy
        if copy is None or not copy.edited:
            return "there is no edit to write back"
        folder = os.path.realpath(builtin_folder())
        if os.path.dirname(os.path.realpath(copy.file)) == folder:
            return "a bundled scenario is never written to: save your edit as a scenario of your own"
        return ""

    # -- changes to try

    def changes(self, file_scenario: Scenario, fix: Scenario | None) -> list[Change]:
        """The changes to try on the text on the screen. `file_scenario` is the scenario as it is in its file,
        `fix` the one that fixes it.
        """
        from wsplay.tui.main.changes import changes_to

        copy = self.copy
        if copy is None:
            return []
        challenge = file_scenario.challenge
        patches = [choice.patch for choice in challenge.choices if choice.patch] if challenge else []
        return changes_to(copy.scenario(copy.text), fix, patches)

    def use(self, text: str) -> None:
        """Make this the text on the screen, and give it to the server."""
        self._accept()
        self._put(text)
        self.apply()

    def _is_unreadable(self) -> bool:
        """Whether the file could not be read; says so."""
        scenario = self._state.chosen
        unreadable = scenario is not None and scenario.problem is not None and not scenario.source
        if unreadable:
            self._screen.say("the file cannot be read, so there is nothing to edit", "warning")
        return unreadable

    def for_others(self, scenario: Scenario) -> Scenario:
        """The scenario as another screen is given it: named as edited if it is."""
        copy = self.copy
        if copy is None or copy.applied == copy.original:
            return scenario
        return dataclasses.replace(scenario, title=f"{scenario.title} (edited)")


def _name(file: str) -> str:
    """The name of a file, without its folder."""
    return visible(file.replace("\\", "/").rpartition("/")[2])
