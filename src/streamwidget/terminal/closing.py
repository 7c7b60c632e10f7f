"""The lines printed after the end of a run: its tables, series and citations. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..characters import text_width
from ..export.addresses import harmless
from ..export.tree import (
    Part,
    cell_texts,
    column_names,
    is_number,
    more_rows_words,
    rows_words,
    series_lines,
)
from ..phrases import capped

ROWS_COUNT = 10
"""Rows of a table that are printed."""
COLUMN_CHARS = 32


def closing_lines(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the lines for the tables, series and citations of a document."""
    for part in parts:
        if part["kind"] == "table":
            yield from _table(part)
        elif part["kind"] == "metric":
            yield from map(_one, series_lines(part))
        elif part["kind"] == "source":
            words = [_one(part["title"] or ""), _one(part["url"] or "")]
            yield f"[{part['number']}] {' '.join(filter(None, words))}"


def _table(part: Part) -> Iterator[str]:
    rows = part["items"][:ROWS_COUNT]
    yield f"{_one(part['name'])} ({rows_words(part, len(rows))})"
    cells = [column_names(part), *cell_texts(part, rows)]
    lines = [[_cell(cell) for cell in row] for row in cells]
    widths = [max(map(text_width, column)) for column in zip(*lines, strict=True)]
    looks = [is_number(column) for column in part["columns"]]
    for line in lines:
        yield "  ".join(map(_filled, line, widths, looks)).rstrip()
    more = more_rows_words(part, len(rows))
    if more:
        yield more


def _filled(cell: str, width: int, is_right: bool) -> str:
    room = " " * (width - text_width(cell))
    return room + cell if is_right else cell + room


def _cell(text: str) -> str:
    return capped(_one(text), COLUMN_CHARS)


def _one(text: str) -> str:
    return " ".join(harmless(str(text)).split())
