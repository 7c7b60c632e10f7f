"""Table cells: column types, plain values, and the JSON that is sent to the page.

Works on whole columns, so that almost everything runs in C: the set of the types in a column
decides, and single cells are checked only where that is not enough. Pure.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import reprlib
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, Literal, TypeAlias, cast

from ..characters import clean
from ..errors import UsageError
from ..ops import Json
from ..phrases import capped

Cell: TypeAlias = (
    "bool | int | float | str | Decimal | datetime | date | list[Json] | dict[str, Json] | None"
)
ColumnType: TypeAlias = Literal[
    "number", "integer", "boolean", "date", "datetime", "link", "text", "json", "null"
]

CELL_CHARS = 2_000
"""Most characters of a cell that are sent to the page; Python keeps them all."""
EXACT = 2**53
"""JavaScript's numbers are exact up to here."""
_DEPTH = 64
REPEATS_COUNT = 1_000_000
"""Most values that are read again because the list or dict that holds them is in several places:
thirty lists that each hold the next one twice are a billion values."""

_NONE = type(None)
SCALARS = frozenset({_NONE, bool, int, float, str, Decimal, datetime, date})
"""Types of plain values that nothing can change."""
_PLAIN = SCALARS | {list, dict}
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_DATETIME = re.compile(
    _DATE.pattern + r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?"
)
_LINK = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)

_UNIT_IN_NAME = re.compile(r".*\S\s*[(\[]\s*([^()\[\]]{1,12}?)\s*[)\]]")
UNIT_NAME_CHARS = 200
"""Longer column names are not searched for a unit."""
_UNIT_AFTER_NAME = {
    "_ns": "ns",
    "_us": "µs",
    "_ms": "ms",
    "_s": "s",
    "_sec": "s",
    "_seconds": "s",
    "_min": "min",
    "_minutes": "min",
    "_hours": "h",
    "_days": "d",
    "_bytes": "B",
    "_kb": "kB",
    "_mb": "MB",
    "_gb": "GB",
    "_pct": "%",
    "_percent": "%",
    "_usd": "USD",
    "_eur": "EUR",
    "_gbp": "GBP",
    "_kg": "kg",
    "_km": "km",
    "_mm": "mm",
    "_cm": "cm",
    "_nm": "nm",
    "_hz": "Hz",
    "_mhz": "MHz",
    "_ghz": "GHz",
    "_celsius": "°C",
}


def unit_of(name: str) -> str | None:
    """Return the unit in a column's name: `size (MB)`, `speed [m/s]`, `latency_ms`.

    None if there is none, or if the name is longer than `UNIT_NAME_CHARS`.
    """
    if len(name) > UNIT_NAME_CHARS:
        return None  # the expression is quadratic in the spaces of a name
    if match := _UNIT_IN_NAME.fullmatch(name):
        return match[1]
    start = name.rfind("_")
    return _UNIT_AFTER_NAME.get(name[start:].lower()) if start > 0 else None


def type_with(
    known: ColumnType, values: Sequence[object], kinds: Set[type] | None = None
) -> ColumnType:
    """Return the type of a column of type `known` after plain `values` are added.

    `kinds` are the types of `values`, if they are known.
    """
    if known == "text":
        return known  # the widest type: no value can change it
    kinds = (set(map(type, values)) if kinds is None else kinds) - {_NONE}
    for kind in kinds:
        if kind is str:
            pattern = _PATTERNS.get(known) if len(kinds) == 1 else None
            strings = cast("Sequence[str | None]", values)
            if pattern is None or not all(map(pattern.fullmatch, filter(None, strings))):
                known = _with_strings(known, strings)
        else:
            known = wider(known, _TYPE_OF[kind])
    return known


def wider(left: ColumnType, right: ColumnType) -> ColumnType:
    """Return the narrowest type that holds both."""
    if left == right or right == "null":
        return left
    if left == "null":
        return right
    return _WIDER.get(frozenset({left, right}), "text")


