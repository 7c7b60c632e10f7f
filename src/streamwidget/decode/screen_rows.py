"""The last rows of a terminal's screen, and when each of them is emitted as text.

A row that was not redrawn is ready when its line ends: it is emitted when the output pauses, which
only the reader of the output knows, or when the row is no longer among the `ROWS_COUNT` last ones.
While the cursor is hidden, and in a region to which the cursor has moved up, rows are held back
longer, until then or the end of the output. An emitted row that is redrawn is emitted again, in its
last state. A recogniser reads redrawn rows and turns progress bars into results. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, Literal, Protocol, TypeVar

from .screen_row import Row

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


class ScreenRows(Generic[Result]):
    """The rows of a screen; `Screen` moves the cursor and edits them."""

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
        self._is_hidden = False
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
