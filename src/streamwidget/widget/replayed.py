"""The methods of a view that replays a journal."""

from __future__ import annotations

from ..errors import UsageError
from ..io.source import Source
from ..run import Run
from ..sources.player import MarkKind, PlayerSource


class Replayed:
    """Seeking in a recorded run: `StreamView.replay(path)` of a journal."""

    @property
    def _source(self) -> Source | None:
        raise NotImplementedError

    @property
    def _run(self) -> Run:
        raise NotImplementedError

    def retry(self) -> None:
        """Start the source again."""
        raise NotImplementedError

    def seek(self, seconds: float) -> None:
        """Show the run as it was `seconds` after its start, and continue playing from there.

        A paused view stays paused. After the end, the recording starts again at that time.

        Raises:
            UsageError: the view does not replay a journal.
        """
        player = self._player()
        player.seek(seconds)
        if self._run.finished.is_set():
            self.retry()

    @property
    def speed(self) -> float:
        """Recorded seconds per second; can be set while the recording plays.

        Raises:
            UsageError: the view does not replay a journal.
        """
        return self._player().speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._player().speed = speed

    @property
    def duration_s(self) -> float:
        """Duration of the recorded run, in seconds.

        Raises:
            UsageError: the view does not replay a journal.
        """
        return self._player().duration_s

    def next_mark(self, kind: MarkKind, *, back: bool = False) -> float | None:
        """Go to the next `"error"`, `"step"` or `"tool-call"`, or to the previous one with `back`.

        Returns its time in seconds; None if there is none, and then the view does not move.

        Raises:
            UsageError: the view does not replay a journal, or `kind` is unknown.
        """
        player, run = self._player(), self._run
        position_s = run.stats.elapsed_s if run.finished.is_set() else player.position_s()
        at_s = player.mark(kind, position_s, back=back)
        if at_s is not None:
            self.seek(at_s)
        return at_s

    def _player(self) -> PlayerSource:
        if not isinstance(self._source, PlayerSource):
            raise UsageError(
                "Seeking needs the replay of a journal: StreamView.replay(path) of a file that "
                "StreamView(source, journal=...) wrote."
            )
        return self._source
