"""Typed reads of JSON from a peer: every field may be missing or of any type.

A read never raises; it returns a neutral value: `""`, None, `{}` or `[]`. Knows only JSON values.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

JsonObject = Mapping[str, Any]

NOTHING: Final[JsonObject] = {}


def as_mapping(value: object) -> JsonObject:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def as_sequence(value: object) -> Sequence[Any]:
    """Return `value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list | tuple) else ()


def as_text(value: object) -> str:
    """Return `value` if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def as_integer(value: object) -> int | None:
    """Return `value` as a whole number (`3.0` counts, True does not), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        return None
    return int(value)


def as_number(value: object) -> float | None:
    """Return `value` if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def mapping(value: object, key: str) -> JsonObject:
    """Return the object under `key`; an empty one if there is none."""
    return as_mapping(as_mapping(value).get(key))


def sequence(value: object, key: str) -> Sequence[Any]:
    """Return the array under `key`; an empty one if there is none."""
    return as_sequence(as_mapping(value).get(key))


def objects(value: object, key: str) -> list[JsonObject]:
    """Return the objects in the array under `key`; other items are left out."""
    return [item for item in sequence(value, key) if isinstance(item, dict)]


def text(value: object, *keys: str) -> str:
    """Return the first string under one of `keys` that is not empty; "" if there is none."""
    return next((item for key in keys if (item := as_text(as_mapping(value).get(key)))), "")


def text_or_none(value: object, *keys: str) -> str | None:
    """Return the same as `text`, but None if there is none."""
    return text(value, *keys) or None


def integer(value: object, *keys: str) -> int | None:
    """Return the first whole number under one of `keys`; None if there is none."""
    numbers = (as_integer(as_mapping(value).get(key)) for key in keys)
    return next((number for number in numbers if number is not None), None)


def number(value: object, *keys: str) -> float | None:
    """Return the first finite number under one of `keys`; None if there is none."""
    numbers = (as_number(as_mapping(value).get(key)) for key in keys)
    return next((number for number in numbers if number is not None), None)


def code(value: object, *keys: str) -> str | None:
    """Return the code under one of `keys`, a string or a whole number, as text; None if missing."""
    for key in keys:
        item = as_mapping(value).get(key)
        if isinstance(item, str) and item:
            return item
        if (whole := as_integer(item)) is not None:
            return json_text(whole)
    return None


def key_in(value: object, *keys: str) -> str | int | None:
    """Return the first string or whole number under one of `keys`; None if there is none."""
    for key in keys:
        item = as_mapping(value).get(key)
        if isinstance(item, str | int) and not isinstance(item, bool):
            return item
    return None


def json_text(value: object) -> str:
    """Return `value` as JSON text; a string is returned unchanged."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # an unusual key, a cycle, or too deep
        return repr(type(value))
