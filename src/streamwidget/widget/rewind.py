"""The past of a run, shown in its view while the run continues.

A second run replays the journal beside the first one. The view shows its document until the reader
goes live again; status, stop and messages stay those of the run itself.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import StreamWidgetError
from ..events import Notice
from ..journal.journal_file import JournalFile
from ..run import Run
from ..run.drive import drive
from ..run.remembered import Remembered
from ..sources.player import MarkKind, PlayerSource, index_soon

AT_THE_EDGE_S = 0.5
"""A playback that is this close to the run has caught up; the journal is written every 0.25 s."""
WORTH_S = 10.0
"""A run without a journal that is shorter than this gets no slider."""
LONGEST_OPEN_S = 10.0
"""Longest wait for the first state of the past, which is a snapshot and some lines."""


def _nothing() -> None:
    pass


class Rewind:
    """Moves in the journal of a run that may still be live. Safe to use from several threads."""

    def __init__(
        self, run: Run, path: Path | None = None, flush: Callable[[], None] = _nothing
    ) -> None:
        """`flush` writes what has been received to the journal at `path`; None: there is no
        journal, and the past is that of the events in memory."""
        self._run = run
        self._flush = flush
        self._path = path
        self._kept = Remembered(run) if path is None else None
        self._file: JournalFile | None = None
        """The open journal; None before it is needed."""
        self._player: PlayerSource | None = None
        """Plays the past; a new one each time, because the previous one may still be closing."""
        self._marks: PlayerSource | None = None
        """Lists the marks, and never plays."""
        self._past: Run | None = None
        """The replay that is shown; None: the run itself is shown."""
        self._lock = threading.RLock()

    def prepare(self) -> None:
        """Prepare fast seeks in the journal of another process, in the background."""
        with self._lock:
            file = self._opened()
        if file is not None:
            index_soon(file)

    @property
    def is_offered(self) -> bool:
        """True if pages show a slider: there is a journal, or the run is long enough for one."""
        kept, run = self._kept, self._run
        if kept is None:
            return True
        is_worth_it = run.stats.elapsed_s >= WORTH_S
        return is_worth_it and not (run.finished.is_set() and kept.obstacle is not None)

    @property
    def shown(self) -> Run:
        """The run whose document is shown: the replay, or the run itself."""
        return self._past or self._run

    @property
    def is_past(self) -> bool:
        """True while the past is shown."""
        return self._past is not None

    @property
    def is_playing(self) -> bool:
        """True while the past is shown and plays."""
        past = self._past
        return past is not None and not past.gate.is_shut

    @property
    def duration_s(self) -> float:
        """Duration of the run so far, in seconds."""
        return self._run.stats.elapsed_s

    @property
    def starts_s(self) -> float:
        """Time of the first state that the journal still has, in seconds."""
        player = self._player
        return 0.0 if player is None else player.starts_s

    @property
    def speed(self) -> float:
        """Recorded seconds per second while the past plays."""
        player = self._player
        return 1.0 if player is None else player.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        player = self._player
        if player is not None:
            player.speed = speed

    def seek(self, seconds: float) -> None:
        """Show the run as it was `seconds` after its start. A playback continues from there; after
        a seek from the live run, the past is paused.

        Raises:
            LimitError: there is no journal, and the first events are no longer in memory.
        """
        with self._lock:
            self._check_whole()
            self._flush()
            if self._past is not None and self._player is not None:
                self._player.seek(seconds)
            else:
                self._begin(seconds)

    def next_mark(self, kind: MarkKind, *, back: bool = False) -> float | None:
        """Go to the next mark, or the previous one; return its time in seconds, or None.

        Raises:
            LimitError: there is no journal, and the first events are no longer in memory.
        """
        with self._lock:
            self._check_whole()
            self._flush()
            self._marks = self._marks or self._new_player()
            at_s = self._marks.mark(kind, self.shown.stats.elapsed_s, back=back)
            if at_s is not None:
                self.seek(at_s)
            return at_s

    def play(self, *, is_on: bool) -> None:
        """Play the past from the time that is shown, or pause it."""
        past = self._past
        if past is not None and is_on:
            past.resume()
        elif past is not None:
            past.pause()

    def go_live(self) -> None:
        """Show the run itself again."""
        with self._lock:
            past, self._past, self._player = self._past, None, None
        if past is not None:
            past.on_end = _nothing
            past.request_stop()
            self._run.on_change()

    def follow(self) -> None:
        """Go live if the playback has caught up with the run; takes no lock unless it has."""
        past = self._past
        if past is None or past.gate.is_shut or self._run.finished.is_set():
            return
        if past.stats.elapsed_s >= self._run.stats.elapsed_s - AT_THE_EDGE_S:
            self.go_live()

    # --- internal, under the lock

    def _new_player(self) -> PlayerSource:
        return PlayerSource(self._path or "memory", 1.0, kept=self._kept or self._opened())

    def _opened(self) -> JournalFile | None:
        """Return the journal, which stays open; None: it cannot be opened, and a player says so."""
        if self._file is None and self._path is not None:
            with suppress(StreamWidgetError):
                self._file = JournalFile(self._path, self._run.limits)
                weakref.finalize(self, self._file.close)
        return self._file

    def _check_whole(self) -> None:
        if self._kept is not None:
            self._kept.check_whole(0)

    def _begin(self, seconds: float) -> None:
        player = self._new_player()
        player.seek(seconds)
        past = Run(limits=self._run.limits)
        shown = self._run.document
        past.document.images, past.document.markdown = shown.images, shown.markdown
        past.document.height, past.document.renderer_of = shown.height, shown.renderer_of
        past.on_change = self._run.on_change
        past.on_end = lambda: self._ended(past, player)
        past.gate.shut()  # before anything can play
        drive(past, player)
        past.pause()
        if player.shown.wait(LONGEST_OPEN_S) and not past.finished.is_set():
            self._past, self._player = past, player
            self._run.on_change()

    def _ended(self, past: Run, player: PlayerSource) -> None:
        """Go live: the playback has reached the end of the journal, or cannot be continued."""
        player.shown.set()
        problem = past.error if past.status == "failed" else None
        self.go_live()
        if problem is not None:
            self._run.push([Notice(f"The past cannot be shown: {problem.message}", "warning")])
