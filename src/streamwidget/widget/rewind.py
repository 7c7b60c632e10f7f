"""The past of a run, shown in its view while the run continues.

A second run replays the journal beside the first one. The view shows its document until the reader
goes live again; status, stop and messages stay those of the run itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..events import Notice
from ..run import Run
from ..run.drive import drive
from ..sources.player import MarkKind, PlayerSource

AT_THE_EDGE_S = 0.5
"""A playback that is this close to the run has caught up; the journal is written every 0.25 s."""
LONGEST_OPEN_S = 10.0
"""Longest wait for the first state of the past, which is a snapshot and some lines."""


class Rewind:
    """Moves in the journal of a run that may still be live. Safe to use from several threads."""

    def __init__(self, run: Run, path: Path, flush: Callable[[], None]) -> None:
        """`flush` writes what has been received to the journal at `path`."""
        self._run = run
        self._flush = flush
        self._path = path
        self._player: PlayerSource | None = None
        """Plays the past; a new one each time, because the previous one may still be closing."""
        self._marks = PlayerSource(path, 1.0)
        """Lists the marks, and never plays."""
        self._past: Run | None = None
        """The replay that is shown; None: the run itself is shown."""
        self._lock = threading.RLock()

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
        a seek from the live run, the past is paused."""
        with self._lock:
            self._flush()
            if self._past is not None and self._player is not None:
                self._player.seek(seconds)
            else:
                self._begin(seconds)

    def next_mark(self, kind: MarkKind, *, back: bool = False) -> float | None:
        """Go to the next mark, or the previous one; return its time in seconds, or None."""
        with self._lock:
            self._flush()
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

    def _begin(self, seconds: float) -> None:
        player = PlayerSource(self._path, 1.0)
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


def _nothing() -> None:
    pass
