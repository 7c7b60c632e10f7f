"""Loops that show their progress: one clock reading for each item, one event for each tick."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from operator import length_hint
from time import monotonic
from typing import TypeVar

from ..limits import DEFAULT_PACE

T = TypeVar("T")

Report = Callable[[float, "float | None", bool], None]
"""Called with the number done, the total (None: unknown), and True at the end."""


class Bar:
    """One bar: its total, its update callback, and a final callback that never raises."""

    def __init__(self, total: float | None, report: Report, report_end: Report) -> None:
        self.total = total
        self.report = report
        self.report_end = report_end
        self.tick_s = DEFAULT_PACE.tick_s


def length_of(iterable: object) -> float | None:
    """Return the length of `iterable` or its length hint; None if it has neither."""
    try:
        length = length_hint(iterable, -1)
    except Exception:  # a user-defined __len__
        return None
    return None if length < 0 else length


def track(iterable: Iterable[T], bar: Bar) -> Iterator[T]:
    """Yield the items; if the loop is left early, the bar keeps its position."""
    bar.report(0, bar.total, False)
    completed, due = 0, monotonic() + bar.tick_s
    total = bar.total
    try:
        for item in iterable:
            yield item
            completed += 1
            if (now := monotonic()) >= due:
                due = now + bar.tick_s
                bar.report(completed, bar.total, False)
        total = completed
    finally:
        bar.report_end(completed, total, True)


async def track_async(iterable: AsyncIterable[T], bar: Bar) -> AsyncIterator[T]:
    """Yield the items of an asynchronous iterable."""
    bar.report(0, bar.total, False)
    completed, due = 0, monotonic() + bar.tick_s
    total = bar.total
    try:
        async for item in iterable:
            yield item
            completed += 1
            if (now := monotonic()) >= due:
                due = now + bar.tick_s
                bar.report(completed, bar.total, False)
        total = completed
    finally:
        bar.report_end(completed, total, True)
