"""A table in Python: all rows, stored by column, and the share of them that the page shows.

The page gets the first `row_cap` rows and the first `SHOWN_COLUMNS` columns; Python keeps all. A
batch of rows costs a few passes in C over each column in the batch; other columns cost nothing.
Finding a row by its key costs one dict lookup.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import cast

from ..characters import clean
from ..events import Rows
from ..ops import Fields, Json
from ..phrases import capped
from .table_cells import (
    Cell,
    ColumnType,
    json_text,
    plain_column,
    type_with,
    unit_of,
    wire_column,
)

NAME_CHARS = 200
"""Most characters of a column's name that are sent to the page."""
SHOWN_COLUMNS = 100
"""First columns of one table that are sent to the page. Nobody reads further across, and each new
column sends the list of all shown columns again."""

MARKDOWN = "markdown"
"""The unit of a column whose texts the page shows as Markdown, each on one line."""


class Column:
    """One column: its name, the narrowest type that holds its values, and the values.

    Rows before the first value and after the last one are not stored: they are None. A table whose
    columns arrive one by one therefore takes memory for its values and not for its gaps.
    """

    __slots__ = ("_start", "_values", "is_shown", "name", "type", "unit")

    def __init__(self, name: str, unit: str | None, *, is_shown: bool) -> None:
        self.name = name
        self.is_shown = is_shown
        self.type: ColumnType = "null"
        self.unit = unit_of(name) if unit is None else unit
        self._start = 0
        self._values: list[Cell] = []

    def copy(self) -> Column:
        """Return an independent column of the same values."""
        column = copy(self)
        column._values = self._values[:]
        return column

    def extend(self, row: int, values: Sequence[Cell]) -> None:
        """Put `values` in the rows from `row` on, which must be after all rows that have values."""
        if not self._values:
            self._start = row
        gap = row - self._start - len(self._values)
        if gap:
            self._values.extend([None] * gap)
        self._values.extend(values)

    def put(self, row: int, value: Cell) -> None:
        """Replace the value in a row."""
        place = row - self._start
        if 0 <= place < len(self._values):
            self._values[place] = value
        elif place >= 0 or not self._values:
            self.extend(row, [value])
        else:
            self._values[:0] = [
                None
            ] * self._start  # all at once, because rows may arrive in reverse order
            self._start = 0
            self._values[row] = value

    def at(self, row: int) -> Cell:
        """Return the value in a row; None if there is none."""
        place = row - self._start
        return self._values[place] if 0 <= place < len(self._values) else None

    def pick(self, rows: Sequence[int]) -> list[Cell]:
        """Return the values in `rows`; None where there is none."""
        start, values = self._start, self._values
        stop = start + len(values)
        return [values[row - start] if start <= row < stop else None for row in rows]

    def slice(self, start: int, stop: int) -> list[Cell]:
        """Return a copy of the values in the rows from `start` up to `stop`."""
        first = self._start
        values = self._values[max(start - first, 0) : max(stop - first, 0)]
        if start < first:
            values[:0] = [None] * (min(first, stop) - start)
        values.extend([None] * (stop - start - len(values)))
        return values

    def stored(self) -> tuple[int, list[Cell]]:
        """Return the row of the first stored value, and the values from there on."""
        return self._start, self._values

    def to_wire(self) -> Fields:
        """Return name, type and unit for the page; the unit `markdown` becomes the type."""
        wire: Fields = {"name": clean(capped(self.name, NAME_CHARS)), "type": self.type}
        if self.unit == MARKDOWN:
            return {**wire, "type": MARKDOWN}
        return wire if self.unit is None else {**wire, "unit": clean(capped(self.unit, 20))}


@dataclass(slots=True)
class Changes:
    """Changes for the page after a batch of rows."""

    rows: list[Json] = field(default_factory=list)
    """Rows to append to the shown rows."""
    puts: list[tuple[int, Json]] = field(default_factory=list)
    """Shown rows that have changed, with their positions."""


