"""Fairness on an event loop: a source whose data is always ready lets others have their turn."""

from __future__ import annotations

import asyncio
import time
from typing import Final

TURN_S: Final = 0.005
"""How long one source may hold the loop at a time."""

BUSY_S: Final = 0.02
"""A source that was busy for so long pauses: a single turn is one step of another stream, and a
connection takes some fifty steps to be made."""

PAUSE_S: Final = 0.002


class Breath:
    """Called after each piece of work; waits when this source has had its turn."""

    def __init__(self) -> None:
        now = time.monotonic()
        self._turn_ends = now + TURN_S
        self._pause_due = now + BUSY_S

    def is_due(self) -> bool:
        """True if this source has had its turn."""
        return time.monotonic() >= self._turn_ends

    async def __call__(self) -> None:
        """Let others have their turn, if this source has had its own."""
        now = time.monotonic()
        if now < self._turn_ends:
            return
        if now >= self._pause_due:
            await asyncio.sleep(PAUSE_S)
            self._pause_due = time.monotonic() + BUSY_S
        else:
            await asyncio.sleep(0)
        self._turn_ends = time.monotonic() + TURN_S
