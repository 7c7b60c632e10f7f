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
import random
import threading
import time
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

    @property
    def unseen(self) -> bool:
        """Whether every page has said that it has the view out of sight."""


class Channel:
    """The publisher's book-keeping for one view."""

    def __init__(self, target: Target, publisher: Publisher) -> None:
        self.target = target
        self.queued = False
        self.not_before = 0.0
        """Monotonic time of the earliest next flush."""
        self.held_until = time.monotonic() + publisher.pace.attach_s
        """Until then the first flush waits for the page, unless `hurry` says not to."""
        self.unseen_until = 0.0
        """Until then the next flush waits because nobody looks, unless `hurry` says not to."""
        self.repeats = 0
        """How often the end was sent again."""
        self.flushed = threading.Event()
        """Set when the end has been sent once."""
        self.context = contextvars.copy_context()
        """What to send in, first that of the cell which made the view. A headless client keeps only
        the messages whose parent is the cell that it is running, so a wait puts its own here."""
        self._publisher = publisher

    def hurry(self) -> None:
        """Says that there is something to send that must not wait: an answer to a page that is
        there, or the end of the run."""
        if self.held_until or self.unseen_until:
            self.held_until = self.unseen_until = 0.0
            self._publisher.enqueue(self, again=True)
        else:
            self.wake()

    def begin_again(self) -> None:
        """Says that another run begins in the view: its end will be told anew."""
        self.repeats = 0
        self.flushed.clear()

    def flush_again(self) -> None:
        """Flushes once more after the end; `flushed` is set again when that is done."""
        self.flushed.clear()
        self.wake()

    def wake(self) -> None:
        """Says that there is something to send; from any thread, cheap when already said."""
        if not self.queued:
            self._publisher.enqueue(self)


class Publisher:
    """Flushes views that have something to send, each no faster than its tick."""

    def __init__(self, pace: Pace = DEFAULT_PACE) -> None:
        self.pace = pace
        self._condition = threading.Condition()
        self._due: list[tuple[float, int, Channel, bool]] = []
        self._order = itertools.count()
        threading.Thread(target=self._work, name="streamwidget-publisher", daemon=True).start()

    def open(self, target: Target) -> Channel:
        """A channel for one view."""
        return Channel(target, self)

    def enqueue(self, channel: Channel, *, again: bool = False) -> None:
        """Queues a channel for its next tick; once, unless `again`: it may go sooner now."""
        with self._condition:
            if channel.queued and not again:
                return
            channel.queued = True
            when = max(channel.not_before, channel.held_until, channel.unseen_until)
            self._schedule(channel, when, repeat=False)

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
        channel.not_before = began + self.pace.tick_s  # a change during the flush waits its tick
        channel.unseen_until = self._unseen_until(began) if channel.target.unseen else 0.0
        over = channel.target.over  # read first: what came before the end is then in this flush
        settled = channel.context.run(channel.target.flush, repeat=repeat)
        spent_s = time.monotonic() - began
        channel.not_before = began + max(self.pace.tick_s, spent_s * self.pace.work_factor)
        if over:
            channel.flushed.set()
            if not settled and (repeat or channel.repeats == 0):
                self._repeat_later(channel)

    def _unseen_until(self, began: float) -> float:
        """A time of its own for each view: a page that gets fifty at once stands still."""
        return began + self.pace.unseen_tick_s * random.uniform(0.5, 1.0)

    def _repeat_later(self, channel: Channel) -> None:
        if channel.repeats < len(self.pace.final_repeat_s):
            when = time.monotonic() + self.pace.final_repeat_s[channel.repeats]
            channel.repeats += 1
            with self._condition:
                self._schedule(channel, when, repeat=True)


_lock = threading.Lock()
_current: tuple[int, Publisher] | None = None


def publisher() -> Publisher:
    """The publisher of this process; a fork gets its own."""
    global _current
    with _lock:
        if _current is None or _current[0] != os.getpid():
            _current = (os.getpid(), Publisher())
        return _current[1]