def _with_strings(known: ColumnType, values: Sequence[str | None]) -> ColumnType:
    for value in values:
        if value and type(value) is str:
            known = wider(known, _type_of_str(value))
            if known == "text":
                break
    return known


def _type_of_str(value: str) -> ColumnType:
    if value[0] in "hH":
        return "link" if _LINK.fullmatch(value) else "text"
    if value[0].isdigit() and len(value) <= 40:
        if _DATE.fullmatch(value):
            return "date"
        if _DATETIME.fullmatch(value):
            return "datetime"
    return "text"


_PATTERNS: dict[ColumnType, re.Pattern[str]] = {"link": _LINK, "date": _DATE}
"""The pattern that each string of a column must match for the column to keep its type."""
_TYPE_OF: dict[type, ColumnType] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "number",
    date: "date",
    datetime: "datetime",
    list: "json",
    dict: "json",
}
_WIDER: dict[frozenset[str], ColumnType] = {
    frozenset({"integer", "number"}): "number",
    frozenset({"date", "datetime"}): "datetime",
}


# --- any value to a plain value


def plain_column(values: Sequence[object]) -> tuple[Sequence[Cell], Set[type]]:
    """Return `values` with numpy scalars, enums, models and others converted to plain values, and
    the types of the result."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return cast("Sequence[Cell]", values), kinds
    plain = [value if type(value) in _PLAIN else plain_cell(value) for value in values]
    return cast("Sequence[Cell]", plain), set(map(type, plain))


def plain_cell(value: object) -> Cell:
    """Return one value as the table keeps it; an unknown type becomes its `str`.

    Lists and dicts are copied, so that later changes of the original do not change the table.
    """
    if type(value) in SCALARS:
        return cast("Cell", value)
    if isinstance(value, Enum):
        return plain_cell(value.value)
    for base in (bool, int, float, str):  # subclasses too, such as numpy's float64
        if isinstance(value, base):
            return base(value)
    if isinstance(value, (datetime, date)):
        return _without_subclass(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (Mapping, list, tuple, Set)) or dataclasses.is_dataclass(value):
        return cast("Cell", plain_json(value))
    return _from_library(value)


def _without_subclass(value: date) -> Cell:
    """Return a plain date or datetime; None for pandas's NaT, an instance without a year."""
    if value != value:
        return None
    if not isinstance(value, datetime):
        return date(value.year, value.month, value.day)
    moved = getattr(value, "to_pydatetime", None)
    if moved is not None:
        return cast("Cell", moved(warn=False))
    return datetime.combine(value.date(), value.timetz())


def _from_library(value: object) -> Cell:
    """Convert scalars by their `item()`, models by `model_dump()`, and arrays by `tolist()`."""
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    item, shape = getattr(value, "item", None), getattr(value, "shape", None)
    if callable(item) and isinstance(shape, tuple) and not shape:
        scalar = item()
        return None if type(scalar) is type(value) else plain_cell(scalar)
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return cast("Cell", plain_json(dump()))
    listed = getattr(value, "tolist", None)
    if callable(listed):
        return cast("Cell", plain_json(listed()))
    return str(value)


def plain_json(value: object) -> Json:
    """Return `value` as a JSON value; what is nested deeper than 64 levels becomes short text.

    Raises:
        UsageError: lists or dicts that are in several places would make it endless; see
            `REPEATS_COUNT`.
    """
    return _Conversion().take(value, _DEPTH)


