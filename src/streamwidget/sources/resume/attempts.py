"""How often and how soon a dropped stream is tried again. Pure: the dice are passed in.

Counted are attempts without progress, not failures in a row: a server that takes every connection
and drops it would be tried for ever by a count that an accepted connection resets.
"""

from __future__ import annotations

from collections.abc import Callable

from ...limits import Limits


class Attempts:
    """The attempts since something new came last. `dice` gives a number in [0, 1)."""

    def __init__(self, limits: Limits, dice: Callable[[], float]) -> None:
        self.count = 0
        """Attempts since the last progress."""
        self._limits = limits
        self._dice = dice

    def progress(self) -> None:
        """Something new came."""
        self.count = 0

    def next_wait_s(self, least_s: float = 0.0) -> float | None:
        """How long to wait before the next attempt; None: there were enough.

        Doubles from `Limits.resume_wait_s` to `resume_wait_most_s`, of which a random half is taken
        off, so that the readers of a server that comes back do not all come at once. `least_s` is
        what the server asked for (`retry`, `Retry-After`); up to `resume_told_most_s` it is kept.
        """
        if self.count >= self._limits.resume_attempts_count:
            return None
        doubled = self._limits.resume_wait_s * 2.0 ** min(self.count, 30)
        self.count += 1
        wait_s = min(doubled, self._limits.resume_wait_most_s) * (0.5 + self._dice() / 2)
        return max(wait_s, min(least_s, self._limits.resume_told_most_s))
