"""The screen of a terminal: what text and control sequences do to its last rows.

Which rows are emitted as text, and when, is decided in `screen_rows.py`. Pure.
"""

from __future__ import annotations

import sys

from .screen_row import ROW_CHARS, Row, put
from .screen_rows import ROWS_COUNT, Cause, Recogniser, Result, ScreenRows


class Screen(ScreenRows[Result]):
    """At most `ROWS_COUNT` rows of at most `ROW_CHARS` characters, and a cursor."""

    def __init__(self, recogniser: Recogniser[Result]) -> None:
        super().__init__(recogniser)
        self._saved = (0, 0)
        self._has_frames = False
        """True once the program has cleared the screen or moved to an absolute position: what it
        writes after that may be one drawing after the other."""

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
