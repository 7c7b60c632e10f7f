"""Progress in the data of applications and servers: one bar for each key.

Must not know vocabularies. Reads `{completed, total}` under many names, a bare `progress` or
`percent`, tqdm's `{n, total}`, and Docker's `{status, id, progressDetail: {current, total}}`. A
record without a type is a bar only if all its members belong to one: a row of a table may have such
numbers too.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

from ..decode.records import NewId
from ..events import Progress
from .fields import key_in, mapping, number, text, text_or_none

BARS_MOST: Final = 100
"""Bars of records without a type; further ones are rows of a table."""
COUNTED: Final = (
    "completed",
    "current",
    "processed",
    "done",
    "progress",
    "step",
    "loaded",
    "value",
    "n",
    "index",
    "downloaded_bytes",
    "bytes_done",
    "files_done",
)
TOTALS: Final = (
    "total",
    "total_steps",
    "total_bytes",
    "total_files",
    "total_count",
    "max",
    "length",
)
_BARE: Final = ("progress", "percent", "percentage", "percent_done")
_SURE: Final = frozenset(COUNTED) - {"value", "index", "progress", "loaded"}
"""Names that count something in a record without a type."""
_BESIDE: Final = frozenset(
    {"id", "task", "task_id", "digest", "file", "filename", "name", "label", "desc", "prefix"}
    | {"message", "status", "state", "text", "title", "description", "stage", "phase", "unit"}
    | {"rate", "speed", "eta", "elapsed", "ncols", "nrows", "percent", "percentage", "failed"}
    | {"bar_format", "postfix", "unit_scale", "unit_divisor", "initial", "colour", "ascii"}
    | {"progress", "type", "event", "timestamp", "time"}
)
"""Members that only describe a bar."""
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,9})?) ?%?")
_KEYS: Final = ("id", "task_id", "task", "digest", "filename", "file", "name", "label", "desc")
_STRONG: Final = frozenset({"completed", "processed", "downloaded_bytes", "bytes_done"})
_OF_A_ROW: Final = frozenset({"name", "title", "text", "description"})
_OF_TQDM: Final = frozenset({"elapsed", "rate", "prefix", "desc", "unit"})
_STATES: Final = frozenset({"status", "state", "message", "stage", "phase", "eta", "speed"})
_MESSAGES: Final = ("message", "label", "status", "text", "title", "description")


class ProgressBars:
    """Reads progress; `new_id` returns ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._ids: dict[Hashable, str] = {}
        self._fractions: set[Hashable] = set()
        self._layers: dict[str, tuple[float, float | None]] = {}

    def read(self, key: Hashable, data: object, step_id: str | None = None) -> Progress | None:
        """Return the progress in `data`; None if it does not look like progress."""
        numbers = self._numbers(key, data)
        if numbers is None:
            return None
        unit, message = text_or_none(data, "unit"), text_or_none(data, *_MESSAGES)
        return Progress(self.part_id(key), *numbers, unit, message, step_id)

    def has_room(self, key: Hashable) -> bool:
        """True if `key` has a bar, or may have one: rows of a table would be bars without end."""
        return key is None or key in self._ids or len(self._ids) < BARS_MOST

    def part_id(self, key: Hashable) -> str:
        """Return the part id of the bar of `key`."""
        if key not in self._ids:
            self._ids[key] = self._new_id("p")
        return self._ids[key]

    def _numbers(self, key: Hashable, data: object) -> tuple[float, float | None] | None:
        """Return completed and total; a bare number is a percentage, or a fraction if below 1."""
        total = number(data, *TOTALS)
        counted = number(data, *COUNTED)
        if total is not None:
            return None if counted is None else (counted, total)
        bare = bare_number(data)
        if bare is None:
            counted = number(data, "completed")
            return None if counted is None else (counted, None)
        if 0 < bare < 1:
            self._fractions.add(key)
        return bare, 1 if key in self._fractions and bare <= 1 else 100

    def layer(self, data: object, step_id: str | None = None) -> Progress | None:
        """Return the bar of an image layer that Docker or Podman transfers; None for other data.

        A layer keeps its last numbers; `... complete` fills its bar.
        """
        if not is_layer(data):
            return None
        layer, status = text(data, "id"), text(data, "status")
        detail = mapping(data, "progressDetail")
        completed, total = self._layers.get(layer, (0.0, None))
        if (current := number(detail, "current")) is not None:
            completed, total = current, number(detail, "total") or total
        has_ended = status.endswith(("complete", "exists", "Pushed"))
        if has_ended and total is not None:
            completed = total
        self._layers[layer] = completed, total
        return Progress(
            self.part_id(("layer", layer)),
            completed,
            total,
            "bytes" if total is not None else None,
            status,
            step_id,
            label=layer,
            ended=has_ended,
        )


def bare_number(data: object) -> float | None:
    """Return a percentage, or a fraction, that has no total; also of text such as `50%`."""
    bare = number(data, *_BARE)
    if bare is not None:
        return bare
    match = _PERCENT.fullmatch(text(data, *_BARE).strip())
    return float(match[1]) if match else None


def is_progress(data: object) -> bool:
    """True for a record that is nothing but the state of a bar."""
    record = as_dict(data)
    if not record.keys() <= {*_BESIDE, *_SURE, *TOTALS, *_BARE}:
        return False
    bare = bare_number(record)
    if bare is not None and 0 <= bare <= 100 and (len(record) == 1 or _STATES & record.keys()):
        return True
    if not is_counted(record):
        return False
    is_row = bool(_OF_A_ROW & record.keys()) and not _STRONG & record.keys()
    return not is_row and ("n" not in record or bool(_OF_TQDM & record.keys()))


def is_counted(data: object) -> bool:
    """True if a number counts up to a total in a record."""
    total, counted = number(data, *TOTALS), number(data, *sorted(_SURE))
    return total is not None and counted is not None and 0 <= counted <= total and total > 0


def key_of(data: object) -> Hashable:
    """Return what tells the bar of a record from others; None if nothing does."""
    return key_in(data, *_KEYS)


def is_layer(data: object) -> bool:
    """True for an update of one layer, as Docker and Podman send them."""
    return (
        bool(text(data, "status")) and bool(text(data, "id")) and "progressDetail" in as_dict(data)
    )


def as_dict(data: object) -> dict[str, object]:
    """Return `data` if it is a JSON object, else an empty one."""
    return data if isinstance(data, dict) else {}
