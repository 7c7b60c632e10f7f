"""How often and how soon a dropped stream is retried. Pure: the random numbers are passed in.

Attempts without progress are counted, not consecutive failures: if an accepted connection reset the
count, a server that accepts every connection and drops it would be retried forever.
"""

from __future__ import annotations

from collections.abc import Callable

from ..limits import Limits


class Attempts:
    """The attempts since the last progress. `dice` returns a random number in [0, 1)."""

    def __init__(self, limits: Limits, dice: Callable[[], float]) -> None:
        self.count = 0
        """Attempts since the last progress."""
        self._limits = limits
        self._dice = dice

    def progress(self) -> None:
        """Reset the count: something new arrived."""
        self.count = 0

    def next_wait_s(self, least_s: float = 0.0) -> float | None:
        """Return the seconds to wait before the next attempt; None if the limit is reached.

        The back-off doubles from `Limits.resume_wait_s` to `resume_wait_most_s`, minus a random
        part of up to one half, so that not all clients of a restarted server reconnect at once.
        `least_s` is the wait that the server requested (`retry`, `Retry-After`); it is respected
        up to `resume_requested_most_s`.
        """
        if self.count >= self._limits.resume_attempts_count:
            return None
        doubled = self._limits.resume_wait_s * 2.0 ** min(self.count, 30)
        self.count += 1
        wait_s = min(doubled, self._limits.resume_wait_most_s) * (0.5 + self._dice() / 2)
        return max(wait_s, min(least_s, self._limits.resume_requested_most_s))
