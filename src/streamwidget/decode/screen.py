"""The last rows of a terminal's screen, and when each of them is emitted as text.

A row that was not redrawn is ready when its line ends: it is emitted when the output pauses, which
only the reader of the output knows, or when the row is no longer among the `ROWS_COUNT` last ones.
While the cursor is hidden, and in a region to which the cursor has moved up, rows are held back
longer, until then or the end of the output. An emitted row that is redrawn is emitted again, in its
last state. A recogniser reads redrawn rows and turns progress bars into results. Pure.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final, Generic, Literal, Protocol, TypeVar

from .screen_row import ROW_CHARS, Row, put

ROWS_COUNT: Final = 64
"""Rows that the cursor can return to; a row above them is final."""
FRAME_CHARS: Final = 500
"""Longest row that the recogniser reads."""
Result = TypeVar("Result")
Cause = Literal["redrawn", "left", "ended", "unfinished"]
"""Why a row is read: it is about to be redrawn, the cursor moves up or down from it, its line ends,
or a piece of the output ends in it and the row may continue."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Result]):
    """The recogniser's reading of a row."""

    results: list[Result]
    rest: str | None = None
    """The text after a progress bar; None: the row is not a progress bar."""


class Recogniser(Protocol[Result]):
    """Finds progress bars in rows."""

    def read(self, row: Row, text: str, cause: Cause, /) -> Reading[Result]:
        """Read a redrawn row."""
        ...

    def is_likely(self, text: str, /) -> bool:
        """True if `text`, a row without its end, would be a bar if it were redrawn next."""
        ...


