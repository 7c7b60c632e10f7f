"""What a run measures of itself: times in seconds since its start, and counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..budget import tokens_of
from ..events import Event, ReasoningDelta, TextDelta

SHORT_DELTA_CHARS = 16
"""A longer delta is not one token: its tokens are estimated from its bytes."""


@dataclass(slots=True)
class StopTimes:
    """The three moments of a stop, in seconds since the run started; None: not yet."""

    requested_s: float
    """When the person asked: the click, as the page reckons the run's time."""
    heard_s: float
    """When the kernel heard of it."""
    closed_s: float | None = None
    """When the producer was closed: response, generator or process are gone."""


class Stats:
    """Times and counts of one run, on a clock that is passed in."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = now()
        self._ended_s: float | None = None
        self.first_token_s: float | None = None
        self.token_count = 0
        self.tokens_estimated = False
        self.stop: StopTimes | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds from the start to now, or to the end if it is over."""
        return self._now() - self._started if self._ended_s is None else self._ended_s

    def end(self) -> None:
        """Holds the time."""
        self._ended_s = self.elapsed_s

    def since_start_s(self) -> float:
        """Seconds from the start to now, also after the end."""
        return self._now() - self._started

    def count(self, event: Event) -> None:
        """Counts the tokens of an event; a delta of up to 16 characters is one."""
        if not isinstance(event, (TextDelta, ReasoningDelta)) or not event.text:
            return
        if self.first_token_s is None:
            self.first_token_s = self.elapsed_s
        if len(event.text) <= SHORT_DELTA_CHARS:
            self.token_count += 1
        else:
            self.token_count += tokens_of(event.text)
            self.tokens_estimated = True
