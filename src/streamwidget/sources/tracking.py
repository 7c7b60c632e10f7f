"""Loops that show how far they are: a look at the clock for each item, an event for each tick."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from operator import length_hint
from time import monotonic
from typing import TypeVar

from ..limits import DEFAULT_PACE

T = TypeVar("T")

Tell = Callable[[float, "float | None", bool], None]
"""Takes how many are done, how many there are (None: not known), and whether it is over."""


class Bar:
    """One bar: its total, how it is told, and how its end is told when nobody may be disturbed."""

    def __init__(self, total: float | None, tell: Tell, tell_end: Tell) -> None:
        self.total = total
        self.tell = tell
        self.tell_end = tell_end
        self.tick_s = DEFAULT_PACE.tick_s


def length_of(iterable: object) -> float | None:
    """The length of `iterable`, or what it says of it; None if it says nothing."""
    try:
        length = length_hint(iterable, -1)
    except Exception:  # somebody else's __len__
        return None
    return None if length < 0 else length


def track(iterable: Iterable[T], bar: Bar) -> Iterator[T]:
    """Yields the items; a loop that is left early leaves the bar where it was."""
    bar.tell(0, bar.total, False)
    completed, due = 0, monotonic() + bar.tick_s
    total = bar.total
    try:
        for item in iterable:
            yield item
            completed += 1
            if (now := monotonic()) >= due:
                due = now + bar.tick_s
                bar.tell(completed, bar.total, False)
        total = completed
    finally:
        bar.tell_end(completed, total, True)


async def track_async(iterable: AsyncIterable[T], bar: Bar) -> AsyncIterator[T]:
    """Yields the items of an asynchronous iterable."""
    bar.tell(0, bar.total, False)
    completed, due = 0, monotonic() + bar.tick_s
    total = bar.total
    try:
        async for item in iterable:
            yield item
            completed += 1
            if (now := monotonic()) >= due:
                due = now + bar.tick_s
                bar.tell(completed, bar.total, False)
        total = completed
    finally:
        bar.tell_end(completed, total, True)
