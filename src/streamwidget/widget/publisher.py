"""The only sender to front ends: one thread for all views of the process.

A view is flushed at most once per tick, and less often if flushes are slow. A blocked kernel, a
blocked event loop or a slow source cannot hold it up, and nothing else ever sets a synced trait.
Without threads it sends in turns of the kernel's loop, and within each call that brings news.
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
from typing import Literal, Protocol

from ..limits import DEFAULT_PACE, Pace
from ..run.timers import timers
from ..threads import has_threads
from .shiny_flush import flusher

_log = logging.getLogger("streamwidget")
_dice = random.Random()
"""A separate generator, so that views do not change the numbers of a user who seeds `random`."""


Why = Literal["news", "end", "alive"]
"""Why a view is flushed: it has something to send, its end is not acknowledged, or a live run must
not look idle."""


class Target(Protocol):
    """A view, as the publisher sees it."""

    def flush(self, *, repeat: bool) -> bool:
        """Send all changes; return True once the end was acknowledged."""

    def flush_failed(self, error: Exception) -> None:
        """Called when a flush has raised."""

    @property
    def over(self) -> bool:
        """True if the run has ended."""

    @property
    def unseen(self) -> bool:
        """True if every page reports that the view is not visible."""


class Waker(Protocol):
    """Has changes of a run sent."""

    def wake(self) -> None:
        """Note that there is something to send; from any thread, cheap if already noted."""

    def hurry(self) -> None:
        """Send soon: an answer to a page, or the end of the run."""


class Channel:
    """The publisher's book-keeping for one view."""

    def __init__(self, target: Target, publisher: Publisher) -> None:
        self.target = target
        self.queued = False
        self.not_before = 0.0
        """Monotonic time of the earliest next flush."""
        self.held_until = time.monotonic() + publisher.pace.attach_s
        """Until then the first flush waits for the page, unless `hurry` is called."""
        self.unseen_until = 0.0
        """Until then the next flush waits because the view is not visible, unless `hurry` is
        called."""
        self.repeats = 0
        """How often the end was sent again."""
        self.news_at = self.sent_at = time.monotonic()
        """When something new was sent, and when anything was sent."""
        self.is_kept_alive = False
        """True while a check for silence is scheduled."""
        self.flushed = threading.Event()
        """Set when the end has been sent."""
        self.context = contextvars.copy_context()
        """The context to send in, at first that of the cell that created the view. A headless
        client keeps only the messages whose parent is the running cell, so a wait sets its own
        here."""
        self.flush_host = flusher()
        """Lets a host that holds messages back send them."""
        self._publisher = publisher

    def hurry(self) -> None:
        """Send soon: an answer to a page, or the end of the run."""
        if self.held_until or self.unseen_until:
            self.held_until = self.unseen_until = 0.0
            self._publisher.enqueue(self, again=True)
        else:
            self.wake()

    def begin_again(self) -> None:
        """Note that another run begins in the view; its end has to be sent too."""
        self.repeats = 0
        self.flushed.clear()

    def flush_again(self) -> None:
        """Flush once more after the end; `flushed` is set again when that is done."""
        self.flushed.clear()
        self.wake()

    def wake(self) -> None:
        """Note that there is something to send; from any thread, cheap if already noted."""
        if not self.queued or self._publisher.needs_calls:
            self._publisher.enqueue(self)


