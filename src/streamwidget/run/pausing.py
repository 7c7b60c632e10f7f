"""Pausing: the producer waits at its next events, and nothing is lost.

The reader holds it, or a budget that asks; it continues once nobody does.

A source is not read any further; a call of the emitter waits. A stop ends the wait.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from ..limits import DEFAULT_PACE

TICK_S = DEFAULT_PACE.wait_tick_s
READER: Final = "reader"
BUDGET: Final = "budget"


class Gate:
    """Open while the run continues; threads and tasks wait while it is shut."""

    def __init__(self) -> None:
        self.is_shut = False
        """True while the run is paused."""
        self._holders: set[str] = set()
        """The names of those that hold the run."""
        self._open = threading.Event()
        self._open.set()
        self._openers: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._times: tuple[float | None, float] = (None, 0.0)
        """When it was shut, in seconds of `time.monotonic` (None: it is open), and how long it was
        shut before that, in seconds."""

    def is_held_by(self, holder: str) -> bool:
        """True if `holder` has shut the gate and not opened it since."""
        return holder in self._holders

    def shut(self, holder: str = READER) -> None:
        """Make threads and tasks wait at the gate until `holder` opens it."""
        with self._lock:
            self._holders.add(holder)
            shut_at, shut_s = self._times
            self._times = (time.monotonic() if shut_at is None else shut_at, shut_s)
            self._open.clear()
            self.is_shut = True

    def open(self, holder: str | None = None) -> None:
        """Release all waiting threads and tasks, unless others than `holder` still hold them;
        None: in any case."""
        with self._lock:
            self._holders = self._holders - {holder} if holder else set()
            if self._holders:
                return
            shut_at, shut_s = self._times
            if shut_at is not None:
                self._times = (None, shut_s + time.monotonic() - shut_at)
            self.is_shut = False
            self._open.set()
        self._call_openers()

    def _call_openers(self) -> None:
        while True:  # in place, so that an opener added in the meantime is called too
            try:
                call = self._openers.popleft()
            except IndexError:
                return
            call()

    def open_s(self) -> float:
        """Return the time of a clock in seconds that stands still while the gate is shut."""
        shut_at, shut_s = self._times
        return (time.monotonic() if shut_at is None else shut_at) - shut_s

    def wait(self) -> None:
        """Block a thread until the gate is open; wake up regularly, so that it can be
        interrupted."""
        while not self._open.wait(TICK_S):
            pass

    def when_open(self, call: Callable[[], None]) -> None:
        """Call `call` when the gate opens, on the thread that opens it; at once if it is open."""
        self._openers.append(call)
        if self._open.is_set():
            self._call_openers()
