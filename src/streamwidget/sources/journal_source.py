"""A journal as a source: its newest state at once, then the lines that its writer appends."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ..document import Document
from ..errors import IncompleteError, SourceError, excerpt
from ..events import Event, Notice, RunEnd
from ..io.source import Context, Kind, rest
from ..journal.fold import Fold, Recording
from ..journal.journal_file import JournalFile
from ..resume.position import Position
from .continued import Continuation, continuing

POLL_S = 0.1
"""Interval of reading a file that is still being written."""
WRITER_S = 1.0
"""Interval of checking whether the process that writes it is still running."""
HEAD_BYTES = 64 * 1024
"""Longest header of a recording that is read."""
BATCH_COUNT = 1024
"""Most events in one batch."""


def _nothing() -> None:
    pass


class AttachSource:
    """Shows a journal from any process, and follows it while it is written.

    `failure` tells why the process that is to write the journal cannot any more; None: no process
    was started for it, so the file has to exist. `resume` continues a stream whose reader was lost.
    """

    restartable = True
    kind = Kind(noun="journal", is_pausable=False)

    def __init__(
        self,
        path: str | Path,
        failure: Callable[[], str | None] | None = None,
        resume: Continuation | None = None,
    ) -> None:
        self._continuing = continuing(resume)
        self.name = Path(path).name
        self.path = Path(path)
        self._failure = failure
        self._woken = threading.Event()
        self._shown = threading.Event()
        self._when_shown: Callable[[], object] = _nothing
        self._context: Context | None = None
        self._file: JournalFile | None = None

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Yield what is appended to the journal.

        Raises:
            UsageError: the file cannot be read.
            DecodeError: it is not a journal.
            SourceError: the process that was to write it ended without it.
            IncompleteError: the process that wrote it ended without finishing it, or the file was
                cut while it was read.
        """
        self._woken.clear()
        self._context = context
        yield from self._wait_for_file()
        with JournalFile(self.path, context.limits) as file:
            self._file = file
            if context.stop_requested():  # before there was a process to stop
                self.interrupt()
            try:
                fold = file.latest()
                show(context, file, fold)
                self._shown.set()
                self._when_shown()
                yield ()
                yield from self._follow(context, file, fold)
            finally:
                self._file = None

    def when_shown(self, function: Callable[[], object]) -> None:
        """Call `function` once the newest state is shown, also if it already is, at least once."""
        self._when_shown = function
        if self._shown.is_set():
            function()

    def interrupt(self) -> None:
        """Stop a detached job if a person asked for it, and wake the wait for the next lines."""
        file, context = self._file, self._context
        if file is not None and context is not None and context.stopped_by() == "reader":
            stop_writer(file)
        self._woken.set()

    def _wait_for_file(self) -> Iterator[Sequence[Event]]:
        """Wait until the process that was started for it has made the file, stop or not."""
        while self._failure is not None and not _has_header(self.path):
            failure = self._failure()
            if failure is not None and not _has_header(self.path):
                raise SourceError(failure)
            yield from rest(self._woken, POLL_S)
            self._woken.clear()

    def _follow(self, context: Context, file: JournalFile, fold: Fold) -> Iterator[Sequence[Event]]:
        """Push what is appended; after a person's stop of a detached job, also how it ended."""
        looked = time.monotonic() - WRITER_S
        while True:
            if context.stop_requested() and not (
                is_detached_here(file) and context.stopped_by() == "reader"
            ):
                return
            end = file.end()  # first, so that everything before the end is read below
            file.check_whole(fold.offset)
            batch = _next_batch(file, fold)
            if batch:
                context.at_time(fold.at_ms / 1000)
                context.push(batch)
                continue
            if end is not None and not self._can_continue(end):
                context.conclude(end)
                return
            if end is not None:
                self._continue(context, file)
                return
            if time.monotonic() - looked >= WRITER_S:
                looked = time.monotonic()
                # Asked before the last look at the file: what it wrote before it ended counts.
                if file.writer() == "ended" and not _has_more(file, fold):
                    if self._continuing is None:
                        raise IncompleteError(_lost(file))
                    self._continue(context, file)
                    return
            yield from rest(self._woken, POLL_S)
            self._woken.clear()

    def _can_continue(self, end: Mapping[str, object]) -> bool:
        return self._continuing is not None and end.get("status") in ("incomplete", "failed")

    def _continue(self, context: Context, file: JournalFile) -> None:
        """Go back to the last recorded position, and name the source that continues there."""
        assert self._continuing is not None
        recorded = file.position()
        try:
            following = self._continuing(None if recorded is None else Position.of(recorded[1]))
        except IncompleteError as error:
            raise IncompleteError(f"{_lost(file)} {error.message}") from None
        if following.keeps == "nothing":
            show(context, file, Fold(Document(context.limits)))
        elif following.keeps == "place" and recorded is not None:
            show(context, file, recorded[0])
        if following.notice is not None:
            context.push([Notice(following.notice, "warning")])
        context.continue_with(following.source)


def is_detached_here(file: JournalFile) -> bool:
    """True if the journal is of a detached job of this machine."""
    is_here = file.header.get("host") == socket.gethostname()
    return bool(file.header.get("detached")) and is_here


def stop_writer(file: JournalFile) -> bool:
    """Stop the job that writes a journal; False if it is not a live detached job of this machine.

    The lock on the file says that a process writes it, and the id is of a process that has the file
    open, so that no other process with the id of an earlier one is stopped.
    """
    if not is_detached_here(file) or file.writer() != "live":
        return False
    try:
        pid = int(file.header["pid"])
        if pid <= 0 or not file.is_open_in(pid):
            return False
        os.kill(pid, signal.SIGTERM)
    except (OSError, KeyError, TypeError, ValueError):
        return False
    return True


def recorded_title(path: str | Path) -> str | None:
    """Return the title in the header of a recording; None: there is no file, header or title."""
    try:
        with Path(path).open("rb") as file:
            header = json.loads(file.readline(HEAD_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or "streamwidget" not in header:
        return None
    title = header.get("title")
    return title if isinstance(title, str) and title else None


def _has_header(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.readline().endswith(b"\n")
    except OSError:
        return False


def _has_more(file: JournalFile, fold: Fold) -> bool:
    return next(iter(file.events(fold)), None) is not None or file.end() is not None


def show(context: Context, file: Recording, fold: Fold, at_s: float | None = None) -> None:
    """Show a recorded state as of `at_s`, None: as of its last line; the fold can still change."""
    time_s = fold.at_ms / 1000 if at_s is None else at_s
    first_ms = file.first_token_ms()
    first_s = None if first_ms is None or first_ms > fold.at_ms else first_ms / 1000
    context.restore(fold.document.copy(), time_s, fold.token_count, first_s)


def _next_batch(file: JournalFile, fold: Fold) -> list[Event]:
    """The next events, with the fold moved behind them; none at the present end."""
    batch: list[Event] = []
    for event, at_ms, after in file.events(fold):
        fold.at_ms, fold.offset = at_ms, after
        if not isinstance(event, RunEnd):
            batch.append(event)
        if len(batch) >= BATCH_COUNT:
            break
    return batch


def _lost(file: JournalFile) -> str:
    """Return the facts about a writer that ended without a closing line."""
    header: Mapping[str, object] = file.header
    at = datetime.fromtimestamp(file.changed_at).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"The process that wrote this journal (pid {header.get('pid')} on "
        f"{excerpt(str(header.get('host')), 60)}) has ended without finishing it. "
        f"Its last line is from {at}."
    )
