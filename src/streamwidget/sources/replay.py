"""Which source plays a file of a recorded run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import DecodeError
from ..events import Event
from ..io.source import Context, Kind
from ..journal.journal_lines import parse_header
from .converted import Converted
from .journal_source import HEAD_BYTES
from .player import PlayerSource, valid_speed

TRAJECTORY_BYTES = 256 * 1024 * 1024
"""Largest file that is read as a whole, as one JSON document."""


def replay_source(path: str | Path, speed: float | None) -> PlayerSource | TrajectorySource:
    """Return the source that plays a file: a journal, events of `to_jsonl`, or a trajectory.

    What is wrong with the file is reported in the view.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            parse_header(file.readline(HEAD_BYTES))
    except OSError:
        return PlayerSource(path, speed)
    except DecodeError:
        trajectory = _trajectory(path)
        if trajectory is not None:
            valid_speed(speed)
            return TrajectorySource(path, trajectory)
        return PlayerSource(path, speed, Converted(path))
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


class TrajectorySource:
    """Shows a trajectory, whose steps have no times to be played at."""

    restartable = True
    kind = Kind(noun="file", is_recording=True)

    def __init__(self, path: Path, trajectory: Mapping[str, object]) -> None:
        self.name = path.name
        self._trajectory = trajectory

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Yield all events at once."""
        from ..export.as_atif import from_atif

        del context
        yield list(from_atif(self._trajectory))

    def interrupt(self) -> None:
        """Do nothing: there is no wait."""
