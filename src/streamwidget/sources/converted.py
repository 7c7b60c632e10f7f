"""A file of `to_jsonl` as a journal, so that it plays and is moved in like one."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..budget import tokens_of
from ..errors import DecodeError, StopRequested, UsageError
from ..events import Event, Failure, Outcome, ReasoningDelta, RunEnd, TextDelta
from ..journal.writer import Journal
from ..journal.writer_thread import FLUSH_S

_STATUS_OF: dict[Outcome, str] = {
    "complete": "finished",
    "cut": "incomplete",
    "stopped": "stopped",
    "failed": "failed",
}


class Converted:
    """The journal that is made of a file of recorded events, in a folder that only we can read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal: Path | None = None
        """In a folder that is deleted with this object; None: not written yet."""
        self._lock = threading.Lock()

    def journal(self, stop_requested: Callable[[], bool] = lambda: False) -> Path:
        """Return the path of the journal; the first call writes it.

        Raises:
            UsageError: the file cannot be read, or the journal cannot be written.
            DecodeError: the file does not hold recorded events.
            StopRequested: a stop was requested before it was written.
        """
        with self._lock:
            if self._journal is None:
                folder = tempfile.mkdtemp(prefix="streamwidget-")
                weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
                self._write(Path(folder) / "run.jsonl", stop_requested)
                self._journal = Path(folder) / "run.jsonl"
            return self._journal

    def _write(self, target: Path, stop_requested: Callable[[], bool]) -> None:
        from ..export.jsonl import read

        try:
            file = self._path.open(encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{self._path.name} cannot be read: {error.strerror}.") from None
        with file:
            run = _Recording(read(file), stop_requested)
            journal = Journal(run, target, facts={"run_id": self._path.name})
            while not journal.is_closed:
                run.begin_window()
                journal.flush()
        if run.stopped:
            raise StopRequested
        if journal.error is not None:
            raise UsageError(f"{self._path.name} cannot be prepared: {journal.error}.")


class _Recording:
    """A run that has ended, for the journal to read."""

    def __init__(
        self, events: Iterator[tuple[Event, float | None]], stop_requested: Callable[[], bool]
    ) -> None:
        self._events = events
        self._stop_requested = stop_requested
        self._at_s = 0.0
        self._first_token_s: float | None = None
        self._failure: Failure | None = None
        self._damage: DecodeError | None = None
        self._end: RunEnd | None = None
        self.token_count = 0
        self.position = None
        self.stopped = False
        """True if a stop was requested before all was read."""
        self.finished = threading.Event()
        self._window_s: float | None = None
        """Time up to which events are given; None: not before the next window."""
        self._ahead = self._take()  # so that a file of another kind is an error at once

    def begin_window(self) -> None:
        """Give the events of the next quarter second: text of one window is one line."""
        if self._ahead is None:
            self.finished.set()
        else:
            self._window_s = self._ahead[1] + FLUSH_S

    def read_timed(
        self, position: int, most: int = 4096
    ) -> tuple[Sequence[Event], Sequence[float], int]:
        """Return the next events, their times in seconds, and the position after them."""
        events: list[Event] = []
        times: list[float] = []
        while self._window_s is not None and self._ahead is not None and len(events) < most:
            event, at_s = self._ahead
            if at_s > self._window_s:
                break
            self._note(event, at_s)
            events.append(event)
            times.append(at_s)
            self._ahead = self._next()
        if not events:
            self._window_s = None
        return events, times, position + len(events)

    def closing_facts(self) -> dict[str, Any]:
        """Return how the run ended."""
        end, failure = self._end, self._failure
        status = "incomplete" if end is None else _STATUS_OF[end.outcome]
        if self._damage is not None:
            status, failure = "failed", Failure(self._damage.message, "decode")
        elif end is None:
            failure = Failure("The recording ends before the run does.", "incomplete")
        elif status == "finished":
            failure = None
        return {
            "status": status,
            "error": None if failure is None else failure.message,
            "fault": None if failure is None else failure.fault,
            "finish_reason": None if end is None else end.raw_finish_reason,
            "elapsed_s": self._at_s if end is None or end.at_s is None else end.at_s,
            "first_token_s": self._first_token_s,
        }

    def _next(self) -> tuple[Event, float] | None:
        """The next event and its time; None: there is none, or the rest cannot be read."""
        self.stopped = self._stop_requested()
        try:
            return None if self.stopped else self._take()
        except DecodeError as error:
            self._damage = error
            return None

    def _take(self) -> tuple[Event, float] | None:
        event, at_s = next(self._events, (None, None))
        return None if event is None else (event, max(self._at_s, at_s or 0.0))

    def _note(self, event: Event, at_s: float) -> None:
        self._at_s = at_s
        if isinstance(event, RunEnd):
            self._end = event
        elif isinstance(event, Failure) and event.fatal:
            self._failure = event
        elif isinstance(event, (TextDelta, ReasoningDelta)) and event.text:
            self.token_count += tokens_of(event.text)
            if self._first_token_s is None:
                self._first_token_s = at_s
