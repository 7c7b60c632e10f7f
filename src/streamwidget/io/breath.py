"""Fairness on an event loop: a source whose data is always ready yields to other tasks."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from ..threads import IN_BROWSER
from ..threads import PAUSE_S as BROWSER_PAUSE_S

TURN_S: Final = 0.005
"""How long one source may hold the loop at a time."""

BUSY_S: Final = 0.02
"""Length of the pause. Yielding once would give another stream only one step, and making a
connection takes about fifty."""

PAUSE_S: Final = BROWSER_PAUSE_S if IN_BROWSER else 0.002


class Breath:
    """To be taken once `time.monotonic()` has passed `turn_ends`: the source has had its turn."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.turn_ends = now + TURN_S
        """Time of `time.monotonic` until which this source may continue."""
        self._pause_due = now + BUSY_S

    async def take(self) -> None:
        """Pause, because the source has held the loop for too long."""
        if time.monotonic() >= self._pause_due:
            await asyncio.sleep(PAUSE_S)
            self._pause_due = time.monotonic() + BUSY_S
        else:
            await asyncio.sleep(0)
        self.turn_ends = time.monotonic() + TURN_S
