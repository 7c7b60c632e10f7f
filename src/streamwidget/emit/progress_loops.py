"""Loops that show their progress: one clock reading for each item, one event for each tick."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from operator import length_hint
from time import monotonic
from typing import TypeVar

from ..events import Progress
from ..limits import DEFAULT_PACE
from .event_sink import EventSink

T = TypeVar("T")

Event = Callable[[float, "float | None", bool], Progress]
"""Makes the event for the number of items done, the total (None: unknown), and True at the end."""


def tracked(
    sink: EventSink,
    step_id: str | None,
    iterable: Iterable[T] | AsyncIterable[T],
    *,
    total: float | None,
    label: str | None,
    unit: str | None,
    leave: bool,
) -> Iterator[T] | AsyncIterator[T]:
    """Return an iterator over the items that shows a bar; if left early, the bar keeps its place.

    `total` None is the length of the iterable, if it has one. `leave` False removes the bar at the
    end.
    """
    part_id = sink.new_id("p")

    def event(completed: float, total: float | None, ended: bool) -> Progress:
        return Progress(
            part_id,
            completed,
            total,
            unit,
            None,
            step_id,
            label=label,
            ended=ended,
            removed=ended and not leave,
        )

    bar = _Bar(sink, part_id, step_id, _length_of(iterable) if total is None else total, event)
    return (
        _async_loop(iterable, bar) if isinstance(iterable, AsyncIterable) else _loop(iterable, bar)
    )


class _Bar:
    """One bar: sends its first event, one event for each tick, and its last one."""

    __slots__ = ("_event", "_part_id", "_sink", "_step_id", "completed", "due", "total")

    def __init__(
        self, sink: EventSink, part_id: str, step_id: str | None, total: float | None, event: Event
    ) -> None:
        self._sink, self._part_id, self._step_id, self._event = sink, part_id, step_id, event
        self.total = total
        self.completed = 0
        self.due = 0.0
        """Time of the next event, in seconds of `time.monotonic`."""

    def tick(self) -> None:
        """Send the current state, and set the time of the next event."""
        self.due = monotonic() + DEFAULT_PACE.tick_s
        event = self._event(self.completed, self.total, False)
        self._sink.send_part(self._part_id, self._step_id, event)

    def __enter__(self) -> None:
        self.tick()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        total = self.completed if kind is None else self.total
        self._sink.push([self._event(self.completed, total, True)])


# Only the loops themselves exist twice: anything more to share would cost a call for each item.


def _loop(iterable: Iterable[T], bar: _Bar) -> Iterator[T]:
    with bar:
        for item in iterable:
            yield item
            bar.completed += 1
            if monotonic() >= bar.due:
                bar.tick()


async def _async_loop(iterable: AsyncIterable[T], bar: _Bar) -> AsyncIterator[T]:
    with bar:
        async for item in iterable:
            yield item
            bar.completed += 1
            if monotonic() >= bar.due:
                bar.tick()


def _length_of(iterable: object) -> float | None:
    """Return the length of `iterable` or its length hint; None if it has neither."""
    try:
        length = length_hint(iterable, -1)
    except Exception:  # a user-defined __len__
        return None
    return None if length < 0 else length
