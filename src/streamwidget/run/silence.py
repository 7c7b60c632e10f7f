"""Detection of a silent peer. There is no read timeout, so the view has to report silence.

Any byte counts, also of comments, pings and pongs. Only connections are watched: a function may be
silent for as long as it likes.
"""

from __future__ import annotations

from collections.abc import Callable


class Silence:
    """The time since the last sign of life, on a clock that is passed in (seconds)."""

    def __init__(self, now: Callable[[], float], bound_s: float) -> None:
        self._now = now
        self._bound_s = bound_s
        self._last = now()
        self._stalled = False

    @property
    def stalled_s(self) -> float | None:
        """Seconds since the last sign of life once they are more than the bound; else None."""
        return self._now() - self._last if self._stalled else None

    def heard(self) -> bool:
        """Note a sign of life; return True if that ended a stall."""
        self._last = self._now()
        stalled, self._stalled = self._stalled, False
        return stalled

    def look(self) -> float:
        """Check whether the bound is passed; return the seconds until the next check."""
        silent_s = self._now() - self._last
        self._stalled = silent_s >= self._bound_s
        return self._bound_s / 2 if self._stalled else self._bound_s - silent_s
