"""A file of recorded events as a source, at the recorded pace or faster."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import UsageError
from ..events import Event, RunEnd
from ..export.events import read
from .base import Context

BATCH_COUNT = 256
"""Events that are given at once where no pace is kept."""


class ReplaySource:
    """Gives the events of a file again; `speed` 2 is twice as fast, None or infinity at once."""

    restartable = True
    noun = "file"

    def __init__(self, path: str | Path, speed: float | None) -> None:
        if speed is not None and not speed > 0:
            raise UsageError(f"speed= is a number above 0, or None for at once, not {speed!r}.")
        self.name = Path(path).name
        self._path = Path(path)
        self._speed = math.inf if speed is None else speed
        self._woken = threading.Event()

    def stream(self, _: Context, /) -> Iterator[Sequence[Event]]:
        self._woken.clear()
        began, is_whole = time.monotonic(), False
        batch: list[Event] = []
        try:
            file = self._path.open(encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{self.name} cannot be read: {error.strerror}.") from None
        with file:
            for event, at_s in read(file):
                due = began + (at_s or 0.0) / self._speed
                if due > time.monotonic() or len(batch) >= BATCH_COUNT:
                    yield batch
                    batch = []
                    if self._woken.wait(max(0.0, due - time.monotonic())):
                        return
                is_whole = is_whole or isinstance(event, RunEnd)
                batch.append(event)
        yield batch if is_whole else [*batch, RunEnd("cut")]

    def interrupt(self) -> None:
        """Wakes the wait for the next event."""
        self._woken.set()
