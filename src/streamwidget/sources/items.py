"""Items of an iterator to events.

A `str` is text, an event stays as it is, a data frame becomes rows of a table. Dicts, objects of
SDKs, rows of databases and parsed server-sent events are records, whose vocabulary is detected as
on the wire. A list or tuple is a row of a table with the columns "0", "1" and so on, a page of rows
or a page of records. A number is a point of the chart "value". An exception is raised. Used by
synchronous and asynchronous sources.
"""

from __future__ import annotations

import math
from codecs import getincrementaldecoder
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, get_args

from ..emit.convert import number_or_none
from ..emit.rows import frame_batch, is_frame, plain_rows
from ..errors import UsageError
from ..events import Event, Metric, ReasoningDelta, Rows, RunEnd, RunStart, TextDelta
from ..formats.growth import Growth
from ..formats.thinking import Piece, ThinkTags, may_begin
from ..io.source import Context
from .graphs import graph_record
from .plain_values import is_structured, plain, sent_event, simple_record

if TYPE_CHECKING:
    from ..formats.pipeline import RecordPipeline

EVENT_TYPES: tuple[type, ...] = get_args(Event)


class Items:
    """A decoder from items to events; all `str` items go into one text part."""

    def __init__(self, context: Context, name: str) -> None:
        self.count = 0
        self._name = name
        self._context = context
        self._text_id = context.new_id("t")
        self._sent_events = False
        """True if the records are server-sent events, whose data may be text."""
        if context.format != "auto":
            self._records  # noqa: B018 - an unknown format is refused before the first item
        self._growth = Growth()
        self._has_text = False
        self._tags: ThinkTags | None = None
        """Reads reasoning in tags; None: the text does not begin with a tag, or it is over."""
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._has_format = False
        context.holds(self.rest)
        self._tables: dict[tuple[str, ...], str] = {}
        """Names of the tables from data frames, by their columns."""

    def feed(self, item: object) -> list[Event]:
        """Return the events of one item.

        Raises:
            UsageError: the type of the item is not supported.
            Exception: the item, if it is one.
        """
        self.count += 1
        if isinstance(item, str):
            return self._text(item)
        if isinstance(item, (bytes, bytearray, memoryview)):
            return self._text(self._decode(bytes(item)))
        if isinstance(item, EVENT_TYPES):
            return [item]  # type: ignore[list-item]
        if is_frame(item) and not _is_series(item):
            return [self._rows(*frame_batch(item))]
        if is_structured(item):
            return self._with_format(self._records.feed(plain(item)))
        if (named := graph_record(item)) is not None:
            return self._with_format(self._records.feed(plain(named[1]), named[0]))
        if isinstance(item, Exception):
            raise item
        if (event := sent_event(item)) is not None:
            return self._with_format(self._events.feed_event(*event))
        if (fields := simple_record(item)) is not None:
            return self._with_format(self._records.feed(plain(fields)))
        if isinstance(item, (list, tuple)) or _is_array(item):
            return self._cells(item)
        if (number := _number(item)) is not None:
            return [Metric("metric:value", "value", (("value", number),))]
        raise UsageError(
            f"Item {self.count} of the source is a {type(item).__name__}. Supported are str, "
            "bytes, numbers, dicts, rows (lists or tuples), data frames, streamwidget events and "
            "the event objects of SDKs. Convert the items, for example "
            "StreamView(str(x) for x in items)."
        )

    def _cells(self, item: Any) -> list[Event]:
        """Return the events of a sequence: a page of records, else one row of a table."""
        cells = item.tolist() if _is_array(item) else item
        if cells and all(map(is_structured, cells)):
            return [event for record in cells for event in self.feed(record)]
        rows = (
            cells if cells and all(isinstance(cell, (list, tuple)) for cell in cells) else [cells]
        )
        events: list[Event] = []
        for width, group in groupby(rows, len):
            names = tuple(str(at) for at in range(width))
            events += [self._rows(names, tuple(map(tuple, group)))] if width else []
        return events

    @cached_property
    def _records(self) -> RecordPipeline:
        """The pipeline, created for the first record: text alone loads no vocabulary."""
        from ..formats.pipeline import records_pipeline

        name, new_id = self._context.format, self._context.new_id
        return records_pipeline(new_id, format=name, lines=not self._sent_events)

    @property
    def _events(self) -> RecordPipeline:
        self._sent_events = True
        return self._records

    def _text(self, text: str) -> list[Event]:
        """Grow the text by a piece, which may be all of it so far."""
        more = self._growth.feed(text)
        if self._tags is None and not self._has_text and more:
            self._has_text = True
            self._tags = ThinkTags() if may_begin(more) else None
        if self._tags is not None:
            return self._tagged(self._tags.feed(more))
        return [TextDelta(self._text_id, more)] if more else []

    def _tagged(self, pieces: list[Piece]) -> list[Event]:
        """Return the events of text that begins with the model's reasoning in tags."""
        if self._tags is not None and self._tags.is_over:
            self._tags = None
        return [
            TextDelta(self._text_id, piece)
            if kind == "text"
            else ReasoningDelta(f"{self._text_id}r", piece)
            for kind, piece in pieces
            if piece
        ]

    def _rows(self, columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> Rows:
        """Return the rows of a data frame; frames with the same columns go into one table."""
        count = len(self._tables) + 1
        name = self._tables.setdefault(columns, "table" if count == 1 else f"table {count}")
        return Rows(f"table:{name}", name, columns, plain_rows(columns, rows))

    def _rest_of_text(self) -> list[Event]:
        rest = self._growth.flush() + self._decode(b"", True)
        if self._tags is not None:
            return self._tagged([*self._tags.feed(rest), *self._tags.flush()])
        return [TextDelta(self._text_id, rest)] if rest else []

    def rest(self) -> list[Event]:
        """Return what is held back, for a run that ends before its items."""
        records = self._records.rest() if "_records" in self.__dict__ else []
        return [*self._rest_of_text(), *self._with_format(records)]

    def end(self) -> list[Event]:
        """Return the events at the end of the items; a format with an end marker may report a
        cut."""
        events = self._rest_of_text()
        if "_records" not in self.__dict__ or not self._records.used:
            return [*events, RunEnd("complete")]
        return events + self._with_format(self._records.flush())

    def _with_format(self, events: list[Event]) -> list[Event]:
        if events and not self._has_format and self._records.name is not None:
            self._has_format = True
            return [RunStart(self._name, self._records.name), *events]
        return events


def _is_series(item: object) -> bool:
    """True for a row of pandas, which has the names of its columns and no columns itself."""
    return callable(getattr(type(item), "items", None)) and not hasattr(item, "columns")


def _is_array(item: object) -> bool:
    """True for an array or a tensor with dimensions, by its methods."""
    return bool(getattr(item, "shape", ())) and callable(getattr(item, "tolist", None))


def _number(item: object) -> float | None:
    """Return `item` as a number, NaN for a gap; None for items that are not numbers."""
    if isinstance(item, bool):
        return None
    try:
        number = number_or_none("The chart", item)
    except (TypeError, UsageError):
        return None
    return math.nan if number is None else number


def empty_message(name: str) -> str:
    """Return the error message for a source that yielded nothing."""
    return (
        f"The source ({name}) ended without yielding anything. "
        "Check that it was not iterated over before, and that it yields items."
    )
