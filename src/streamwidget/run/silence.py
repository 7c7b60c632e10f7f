"""Detection of a silent peer. There is no read timeout, so the view has to report silence.

Any byte counts, also of comments, pings and pongs. Only connections are watched: a function may be
silent for as long as it likes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

Later: TypeAlias = Callable[[str, float, Callable[[], None]], None]
"""Calls a function later: takes the timer's name, the delay in seconds, and the function."""


def _nothing() -> None:
    pass


class Silence:
    """The time since the last sign of life, on a clock that is passed in (seconds)."""

    def __init__(
        self,
        now: Callable[[], float],
        bound_s: float,
        on_change: Callable[[], None] = _nothing,
        is_excused: Callable[[], bool] = lambda: False,
    ) -> None:
        """`on_change` is called when a stall was found, and when it has ended. While `is_excused`
        returns True, silence is expected: the run waits for its reader."""
        self._is_excused = is_excused
        self._now = now
        self._bound_s = bound_s
        self._on_change = on_change
        self._last = now()
        self._stalled = False

    @property
    def stalled_s(self) -> float | None:
        """Seconds since the last sign of life once they are more than the bound; else None."""
        return self._now() - self._last if self._stalled else None

    def heard(self) -> bool:
        """Note a sign of life, from any thread; return True if that ended a stall."""
        self._last = self._now()
        if not self._stalled:
            return False
        self._stalled = False
        self._on_change()
        return True

    def watch(self, later: Later) -> None:
        """Begin to look for stalls; silence counts from now."""
        self.heard()
        later("silence", self._bound_s, partial(self._check, later))

    def _check(self, later: Later) -> None:
        again_s = self.look()
        if self._stalled:
            self._on_change()
        later("silence", again_s, partial(self._check, later))

    def look(self) -> float:
        """Check whether the bound is passed; return the seconds until the next check."""
        if self._is_excused():
            self._last = self._now()
        silent_s = self._now() - self._last
        self._stalled = silent_s >= self._bound_s
        return self._bound_s / 2 if self._stalled else self._bound_s - silent_s