class _Conversion:
    """One conversion to JSON, with a count of the values that it has read again."""

    __slots__ = ("_repeats_count", "_seen")

    def __init__(self) -> None:
        self._seen: dict[int, object] = {}
        """The containers so far by id; kept here, because an id may be used again."""
        self._repeats_count = 0

    def take(self, value: object, depth: int) -> Json:
        if value is None or isinstance(value, (bool, int, str)):
            return cast("Json", value)
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if isinstance(value, Decimal):
            return float(value) if value.is_finite() else str(value)
        if depth <= 0:
            self._enter(value, _NESTED_COUNT)
            return _text_of_nested(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            self._enter(value, len(names := [field.name for field in dataclasses.fields(value)]))
            return {name: self.take(getattr(value, name), depth - 1) for name in names}
        if isinstance(value, Mapping):
            self._enter(value, len(value))
            return {str(key): self.take(item, depth - 1) for key, item in value.items()}
        if isinstance(value, (list, tuple, Set)):
            self._enter(value, len(value))
            return [self.take(item, depth - 1) for item in value]
        if isinstance(value, (datetime, date, time)):
            return value.isoformat()
        cell = plain_cell(value)
        return cell if isinstance(cell, (str, int, float, list, dict)) else None

    def _enter(self, container: object, size: int) -> None:
        """Count the values of a container that was read before."""
        if id(container) not in self._seen:
            self._seen[id(container)] = container
            return
        self._repeats_count += size + 1
        if self._repeats_count > REPEATS_COUNT:
            raise UsageError(
                f"A {type(container).__name__} is in so many places of one value that more than "
                f"{REPEATS_COUNT:,} values repeat. Pass each of them once."
            )


_NESTED_COUNT: Final = 50
"""How many values the text of a deeply nested one counts for."""
_NESTED: Final = reprlib.Repr()
_NESTED.maxlevel, _NESTED.maxdict, _NESTED.maxlist, _NESTED.maxtuple = 3, 20, 20, 20
_NESTED.maxstring = _NESTED.maxother = CELL_CHARS


def _text_of_nested(value: object) -> str:
    """Return the beginning of a deeply nested value as text: its own `repr` may be endless."""
    return _NESTED.repr(value)[:CELL_CHARS]


# --- a plain value to JSON for the page


def wire_column(values: Sequence[Cell]) -> Sequence[Json]:
    """Return `values` as JSON values that JavaScript can hold; unchanged if they already are."""
    kinds = set(map(type, values)) - {_NONE}
    if not kinds <= {bool}:
        if kinds in ({date}, {datetime}):
            return [None if value is None else value.isoformat() for value in values]  # type: ignore[union-attr]
        for ready in (_ready_numbers, _ready_strings):
            if ready(kinds, values):
                break
        else:
            return [wire_cell(value) for value in values]
    return cast("Sequence[Json]", values)


def _ready_numbers(kinds: Set[type], values: Sequence[Cell]) -> bool:
    if not kinds <= {int, float}:
        return False
    numbers = cast("list[float]", [value for value in values if value is not None])
    largest = max(numbers)  # with a NaN, max returns any of them, so all are checked below
    return min(numbers) >= -EXACT and largest <= EXACT and all(map(math.isfinite, numbers))


def _ready_strings(kinds: Set[type], values: Sequence[Cell]) -> bool:
    if kinds != {str}:
        return False
    texts = cast("list[str]", [value for value in values if value is not None])
    return max(map(len, texts)) <= CELL_CHARS and all(map(str.isascii, texts))


def wire_cell(value: Cell) -> Json:
    """Return one plain value as a JSON scalar."""
    if isinstance(value, str):
        return clean(capped(value, CELL_CHARS))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -EXACT <= value <= EXACT else _digits(value)
    if isinstance(value, Decimal):
        return "NaN" if value.is_nan() else _wire_float(float(value))
    if isinstance(value, float):
        return _wire_float(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return clean(capped(json_text(value), CELL_CHARS))


def _wire_float(value: float) -> Json:
    if math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _digits(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python converts
        return hex(value)[:CELL_CHARS]


def json_text(value: object) -> str:
    """Return `value` as JSON text; its `str` if it cannot be encoded."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError, TypeError):
        return _text_of_nested(value)