class Screen(Generic[Result]):
    """At most `ROWS_COUNT` rows of at most `ROW_CHARS` characters, and a cursor."""

    def __init__(self, recogniser: Recogniser[Result]) -> None:
        self._recogniser = recogniser
        self._rows = [Row()]
        self._index = 0
        self._column: int | None = None
        """None: after the last cell of the row, where text is appended."""
        self._is_returned = False
        """True after a carriage return: directly before a line end it redraws nothing."""
        self._final_count = 0
        """Number of first rows that are final."""
        self._ready_count = 0
        """Number of first rows that may be emitted: their lines have ended, and the cursor has not
        moved back to them."""
        self._held_to = -1
        """Last row of the region to which the cursor has moved up."""
        self._has_frames = False
        """True once the program has cleared the screen or moved to an absolute position: what it
        writes after that may be one drawing after the other."""
        self._is_hidden = False
        self._saved = (0, 0)
        self._open: Row | None = None
        """The row whose text was emitted without a line end."""
        self._results: list[bytes | Result] = []
        self._texts: list[str] = []

    # --- results

    def take_results(self) -> list[bytes | Result]:
        """Return text and results since the last call, in order."""
        self._join_texts()
        results, self._results = self._results, []
        return results

    def _join_texts(self) -> None:
        text = "".join(self._texts)
        self._texts.clear()
        if text:
            self._results.append(text.encode("utf-8", "surrogateescape"))

    @property
    def is_holding(self) -> bool:
        """True if `settle` may emit text."""
        if self._holds_back(self._index):
            return False
        return self._final_count < self._index or self._is_partial()

    def _is_partial(self) -> bool:
        """True if nothing of the current row was emitted, and it was not redrawn."""
        row = self._rows[self._index]
        is_new = len(row) > 0 and self._open is not row
        return is_new and not row.is_drawn and not self._is_returned

    def show_ready(self) -> None:
        """Emit the rows that are ready, because the output has paused."""
        self._finish_above(self._ready_count)

    def settle(self) -> None:
        """Emit all rows, including the unfinished current one unless it may be a bar."""
        if not self.is_holding:
            return
        self._finish_above(self._index)
        row = self._rows[self._index]
        is_long = len(row) > FRAME_CHARS
        if self._is_partial() and (is_long or not self._recogniser.is_likely(row.text)):
            self._show(row)

    def end_piece(self) -> None:
        """Emit the rest of a partly emitted row, and read an unfinished bar."""
        row = self._rows[self._index]
        if self._open is row and not row.is_long and not row.is_drawn and not self._is_returned:
            self._show(row)
        at_end = self._column is None or self._is_returned
        if row.is_drawn and not row.is_read and at_end and not row.is_long:
            self._recognise(row, "unfinished")

    def finish(self) -> None:
        """Emit all rows and start with an empty screen."""
        if self._is_returned:
            self._redraw()
        last = len(self._rows) - 1
        self._finish_above(last)
        self._finish_row(self._rows[last], end="")
        self._rows, self._index, self._column = [Row()], 0, None
        self._final_count = self._ready_count = 0
        self._held_to, self._open = -1, None
        self._is_returned = self._is_hidden = self._has_frames = False

    def _holds_back(self, index: int) -> bool:
        return self._is_hidden or index <= self._held_to

    def _finish_above(self, index: int) -> None:
        while self._final_count < index:
            self._final_count += 1
            self._finish_row(self._rows[self._final_count - 1])

    def _finish_row(self, row: Row, end: str = "\n") -> None:
        if row.is_final:
            return
        self._read(row, "ended")
        row.is_final = row.is_read = True
        if row.is_long:
            self._end_line(row, "", end)
            return
        text = row.text if row.rest is None else row.rest
        if row.is_drawn:
            text = text.rstrip()
        if self._open is row:
            self._end_line(row, text, end)
        elif text != row.shown and (text or not row.is_drawn):
            self._close_line()
            self._texts.append(text + end)
        row.shown = text

    def _end_line(self, row: Row, text: str, end: str) -> None:
        """End the line of a row of which `row.shown` was emitted."""
        if self._open is not row:
            return
        shown = row.shown or ""
        if text.startswith(shown.rstrip() if row.is_drawn else shown):
            self._texts.append(text[len(shown) :] + end)
        else:
            self._texts.append(f"\n{text}{end}" if text else end)
        self._open = None

    def _show(self, row: Row) -> None:
        """Emit the text of `row` without a line end."""
        text = row.text
        if self._open is not row:
            self._close_line()
            self._texts.append(text)
        elif text.startswith(row.shown or ""):
            self._texts.append(text[len(row.shown or "") :])
        else:
            self._texts.append("\n" + text)
        row.shown = text
        self._open = row

    def _close_line(self) -> None:
        if self._open is not None:
            self._texts.append("\n")
            self._open = None

    # --- the recogniser

    def _read(self, row: Row, cause: Cause) -> None:
        if not row.is_drawn or row.is_read or row.is_long:
            return
        rest = self._recognise(row, cause)
        if rest is None and row.rest is not None and self._is_present(row) and self._column:
            # drop the remains of a bar after the text that overwrites it
            del row.to_cells()[self._column :]
            self._column = None
        row.is_read = True
        row.rest = rest

    def _recognise(self, row: Row, cause: Cause) -> str | None:
        """Add the recogniser's results and return `Reading.rest`."""
        text = row.text
        if self._is_present(row) and self._column:
            # the cells after the cursor are remains of an earlier drawing
            text = "".join(row.to_cells()[: self._column])
        reading = self._recogniser.read(row, text if len(text) <= FRAME_CHARS else "", cause)
        if reading.rest is not None and cause != "unfinished":
            self.show_ready()  # the text above a bar belongs before it
        if reading.results:
            self._join_texts()
            self._results += reading.results
        return reading.rest

    def _is_present(self, row: Row) -> bool:
        return row is self._rows[self._index]

    # --- text

    def append_lines(self, text: str) -> bool:
        """Append text whose only control characters are line ends; False if it needs `write`."""
        index = self._index
        row = self._rows[index]
        if index < len(self._rows) - 1 or self._column is not None or self._is_returned:
            return False
        is_held = self._ready_count < index and self._final_count < index
        if row.is_drawn or is_held or self._holds_back(index + 1):
            return False
        if "\n" not in text:
            self._append(row, text)
            return True
        first, *lines = text[: text.rindex("\n")].rsplit("\n", ROWS_COUNT - 1)
        if max(map(len, lines), default=0) > ROW_CHARS:
            return False
        self._append_whole(first, lines)
        self._append(self._rows[-1], text[text.rindex("\n") + 1 :])
        return True

    def _append_whole(self, first: str, lines: list[str]) -> None:
        """End the current row after `first`, and append whole rows.

        `first` has line ends itself if there are more rows than the screen has.
        """
        rows = self._rows
        if len(lines) == ROWS_COUNT - 1:
            self._emit_all(rows[-1], first)
            rows = []
        else:
            self._append(rows[-1], first)
            if (surplus := len(rows) + len(lines) + 1 - ROWS_COUNT) > 0:
                self._finish_above(surplus)
                rows = rows[surplus:]
                self._held_to -= surplus
                self._final_count -= surplus
        self._rows = [*rows, *map(Row, lines), Row()]
        self._index = self._ready_count = len(self._rows) - 1

    def _emit_all(self, row: Row, text: str) -> None:
        """Emit the rows so far, and `text` after the current one: all of them leave the screen."""
        self._finish_above(self._index)
        if self._open is not row:
            self._close_line()
        begun = "" if row.is_long else row.text[len(row.shown or "") :]
        self._texts += (begun, text, "\n")
        self._held_to -= len(self._rows) + text.count("\n")
        self._final_count, self._open = 0, None

    def write(self, text: str) -> None:
        """Write `text`, which has no control characters but tabs, at the cursor."""
        if self._is_returned:
            self._redraw()
        row = self._rows[self._index]
        if self._column is None and not row.is_drawn:
            self._append(row, text)
            return
        row = self._touch()
        cells = row.to_cells()
        column = put(cells, len(cells) if self._column is None else self._column, text)
        self._column = column if column < len(cells) else None
        if len(cells) > ROW_CHARS:
            self._pass_long(row)

    def _append(self, row: Row, text: str) -> None:
        if row.is_long:
            self._texts.append(text)
            return
        row.append(text)
        if len(row) > ROW_CHARS:
            self._pass_long(row)

    def _pass_long(self, row: Row) -> None:
        self._finish_above(self._index)
        self._show(row)
        row.is_long = True
        row.is_drawn = row.is_final = False
        row.plain, row.cells, row.shown = "", None, ""
        self._column = None

    def _touch(self) -> Row:
        """Return the current row, whose content is about to be redrawn."""
        row = self._short_row()
        row.change()
        self._final_count = min(self._final_count, self._index)
        return row

    def _short_row(self) -> Row:
        """Return the current row; a new one replaces a row that is too long to be redrawn."""
        row = self._rows[self._index]
        if row.is_long:
            if self._open is row:
                self._close_line()
            row = self._rows[self._index] = Row(is_drawn=True)
            self._final_count = min(self._final_count, self._index)
        return row

    # --- the cursor

    def line_feed(self) -> None:
        """Move the cursor to the start of the next row."""
        self._is_returned = False
        self._read(self._rows[self._index], "ended")
        if self._index + 1 == len(self._rows):
            self._add_row()
        self._index += 1
        row = self._rows[self._index]
        self._column = 0 if len(row) or row.is_long else None
        if not self._holds_back(self._index):
            self._ready_count = self._index

    def _add_row(self) -> None:
        self._rows.append(Row())
        if len(self._rows) > ROWS_COUNT:
            self._finish_above(1)
            del self._rows[0]
            self._index -= 1
            self._final_count -= 1
            self._ready_count = max(0, self._ready_count - 1)
            self._held_to -= 1

    def carriage_return(self) -> None:
        """Move the cursor to the start of the row."""
        if self._column != 0:
            self._is_returned = True

    def _redraw(self) -> None:
        """Move to the start of the row, which is about to be redrawn."""
        self._is_returned = False
        self._leave("redrawn")
        self._column = 0 if len(self._rows[self._index]) else None

    def _present_column(self) -> int:
        if self._is_returned:
            self._redraw()
        if self._column is not None:
            return self._column
        row = self._rows[self._index]
        return 0 if row.is_long else len(row.to_cells())

    def move_to_column(self, column: int) -> None:
        """Move the cursor to a column of its row, counted from 0."""
        self._present_column()
        self._leave("redrawn")
        column = min(column, ROW_CHARS)
        self._column = column if column or len(self._rows[self._index]) else None

    def _leave(self, cause: Cause) -> None:
        """Read the current row before the cursor moves away from its end."""
        if cause == "redrawn":
            self._short_row().is_drawn = True
        self._read(self._rows[self._index], cause)

    def move_left(self, count: int) -> None:
        """Move the cursor left by `count` columns, at most to the first one."""
        self.move_to_column(max(0, self._present_column() - count))

    def move_right(self, count: int) -> None:
        """Move the cursor right by `count` columns."""
        self.move_to_column(self._present_column() + count)

    def move_up(self, count: int, *, to_start: bool = False) -> None:
        """Move the cursor up by `count` rows, at most to the oldest kept row."""
        self._move_to_row(self._index - count, to_start)

    def move_down(self, count: int, *, to_start: bool = False) -> None:
        """Move the cursor down by `count` rows, at most to the last one: terminals do not
        scroll."""
        self._move_to_row(self._index + count, to_start)

    def move_to(self, index: int, column: int) -> None:
        """Move the cursor to a row, counted from the oldest kept one, and a column, both from 0."""
        self._begin_frame()
        self._move_to_row(index, True)
        self._column = min(column, ROW_CHARS)

    def _begin_frame(self) -> None:
        """Keep what was written before the first drawing, which may clear the screen."""
        if not self._has_frames:
            self._has_frames = True
            self.show_ready()

    def _move_to_row(self, index: int, to_start: bool) -> None:
        column = 0 if to_start else self._present_column()
        self._is_returned = False
        self._ready_count = min(self._ready_count, max(index, 0))
        self._leave("left")
        last = len(self._rows) - 1
        if index < self._index:
            self._held_to = max(self._held_to, last)
        self._index = min(max(index, 0), last)
        self._column = column

    def save_cursor(self) -> None:
        """Save the cursor position."""
        self._saved = (self._index, self._present_column())

    def restore_cursor(self) -> None:
        """Move the cursor to the saved position."""
        index, column = self._saved
        self._move_to_row(index, True)
        self._column = column

    def hold_all(self) -> None:
        """Hold all rows back until `finish`, but those above the last `ROWS_COUNT`."""
        self._held_to = sys.maxsize

    def hide_cursor(self, is_hidden: bool) -> None:
        """Hold rows back while the cursor is hidden, because the program is drawing.

        They are not emitted at once when it is shown again: many programs erase their drawing after
        that.
        """
        self._is_hidden = is_hidden

    # --- erasing

    def erase_line(self, mode: int) -> None:
        """Erase from the cursor (0), up to it (1), or the whole row (2)."""
        column = self._present_column()
        self._leave("redrawn")
        cells = self._touch().to_cells()
        self._column = column
        if mode == 0:
            del cells[column:]
        elif mode == 1:
            put(cells, 0, " " * min(column + 1, len(cells)))
        elif mode == 2:
            cells.clear()
        if not cells and not column:
            self._column = None

    def erase_display(self, mode: int) -> None:
        """Erase from the cursor (0), up to it (1), or all rows (2); no row moves."""
        if mode == 2:
            self._begin_frame()
        self.erase_line(mode)
        rows = {0: self._rows[self._index + 1 :], 1: self._rows[: self._index], 2: self._rows}
        for row in rows.get(mode, []):
            if row is not self._rows[self._index]:
                row.plain, row.cells, row.rest = "", [], None
                row.change()
                self._final_count = 0

    def delete(self, count: int) -> None:
        """Delete `count` cells at the cursor; the rest of the row moves left."""
        column = self._present_column()
        self._leave("redrawn")
        del self._touch().to_cells()[column : column + count]
        self._column = column

    def blank(self, count: int) -> None:
        """Replace `count` cells at the cursor with spaces."""
        column = self._present_column()
        self._leave("redrawn")
        cells = self._touch().to_cells()
        put(cells, column, " " * min(count, max(0, len(cells) - column)))
        self._column = column

    def insert(self, count: int) -> None:
        """Insert `count` spaces at the cursor; the rest of the row moves right."""
        column = self._present_column()
        self._leave("redrawn")
        cells = self._touch().to_cells()
        if column < len(cells):
            cells[column:column] = [" "] * min(count, ROW_CHARS)
            del cells[ROW_CHARS:]
        self._column = column

    def repeat(self, count: int) -> None:
        """Write the character before the cursor again."""
        row = self._rows[self._index]
        if row.is_long:
            return
        column = len(row) if self._column is None else self._column
        before = "".join(row.to_cells()[:column]) if self._column is not None else row.text
        if before:
            self.write(before[-1] * min(count, ROW_CHARS))

    def reset(self) -> None:
        """Erase all rows and move the cursor to the first one."""
        self.erase_display(2)
        self.move_to(0, 0)
