"""Arguments of the emitter's calls, converted or refused where they are passed.

The results can be sent: text is `str`, numbers are finite `int` or `float`. An argument that cannot
be converted raises on the caller's line, so that it never reaches the publisher.
"""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping
from decimal import Decimal
from typing import cast, get_args

from ..document.table_cells import plain_json
from ..errors import UsageError, excerpt, text_of
from ..events import LogLevel, NoticeLevel

EXACT = 2**53
"""JavaScript's numbers are exact up to here; larger integers are sent as floats."""

_LOG_NUMBERS: tuple[tuple[int, LogLevel], ...] = (
    (50, "critical"),
    (40, "error"),
    (30, "warning"),
    (20, "info"),
)
_LOG_NAMES: dict[str, LogLevel] = {"warn": "warning", "fatal": "critical"}
_NOTICE_LEVELS = get_args(NoticeLevel)
_LOG_LEVELS = get_args(LogLevel)


def exact_text(call: str, value: object) -> str:
    """Return `value` as a plain `str`; for calls that take text and nothing else.

    Raises:
        TypeError: `value` is not a `str`.
    """
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{call} takes a str, not {type(value).__name__}")


def message_text(call: str, value: object) -> str:
    """Return `value` as text: an exception as `Type: message`, a path or number as its `str`.

    Raises:
        TypeError: `value` is None or bytes, or its `str()` fails.
    """
    if type(value) is str:
        return value
    if value is None or isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{call} takes text, not {type(value).__name__}")
    try:
        text = text_of(value) if isinstance(value, BaseException) else str(value)
    except Exception as error:
        if isinstance(value, BaseException):
            return type(value).__name__
        raise TypeError(
            f"{call} takes text, and str() of this {type(value).__name__} failed: "
            f"{type(error).__name__}"
        ) from error
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {text}" if text else type(value).__name__
    return str(text)


def optional_text(call: str, value: object) -> str | None:
    """Return `value` as text, or None for None."""
    return None if value is None else message_text(call, value)


def number(call: str, value: object) -> float:
    """Return `value` as a finite number: scalars of numpy, `Decimal` and `Fraction` are converted.

    Raises:
        TypeError: `value` is not a number.
        UsageError: it is NaN, infinite, or beyond the range of a float.
    """
    kind = type(value)
    if kind is int and -EXACT <= cast("int", value) <= EXACT:
        return cast("int", value)
    if kind is float and math.isfinite(cast("float", value)):
        return cast("float", value)
    converted = _converted(call, value)
    if not math.isfinite(converted):
        raise UsageError(f"{call} takes a finite number, not {converted}.")
    return converted


def number_or_none(call: str, value: object) -> float | None:
    """Return a finite number; None for None, NaN and infinity, which mean a gap or unknown.

    Raises:
        TypeError: `value` is neither None nor a number.
        UsageError: it is beyond the range of a float.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    converted = _converted(call, value)
    return converted if math.isfinite(converted) else None


def token_count(call: str, value: object) -> int | None:
    """Return a count of tokens, None for None.

    Raises:
        TypeError: `value` is not a number.
        UsageError: it is negative or not finite.
    """
    if value is None:
        return None
    count = number(call, value)
    if count < 0:
        raise UsageError(f"{call} takes counts of 0 or more, not {count}.")
    return int(count)


def _converted(call: str, value: object) -> float:
    if isinstance(value, str):
        raise TypeError(f"{call} takes a number, not str")
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "size", 1) == 1:  # scalars of numpy, torch and others
        value = item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and -EXACT <= value <= EXACT:
        return int(value)
    if not isinstance(value, (numbers.Real, Decimal)) and not hasattr(type(value), "__float__"):
        raise TypeError(f"{call} takes a number, not {type(value).__name__}")
    try:
        return float(cast("float", value))
    except OverflowError:
        raise UsageError(f"{call} takes a number within the range of a float.") from None
    except ValueError:  # a signalling NaN of Decimal
        return math.nan


def notice_level(value: object) -> NoticeLevel:
    """Return the level of a notice.

    Raises:
        UsageError: there is no such level.
    """
    return cast("NoticeLevel", _one_of("emit.notice", value, _NOTICE_LEVELS))


def log_level(value: object) -> LogLevel:
    """Return the level of a log line; numbers and names of `logging` are taken too.

    Raises:
        UsageError: there is no such level.
    """
    if isinstance(value, int):
        return next((name for bound, name in _LOG_NUMBERS if value >= bound), "debug")
    name = str(value).lower()
    return cast("LogLevel", _one_of("emit.log", _LOG_NAMES.get(name, name), _LOG_LEVELS))


def _one_of(call: str, value: object, known: tuple[str, ...]) -> str:
    if value in known:
        return str(value)
    raise UsageError(f"{call}: level={value!r} is not one of {', '.join(known)}.")


def json_text(call: str, value: object) -> str:
    """Return `value` as JSON text; models and dataclasses become objects.

    Raises:
        UsageError: `value` cannot be written as JSON: it contains itself, or an integer of
            thousands of digits.
    """
    return _written(call, value)[1]


def json_value(call: str, value: object) -> object:
    """Return `value` as a JSON value that can be sent.

    Raises:
        UsageError: see `json_text`.
    """
    return _written(call, value)[0]


def _written(call: str, value: object) -> tuple[object, str]:
    try:
        plain = plain_json(value)
        return plain, json.dumps(plain, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{call}: this {type(value).__name__} cannot be written as JSON: "
            f"{type(error).__name__}. Pass dicts, lists, text and numbers."
        ) from error


def units_of(call: str, units: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return the units by column name, both as text.

    Raises:
        TypeError: `units` is not a mapping, or one of its members has no usable `str()`.
    """
    if not units:
        return {}
    if not isinstance(units, Mapping):
        raise TypeError(f"{call} takes units as a dict, not {type(units).__name__}")
    return {message_text(call, key): message_text(call, unit) for key, unit in units.items()}


def line_of(value: object) -> str:
    """Return a message or an exception as one line of text; never raises."""
    try:
        return excerpt(message_text("message", value))
    except TypeError:
        return type(value).__name__
