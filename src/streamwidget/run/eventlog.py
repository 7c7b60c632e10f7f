"""All events of a run, for any number of readers, each from the first event."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Protocol, cast

from ..events import Event, Notice, ReasoningDelta, Rows, TextDelta
from .packed_events import BLOCK_COUNT, PackedEvents

_LOOSE_COUNT = 4096
"""The newest events are not packed, at least so many: readers that keep up read them as they are.
Each is packed once, a block at a time."""
_DROP_COUNT = 4096
_DROP_SHARE = 8
"""An eighth of the bytes is dropped at once, so that each event is moved only a few times."""


_MEASURED_COUNT = 1_000_000
"""Values that are measured in one event; more than that would be larger than all that is kept."""
_TEXTS: frozenset[type] = frozenset({str, type(None)})
_NUMBERS: frozenset[type] = frozenset({int, float, bool, type(None), date, datetime, Decimal})


class Writer(Protocol):
    """A journal, which must write the events before they are dropped."""

    @property
    def needed_from(self) -> int:
        """The position of the first event that is not written yet."""

    def flush(self, *, patience_s: float = -1) -> None:
        """Write all events so far; stop waiting after `patience_s` if another thread is writing."""


class EventLog:
    """A growing list of events; the oldest are dropped when there are too many, or too many bytes.

    Positions count from the first event ever, so that dropping events does not change them.
    """

    def __init__(self, kept_count: int, kept_bytes: int) -> None:
        self._kept_count = kept_count
        self._kept_bytes = kept_bytes
        self._packed = PackedEvents()
        """The older of the kept events."""
        self._events: list[Event] = []
        """The newest events."""
        self._pack_at = _LOOSE_COUNT + BLOCK_COUNT
        """When there are so many newest events, the first of them are packed."""
        self._times = array("d")
        self._sizes = array("q")
        self._bytes = 0
        self._forgotten = 0
        self.needed_from: Callable[[], int] = _nothing_needed
        """Returns the position from which events must be kept, regardless of their size."""
        self.is_behind = False
        """True while more events are kept than the bounds allow, because a reader needs them."""

    def copy(self) -> EventLog:
        """Return a copy that later events do not change."""
        copied = copy(self)
        copied.needed_from = _nothing_needed
        copied._packed, copied._events = self._packed.copy(), list(self._events)
        copied._times, copied._sizes = self._times[:], self._sizes[:]
        return copied

    def append(self, event: Event, at_s: float = 0.0) -> None:
        """Add an event that arrived `at_s` seconds after the run began."""
        size = len(event.text) if type(event) is TextDelta else size_of(event)
        self._events.append(event)
        self._times.append(at_s)
        self._sizes.append(size)
        self._bytes += size
        if len(self._times) >= self._kept_count + _DROP_COUNT:
            self._forget(_DROP_COUNT)
        elif self._bytes > self._kept_bytes:
            self._forget(self._count_to_forget())
        if len(self._events) >= self._pack_at:
            self._pack()

    def hold(self) -> None:
        """Keep all events, regardless of their size, until `hold_for` is called."""
        self.needed_from = _from_the_first

    def hold_for(self, writer: Writer) -> None:
        """Keep the events that `writer` has not written."""
        self.needed_from = lambda: writer.needed_from

    def _count_to_forget(self) -> int:
        """Return how many events to drop; the newest stays, however large it is."""
        surplus = self._bytes - self._kept_bytes + self._kept_bytes // _DROP_SHARE
        count = 0
        while surplus > 0 and count < len(self._sizes) - 1:
            surplus -= self._sizes[count]
            count += 1
        return count

    def _pack(self) -> None:
        """Pack the older of the newest events, unless the journal has still to read them."""
        events, written = self._events, self.needed_from() - self._forgotten - len(self._packed)
        count = min(len(events) - _LOOSE_COUNT, written) // BLOCK_COUNT * BLOCK_COUNT
        for start in range(0, count, BLOCK_COUNT):
            self._packed.extend(events[start : start + BLOCK_COUNT])
        del events[: max(0, count)]
        self._pack_at = max(len(events), _LOOSE_COUNT) + BLOCK_COUNT

    def _forget(self, count: int) -> None:
        free = max(0, self.needed_from() - self._forgotten)
        self.is_behind = free < count
        count = min(count, free)
        if not count:
            return
        self._bytes -= sum(self._sizes[:count])
        packed = min(count, len(self._packed))
        self._packed.drop(packed)
        del self._events[: count - packed], self._times[:count], self._sizes[:count]
        self._forgotten += count

    def _notice(self, position: int = 0) -> Notice:
        missing = self._forgotten - position
        return Notice(f"The first {missing:,} events are no longer kept.", "warning")

    def read(self, position: int, most: int = 1024) -> tuple[Sequence[Event], int]:
        """Return up to `most` events from `position`, and the position after them."""
        if position < self._forgotten:
            return [self._notice(position)], self._forgotten
        start, packed = position - self._forgotten, len(self._packed)
        if start >= packed:
            events = self._events[start - packed : start - packed + most]
        else:
            events = self._packed.read(start, min(most, packed - start))
        return events, position + len(events)

    def read_timed(self, position: int, most: int) -> tuple[Sequence[Event], Sequence[float], int]:
        """Return up to `most` events from `position`, their times, and the position after them."""
        events, after = self.read(position, most)
        if position < self._forgotten:
            return events, [self._times[0] if self._times else 0.0], after
        start = position - self._forgotten
        return events, self._times[start : start + len(events)], after

    @property
    def dropped_count(self) -> int:
        """The number of first events that are no longer kept."""
        return self._forgotten

    @property
    def end(self) -> int:
        """The position after the last event."""
        return self._forgotten + len(self._times)

    def __len__(self) -> int:
        return len(self._times)

    def timed(self) -> list[tuple[Event, float]]:
        """Return the kept events with their times in seconds since the run began.

        If the first events were dropped, a notice in their place says so.
        """
        timed: list[tuple[Event, float]] = list(zip(self.to_tuple(), self._times, strict=True))
        return (
            [(self._notice(), timed[0][1] if timed else 0.0), *timed] if self._forgotten else timed
        )

    def to_tuple(self) -> tuple[Event, ...]:
        """Return the kept events."""
        return (*self._packed, *self._events)


def _from_the_first() -> int:
    return 0


def _nothing_needed() -> int:
    return sys.maxsize


def size_of(event: Event) -> int:
    """Return the approximate size of an event's text and data in bytes."""
    if isinstance(event, (TextDelta, ReasoningDelta)):
        return len(event.text)
    if isinstance(event, Rows):
        return len(event.columns) * 8 + _size_of_rows(event.rows)
    return sum(_size(getattr(event, name)) for name in event.__slots__)


def _size_of_rows(rows: Sequence[tuple[object, ...]]) -> int:
    """Return the size of the cells, column by column: most hold strings or numbers alone."""
    total = 0
    for column in zip_longest(*rows):
        kinds = set(map(type, column))
        if kinds <= _TEXTS:
            texts = cast("Sequence[str]", column)
            total += len("".join(filter(None, texts)))  # what is missing counts for nothing
        else:
            total += 8 * len(column) if kinds <= _NUMBERS else _size(column)
    return total


def _size(value: object) -> int:
    """Return the size of a value and of what it holds, up to a bound: it may hold itself."""
    total, pending = 0, [value]
    for _ in range(_MEASURED_COUNT):
        if not pending:
            break
        one = pending.pop()
        if isinstance(one, (str, bytes)):
            total += len(one)
        elif type(one) in _NUMBERS:
            total += 8
        elif isinstance(one, Mapping):
            pending.extend(one.values())
        elif isinstance(one, (list, tuple)):
            pending.extend(one)
        else:
            total += 8
    return total
