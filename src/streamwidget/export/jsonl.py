"""Events as JSON lines and back: the file that `to_jsonl` writes and `replay` reads.

The first line identifies the file: `{"streamwidget": "events", "version": 1, ...}`. Each further
line is an event with its `type` and `t`, seconds since the run began. Table cells that JSON cannot
express are objects with one key: `{"$date": "2026-01-02"}`.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from ..characters import clean
from ..document.json_cells import cell_from_json, cell_to_json
from ..document.table_cells import plain_cell, plain_json
from ..errors import DecodeError, excerpt
from ..events import Event, Rows, Unknown

VERSION = 1

_TYPES: dict[str, type] = {kind.type: kind for kind in get_args(Event)}
_FIELDS = {
    kind: tuple((field.name, field.default) for field in dataclasses.fields(kind))
    for kind in _TYPES.values()
}
_NAMES = {kind: frozenset(name for name, _ in fields) for kind, fields in _FIELDS.items()}
_TUPLES = frozenset({"columns", "rows", "points", "omitted", "options", "fields"})
"""Fields that are tuples, at every level."""
_PLAIN = frozenset(kind for kind, names in _NAMES.items() if names.isdisjoint(_TUPLES))
"""Events whose fields need no conversion."""


def lines(events: Iterable[tuple[Event, float | None]], **about: object) -> Iterator[str]:
    """Return the lines of a file; `about` becomes part of the first line."""
    yield _dump({"streamwidget": "events", "version": VERSION, **about})
    for event, at_s in events:
        yield _dump(to_json(event, at_s))


def to_json(event: Event, at_s: float | None = None) -> dict[str, Any]:
    """Return an event as a JSON object; fields that have their default value are left out."""
    head: dict[str, Any] = {"type": event.type}
    if at_s is not None:
        head["t"] = round(at_s, 4)
    return head | fields_of(event)


def fields_of(event: Event) -> dict[str, Any]:
    """Return the fields of an event as JSON, without those that have their default."""
    fields: dict[str, Any] = {}
    for name, default in _FIELDS[type(event)]:
        value = getattr(event, name)
        if value != default and not (name in ("units", "metadata") and not value):
            fields[name] = value
    if isinstance(event, Rows):
        fields["rows"] = [[cell_to_json(plain_cell(cell)) for cell in row] for row in event.rows]
    elif "points" in fields:
        fields["points"] = [[name, _finite(y)] for name, y in fields["points"]]
    return fields


def from_json(value: object) -> tuple[Event, float | None]:
    """Return the event in a JSON object and its time (s); a newer event type becomes `unknown`.

    Raises:
        ValueError: `value` is not an event.
    """
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise ValueError("an event is an object with a type")
    at_s = value.get("t")
    when = float(at_s) if isinstance(at_s, (int, float)) and not isinstance(at_s, bool) else None
    if value["type"] not in _TYPES:
        return Unknown(value["type"], json.dumps(value, ensure_ascii=False)), when
    return event_of(value["type"], value), when


def event_of(type_: str, fields: dict[str, Any]) -> Event:
    """Return the event of a type with these fields; fields that it does not have are ignored.

    Raises:
        ValueError: the fields do not make such an event.
    """
    kind = _TYPES.get(type_)
    if kind is None:
        return Unknown(type_, json.dumps(fields, ensure_ascii=False))
    if kind in _PLAIN:
        try:
            plain: Event = kind(**fields)
        except TypeError:
            pass  # it has other fields too, or lacks one
        else:
            return plain
    names = _NAMES[kind]
    if not fields.keys() <= names:
        fields = {name: value for name, value in fields.items() if name in names}
    if kind is Rows:
        rows = [[cell_from_json(cell) for cell in row] for row in fields.get("rows", ())]
        fields = {**fields, "rows": rows}
    if not _TUPLES.isdisjoint(fields):
        for name in _TUPLES & fields.keys():
            fields = {**fields, name: _tuples(fields[name], 2)}
    try:
        event: Event = kind(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return event


def read(text_lines: Iterable[str]) -> Iterator[tuple[Event, float | None]]:
    """Return the events of a file, each with its time in seconds.

    Raises:
        DecodeError: the file does not hold recorded events, is of a later version, or a line is not
            an event. The last line may be incomplete, because its writer was killed.
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
            half = f"Line {number} is not an event: {excerpt(str(error))}."
            if line.endswith("\n"):
                raise DecodeError(half) from None


def _check(head: object) -> None:
    if not isinstance(head, dict) or head.get("streamwidget") != "events":
        raise DecodeError(_not_ours(_dump(head)))
    if not isinstance(head.get("version"), int) or head["version"] > VERSION:
        raise DecodeError(
            f"This file has version {head.get('version')}, but this streamwidget reads only up to "
            f"version {VERSION}. Upgrade streamwidget."
        )


def _not_ours(line: str) -> str:
    return (
        'Recorded events begin with the line {"streamwidget": "events", ...}, but this file begins '
        f"with {excerpt(line, 60)!r}. Pass a file that to_jsonl wrote."
    )


def _dump(value: object) -> str:
    try:
        return _json(value)
    except (ValueError, TypeError, RecursionError):  # a cell that is not JSON, or nested too deeply
        return _json(plain_json(value))


def _json(value: object) -> str:
    # half a character in a cell cannot be encoded; `clean` joins halves and replaces single ones
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _tuples(value: Any, depth: int) -> Any:
    if depth and isinstance(value, (list, tuple)):
        return tuple(_tuples(item, depth - 1) for item in value)
    return value
