"""Rows of any shape to batches: column names, and tuples of cells.

Data frames are recognised by their methods, without importing their library: those of pandas,
polars and pyarrow, a `to_pandas`, Arrow's C stream, the interchange protocol. Rows may be mappings,
pydantic models, dataclasses, named tuples, or sequences with named columns.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from ..document.table_cells import SCALARS, plain_cell
from ..errors import UsageError
from .named_fields import fields_of

Batch = tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]
"""Names of the columns, and the rows."""

CHUNK_ROWS = 1_000
"""Rows that are read from an iterator before they are sent."""


def plain_rows(
    names: Sequence[str], rows: tuple[tuple[object, ...], ...]
) -> tuple[tuple[object, ...], ...]:
    """Return `rows` with cells that the job cannot change afterwards: plain values and copies.

    `names` are the columns; short and long rows are possible.

    Raises:
        UsageError: a cell cannot be converted.
    """
    if SCALARS.issuperset(map(type, chain.from_iterable(rows))):
        return rows  # nearly all rows
    return tuple(
        tuple(
            cell if type(cell) in SCALARS else _plain(names, at, cell)
            for at, cell in enumerate(row)
        )
        for row in rows
    )


def _plain(names: Sequence[str], at: int, cell: object) -> object:
    try:
        return plain_cell(cell)
    except UsageError:
        raise
    except Exception as error:  # of the methods of a foreign object
        column = repr(names[at]) if at < len(names) else f"number {at + 1}"
        raise UsageError(
            f"The cell of column {column} is a {type(cell).__name__} that cannot be read: "
            f"{type(error).__name__}. Pass text, numbers, lists or dicts."
        ) from error


def is_frame(value: object) -> bool:
    """True if `value` is a data frame, by its methods."""
    kind = type(value)
    known = _is_frame.get(kind)
    if known is None:
        known = any(can(value) for can, _ in _FRAMES)
        with suppress(TypeError):  # a class that cannot be referenced weakly
            _is_frame[kind] = known
    return known


def frame_batch(frame: object) -> Batch:
    """Return all rows of a data frame.

    Raises:
        UsageError: no installed library can read its protocol.
    """
    for can, read in _FRAMES:
        if can(frame):
            return read(frame)
    raise UsageError(f"A {type(frame).__name__} is not a data frame.")


def batches(
    rows: object, columns: Sequence[str] | None = None, *, by_keys: bool = False
) -> Iterator[Batch]:
    """Yield the batches of rows of any shape; an iterator is read `CHUNK_ROWS` rows at a time.

    With `by_keys`, all rows of a batch have the same columns, which distinguishes a missing cell
    from one that is None.

    Raises:
        UsageError: `rows` are not rows, or have no column names.
    """
    if is_frame(rows):
        yield frame_batch(rows)
    elif isinstance(rows, Mapping):
        yield _from_columns(rows)
    elif isinstance(rows, Iterable) and not isinstance(rows, (str, bytes)):
        iterator = iter(rows)
        while chunk := list(islice(iterator, CHUNK_ROWS)):
            yield from _from_rows(chunk, columns, by_keys=by_keys)
    else:
        raise UsageError(
            f"emit.rows takes rows (dicts, models, dataclasses, or tuples with columns=) or a data "
            f"frame, not {type(rows).__name__}. Pass a single row to emit.row."
        )


def _from_columns(columns: Mapping[object, object]) -> Batch:
    values = [
        list(column)
        for column in columns.values()
        if isinstance(column, Iterable) and not isinstance(column, (str, bytes, Mapping))
    ]
    if len(values) != len(columns) or len({len(column) for column in values}) > 1:
        raise UsageError(
            "A dict passed to emit.rows is read as columns, so its values must be lists of the "
            "same length. Pass a single row to emit.row."
        )
    return tuple(map(str, columns)), tuple(zip(*values, strict=True))


def _from_rows(
    rows: list[object], columns: Sequence[str] | None, *, by_keys: bool
) -> Iterator[Batch]:
    if columns is not None:
        names = tuple(map(str, columns))
        yield names, tuple(_cells(row, names) for row in rows)
        return
    mappings = rows if all(type(row) is dict for row in rows) else [_mapping(row) for row in rows]
    same = _same_keys(mappings)  # type: ignore[arg-type]
    if same is not None:
        yield same
    elif by_keys:
        yield from _runs(mappings)  # type: ignore[arg-type]
    else:
        names = tuple(dict.fromkeys(name for row in mappings for name in row))  # type: ignore[attr-defined]
        cells = tuple(tuple(row.get(name) for name in names) for row in mappings)  # type: ignore[attr-defined]
        yield tuple(map(str, names)), cells


def _same_keys(rows: Sequence[Mapping[object, object]]) -> Batch | None:
    """Return the batch if all rows have the keys of the first one (the usual case, done in C)."""
    names = tuple(rows[0])
    if sum(map(len, rows)) != len(names) * len(rows) or not names:
        return None
    take: Callable[[Mapping[object, object]], Any] = itemgetter(*names)
    try:
        cells = tuple(map(take, rows))
    except KeyError:
        return None
    if len(names) == 1:
        cells = tuple((cell,) for cell in cells)
    return tuple(map(str, names)), cells


def _runs(rows: Sequence[Mapping[object, object]]) -> Iterator[Batch]:
    """Yield a batch for each run of rows with the same keys."""
    run: list[tuple[object, ...]] = []
    names: tuple[object, ...] = ()
    for row in rows:
        if tuple(row) != names:
            if run:
                yield tuple(map(str, names)), tuple(run)
            names, run = tuple(row), []
        run.append(tuple(row.values()))
    yield tuple(map(str, names)), tuple(run)


def _mapping(row: object) -> Mapping[object, object]:
    fields = fields_of(row)
    if fields is None:
        names = getattr(row, "_fields", None)  # of a named tuple
        if isinstance(row, tuple) and isinstance(names, tuple):
            fields = dict(zip(names, row, strict=False))
    if fields is None:
        raise UsageError(
            f"A row is a {type(row).__name__}. Name its cells with columns=[...], or pass dicts."
        )
    return fields


def _cells(row: object, names: Sequence[str]) -> tuple[object, ...]:
    if isinstance(row, Mapping):
        return tuple(row.get(name) for name in names)
    if isinstance(row, Iterable) and not isinstance(row, (str, bytes)):
        return tuple(row)
    if (fields := fields_of(row)) is not None:
        return tuple(fields.get(name) for name in names)
    raise UsageError(f"A row is a {type(row).__name__}, which has no cells. Pass a dict.")


# --- data frames


def _has(*names: str) -> Callable[[object], bool]:
    def can(value: object) -> bool:
        return not isinstance(value, type) and all(hasattr(type(value), name) for name in names)

    return can


def _from_pydict(frame: Any) -> Batch:
    """Read tables and record batches of pyarrow."""
    names = tuple(map(str, frame.schema.names))
    columns = [frame.column(at).to_pylist() for at in range(len(names))]
    return names, tuple(zip(*columns, strict=True))


def _from_row_method(frame: Any) -> Batch:
    """Read data frames of polars."""
    return tuple(map(str, frame.columns)), tuple(frame.rows())


def _from_pandas(frame: Any) -> Batch:
    index = frame.index
    if any(name is not None for name in index.names) or type(index).__name__ != "RangeIndex":
        frame = frame.reset_index()
    columns = []
    for at in range(len(frame.columns)):
        series = frame.iloc[:, at]
        values, missing = series.tolist(), series.isna().tolist()
        if True in missing:
            values = [
                None if absent else value for absent, value in zip(missing, values, strict=True)
            ]
        columns.append(values)
    return tuple(map(_pandas_name, frame.columns)), tuple(zip(*columns, strict=True))


def _pandas_name(name: object) -> str:
    return " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _from_table(table: Any) -> Batch:
    """Read our own tables."""
    columns = table.to_dict()
    return tuple(columns), tuple(zip(*columns.values(), strict=True))


def _from_relation(frame: Any) -> Batch:
    """Read relations of DuckDB."""
    return tuple(map(str, frame.columns)), tuple(map(tuple, frame.fetchall()))


def _by_to_pandas(frame: Any) -> Batch:
    return frame_batch(frame.to_pandas())


def _by_library(frame: Any) -> Batch:
    """Read any object with a data frame protocol through an installed library."""
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        if importlib.util.find_spec("pyarrow"):
            pyarrow = importlib.import_module("pyarrow")
            if hasattr(frame, "__arrow_c_stream__"):
                return _from_pydict(pyarrow.table(frame))
            return _from_pydict(pyarrow.record_batch(frame))
        if importlib.util.find_spec("polars"):
            return _from_row_method(importlib.import_module("polars").DataFrame(frame))
    if hasattr(frame, "__dataframe__"):
        for name in ("pyarrow.interchange", "polars", "pandas.api.interchange"):
            if importlib.util.find_spec(name.partition(".")[0]):
                return frame_batch(importlib.import_module(name).from_dataframe(frame))
    raise UsageError(
        f"Reading a {type(frame).__name__} needs pyarrow or polars. Install one of them "
        "(pip install pyarrow), or pass the rows as dicts."
    )


_FRAMES: tuple[tuple[Callable[[object], bool], Callable[[Any], Batch]], ...] = (
    (_has("to_dict", "types", "units"), _from_table),
    (_has("to_pydict", "schema"), _from_pydict),
    (_has("rows", "columns", "to_dicts"), _from_row_method),
    (_has("iloc", "itertuples", "columns"), _from_pandas),
    (_has("fetchall", "columns", "fetchnumpy"), _from_relation),
    (_has("to_pandas", "columns"), _by_to_pandas),
    (_has("__arrow_c_stream__"), _by_library),
    (_has("__arrow_c_array__"), _by_library),
    (_has("__dataframe__"), _by_library),
)
"""Tests for data frames and their readers; the first match is used."""

_is_frame: WeakKeyDictionary[type, bool] = WeakKeyDictionary()