class TableData:
    """All rows of one table."""

    def __init__(self, name: str, *, shown_rows_count: int, shown_cells_count: int) -> None:
        self.name = name
        self.key: str | None = None
        self.columns: list[Column] = []
        self.row_count = 0
        self.columns_rev = 0
        """Increases when the list of columns has to be sent to the page again."""
        self._by_name: dict[str, Column] = {}
        self._units: dict[str, str] = {}
        self._positions: dict[Hashable, int] = {}
        self._indexed_by: str | None = None
        self._shown_rows_count = shown_rows_count
        self._shown_cells_count = shown_cells_count
        self.row_cap = shown_rows_count
        """Number of first rows that are sent to the page: fewer for a table of many columns."""
        self.owner: object = None
        """Marks the document that may change this table; others copy it first."""

    def copy(self) -> TableData:
        """Return an independent table of the same rows."""
        table = copy(self)
        table.columns = [column.copy() for column in self.columns]
        table._by_name = {column.name: column for column in table.columns}
        table._units, table._positions = dict(self._units), dict(self._positions)
        return table

    def lookups(self) -> tuple[dict[str, str], str | None]:
        """Return the units by column name, and the column that rows are found by."""
        return self._units, self._indexed_by

    def restore(
        self, columns: Sequence[Column], units: Mapping[str, str], indexed_by: str | None
    ) -> None:
        """Restore saved columns."""
        self.columns = [*columns]
        self._by_name = {column.name: column for column in columns}
        self._units, self._indexed_by = dict(units), indexed_by
        self._index(0)

    def take(self, event: Rows) -> Changes:
        """Add a batch and return the changes for the page; after a `replace` these are all rows."""
        if event.mode == "replace":
            self._clear()
        names = _distinct(event.columns)
        for name, unit in event.units.items():
            self._set_unit(name, unit)
        for name in names:
            self._column(name)
        if event.key not in (None, self.key):
            self.key = event.key
            self.columns_rev += 1
        if event.mode == "upsert" and self.key in names:
            return self._upsert(names, event.rows, names.index(cast("str", self.key)))
        return Changes(rows=self._append(names, event.rows))

    def columns_to_wire(self) -> list[Json]:
        """Return the columns that the page shows, in their order."""
        return [column.to_wire() for column in self.columns[:SHOWN_COLUMNS]]

    def _clear(self) -> None:
        self.row_count = 0
        self._positions.clear()
        self.columns.clear()
        self._by_name.clear()

    def _set_unit(self, name: str, unit: str) -> None:
        if self._units.get(name) != unit:
            self._units[name] = unit
            column = self._by_name.get(name)
            if column is not None:
                column.unit = unit
                self.columns_rev += 1

    def _column(self, name: str) -> Column:
        column = self._by_name.get(name)
        if column is None:
            is_shown = len(self.columns) < SHOWN_COLUMNS
            column = Column(name, self._units.get(name), is_shown=is_shown)
            self._by_name[name] = column
            self.columns.append(column)
            if not is_shown:
                return column
            self.columns_rev += 1
            if not self.row_count:  # once rows are shown, the cap stays
                most = self._shown_cells_count // len(self.columns)
                self.row_cap = max(1, min(self._shown_rows_count, most))
        return column

    def _append(self, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> list[Json]:
        if not rows:
            return []
        count, start = len(rows), self.row_count
        for name, values in zip(names, _transposed(rows, len(names)), strict=True):
            column = self._by_name[name]
            column.extend(start, self._taken(column, values))
        self.row_count += count
        if self._indexed_by is not None:
            self._index(start)
        return self._wire_rows(start, min(self.row_count, self.row_cap))

    def _taken(self, column: Column, came: Sequence[object]) -> Sequence[Cell]:
        """Return plain values, and widen the column's type to hold them."""
        values, kinds = plain_column(came)
        known = type_with(column.type, values, kinds)
        if known != column.type:
            column.type = known
            self.columns_rev += column.is_shown
        return values

    def _wire_rows(self, start: int, stop: int) -> list[Json]:
        if stop <= start:
            return []
        shown = self.columns[:SHOWN_COLUMNS]
        columns = [wire_column(column.slice(start, stop)) for column in shown]
        return list(map(list, zip(*columns, strict=True)))

    def _upsert(
        self, names: Sequence[str], rows: Sequence[tuple[object, ...]], key_at: int
    ) -> Changes:
        if self._indexed_by != self.key:
            self._positions.clear()
            self._indexed_by = self.key
            self._index(0)
        start = self.row_count
        fresh: list[tuple[object, ...]] = []
        changed: dict[int, tuple[object, ...]] = {}
        keys, _ = plain_column([row[key_at] if len(row) > key_at else None for row in rows])
        for key, row in zip(map(_hashable, keys), rows, strict=True):
            at = self._positions.setdefault(key, start + len(fresh))
            if at == start + len(fresh):
                fresh.append(row)
            elif at >= start:
                fresh[at - start] = row
            else:
                changed[at] = row
        if len(fresh) + len(changed) < len(rows):
            self._see_types(names, rows)
        self._change(names, changed)
        return Changes(self._append(names, fresh), self._wire_puts(changed, start))

    def _see_types(self, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        """Widen types by overwritten rows too, so that cuts between batches do not matter."""
        for name, came in zip(names, _transposed(rows, len(names)), strict=True):
            self._taken(self._by_name[name], came)

    def _change(self, names: Sequence[str], changed: Mapping[int, tuple[object, ...]]) -> None:
        if not changed:
            return
        for name, came in zip(names, _transposed([*changed.values()], len(names)), strict=True):
            column = self._by_name[name]
            for at, value in zip(changed, self._taken(column, came), strict=True):
                column.put(at, value)

    def _wire_puts(self, positions: Mapping[int, object], start: int) -> list[tuple[int, Json]]:
        """Return the changed rows among those shown before row `start`."""
        changed = [at for at in positions if at < min(start, self.row_cap)]
        if not changed:
            return []
        shown = self.columns[:SHOWN_COLUMNS]
        columns = [wire_column(column.pick(changed)) for column in shown]
        return list(zip(changed, map(list, zip(*columns, strict=True)), strict=True))

    def _index(self, start: int) -> None:
        column = self._by_name.get(self._indexed_by or "")
        if column is not None:
            keys = map(_hashable, column.slice(start, self.row_count))
            self._positions.update(zip(keys, range(start, self.row_count), strict=True))


def _transposed(
    rows: Sequence[tuple[object, ...]], count: int
) -> list[tuple[object, ...]] | list[Sequence[object]]:
    """Return `rows` as `count` columns; short rows are filled with None, long ones cut."""
    if not set(map(len, rows)) - {count}:
        return list(zip(*rows, strict=True))
    columns = list(zip_longest(*rows))[:count]
    return columns + [(None,) * len(rows)] * (count - len(columns))


def _distinct(names: Sequence[str]) -> Sequence[str]:
    """Return `names` with repeated names numbered."""
    if len(set(names)) == len(names):
        return names
    taken: dict[str, None] = {}
    counts: dict[str, int] = {}
    for name in names:
        distinct, count = name, counts.get(name, 1)
        while distinct in taken:
            count += 1
            distinct = f"{name} {count}"
        counts[name] = count  # without it, a thousand equal names would take a million attempts
        taken[distinct] = None
    return list(taken)


def _hashable(key: Cell) -> Hashable:
    """Return what makes two keys the same one, as in JSON: True is not 1, but 1.0 is.

    Every NaN is the same key, so that a replayed run has the rows of the recorded one.
    """
    if isinstance(key, (list, dict)):
        return type(key), json_text(key)
    if isinstance(key, bool):
        return bool, key
    is_nan = key != key if isinstance(key, float) else isinstance(key, Decimal) and key.is_nan()
    return ("NaN",) if is_nan else key
