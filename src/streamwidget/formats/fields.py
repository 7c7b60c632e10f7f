"""Typed reads of JSON that a peer sent: every field may be missing, or of any shape.

A read gives the neutral value instead of raising: `""`, None, `{}`, `[]`. Knows JSON values only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

JsonObject = Mapping[str, Any]

NOTHING: Final[JsonObject] = {}


def as_mapping(value: object) -> JsonObject:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def as_sequence(value: object) -> Sequence[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list | tuple) else ()


def as_text(value: object) -> str:
    """`value` if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def as_integer(value: object) -> int | None:
    """`value` as a whole number (`3.0` is one, True is none), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        return None
    return int(value)


def as_number(value: object) -> float | None:
    """`value` if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def mapping(value: object, key: str) -> JsonObject:
    """The object under `key`; empty if there is none."""
    return as_mapping(as_mapping(value).get(key))


def sequence(value: object, key: str) -> Sequence[Any]:
    """The array under `key`; empty if there is none."""
    return as_sequence(as_mapping(value).get(key))


def objects(value: object, key: str) -> list[JsonObject]:
    """The objects in the array under `key`; what is no object is left out."""
    return [item for item in sequence(value, key) if isinstance(item, dict)]


def text(value: object, *keys: str) -> str:
    """The first string under one of `keys` that is not empty; "" if there is none."""
    return next((found for key in keys if (found := as_text(as_mapping(value).get(key)))), "")


def text_or_none(value: object, *keys: str) -> str | None:
    """Like `text`, but None if there is none."""
    return text(value, *keys) or None


def integer(value: object, *keys: str) -> int | None:
    """The first whole number under one of `keys`; None if there is none."""
    found = (as_integer(as_mapping(value).get(key)) for key in keys)
    return next((number for number in found if number is not None), None)


def number(value: object, *keys: str) -> float | None:
    """The first finite number under one of `keys`; None if there is none."""
    found = (as_number(as_mapping(value).get(key)) for key in keys)
    return next((one for one in found if one is not None), None)


def code(value: object, *keys: str) -> str | None:
    """A peer's code under one of `keys`, a string or a whole number, as text; None if none."""
    for key in keys:
        found = as_mapping(value).get(key)
        if isinstance(found, str) and found:
            return found
        if (whole := as_integer(found)) is not None:
            return json_text(whole)
    return None


def json_text(value: object) -> str:
    """`value` as JSON text; a string stays as it is."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # a key of its own kind, itself, or too deep
        return repr(type(value))


_RETRYABLE: Final = (
    "overloaded",
    "rate_limit",
    "ratelimit",
    "too_many_requests",
    "throttl",
    "server_error",
    "internal",
    "unavailable",
    "timeout",
    "api_error",
)
_RETRYABLE_STATUS: Final = frozenset({"408", "409", "429", "500", "502", "503", "504", "529"})


def is_retryable(*words: str | None) -> bool:
    """Whether one of the peer's words for a failure says overloaded, limited, or its own fault."""
    return any(
        word in _RETRYABLE_STATUS or any(part in word.lower() for part in _RETRYABLE)
        for word in words
        if word
    )
