"""The only place that sends to front ends: one thread for all views of the process.

A view is flushed at most once per tick, later when a flush was dear. A blocked kernel, a blocked
event loop or a slow source cannot hold it up, and nothing else ever sets a synced trait.
"""

from __future__ import annotations

import contextvars
import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from ..limits import DEFAULT_PACE, Pace

_log = logging.getLogger("streamwidget")


class Target(Protocol):
    """What the publisher flushes: a view."""

    def flush(self, *, repeat: bool) -> bool:
        """Sends what is new; True once nothing more can come (the end was acknowledged)."""

    @property
    def over(self) -> bool:
        """Whether the run has ended."""


class Channel:
    """The publisher's book-keeping for one view."""

    def __init__(self, target: Target, publisher: Publisher) -> None:
        self.target = target
        self.queued = False
        self.not_before = 0.0
        """Monotonic time of the earliest next flush."""
        self.repeats = 0
        """How often the end was sent again."""
        self.flushed = threading.Event()
        """Set when the end has been sent once."""
        self.context: contextvars.Context | None = None
        """What to send in; None: the publisher's own."""
        self._publisher = publisher

    def flush_in(self, context: contextvars.Context) -> None:
        """Flushes once more, in the context of a cell; `flushed` is set again when that is done.

        A headless client keeps only the messages whose parent is the cell that it is running.
        """
        self.context = context
        self.flushed.clear()
        self.wake()

    def wake(self) -> None:
        """Says that there is something to send; from any thread, cheap when already said."""
        if not self.queued:
            self._publisher.enqueue(self)


class Publisher:
    """Flushes views that have something to send, each no faster than its tick."""

    def __init__(self, pace: Pace = DEFAULT_PACE) -> None:
        self._pace = pace
        self._condition = threading.Condition()
        self._due: list[tuple[float, int, Channel, bool]] = []
        self._order = itertools.count()
        context = contextvars.copy_context()  # ipykernel 7.0 cannot send without one
        threading.Thread(
            target=context.run, args=(self._work,), name="streamwidget-publisher", daemon=True
        ).start()

    def open(self, target: Target) -> Channel:
        """A channel for one view."""
        return Channel(target, self)

    def enqueue(self, channel: Channel) -> None:
        """Queues a channel for its next tick."""
        with self._condition:
            if channel.queued:
                return
            channel.queued = True
            self._schedule(channel, channel.not_before, repeat=False)

    def _schedule(self, channel: Channel, when: float, *, repeat: bool) -> None:
        heapq.heappush(self._due, (when, next(self._order), channel, repeat))
        self._condition.notify()

    def _work(self) -> None:
        while True:
            channel, repeat = self._next()
            try:
                self._flush(channel, repeat)
            except Exception:
                # a closed comm or a kernel that is going down: this view is lost, others are not
                _log.debug("a view could not be flushed", exc_info=True)
                channel.flushed.set()

    def _next(self) -> tuple[Channel, bool]:
        with self._condition:
            while True:
                now = time.monotonic()
                if self._due and self._due[0][0] <= now:
                    _, _, channel, repeat = heapq.heappop(self._due)
                    if now < channel.not_before:  # queued during a flush that proved to be dear
                        self._schedule(channel, channel.not_before, repeat=repeat)
                        continue
                    if not repeat:
                        channel.queued = False  # before the flush: a change during it counts
                    return channel, repeat
                self._condition.wait(self._due[0][0] - now if self._due else None)

    def _flush(self, channel: Channel, repeat: bool) -> None:
        began = time.monotonic()
        channel.not_before = began + self._pace.tick_s  # a change during the flush waits its tick
        over = channel.target.over  # read first: what came before the end is then in this flush
        run = channel.context.run if channel.context else _call
        settled = run(channel.target.flush, repeat=repeat)
        spent_s = time.monotonic() - began
        channel.not_before = began + max(self._pace.tick_s, spent_s * self._pace.work_factor)
        if over:
            channel.flushed.set()
            if not settled and (repeat or channel.repeats == 0):
                self._repeat_later(channel)

    def _repeat_later(self, channel: Channel) -> None:
        if channel.repeats < len(self._pace.final_repeat_s):
            when = time.monotonic() + self._pace.final_repeat_s[channel.repeats]
            channel.repeats += 1
            with self._condition:
                self._schedule(channel, when, repeat=True)


def _call(function: Callable[..., bool], **arguments: bool) -> bool:
    return function(**arguments)


_lock = threading.Lock()
_current: tuple[int, Publisher] | None = None


def publisher() -> Publisher:
    """The publisher of this process; a fork gets its own."""
    global _current
    with _lock:
        if _current is None or _current[0] != os.getpid():
            _current = (os.getpid(), Publisher())
        return _current[1]
