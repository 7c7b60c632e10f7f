"""One row of a terminal's screen: growing text, or cells that can be overwritten. Pure."""

from __future__ import annotations

import re
from typing import Final

from ..characters import character_width

ROW_CHARS: Final = 4_096
"""Longest row that can be redrawn. The text of a longer row is emitted as it arrives."""
CELL_CHARS: Final = 32
"""Most characters in one cell of a redrawn row (accents, emoji); further ones are dropped."""
TAB_COLUMNS: Final = 8

_NARROW: Final = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0557\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20bf\u2100-\u2319\u2500-\u25fc\u2800-\u28ff\udc80-\udcff]*"
)
"""Characters that take one cell each, for a fast test of whole texts."""


class Row:
    """One row of the screen.

    A row that was only appended to is `plain`; a redrawn one is a list of cells. The second cell of
    a wide character and the rest of a tab are empty strings.
    """

    __slots__ = (
        "cells",
        "is_drawn",
        "is_final",
        "is_long",
        "is_read",
        "mark",
        "plain",
        "rest",
        "shown",
    )

    def __init__(self, plain: str = "", *, is_drawn: bool = False) -> None:
        self.plain = plain
        self.cells: list[str] | None = None
        self.is_drawn = is_drawn
        """True if the row was redrawn: only such a row can be a progress bar."""
        self.is_long = False
        """True if the row has passed `ROW_CHARS`: its text was emitted and is not kept."""
        self.shown: str | None = None
        """The emitted text; None: nothing yet."""
        self.is_final = False
        """True if nothing has changed since the row was emitted."""
        self.is_read = False
        """True if the recogniser has read the current content."""
        self.rest: str | None = None
        """Text of the row besides its progress bar; None: the row is not a bar."""
        self.mark: object = None
        """Used by the recogniser: the bar in this row."""

    @property
    def text(self) -> str:
        """The text of the row."""
        return self.plain if self.cells is None else "".join(self.cells)

    def __len__(self) -> int:
        """Number of characters of a plain row, else of cells."""
        return len(self.plain if self.cells is None else self.cells)

    def append(self, text: str) -> None:
        """Append text after the last cell."""
        if self.cells is None:
            self.plain += text
        else:
            put(self.cells, len(self.cells), text, keep_tabs=True)
        self.is_read = self.is_final = False

    def to_cells(self) -> list[str]:
        """Return the cells, which may be edited."""
        if self.cells is None:
            self.cells, plain = [], self.plain
            self.plain = ""
            put(self.cells, 0, plain, keep_tabs=True)
        return self.cells

    def change(self) -> None:
        """Mark the content as redrawn."""
        self.is_drawn = True
        self.is_final = self.is_read = False

    @classmethod
    def of_line(cls, line: str) -> Row:
        """Return the row of a complete line that was emitted as text."""
        row = cls("" if len(line) > ROW_CHARS else line)
        row.is_long = len(line) > ROW_CHARS
        row.shown = row.plain
        row.is_final = row.is_read = True
        return row


def put(cells: list[str], column: int, text: str, *, keep_tabs: bool = False) -> int:
    """Overwrite `cells` with `text` from `column`; return the column after it.

    A tab moves to the next of every `TAB_COLUMNS` columns, or is kept as a character.
    """
    if column > len(cells):
        cells += " " * (column - len(cells))
    if _NARROW.fullmatch(text):
        _place(cells, column, list(text))
        return column + len(text)
    for character in text:
        if character == "\t" and not keep_tabs:
            column += TAB_COLUMNS - column % TAB_COLUMNS
            if column > len(cells):
                cells += " " * (column - len(cells))
            continue
        width = _width(character, column)
        if width:
            _place(cells, column, [character, *[""] * (width - 1)])
            column += width
        elif column:
            _join(cells, column - 1, character)
    return column


def _place(cells: list[str], column: int, new: list[str]) -> None:
    """Replace cells; a half-overwritten wide character leaves a space."""
    end = column + len(new)
    owner = column
    while new and 0 < owner < len(cells) and cells[owner] == "":
        owner -= 1
    cells[owner:column] = " " * (column - owner)
    rest = end
    while rest < len(cells) and cells[rest] == "":
        cells[rest] = " "
        rest += 1
    cells[column:end] = new


def _join(cells: list[str], column: int, character: str) -> None:
    while column > 0 and cells[column] == "":
        column -= 1
    if len(cells[column]) < CELL_CHARS:
        cells[column] += character


def _width(character: str, column: int) -> int:
    """Return the number of cells of a character; 0 if it combines with the cell before it."""
    if character == "\t":
        return TAB_COLUMNS - column % TAB_COLUMNS
    return character_width(character)
