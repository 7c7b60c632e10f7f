"""The maximum size of a record, and the steps by which it is cut until it fits. Pure."""

from __future__ import annotations

from dataclasses import dataclass

HTML_BYTES = 64_000
"""The HTML of a record, and its Markdown. Fifty records then stay below 4 MB with all their forms;
previews of code hosts and of agents give up at some hundred kilobytes."""

TEXT_BYTES = 16_000
"""The plain text of a record: about ten screens, and small enough for an agent to read at once."""

DIGEST_BYTES = 4_000
"""The digest for programs: about 1,000 tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of a record; content beyond them is counted."""

    parts_count: int
    """Results (text, tables, charts, ...), and as many other parts."""
    text_chars: int
    """Of one text, half from its beginning and half from its end."""
    data_chars: int
    """Of one tool call's arguments or result, one value, one traceback, one unknown record."""
    rows_count: int
    cell_chars: int
    lines_count: int
    """Newest lines of a log."""
    pictures_bytes: int
    """All pictures together, as base64. A picture is there whole or not at all."""


LADDER = (
    Bounds(
        parts_count=400,
        text_chars=24_000,
        data_chars=4_000,
        rows_count=50,
        cell_chars=300,
        lines_count=30,
        pictures_bytes=40_000,
    ),
    Bounds(
        parts_count=200,
        text_chars=12_000,
        data_chars=2_000,
        rows_count=20,
        cell_chars=200,
        lines_count=20,
        pictures_bytes=30_000,
    ),
    Bounds(
        parts_count=100,
        text_chars=6_000,
        data_chars=800,
        rows_count=10,
        cell_chars=100,
        lines_count=15,
        pictures_bytes=20_000,
    ),
    Bounds(
        parts_count=40,
        text_chars=2_500,
        data_chars=400,
        rows_count=5,
        cell_chars=60,
        lines_count=10,
        pictures_bytes=10_000,
    ),
    Bounds(
        parts_count=16,
        text_chars=800,
        data_chars=200,
        rows_count=3,
        cell_chars=40,
        lines_count=5,
        pictures_bytes=0,
    ),
    Bounds(
        parts_count=6,
        text_chars=300,
        data_chars=100,
        rows_count=2,
        cell_chars=30,
        lines_count=2,
        pictures_bytes=0,
    ),
)
"""From the most to the least; the first that fits its size is taken."""
COLUMNS_COUNT = 30
"""Columns of a table that a record shows: more are not read, and each costs in every row."""
SERIES_COUNT = 20
NAME_CHARS = 200
"""Of a name, a title or a message of one line."""
