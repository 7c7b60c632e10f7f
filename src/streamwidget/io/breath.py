"""Fairness on an event loop: a source whose data is always ready yields to other tasks."""

from __future__ import annotations

import asyncio
import time
from typing import Final

TURN_S: Final = 0.005
"""How long one source may hold the loop at a time."""

BUSY_S: Final = 0.02
"""Length of the pause. Yielding once would give another stream only one step, and making a
connection takes about fifty."""

PAUSE_S: Final = 0.002


class Breath:
    """Called after each piece of work; pauses if the source has held the loop for too long."""

    def __init__(self) -> None:
        now = time.monotonic()
        self._turn_ends = now + TURN_S
        self._pause_due = now + BUSY_S

    def is_due(self) -> bool:
        """True if the source has held the loop for too long."""
        return time.monotonic() >= self._turn_ends

    async def __call__(self) -> None:
        """Pause if the source has held the loop for too long."""
        now = time.monotonic()
        if now < self._turn_ends:
            return
        if now >= self._pause_due:
            await asyncio.sleep(PAUSE_S)
            self._pause_due = time.monotonic() + BUSY_S
        else:
            await asyncio.sleep(0)
        self._turn_ends = time.monotonic() + TURN_S
