"""The methods of a view that seek in a recorded run: a replay, or the past of a run."""

from __future__ import annotations

from ..errors import UsageError
from ..io.source import Source
from ..run import Run
from ..sources.player import MarkKind, PlayerSource
from .port import Port
from .rewind import Rewind


class Replayed:
    """Seeking in the replay of a journal, or in the past of a run."""

    _source: Source | None
    _port: Port

    @property
    def _run(self) -> Run:
        raise NotImplementedError

    def retry(self) -> None:
        """Start the source again."""
        raise NotImplementedError

    def seek(self, seconds: float) -> None:
        """Show the run as it was `seconds` after its start.

        A replay continues from there; a paused one stays paused, and after its end it starts again
        at that time. Any other run continues, and the view shows its past until `go_live`; `text`,
        `tables` and so on stay those of the run. The past is that of the journal, or without one
        that of the events in memory.

        Raises:
            UsageError: Python runs in a browser, and this is not a replay.
            LimitError: there is no journal, and the first events are no longer in memory.
        """
        player = self._moved()
        player.seek(seconds)
        if isinstance(player, PlayerSource) and self._run.finished.is_set():
            self.retry()

    def go_live(self) -> None:
        """Show the run as it is now, after `seek`; does nothing in a replay."""
        if self._port.rewind is not None:
            self._port.rewind.go_live()

    @property
    def speed(self) -> float:
        """Recorded seconds per second; can be set while the recording plays.

        Raises:
            UsageError: Python runs in a browser, and this is not a replay.
        """
        return self._moved().speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._moved().speed = speed

    @property
    def duration_s(self) -> float:
        """Duration of the recorded run, in seconds; so far, if it is live.

        Raises:
            UsageError: Python runs in a browser, and this is not a replay.
        """
        return self._moved().duration_s

    @property
    def starts_s(self) -> float:
        """Time of the earliest state that `seek` can show, in seconds since the run began.

        Later than 0 only if the oldest parts of the journal were dropped.

        Raises:
            UsageError: Python runs in a browser, and this is not a replay.
        """
        return self._moved().starts_s

    def next_mark(self, kind: MarkKind, *, back: bool = False) -> float | None:
        """Go to the next `"error"`, `"step"` or `"tool-call"`, or to the previous one with `back`.

        Returns its time in seconds; None if there is none, and then the view does not move.

        Raises:
            UsageError: `kind` is unknown, or Python runs in a browser and this is not a replay.
            LimitError: there is no journal, and the first events are no longer in memory.
        """
        player, run = self._moved(), self._run
        if isinstance(player, Rewind):
            return player.next_mark(kind, back=back)
        position_s = run.stats.elapsed_s if run.finished.is_set() else player.position_s()
        at_s = player.mark(kind, position_s, back=back)
        if at_s is not None:
            self.seek(at_s)
        return at_s

    def _moved(self) -> PlayerSource | Rewind:
        if isinstance(self._source, PlayerSource):
            return self._source
        if self._port.rewind is None:
            raise UsageError(
                "Python in a browser has no threads, which the past of a run needs: use "
                "StreamView.replay(path) of a recorded run."
            )
        return self._port.rewind
