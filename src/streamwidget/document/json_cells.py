"""Cells of tables as JSON, and back.

A cell that JSON cannot express is an object with one key: `{"$date": "2026-01-02"}`. An object that
only looks like one is wrapped: `{"$object": {"$date": 1}}`. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_PLAIN = frozenset({str, int, bool, type(None), list})


def cell_to_json(value: Any) -> Any:
    """Return a plain cell as a JSON value."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$number": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return {"$object": value}
    return value


_CELL_OF: dict[str, Callable[[Any], Any]] = {
    "$number": float,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
    "$object": lambda value: value,
}


def cell_from_json(value: Any) -> Any:
    """Return the cell that a JSON value stands for."""
    if isinstance(value, dict) and len(value) == 1:
        (key,) = value
        if key in _CELL_OF:
            return _CELL_OF[key](value[key])
    return value
