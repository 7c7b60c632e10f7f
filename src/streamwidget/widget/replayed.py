"""The journal of a view, and seeking in a recorded run: a replay, or the past of a run."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..io.source import Source
from ..journal.writer import Journal
from ..run import Run
from ..sources.journal_source import AttachSource
from ..sources.player import MarkKind, PlayerSource
from ..threads import has_threads
from .attempt import Attempt
from .port import Port
from .rewind import Rewind


class Replayed:
    """The journal of a run, and seeking in a replay or in the past of a run."""

    _source: Source | None
    _port: Port
    _attempt: Attempt

    @property
    def _run(self) -> Run:
        raise NotImplementedError

    def retry(self) -> None:
        """Start the source again."""
        raise NotImplementedError

    @property
    def journal(self) -> Journal | None:
        """The journal of the run that this process writes; None if it writes none."""
        return self._attempt.journal

    @property
    def journal_path(self) -> Path | None:
        """Path of the run's journal, also of an attached run; None if there is none."""
        if isinstance(self._source, AttachSource):
            return self._source.path
        return None if self.journal is None else self.journal.path

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

    def _write_journal(self) -> None:
        if self.journal is not None:
            self.journal.flush()

    def _offer_seeking(self) -> None:
        """Let pages seek in the run: in its journal, or else in the events in memory."""
        path, journal = self.journal_path, self.journal
        is_replay = isinstance(self._source, PlayerSource)
        if has_threads() and not is_replay:
            is_written = path is not None and (journal is None or journal.error is None)
            rewind = Rewind(self._run, path if is_written else None, self._write_journal)
            self._port.rewind = rewind
            if isinstance(self._source, AttachSource):
                self._source.when_shown(rewind.prepare)
        self._port.moves = self if is_replay or self._port.rewind is not None else None
