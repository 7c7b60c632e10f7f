"""Data frames and pictures that are attached to a question, as text and bytes.

Never imports pandas, polars, Pillow or matplotlib: it asks their objects.
"""

from __future__ import annotations

import csv
import io
import math
from typing import Any, Final

from ..phrases import counted

_PNG_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""Modes of Pillow whose PNG every model and every browser can read."""
_OTHER_MODES: Final = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA"}
"""The modes to which others with transparency are converted; those without become RGB."""
_NUMBERS: Final = ("I", "F")
"""First letters of the modes of one number for each pixel, whose range is that of the data."""


def is_table(value: Any) -> bool:
    """True for a data frame or a series of pandas or polars, or what behaves as they do."""
    if not hasattr(value, "shape"):
        return False
    if hasattr(value, "columns"):
        return hasattr(value, "to_csv") or hasattr(value, "write_csv")
    return hasattr(value, "to_frame")


def is_picture(value: Any) -> bool:
    """True for an image of Pillow or a figure of matplotlib."""
    is_pillow = hasattr(value, "save") and hasattr(value, "mode") and hasattr(value, "size")
    return is_pillow or (hasattr(value, "savefig") and hasattr(value, "axes"))


# --- tables


def row_count(table: Any) -> int:
    """Return the number of rows."""
    return int(table.shape[0])


def facts_of(table: Any) -> str:
    """Return the size of a table and the names of its index: `3 rows × 2 columns, index: year`."""
    frame = _frame(table)
    facts = [f"{counted(row_count(frame), 'row')} × {counted(int(frame.shape[1]), 'column')}"]
    if _has_index(frame):
        names = _names(frame.index)
        facts.append(f"index: {names}" if names else "with an index")
    if names := _names(frame.columns):
        facts.append(f"columns: {names}")
    return ", ".join(facts)


def csv_of(table: Any, count: int) -> str:
    """Return the first `count` rows as CSV with one line of heads, after the index unless it only
    counts the rows."""
    frame = _frame(table)
    head = frame.head(count)
    if not hasattr(head, "write_csv"):
        if getattr(head.columns, "nlevels", 1) > 1:  # several lines of heads are hard to read
            head = head.set_axis([" / ".join(map(str, levels)) for levels in head.columns], axis=1)
        return str(head.to_csv(index=_has_index(frame)))
    try:
        return str(head.write_csv())
    except Exception:  # polars refuses nested values
        lines = io.StringIO()
        csv.writer(lines, lineterminator="\n").writerows([head.columns, *head.rows()])
        return lines.getvalue()


def _frame(table: Any) -> Any:
    return table if hasattr(table, "columns") else table.to_frame()


def _has_index(frame: Any) -> bool:
    """True if the index says more than the number of each row; polars has none."""
    index = getattr(frame, "index", None)
    if index is None or hasattr(frame, "write_csv"):
        return False
    counts = getattr(index, "start", None) == 0 and getattr(index, "step", None) == 1
    return not counts or index.name is not None


def _names(axis: Any) -> str:
    """Return the names of the levels of an index, "" if they have none."""
    names = getattr(axis, "names", None) or ()
    return ", ".join(str(name) for name in names if name is not None)


# --- pictures


def picture_bytes(picture: Any) -> bytes:
    """Return an image of Pillow, or a figure of matplotlib, as PNG."""
    buffer = io.BytesIO()
    if hasattr(picture, "savefig"):
        picture.savefig(buffer, format="png")
    else:
        _drawable(picture).save(buffer, format="PNG")
    return buffer.getvalue()


def _drawable(image: Any) -> Any:
    """Return an image of Pillow in a mode that PNG has and everyone can read."""
    if image.mode in _PNG_MODES:
        return image
    if image.mode.startswith(_NUMBERS):
        return _scaled(image)
    return image.convert(_OTHER_MODES.get(image.mode, "RGB"))


def _scaled(image: Any) -> Any:
    """Return an image of numbers from black to white, the smallest to the largest."""
    numbers = image.convert("I").convert("F") if image.mode != "F" else image
    low, high = numbers.getextrema()
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return numbers.convert("L")
    scale = 255 / (high - low)
    return numbers.point(lambda value: value * scale - low * scale).convert("L")
