"""Times of a run in seconds since its start, and counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..budget import tokens_of
from ..events import Event, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallEnd

SHORT_DELTA_BYTES = 16
"""A longer delta is not one token: its tokens are estimated, as its bytes in UTF-8 / 4."""


@dataclass(slots=True)
class StopTimes:
    """The three moments of a stop, in seconds since the run started; None: not yet."""

    requested_s: float
    """When the stop was requested: the time of the click, by the clock of the page."""
    heard_s: float
    """When the kernel received the request."""
    closed_s: float | None = None
    """When the producer was closed: the response, the generator or the process."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The number of tokens of the answer."""

    count: int
    is_estimated: bool


class Stats:
    """Times and counts of one run, on a clock that is passed in."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = now()
        self._position: Callable[[], float] | None = None
        """The recorded time that is shown, in seconds; None: the run is not a replay."""
        self._ended_s: float | None = None
        self.first_token_s: float | None = None
        self.token_count = 0
        self.tokens_estimated = False
        self._streamed_calls: set[str] = set()
        """Part IDs of tool calls whose arguments arrived in deltas."""

    @property
    def elapsed_s(self) -> float:
        """Seconds from the start to now, or to the end if the run has ended."""
        return self.since_start_s() if self._ended_s is None else self._ended_s

    def keep_time(self, position: Callable[[], float]) -> None:
        """Use `position` as the clock from now on; it returns seconds since the start."""
        self._position = position

    def set_time(self, elapsed_s: float) -> None:
        """Continue from a recorded time, in seconds since the start."""
        self._started = self._now() - elapsed_s

    def reach(self, recorded_s: float) -> None:
        """Move forward to a recorded time, in seconds since the start; never backward."""
        if recorded_s > self.elapsed_s:
            self.set_time(recorded_s)

    def restore(self, elapsed_s: float, token_count: int, first_token_s: float | None) -> None:
        """Continue from recorded times and a recorded count, which is an estimate."""
        self.set_time(elapsed_s)
        self.first_token_s = first_token_s
        self.token_count, self.tokens_estimated = token_count, token_count > 0

    def end(self, elapsed_s: float | None = None) -> None:
        """Stop the clock, at a recorded time if one is given."""
        self._ended_s = self.elapsed_s if elapsed_s is None else elapsed_s

    def since_start_s(self) -> float:
        """Return the seconds from the start to now, also after the end."""
        return self._now() - self._started if self._position is None else self._position()

    def count(self, event: Event) -> float:
        """Count the tokens of an event, one for a delta of up to 16 bytes; return `elapsed_s`."""
        if self._ended_s is not None:
            at_s = self._ended_s
        else:
            at_s = self._now() - self._started if self._position is None else self._position()
        if isinstance(event, (TextDelta, ReasoningDelta)):
            text = event.text
            if text and self.first_token_s is None:
                self.first_token_s = at_s
        elif isinstance(event, ToolCallDelta):
            text = event.arguments_text
            self._streamed_calls.add(event.part_id)
        elif isinstance(event, ToolCallEnd) and event.part_id not in self._streamed_calls:
            text = event.arguments_text or ""  # the arguments arrived in one piece
        else:
            return at_s
        if not text:
            return at_s
        if len(text) <= SHORT_DELTA_BYTES and (
            text.isascii() or len(text.encode(errors="replace")) <= SHORT_DELTA_BYTES
        ):
            self.token_count += 1
        else:
            self.token_count += tokens_of(text)
            self.tokens_estimated = True
        return at_s