class Publisher:
    """Flushes views that have something to send, each no faster than its tick."""

    needs_calls = False
    """True if each bit of news must reach `enqueue`, also of a view that is queued."""

    def __init__(self, pace: Pace = DEFAULT_PACE) -> None:
        self.pace = pace
        self._condition = threading.Condition()
        self._due: list[tuple[float, int, Channel, Why]] = []
        self._order = itertools.count()
        self._start()

    def _start(self) -> None:
        threading.Thread(target=self._work, name="streamwidget-publisher", daemon=True).start()

    def open(self, target: Target) -> Channel:
        """Return a channel for one view."""
        return Channel(target, self)

    def enqueue(self, channel: Channel, *, again: bool = False) -> None:
        """Queue a channel for its next tick; once, unless `again`, which may move it forward."""
        with self._condition:
            if channel.queued and not again:
                return
            channel.queued = True
            when = max(channel.not_before, channel.held_until, channel.unseen_until)
            self._schedule(channel, when, "news")

    def _schedule(self, channel: Channel, when: float, why: Why) -> None:
        heapq.heappush(self._due, (when, next(self._order), channel, why))
        self._condition.notify()

    def _work(self) -> None:
        while True:
            self._send(*self._next())

    def _send(self, channel: Channel, why: Why) -> None:
        try:
            self._flush(channel, why)
        except Exception as error:  # one view must not stop the others
            self._fail(channel, error)

    def _next(self) -> tuple[Channel, Why]:
        with self._condition:
            while (due := self._take_due()) is None:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                self._condition.wait(wait_s)
            return due

    def _take_due(self) -> tuple[Channel, Why] | None:
        """Return what is to be sent now, under the lock; None: nothing yet."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            _, _, channel, why = heapq.heappop(self._due)
            if now < channel.not_before:  # queued during a slow flush
                self._schedule(channel, channel.not_before, why)
                continue
            if why == "news":
                channel.queued = False  # before the flush: a change during it counts
            return channel, why
        return None

    def _fail(self, channel: Channel, error: Exception) -> None:
        """Show that a view could not be flushed, if that is possible at all."""
        _log.warning("an update of a view could not be sent", exc_info=error)
        channel.flushed.set()  # nothing must wait for this view any longer
        try:
            channel.target.flush_failed(error)
        except Exception:
            _log.debug("nor could that be noted", exc_info=True)

    def _flush(self, channel: Channel, why: Why) -> None:
        began = time.monotonic()
        if why == "alive" and not self._is_silent(channel, began):
            return
        repeat = why != "news"
        channel.sent_at = began
        channel.news_at = channel.news_at if repeat else began
        channel.not_before = began + self.pace.tick_s  # a change during the flush waits its tick
        channel.unseen_until = self._unseen_until(began) if channel.target.unseen else 0.0
        over = channel.target.over  # read first, so that this flush has everything before the end
        settled = channel.context.run(channel.target.flush, repeat=repeat)
        channel.flush_host()
        spent_s = time.monotonic() - began
        channel.not_before = began + max(self.pace.tick_s, spent_s * self.pace.work_factor)
        if over:
            channel.flushed.set()
            if not settled and (repeat or channel.repeats == 0):
                self._repeat_later(channel)
        elif not channel.is_kept_alive:
            self._keep_alive(channel, channel.sent_at)

    def _is_silent(self, channel: Channel, now: float) -> bool:
        """True if a live run has been silent for so long that a keep-alive is due."""
        channel.is_kept_alive = False
        if channel.target.over or now - channel.news_at > self.pace.keep_alive_most_s:
            return False
        if now - channel.sent_at >= self.pace.keep_alive_s:
            return True
        self._keep_alive(channel, channel.sent_at)
        return False

    def _keep_alive(self, channel: Channel, since: float) -> None:
        channel.is_kept_alive = True
        with self._condition:
            self._schedule(channel, since + self.pace.keep_alive_s, "alive")

    def _unseen_until(self, began: float) -> float:
        """Return a random time, so that a page does not get fifty messages at once."""
        return began + self.pace.unseen_tick_s * _dice.uniform(0.5, 1.0)

    def _repeat_later(self, channel: Channel) -> None:
        if channel.repeats < len(self.pace.final_repeat_s):
            when = time.monotonic() + self.pace.final_repeat_s[channel.repeats]
            channel.repeats += 1
            with self._condition:
                self._schedule(channel, when, "end")


class LoopPublisher(Publisher):
    """The same without a thread."""

    needs_calls = True

    def _start(self) -> None:
        self._is_sending = False

    def enqueue(self, channel: Channel, *, again: bool = False) -> None:
        """Queue a channel, and send what is due: a producer may keep the loop to itself."""
        super().enqueue(channel, again=again)
        self._send_due()

    def _schedule(self, channel: Channel, when: float, why: Why) -> None:
        super()._schedule(channel, when, why)
        timers().call_later(max(0.0, when - time.monotonic()), self._send_due)

    def _send_due(self) -> None:
        if self._is_sending:
            return  # the flush itself caused a change; the timer will send it
        self._is_sending = True
        try:
            while (due := self._take_next()) is not None:
                self._send(*due)
        finally:
            self._is_sending = False

    def _take_next(self) -> tuple[Channel, Why] | None:
        with self._condition:
            return self._take_due()


_lock = threading.Lock()
_current: tuple[int, bool, Publisher] | None = None


def publisher() -> Publisher:
    """Return the publisher of this process; a fork gets its own."""
    global _current
    here = os.getpid(), has_threads()
    with _lock:
        if _current is None or _current[:2] != here:
            _current = (*here, Publisher() if has_threads() else LoopPublisher())
        return _current[2]
