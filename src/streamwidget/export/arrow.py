"""Columns of Python values as typed columns of pyarrow and polars.

Chooses one type for each column: the narrowest that holds all its values, or text if they are of
several kinds. The libraries do the rest; each is imported only when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from ..characters import clean
from ..document.table_cells import Cell, json_text

if TYPE_CHECKING:
    import polars
    import pyarrow


@dataclass(frozen=True, slots=True)
class _Kind:
    """One type in both libraries, by the names of their constructors."""

    arrow: str
    arrow_arguments: tuple[str, ...]
    polars: str
    polars_arguments: tuple[str, ...] = ()


_NULL: Final = _Kind("null", (), "Null")
_BOOLEAN: Final = _Kind("bool_", (), "Boolean")
_INT64: Final = _Kind("int64", (), "Int64")
_UINT64: Final = _Kind("uint64", (), "UInt64")
_FLOAT64: Final = _Kind("float64", (), "Float64")
_DATE: Final = _Kind("date32", (), "Date")
_DATETIME: Final = _Kind("timestamp", ("us",), "Datetime", ("us",))
_AWARE: Final = _Kind("timestamp", ("us", "UTC"), "Datetime", ("us", "UTC"))
_TEXT: Final = _Kind("string", (), "String")
_LARGE_TEXT: Final = _Kind("large_string", (), "String")

_BYTES_OF_TEXT: Final = 2**31
"""A column of more text needs offsets of 64 bits (Arrow columnar format, variable-size binary)."""


def arrow_table(columns: Mapping[str, Sequence[Cell]]) -> pyarrow.Table:
    """Return the columns as a `pyarrow.Table`.

    Raises:
        ImportError: pyarrow is not installed.
    """
    import pyarrow

    arrays = []
    for values in columns.values():
        kind, cells = _typed(values)
        dtype = getattr(pyarrow, kind.arrow)(*kind.arrow_arguments)
        arrays.append(pyarrow.array(cells, type=dtype))
    return pyarrow.table(arrays, names=[_name(name) for name in columns])


def polars_frame(columns: Mapping[str, Sequence[Cell]]) -> polars.DataFrame:
    """Return the columns as a `polars.DataFrame`.

    Raises:
        ImportError: polars is not installed.
    """
    import polars

    series = []
    for name, values in columns.items():
        kind, cells = _typed(values)
        dtype = getattr(polars, kind.polars)
        if kind.polars_arguments:
            dtype = dtype(*kind.polars_arguments)
        series.append(polars.Series(_name(name), cells, dtype=dtype, strict=True))
    return polars.DataFrame(series)


def _name(name: str) -> str:
    return clean(name).replace("\0", "")


def _typed(values: Sequence[Cell]) -> tuple[_Kind, Sequence[object]]:
    """Return the type of a column, and its values converted to that type."""
    kinds = frozenset(map(type, values)) - {type(None)}
    if not kinds:
        return _NULL, values
    if kinds == {bool}:
        return _BOOLEAN, values
    if kinds == {int}:
        present = [cast("int", value) for value in values if value is not None]
        return _integers(min(present), max(present), values)
    if kinds <= {int, float, Decimal}:
        return _FLOAT64, [None if value is None else float(value) for value in values]  # type: ignore[arg-type]
    if kinds == {date}:
        return _DATE, values
    if kinds == {datetime}:
        aware = {cast("datetime", value).tzinfo is not None for value in values if value}
        if aware == {False}:
            return _DATETIME, values
        if aware == {True}:
            return _AWARE, [value and _in_utc(cast("datetime", value)) for value in values]
    return _texts(values)


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(timezone.utc)


def _integers(least: int, greatest: int, values: Sequence[Cell]) -> tuple[_Kind, Sequence[object]]:
    if least >= -(2**63) and greatest < 2**63:
        return _INT64, values
    return (_UINT64, values) if least >= 0 and greatest < 2**64 else _texts(values)


def _texts(values: Sequence[Cell]) -> tuple[_Kind, Sequence[object]]:
    texts = [None if value is None else clean(_text(value)) for value in values]
    # A character has at most four bytes in UTF-8.
    is_large = 4 * sum(len(text) for text in texts if text is not None) >= _BYTES_OF_TEXT
    return (_LARGE_TEXT if is_large else _TEXT), texts


def _text(value: Cell) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return json_text(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)
