"""Unknown records: shown as they arrive, and bounded however many there are.

The first few of each shape are separate parts. If there are more of one shape, they all become rows
of a table; records of too many shapes become rows of one shared table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ..decode.records import NewId
from ..events import Event, Rows, Unknown
from .fields import json_text

ALONE_COUNT: Final = 3
"""Records of one shape that are separate parts: a fourth means that there are many."""
ALONE_MOST: Final = 100
"""Records of all shapes that are separate parts: nobody reads more than a page of them."""
SHAPES_MOST: Final = 30
"""Tables of shapes; records of further shapes share one table."""
COLUMNS_MOST: Final = 60
"""Most keys of a record that becomes a row of a table for its shape."""
OTHERS: Final = "Other records"

Shape = tuple[str, ...]


@dataclass(slots=True)
class _Table:
    name: str
    first: list[tuple[object, ...]] = field(default_factory=list)
    """Records that were shown as separate parts before the table began."""
    part_id: str | None = None


class UnknownRecords:
    """Decides how each unknown record is shown; `new_id` returns ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._tables: dict[Shape, _Table] = {}
        self._names: set[str] = set()
        self._alone_count = 0
        self._others_id: str | None = None

    def show(self, name: str, data: str, value: object) -> list[Event]:
        """Return the events of a record: `data` is its text, `value` its JSON value."""
        shape = shape_of(value)
        table = None if shape is None else self._table(shape, name)
        if table is not None and isinstance(value, dict):
            row = tuple(cell_of(cell) for cell in value.values())
            if table.part_id is not None or len(table.first) >= ALONE_COUNT:
                return self._row(table, shape or (), row)
            table.first.append(row)
        if self._alone_count < ALONE_MOST:
            self._alone_count += 1
            return [Unknown(name, data)]
        if self._others_id is None:
            self._others_id = self._new_id("d")
        return [Rows(self._others_id, OTHERS, ("record", "data"), ((name, data),))]

    def row(self, value: dict[str, object]) -> list[Event]:
        """Return the events of a record that is always a row of a table."""
        shape = tuple(value)
        table = self._table(shape, "Records")
        if table is None:
            return []
        return self._row(table, shape, tuple(cell_of(cell) for cell in value.values()))

    def _table(self, shape: Shape, name: str) -> _Table | None:
        """Return the table of a shape; None once there are too many."""
        if shape not in self._tables:
            if len(self._tables) >= SHAPES_MOST:
                return None
            self._tables[shape] = _Table(name)
        return self._tables[shape]

    def _row(self, table: _Table, shape: Shape, row: tuple[object, ...]) -> list[Event]:
        rows = (*table.first, row)
        table.first = []
        if table.part_id is None:
            table.part_id = self._new_id("d")
            table.name = self._free_name(table.name)
        return [Rows(table.part_id, table.name, shape, rows)]

    def _free_name(self, name: str) -> str:
        count, free = 1, name
        while free in self._names:
            count += 1
            free = f"{name} {count}"
        self._names.add(free)
        return free


def shape_of(value: object) -> Shape | None:
    """Return the keys of a JSON object that can be a row; None for any other value."""
    if not isinstance(value, dict) or not 0 < len(value) <= COLUMNS_MOST:
        return None
    return tuple(value)


def cell_of(value: object) -> object:
    """Return a JSON value as a table cell: objects and arrays as JSON text."""
    return json_text(value) if isinstance(value, dict | list) else value
