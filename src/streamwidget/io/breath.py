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
    """Wait for it when `time.monotonic()` has passed `turn_ends`: this source has had its turn."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.turn_ends = now + TURN_S
        """Time of `time.monotonic` until which this source may continue."""
        self._pause_due = now + BUSY_S

    async def take(self) -> None:
        """Let others have their turn."""
        if time.monotonic() >= self._pause_due:
            await asyncio.sleep(PAUSE_S)
            self._pause_due = time.monotonic() + BUSY_S
        else:
            await asyncio.sleep(0)
        self.turn_ends = time.monotonic() + TURN_S
