"""One daemon thread for timers: time budgets, silence, abandoning a producer.

It is separate from the streaming event loops, which a user's coroutine can block. Scheduling needs
no lock, so that a signal handler may do it. Without threads, the kernel's event
loop makes the calls.
"""

from __future__ import annotations

import heapq
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from ..threads import has_threads, kernel_loop

MOST_S = 3_600.0
"""The longest single wait: a lock does not accept an infinite timeout."""

_log = logging.getLogger("streamwidget")


class Timer:
    """One call in the future."""

    __slots__ = ("_function", "when")

    def __init__(self, when: float, function: Callable[[], object]) -> None:
        self.when = when
        self._function: Callable[[], object] | None = function

    def cancel(self) -> None:
        """Forget the function and all that it refers to; harmless after the call."""
        self._function = None

    def fire(self) -> None:
        """Call the function, unless it was cancelled."""
        function, self._function = self._function, None
        if function is None:
            return
        try:
            function()
        except Exception:
            _log.exception("a timer failed")

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class Timers(Protocol):
    """Makes calls at their times."""

    def call_later(self, delay_s: float, function: Callable[[], object]) -> Timer:
        """Call `function` in `delay_s` seconds; it must not block."""


class _LoopTimers:
    """The kernel's event loop makes the calls."""

    def call_later(self, delay_s: float, function: Callable[[], object]) -> Timer:
        timer = Timer(time.monotonic() + delay_s, function)
        kernel_loop().call_later(min(delay_s, MOST_S), timer.fire)
        return timer


class _ThreadTimers:
    """A thread that makes calls at their times."""

    def __init__(self) -> None:
        # `SimpleQueue.put` is reentrant: a signal may arrive inside of it
        self._added: queue.SimpleQueue[Timer] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="streamwidget-timers", daemon=True).start()

    def call_later(self, delay_s: float, function: Callable[[], object]) -> Timer:
        timer = Timer(time.monotonic() + delay_s, function)
        self._added.put(timer)
        return timer

    def _work(self) -> None:
        due: list[Timer] = []
        while True:
            wait_s = min(max(0.0, due[0].when - time.monotonic()), MOST_S) if due else None
            try:
                heapq.heappush(due, self._added.get(timeout=wait_s))
            except queue.Empty:
                pass
            while due and due[0].when <= time.monotonic():
                heapq.heappop(due).fire()


_lock = threading.Lock()
_current: tuple[int, _ThreadTimers] | None = None
"""The process id (a fork has no thread) and its timers."""
_loop_timers = _LoopTimers()


def timers() -> Timers:
    """Return the timers of this process; the first call starts their thread."""
    global _current
    if not has_threads():
        return _loop_timers
    current = _current
    if current is not None and current[0] == os.getpid():
        return current[1]  # without the lock: a signal handler may call this
    with _lock:
        if _current is None or _current[0] != os.getpid():
            _current = os.getpid(), _ThreadTimers()
        return _current[1]
