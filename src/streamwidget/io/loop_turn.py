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


class LoopTurn:
    """The time for which one source may hold the loop; call `pause` once `ends` has passed."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.ends = now + TURN_S
        """Time of `time.monotonic` at which the turn ends."""
        self._pause_due = now + BUSY_S

    async def pause(self) -> None:
        """Let other tasks run, and begin the next turn."""
        if time.monotonic() >= self._pause_due:
            await asyncio.sleep(PAUSE_S)
            self._pause_due = time.monotonic() + BUSY_S
        else:
            await asyncio.sleep(0)
        self.ends = time.monotonic() + TURN_S
