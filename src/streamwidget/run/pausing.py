"""Pausing: the producer is held where it gives its next events, and nothing is lost.

A source that is read is not read on; a call of the emitter waits. A stop ends the wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..limits import DEFAULT_PACE

TICK_S = DEFAULT_PACE.wait_tick_s


class Gate:
    """Open while the run goes on; threads and tasks wait before it while it is shut."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._openers: list[Callable[[], None]] = []

    @property
    def is_shut(self) -> bool:
        return not self._open.is_set()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        """Lets everybody on."""
        self._open.set()
        openers, self._openers = self._openers, []
        for call in openers:
            call()

    def wait(self) -> None:
        """Blocks a thread until the gate is open; wakes now and then, so that it can be
        interrupted."""
        while not self._open.wait(TICK_S):
            pass

    def when_open(self, call: Callable[[], None]) -> None:
        """Calls once the gate opens, on the thread that opens it; at once if it is open."""
        self._openers.append(call)
        if self._open.is_set():
            self.open()
