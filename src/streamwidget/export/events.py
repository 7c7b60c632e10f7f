"""Events as lines of JSON, and back: what `to_jsonl` writes and `replay` reads.

The first line says what the file is: `{"streamwidget": "events", "version": 1, ...}`. Each further
line is an event with its `type` and `t`, seconds since the run began. Cells of tables that JSON has
no word for are objects of one key: `{"$date": "2026-01-02"}`.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from ..document.cells import plain_cell
from ..errors import DecodeError, excerpt
from ..events import Event, Rows, Unknown

VERSION = 1

_TYPES: dict[str, type] = {kind.type: kind for kind in get_args(Event)}
_TUPLES = {"columns", "rows", "points", "omitted"}
"""Fields that are tuples, all through."""


def lines(events: Iterable[tuple[Event, float | None]], **about: object) -> Iterator[str]:
    """The lines of a file: `about` stands in the first one, beside what the file is."""
    yield _dump({"streamwidget": "events", "version": VERSION, **about})
    for event, at_s in events:
        yield _dump(to_json(event, at_s))


def to_json(event: Event, at_s: float | None = None) -> dict[str, Any]:
    """An event as a JSON object; fields that say nothing beyond their default are left out."""
    told: dict[str, Any] = {"type": event.type}
    if at_s is not None:
        told["t"] = round(at_s, 4)
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        if value != field.default and not (field.name in ("units", "metadata") and not value):
            told[field.name] = value
    if isinstance(event, Rows):
        told["rows"] = [[_cell(plain_cell(cell)) for cell in row] for row in event.rows]
    if told["type"] == "metric":
        told["points"] = [[name, _finite(y)] for name, y in told["points"]]
    return told


def from_json(value: object) -> tuple[Event, float | None]:
    """The event of a JSON object, and when it came; one of a later version is `unknown`.

    Raises:
        ValueError: it is no event.
    """
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise ValueError("an event is an object with a type")
    kind = _TYPES.get(value["type"])
    at_s = value.get("t")
    when = float(at_s) if isinstance(at_s, (int, float)) and not isinstance(at_s, bool) else None
    if kind is None:
        return Unknown(value["type"], json.dumps(value, ensure_ascii=False)), when
    names = {field.name for field in dataclasses.fields(kind)}
    fields = {name: one for name, one in value.items() if name in names}
    if kind is Rows:
        fields["rows"] = [[_uncell(cell) for cell in row] for row in fields.get("rows", ())]
    for name in _TUPLES & fields.keys():
        fields[name] = _tuples(fields[name], 2)
    try:
        event: Event = kind(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return event, when


def read(text_lines: Iterable[str]) -> Iterator[tuple[Event, float | None]]:
    """The events of a file.

    Raises:
        DecodeError: it is no such file, or one of a later version; or a line is no event. The last
            line may be half: the program that wrote it was killed.
    """
    half: str | None = None
    for number, line in enumerate(text_lines, 1):
        if half is not None:
            raise DecodeError(half)
        try:
            value = json.loads(line)
            if number == 1:
                _check(value)
                continue
            yield from_json(value)
        except DecodeError:
            raise
        except (ValueError, TypeError, RecursionError) as error:
            if number == 1:
                raise DecodeError(_not_ours(line)) from None
            half = f"Line {number} is no event: {excerpt(str(error))}."
            if line.endswith("\n"):
                raise DecodeError(half) from None


def _check(head: object) -> None:
    if not isinstance(head, dict) or head.get("streamwidget") != "events":
        raise DecodeError(_not_ours(_dump(head)))
    if not isinstance(head.get("version"), int) or head["version"] > VERSION:
        raise DecodeError(
            f"The events are of version {head.get('version')}, and {VERSION} is the newest that is "
            "understood here: upgrade streamwidget."
        )


def _not_ours(line: str) -> str:
    return (
        'The first line of recorded events is {"streamwidget": "events", ...}, but it begins '
        f"{excerpt(line, 60)!r}: was the file written by to_jsonl?"
    )


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _cell(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$number": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return {"$object": value}
    return value


_UNCELL: dict[str, Callable[[Any], Any]] = {
    "$number": float,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
    "$object": lambda value: value,
}


def _uncell(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        (key,) = value
        if key in _UNCELL:
            return _UNCELL[key](value[key])
    return value


def _tuples(value: Any, depth: int) -> Any:
    if depth and isinstance(value, (list, tuple)):
        return tuple(_tuples(one, depth - 1) for one in value)
    return value
