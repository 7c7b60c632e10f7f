"""A file of recorded events as a source, at the recorded pace or faster."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import DecodeError, UsageError
from ..events import Event, RunEnd
from ..io.source import Context, Kind, rest
from ..journal.journal_lines import parse_header
from .journal_source import HEAD_BYTES
from .player import PlayerSource, valid_speed

TRAJECTORY_BYTES = 256 * 1024 * 1024
"""Largest file that is read as a whole, as one JSON document."""
BATCH_COUNT = 256
"""Most events in one batch."""


def replay_source(path: str | Path, speed: float | None) -> ReplaySource | PlayerSource:
    """Return the source that plays a file: a journal, events of `to_jsonl`, or a trajectory."""
    try:
        with Path(path).open("rb") as file:
            parse_header(file.readline(HEAD_BYTES))
    except OSError:
        return ReplaySource(path, speed)  # which reports what is wrong in the view
    except DecodeError:
        trajectory = _trajectory(Path(path))
        return ReplaySource(path, speed, trajectory)
    return PlayerSource(path, speed)


def _trajectory(path: Path) -> Mapping[str, object] | None:
    """The trajectory (ATIF) in a file; None if it holds something else."""
    from ..export.as_atif import is_atif

    try:
        if path.stat().st_size > TRAJECTORY_BYTES:
            return None
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return value if is_atif(value) else None


class ReplaySource:
    """Replays the events of a file; `speed` 2 is twice as fast, None is without waits."""

    restartable = True
    kind = Kind(noun="file", is_recording=True)

    def __init__(
        self,
        path: str | Path,
        speed: float | None,
        trajectory: Mapping[str, object] | None = None,
    ) -> None:
        self._trajectory = trajectory
        self._speed = valid_speed(speed)
        self.name = Path(path).name
        self._path = Path(path)
        self._woken = threading.Event()

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Yield the events at their times.

        Raises:
            UsageError: the file cannot be read.
            DecodeError: it does not hold recorded events.
        """
        from ..export.as_atif import from_atif
        from ..export.jsonl import read

        if self._trajectory is not None:
            yield list(from_atif(self._trajectory))
            return
        self._woken.clear()
        now = context.playing_s
        began, is_whole = now(), False
        batch: list[Event] = []
        try:
            file = self._path.open(encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{self.name} cannot be read: {error.strerror}.") from None
        with file:
            for event, at_s in read(file):
                due = began + (at_s or 0.0) / self._speed
                if due > now() or len(batch) >= BATCH_COUNT:
                    yield batch
                    batch = []
                    yield from rest(self._woken, max(0.0, due - now()))
                    if self._woken.is_set():
                        return
                is_whole = is_whole or isinstance(event, RunEnd)
                batch.append(event)
        yield batch if is_whole else [*batch, RunEnd("cut")]

    def interrupt(self) -> None:
        """Wake the wait for the next event."""
        self._woken.set()
