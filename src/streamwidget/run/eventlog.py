"""All events of a run, to be iterated over again and again, by any number of readers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from ..events import Event, Notice

_DROP_COUNT = 4096


class EventLog:
    """A growing list of events; the oldest go when `kept_count` is passed.

    Readers hold positions counted from the first event ever, so that forgetting does not move them.
    """

    def __init__(self, kept_count: int) -> None:
        self._kept_count = kept_count
        self._events: list[Event] = []
        self._times = array("d")
        self._forgotten = 0

    def append(self, event: Event, at_s: float = 0.0) -> None:
        """Adds an event that came `at_s` seconds after the run began."""
        self._events.append(event)
        self._times.append(at_s)
        if len(self._events) >= self._kept_count + _DROP_COUNT:
            del self._events[:_DROP_COUNT], self._times[:_DROP_COUNT]
            self._forgotten += _DROP_COUNT

    def read(self, position: int, most: int = 1024) -> tuple[Sequence[Event], int]:
        """Up to `most` events from `position` on, and the position after them."""
        if position < self._forgotten:
            missing = self._forgotten - position
            notice = Notice(f"The first {missing} events are no longer kept.", "warning")
            return [notice], self._forgotten
        start = position - self._forgotten
        events = self._events[start : start + most]
        return events, position + len(events)

    def __len__(self) -> int:
        return len(self._events)

    def timed(self) -> list[tuple[Event, float]]:
        """The events that are kept, and when they came in seconds since the run began."""
        return list(zip(self._events, self._times, strict=True))

    def to_tuple(self) -> tuple[Event, ...]:
        """The events that are kept."""
        return tuple(self._events)
