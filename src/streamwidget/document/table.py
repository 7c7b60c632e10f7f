"""A table as Python holds it: all rows, column by column, and what of them goes to the page.

The page gets the first `row_cap` rows; Python keeps every one. Work for a batch of rows is a few
passes over each column in C, and a row that is found by its key costs a look into a dict.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import cast

from ..characters import clean
from ..events import Rows
from ..ops import Fields, Json
from .cells import (
    Cell,
    ColumnType,
    capped,
    json_text,
    plain_column,
    type_with,
    unit_of,
    wire_cell,
    wire_column,
)

NAME_CHARS = 200
"""Most characters of a column's name that go to the page."""


MARKDOWN = "markdown"
"""The unit of a column whose texts the page shows as Markdown, each on its line."""


class Column:
    """One column: its name, the narrowest type that holds what came, and all values."""

    __slots__ = ("name", "type", "unit", "values")

    def __init__(self, name: str, row_count: int, unit: str | None) -> None:
        self.name = name
        self.type: ColumnType = "null"
        self.unit = unit_of(name) if unit is None else unit
        self.values: list[Cell] = [None] * row_count

    def to_wire(self) -> Fields:
        """Name, type and unit, as the page has them; Markdown stands where a unit would."""
        wire: Fields = {"name": clean(capped(self.name, NAME_CHARS)), "type": self.type}
        if self.unit == MARKDOWN:
            return {**wire, "type": MARKDOWN}
        return wire if self.unit is None else {**wire, "unit": clean(capped(self.unit, 20))}


@dataclass(slots=True)
class Changes:
    """What a batch of rows means for the page."""

    rows: list[Json] = field(default_factory=list)
    """Rows to show after those that are shown."""
    puts: list[tuple[int, Json]] = field(default_factory=list)
    """Shown rows that have changed, at their positions."""


class TableData:
    """All rows of one table."""

    def __init__(self, name: str, *, shown_rows_count: int, shown_cells_count: int) -> None:
        self.name = name
        self.key: str | None = None
        self.columns: list[Column] = []
        self.row_count = 0
        self.columns_rev = 0
        """Grows when the page has to hear of the columns again."""
        self._by_name: dict[str, Column] = {}
        self._units: dict[str, str] = {}
        self._positions: dict[Hashable, int] = {}
        self._indexed_by: str | None = None
        self._shown_rows_count = shown_rows_count
        self._shown_cells_count = shown_cells_count
        self.row_cap = shown_rows_count
        """How many rows the page gets, from the first: fewer where there are many columns."""

    def take(self, event: Rows) -> Changes:
        """Takes a batch in and tells what it means for the page; after a `replace` that is
        everything."""
        if event.mode == "replace":
            self._clear()
        names = _distinct(event.columns)
        for name, unit in event.units.items():
            self._tell_unit(name, unit)
        for name in names:
            self._column(name)
        if event.key not in (None, self.key):
            self.key = event.key
            self.columns_rev += 1
        if event.mode == "upsert" and self.key in names:
            return self._upsert(names, event.rows, names.index(cast("str", self.key)))
        return Changes(rows=self._append(names, event.rows))

    def columns_to_wire(self) -> list[Json]:
        """What the page knows of the columns, in their order."""
        return [column.to_wire() for column in self.columns]

    def _clear(self) -> None:
        self.row_count = 0
        self._positions.clear()
        self.columns.clear()
        self._by_name.clear()

    def _tell_unit(self, name: str, unit: str) -> None:
        if self._units.get(name) != unit:
            self._units[name] = unit
            column = self._by_name.get(name)
            if column is not None:
                column.unit = unit
                self.columns_rev += 1

    def _column(self, name: str) -> Column:
        column = self._by_name.get(name)
        if column is None:
            column = self._by_name[name] = Column(name, self.row_count, self._units.get(name))
            self.columns.append(column)
            self.columns_rev += 1
            if not self.row_count:  # once rows are shown, the cap stays
                most = self._shown_cells_count // len(self.columns)
                self.row_cap = max(1, min(self._shown_rows_count, most))
        return column

    def _append(self, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> list[Json]:
        if not rows:
            return []
        count, start = len(rows), self.row_count
        came = dict(zip(names, _transposed(rows, len(names)), strict=True))
        for column in self.columns:
            column.values.extend(self._taken(column, came.get(column.name, (None,) * count)))
        self.row_count += count
        if self._indexed_by is not None:
            self._index(start)
        return self._wire_rows(start, min(self.row_count, self.row_cap))

    def _taken(self, column: Column, came: Sequence[object]) -> Sequence[Cell]:
        """Plain values, with the column's type made wide enough for them."""
        values = plain_column(came)
        known = type_with(column.type, values)
        if known != column.type:
            column.type = known
            self.columns_rev += 1
        return values

    def _wire_rows(self, start: int, stop: int) -> list[Json]:
        if stop <= start:
            return []
        columns = [wire_column(column.values[start:stop]) for column in self.columns]
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
        keys = plain_column([row[key_at] if len(row) > key_at else None for row in rows])
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
        """What is overwritten in its own batch counts too: cuts between batches mean nothing."""
        for name, came in zip(names, _transposed(rows, len(names)), strict=True):
            self._taken(self._by_name[name], came)

    def _change(self, names: Sequence[str], changed: Mapping[int, tuple[object, ...]]) -> None:
        if not changed:
            return
        for name, came in zip(names, _transposed([*changed.values()], len(names)), strict=True):
            column = self._by_name[name]
            for at, value in zip(changed, self._taken(column, came), strict=True):
                column.values[at] = value

    def _wire_puts(self, positions: Mapping[int, object], start: int) -> list[tuple[int, Json]]:
        """The rows at the positions that were shown before row `start` came."""
        return [
            (at, [wire_cell(column.values[at]) for column in self.columns])
            for at in positions
            if at < min(start, self.row_cap)
        ]

    def _index(self, start: int) -> None:
        column = self._by_name.get(self._indexed_by or "")
        if column is not None:
            keys = map(_hashable, column.values[start:])
            self._positions.update(zip(keys, range(start, self.row_count), strict=True))


def _transposed(
    rows: Sequence[tuple[object, ...]], count: int
) -> list[tuple[object, ...]] | list[Sequence[object]]:
    """`rows` as `count` columns; short rows are filled with None, long ones cut."""
    if not set(map(len, rows)) - {count}:
        return list(zip(*rows, strict=True))
    columns = list(zip_longest(*rows))[:count]
    return columns + [(None,) * len(rows)] * (count - len(columns))


def _distinct(names: Sequence[str]) -> Sequence[str]:
    """`names`, numbered where one comes twice."""
    if len(set(names)) == len(names):
        return names
    taken: dict[str, None] = {}
    for name in names:
        told, n = name, 1
        while told in taken:
            n += 1
            told = f"{name} {n}"
        taken[told] = None
    return list(taken)


def _hashable(key: Cell) -> Hashable:
    """What finds a row: the key itself, its JSON where it is a list or a dict."""
    return json_text(key) if isinstance(key, (list, dict)) else key
