"""Items of an iterator become events.

`str` is text, an event is itself, a data frame is rows of a table; dicts and the objects of SDKs
are records of their vocabulary, recognised as records from the wire would be. Shared by synchronous
and asynchronous sources.
"""

from __future__ import annotations

from typing import get_args

from ..errors import UsageError
from ..events import Event, Rows, RunEnd, RunStart, TextDelta
from ..formats import records_pipeline
from .base import Context
from .plain import is_structured, plain
from .rows import frame_batch, is_frame

EVENT_TYPES: tuple[type, ...] = get_args(Event)


class Items:
    """Gives the events of each item in turn; all `str` items grow one text part."""

    def __init__(self, context: Context, name: str) -> None:
        self.count = 0
        self._name = name
        self._context = context
        self._text_id = context.new_id("t")
        self._records = records_pipeline(context.new_id, format=context.format)
        self._told = False
        self._tables: dict[tuple[str, ...], str] = {}
        """Names of the tables that data frames have filled, by their columns."""

    def feed(self, item: object) -> list[Event]:
        """The events of one item.

        Raises:
            UsageError: an item is of a type that is not understood.
        """
        self.count += 1
        if isinstance(item, str):
            return [TextDelta(self._text_id, item)]
        if isinstance(item, EVENT_TYPES):
            return [item]  # type: ignore[list-item]
        if is_frame(item):
            return [self._rows(*frame_batch(item))]
        if is_structured(item):
            return self._with_format(self._records.feed(plain(item)))
        raise UsageError(
            f"Item {self.count} of the source is a {type(item).__name__}, but only str, bytes, "
            "dicts, data frames, streamwidget events and the event objects of SDKs are "
            "understood: "
            "convert it first, for example StreamView(str(x) for x in items)."
        )

    def _rows(self, columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> Rows:
        """Frames of the same columns fill one table; others begin the next."""
        count = len(self._tables) + 1
        name = self._tables.setdefault(columns, "table" if count == 1 else f"table {count}")
        return Rows(f"table:{name}", name, columns, rows)

    def end(self) -> list[Event]:
        """What the end of the items means; a format that needs an end marker may say: cut."""
        if not self._records.used:
            return [RunEnd("complete")]
        return self._with_format(self._records.flush())

    def _with_format(self, events: list[Event]) -> list[Event]:
        if events and not self._told and self._records.name is not None:
            self._told = True
            return [RunStart(self._name, self._records.name), *events]
        return events


def empty_message(name: str) -> str:
    """The sentence for a source that ended without giving anything."""
    return (
        f"The source ({name}) ended without giving anything: "
        "check that it is not used up already, and that it yields at all."
    )
