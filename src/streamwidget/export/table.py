"""`Table`: all rows of a table of a run, to be read in the next cell while it still fills.

pandas, polars and pyarrow are optional; each is imported when a method needs it.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, overload

from ..document.table_cells import Cell, ColumnType, json_text
from ..document.table_data import TableData
from ..errors import UsageError, excerpt
from .arrow import arrow_table, polars_frame

if TYPE_CHECKING:
    from types import ModuleType

    import pandas
    import polars
    import pyarrow

Row = dict[str, Cell]


def missing(name: object, names: Iterable[str]) -> str:
    """Return the message for a name that does not exist among `names`."""
    available = ", ".join(map(repr, names)) or "none"
    return f"{excerpt(repr(name))} does not exist yet. Available: {available}."


class Table:
    """The rows of one table so far; live while the run continues.

    Every call sees whole batches: each copies what it needs under the run's lock. Rows are dicts in
    the order of `columns`; what a row does not have is None. Anything that reads Arrow's C stream
    (pandas, polars, DuckDB, pyarrow) takes a `Table` as it is.
    """

    def __init__(
        self, data: TableData, reading: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self._data = data
        self._reading = reading

    @property
    def name(self) -> str:
        """Name of the table."""
        return self._data.name

    @property
    def key(self) -> str | None:
        """The column that identifies a row; None: rows are only appended."""
        return self._data.key

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns so far; later columns are added at the end."""
        with self._reading():
            return tuple(column.name for column in self._data.columns)

    @property
    def types(self) -> dict[str, ColumnType]:
        """The type of each column: `number`, `integer`, `boolean`, `date`, `datetime`, `link`,
        `text`, `json`, or `null` where nothing but None has come."""
        with self._reading():
            return {column.name: column.type for column in self._data.columns}

    @property
    def units(self) -> dict[str, str]:
        """The units of columns by name; columns without a unit are left out."""
        with self._reading():
            return {
                column.name: column.unit for column in self._data.columns if column.unit is not None
            }

    @property
    def rows(self) -> list[Row]:
        """All rows so far."""
        return list(self)

    def column(self, name: str) -> list[Cell]:
        """Return all values of one column so far.

        Raises:
            KeyError: there is no such column (yet).
        """
        with self._reading():
            for column in self._data.columns:
                if column.name == name:
                    return column.slice(0, self._data.row_count)
            names = [column.name for column in self._data.columns]
        raise KeyError(missing(name, names))

    def to_dict(self) -> dict[str, list[Cell]]:
        """Return all values, column by column."""
        with self._reading():
            return {
                column.name: column.slice(0, self._data.row_count) for column in self._data.columns
            }

    def __len__(self) -> int:
        with self._reading():
            return self._data.row_count

    def __iter__(self) -> Iterator[Row]:
        columns = self.to_dict()
        names = tuple(columns)
        for cells in zip(*columns.values(), strict=True):
            yield dict(zip(names, cells, strict=True))

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    @overload
    def __getitem__(self, index: str) -> list[Cell]: ...

    def __getitem__(self, index: int | slice | str) -> Row | list[Row] | list[Cell]:
        """Return a row by its position, rows by a slice, or a column by its name.

        Raises:
            KeyError: there is no such column yet.
            IndexError: there is no such row yet.
        """
        if isinstance(index, str):
            return self.column(index)
        with self._reading():
            columns = self._data.columns
            if isinstance(index, slice):
                places = range(self._data.row_count)[index]
                return [{column.name: column.at(at) for column in columns} for at in places]
            at = range(self._data.row_count)[index]
            return {column.name: column.at(at) for column in columns}

    def __repr__(self) -> str:
        types = ", ".join(f"{name}: {kind}" for name, kind in self.types.items())
        return f"Table({self.name!r}, {len(self):,} rows, {types})"

    # --- other programs

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows so far as an Arrow C stream, for DuckDB, pandas and others.

        Raises:
            UsageError: pyarrow is not installed.

        Source: the Arrow PyCapsule interface.
        """
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pyarrow.Table:
        """Return the rows so far as a pyarrow table.

        Raises:
            UsageError: pyarrow is not installed.
        """
        _library("pyarrow", self)
        return arrow_table(self.to_dict())

    def to_polars(self) -> polars.DataFrame:
        """Return the rows so far as a polars data frame.

        Raises:
            UsageError: polars is not installed.
        """
        _library("polars", self)
        return polars_frame(self.to_dict())

    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows so far as a pandas data frame.

        Whole numbers and booleans with gaps keep their kind: they become `Int64` and `boolean`.

        Raises:
            UsageError: pandas is not installed.
        """
        pandas = _library("pandas", self)
        series = {name: _series(pandas, values) for name, values in self.to_dict().items()}
        return pandas.DataFrame(series, index=pandas.RangeIndex(len(self)) if not series else None)

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the rows so far as CSV with a header row, and write them to `path` if it is given.

        Raises:
            OSError: `path` cannot be written.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        columns: Mapping[str, list[Cell]] = self.to_dict()
        writer.writerow(columns)
        for cells in zip(*columns.values(), strict=True):
            writer.writerow([_csv_cell(cell) for cell in cells])
        text = out.getvalue()
        if path is not None:
            Path(path).write_text(text, "utf-8", newline="")
        return text


def _library(name: str, table: Table) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(
            f"{name} is not installed. Install it (pip install {name}), or read table "
            f"{table.name!r} with .rows, .to_dict() or .to_csv()."
        ) from None


def _series(pandas: ModuleType, values: list[Cell]) -> object:
    kinds = set(map(type, values))
    if type(None) in kinds and len(kinds) == 2:
        if int in kinds and all(value is None or -(2**63) <= value < 2**63 for value in values):  # type: ignore[operator]
            return pandas.Series(values, dtype="Int64")
        if bool in kinds:
            return pandas.Series(values, dtype="boolean")
    return pandas.Series(values, dtype=object if kinds <= {type(None)} else None)


def _csv_cell(value: Cell) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_text(value) if isinstance(value, (list, dict)) else value
