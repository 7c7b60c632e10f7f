"""The life of a run: its status, its stop, its pauses, its timers, and its subscribers.

Must not know the document or the events. Changes come from any thread, under one lock that is
never held during I/O; only the request to stop takes none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from .clock import Stats, StopTimes
from .pausing import READER, Gate
from .states import TERMINAL, Status, StopCause, Trigger, follow
from .timers import Timer, timers

_READER = StopCause()


def _nothing() -> None:
    pass


class Life:
    """The part of a run that does not depend on what it receives."""

    def __init__(self, stats: Stats) -> None:
        self.lock = threading.RLock()
        self.stats = stats
        self._status: Status = "idle"
        self._rev = 0
        self._stops: dict[int, StopTimes] = {}
        """The requested stop, under key 0; a dict, because `setdefault` is atomic without a
        lock."""
        self.stopped_by = _READER
        """Who or what requested the stop."""
        self.on_change: Callable[[], None] = _nothing
        self.on_end: Callable[[], None] = _nothing
        self.on_stop: Callable[[], None] = _nothing
        """Cancels the producer; called once, on the timers' thread."""
        self.finished = threading.Event()
        self.announced = threading.Event()
        """Set a little later than `finished`: when `on_end` has returned."""
        self.end_call: threading.Thread | None = None
        """The call of `on_end`, which may start another run; None: none is running."""
        self.closed = threading.Event()
        """Set when the producer is closed; after `finished` if the producer was abandoned."""
        timers()  # starts the timer thread before a signal handler may need it
        self.gate = Gate()
        """Shut while the run is paused: producers wait at it."""
        self.is_pausable = False
        """True if the source can be paused; set by the driver."""
        self.is_recording = False
        """True if the source can be paused before its first event; set by the driver."""
        self._timers: dict[str, Timer] = {}
        """Timers by name; cancelled at the end, because a timer keeps its run in memory."""
        self._wakers: list[Callable[[], None]] = []

    @property
    def status(self) -> Status:
        """The current status; `stopping` at once, without the lock, when a stop was requested."""
        status = self._status
        return "stopping" if self._stops and status not in TERMINAL else status

    @property
    def rev(self) -> int:
        """A number that increases with every change of the status, not with the text."""
        return self._rev + len(self._stops)

    @property
    def stop_times(self) -> StopTimes | None:
        """When a stop was requested, received and carried out; None: no stop was requested."""
        return self._stops.get(0)

    def stop_requested(self) -> bool:
        """True if a stop was requested or the run has ended."""
        return bool(self._stops) or self._status in TERMINAL

    def request_stop(self, requested_s: float | None = None, *, by: StopCause = _READER) -> bool:
        """Ask the producer to stop; True if this call was the first to do so.

        `requested_s` is the time of the request, in seconds since the start; None: now. `by` is who
        or what requested it. Takes no lock, so it is safe from any thread, whatever locks it holds,
        and from a signal handler. The timer thread carries out the stop.
        """
        if self._status in TERMINAL:
            return False
        heard_s = self.stats.elapsed_s
        asked_s = heard_s if requested_s is None else max(0.0, min(requested_s, heard_s))
        times = StopTimes(asked_s, heard_s)
        if self._stops.setdefault(0, times) is not times:
            return False
        self.stopped_by = by
        timers().call_later(0, self._carry_out_stop)
        return True

    def _carry_out_stop(self) -> None:
        self.gate.open()
        self.on_stop()
        self._tell()

    def drop(self) -> None:
        """Note that the connection was lost; the source reconnects."""
        with self.lock:
            self._follow("drop")
        self._tell()

    @property
    def can_pause(self) -> bool:
        """True if `pause` or `resume` would do something now."""
        live = self.status in ("streaming", "paused") or self._is_early
        return self.is_pausable and live

    @property
    def _is_early(self) -> bool:
        """True before the first event of a recording, which can be paused at once."""
        return self.is_recording and self.status == "connecting"

    def pause(self) -> bool:
        """Pause the producer at its next events; return True if the run is now paused."""
        with self.lock:
            if not self.is_pausable:
                return False
            if self._is_early:
                self._follow("event")
            self._follow("pause")
            paused = self.status == "paused"
            if paused:
                self.gate.shut()
        self._tell()
        return paused

    def resume(self) -> None:
        """Let a paused producer continue."""
        with self.lock:
            self._follow("resume")
        self.gate.open(READER)
        self._tell()

    def _follow(self, trigger: Trigger) -> None:
        status = follow(self.status, trigger)
        if status != self.status:
            self._status = status
            self._rev += 1

    def _announce_end(self) -> None:
        self.gate.open()
        self.finished.set()
        try:
            self.on_end()
        finally:
            self.announced.set()
        self._tell()

    def later(self, name: str, delay_s: float, function: Callable[[], object]) -> None:
        """Call `function` in `delay_s` seconds on the timer thread, unless the run has ended."""
        with self.lock:
            if self._status not in TERMINAL:
                self._timers[name] = timers().call_later(delay_s, function)

    def _retold(self) -> None:
        with self.lock:
            self._rev += 1
        self._tell()

    def wake_me(self, waker: Callable[[], None]) -> Callable[[], None]:
        """Call `waker` after every change, on any thread; return a function that unsubscribes."""
        with self.lock:
            self._wakers.append(waker)

        def forget() -> None:
            with self.lock:
                self._wakers.remove(waker)

        return forget

    def _tell(self) -> None:
        self.on_change()
        if self._wakers:
            with self.lock:
                wakers = tuple(self._wakers)
            for waker in wakers:
                waker()

    def _cancel_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
