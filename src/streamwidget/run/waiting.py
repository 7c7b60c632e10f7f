"""Ways to wait for a run: blocking, awaiting, and reading its events as they come.

All waits wake up regularly: the kernel's interrupt reaches a bare `await future` only when
something else wakes the loop. An interrupt or a cancellation during a wait stops the run; the
partial result is kept.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator

from ..events import Event
from ..limits import DEFAULT_PACE
from .result import Result
from .run import Run

TICK_S = DEFAULT_PACE.wait_tick_s
CLOSING_S = 1.0
"""How long an interrupted wait waits for the producer to close before it raises."""


def wait(run: Run, timeout: float | None = None) -> Result:
    """Block until the run has ended, or for `timeout` seconds (None: no bound).

    Raises:
        TimeoutError: the run has not ended in time; it continues.
        KeyboardInterrupt: the kernel was interrupted; the run has been stopped first.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        while not run.finished.wait(_tick(deadline)):
            if deadline is not None and time.monotonic() >= deadline:
                break
    except BaseException:
        run.request_stop()
        run.finished.wait(CLOSING_S)
        raise
    if not run.finished.is_set():
        raise TimeoutError(f"The run has not ended within {timeout:g} s; it is {run.status}.")
    return run.result()


async def wait_async(run: Run) -> Result:
    """Wait until the run has ended.

    Raises:
        asyncio.CancelledError: the cell was interrupted; the run has been stopped first.
    """
    bell = _Bell()
    forget = run.wake_me(bell.ring)
    try:
        while not run.finished.is_set():
            await bell.heard()
    except asyncio.CancelledError:
        run.request_stop()
        deadline = time.monotonic() + CLOSING_S
        while not run.finished.is_set() and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        raise
    finally:
        forget()
    return run.result()


def iterate(run: Run) -> Iterator[Event]:
    """Yield all events from the first, then those that arrive, until the run ends.

    Raises:
        KeyboardInterrupt: the kernel was interrupted; the run has been stopped first.
    """
    changed = threading.Event()
    forget = run.wake_me(changed.set)
    position = 0
    try:
        while True:
            changed.clear()
            over = run.finished.is_set()  # read first, so that all events before the end are read
            events, position = run.read_events(position)
            yield from events
            if over and not events:
                return
            if not events:
                _interruptible(run, changed)
    finally:
        forget()


async def iterate_async(run: Run) -> AsyncIterator[Event]:
    """Yield all events from the first, then those that arrive, until the run ends."""
    bell = _Bell()
    forget = run.wake_me(bell.ring)
    position = 0
    try:
        while True:
            over = run.finished.is_set()
            events, position = run.read_events(position)
            for event in events:
                yield event
            if over and not events:
                return
            if not events:
                await bell.heard()
    finally:
        forget()


class _Bell:
    """Wakes a coroutine from any thread, and at least every tick.

    Not `asyncio.wait_for`: before Python 3.12 it can swallow a cancellation.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] = self._loop.create_future()
        self._rung = False

    def ring(self) -> None:
        if not self._rung:  # one wake-up for many changes
            self._rung = True
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:
                pass  # the loop of the waiting coroutine is closed

    def _wake(self) -> None:
        if not self._waiter.done():
            self._waiter.set_result(None)

    async def heard(self) -> None:
        await asyncio.wait({self._waiter}, timeout=TICK_S)
        if self._waiter.done():
            self._waiter = self._loop.create_future()
            self._rung = False


def _interruptible(run: Run, changed: threading.Event) -> None:
    try:
        changed.wait(TICK_S)
    except BaseException:
        run.request_stop()
        run.finished.wait(CLOSING_S)
        raise


def _tick(deadline: float | None) -> float:
    return TICK_S if deadline is None else max(0.0, min(TICK_S, deadline - time.monotonic()))
