"""Writes the journal of a run while it runs.

One background thread serves all journals of a process. It reads the log of a run by position four
times a second, so that a run does no work for its journal. It applies the written events,
redactions included, to a separate document, from which the snapshots are made.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast, get_args

from ..document import Document
from ..document.state import state_pieces
from ..events import Event, Failure, StepEnd, StepStart
from ..limits import DEFAULT_JOURNAL_LIMITS, JournalLimits
from . import journal_lines as lines
from . import writer_thread
from .parts import numbers_of, part_path
from .writer_lock import hold, writer_facts

_log = logging.getLogger("streamwidget")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
_EVENTS: tuple[type, ...] = get_args(Event)

Redact: TypeAlias = Callable[[Event], "Event | None"]
"""Returns the event to be written, the same or another one; None: it is not written."""


TEXT_BYTES = 1024
"""Most bytes that a line of text counts for when the next snapshot is considered: folding a long
text takes no longer than folding a short one."""


class Recorded(Protocol):
    """The run, as the journal reads it."""

    finished: threading.Event

    @property
    def token_count(self) -> int:
        """Tokens counted so far."""

    def read_timed(
        self, position: int, most: int = 4096
    ) -> tuple[Sequence[Event], Sequence[float], int]:
        """Return events from `position` on, their times in seconds, and the position after."""

    @property
    def position(self) -> tuple[int, Callable[[], Mapping[str, object]]] | None:
        """Number of the event after the last position of the stream, and a function that returns
        that position as JSON values; None without one."""

    def closing_facts(self) -> dict[str, Any]:
        """Return how the run ended, as JSON values."""


class Journal:
    """The file that a run is recorded in; made by `StreamView(source, journal=...)`.

    A problem with the file never disturbs the run: `error` names it, and the view shows it once.
    """

    def __init__(
        self,
        run: Recorded,
        path: str | Path,
        *,
        facts: dict[str, Any],
        redact: Redact | None = None,
        notify: Callable[[str], None] = lambda _: None,
        limits: JournalLimits = DEFAULT_JOURNAL_LIMITS,
    ) -> None:
        self.path = Path(path)
        """Path of the journal."""
        self.error: str | None = None
        """Why nothing more is written; None if all is well."""
        self.event_count = 0
        """Events that are in the file."""
        self.byte_count = 0
        """Size of all its files that are kept, in bytes."""
        self.is_closed = False
        """True when the closing line is written, or writing failed."""
        self._run, self._redact, self._notify, self._limits = run, redact, notify, limits
        self._lock = threading.Lock()
        self._writing_thread: int | None = None
        self._joiner = lines.Joiner(by_word=redact is not None)
        self._document = Document()
        self._position = 0
        self._place = -1
        """Number of the event after the last position that was written."""
        self._next_seq = 0
        self._at_ms = 0
        self._buffer: list[str] = []
        self._file: int | None = None
        self._facts = facts
        self._parts: list[tuple[int, int]] = []
        """Number and size in bytes of the files that are full and kept, oldest first."""
        self._part = 1
        """Number of the file that is written to."""
        self._part_bytes = 0
        """Size of that file."""
        self._head_bytes = 0
        """Size of the header and the snapshot that it begins with."""
        self._has_dropped = False
        self._snapshot_at: int | None = None
        self._snapshot_bytes = 0
        self._snapshot_time = time.monotonic()
        self._bytes_since = 0
        self._must_sync = False
        self._redact_failed = False
        self._open()
        if self.error is None:
            writer_thread.add(self)

    def __repr__(self) -> str:
        problem = f", error={self.error!r}" if self.error else ""
        return f"Journal({str(self.path)!r}, {self.event_count:,} events{problem})"

    def flush(self, *, patience_s: float = -1) -> None:
        """Write all that has arrived, and the closing line if the run is over.

        Gives up after `patience_s` seconds if another thread is writing; -1: it waits.
        """
        if self._writing_thread == threading.get_ident():
            return  # a notice about this journal was pushed into its run
        if not self._lock.acquire(timeout=patience_s):
            return
        try:
            if not self.is_closed:
                self._write_all()
        finally:
            self._lock.release()

    @property
    def needed_from(self) -> int:
        """The position from which the events of the run are not written yet."""
        return sys.maxsize if self.is_closed else self._position

    # --- inside, under the lock

    def _write_all(self) -> None:
        self._writing_thread = threading.get_ident()
        try:
            self._catch_up()
        except OSError as error:
            self._fail(f"the journal cannot be written ({error.strerror or error})")
        except Exception as error:  # one journal must not stop the thread that writes all
            _log.exception("the journal %s cannot be written", self.path)
            self._fail(f"the journal cannot be written ({type(error).__name__})")
        finally:
            self._writing_thread = None

    def _open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path, self._file = _new_file(self.path)
            hold(self._file)
            self._buffer.append(lines.header_line(self._facts))
            self._write()
            self._head_bytes = self._part_bytes
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self._fail(f"the journal cannot be created ({reason})")

    def _catch_up(self) -> None:
        over = (
            self._run.finished.is_set()
        )  # read first, so that all events before the end are complete
        place = self._run.position
        if place is not None and place[0] > self._place and place[0] >= self._position:
            self._read(place[0])
            self._take(self._joiner.flush(over=False))
            if self._joiner.is_empty:  # else the file lacks text that belongs to the position
                self._buffer.append(lines.position_line(place[0], place[1]()))
                self._place = place[0]
        self._read(sys.maxsize)
        self._take(self._joiner.flush(over=over))
        if over:
            self._end()
            return
        self._write()
        if self._must_sync:
            self._sync()
        if self._wants_snapshot():
            self._snapshot()

    def _read(self, end: int) -> None:
        """Take the events up to the one with the number `end`."""
        while self._position < end:
            most = min(4096, end - self._position)
            events, times, position = self._run.read_timed(self._position, most)
            if not events:
                break
            self._take(self._joiner.feed(events, times, position - len(events)))
            self._position = position

    def _take(self, entries: Sequence[lines.Entry]) -> None:
        for entry in entries:
            event: Event | None = entry.whole()
            if self._redact is not None:
                event = self._redacted(event)
            if event is None:
                continue
            at_ms = max(self._at_ms, round(entry.at_s * 1000))
            line = lines.event_line(at_ms - self._at_ms, entry.seq, event)
            self._at_ms = at_ms
            self._next_seq = max(self._next_seq, entry.seq + 1)
            self._buffer.append(line)
            self._bytes_since += len(line) if entry.pieces is None else min(len(line), TEXT_BYTES)
            self._document.apply(event)
            self.event_count += 1
            if isinstance(event, (StepStart, StepEnd)):
                self._must_sync = True
            if len(self._buffer) >= 1024 or self._bytes_since > self._limits.snapshot_bytes:
                self._write()
                if self._part_bytes > max(self._limits.part_bytes, 2 * self._head_bytes):
                    self._next_part()
                elif self._bytes_since > self._limits.snapshot_bytes and self._wants_snapshot():
                    self._snapshot()

    def _redacted(self, event: Event | None) -> Event | None:
        if event is None or self._redact is None:
            return None
        try:
            checked: object = self._redact(event)
        except Exception as error:  # an event that could not be checked must not be written
            self._redact_failure(f"raised {type(error).__name__}")
            return None
        if checked is not None and not isinstance(checked, _EVENTS):
            self._redact_failure(f"returned a {type(checked).__name__}, not an event or None")
            return None
        return cast("Event | None", checked)

    def _redact_failure(self, what: str) -> None:
        if not self._redact_failed:
            self._redact_failed = True
            self._notify(f"redact= {what}: such events are not in the journal.")

    def _wants_snapshot(self) -> bool:
        limits, since = self._limits, self._bytes_since
        grown = max(limits.snapshot_bytes, int(self._snapshot_bytes * limits.snapshot_growth))
        if since >= grown:
            return True
        waited_s = time.monotonic() - self._snapshot_time
        enough = since > self._snapshot_bytes * limits.snapshot_growth
        return enough and waited_s >= limits.snapshot_s

    def _snapshot(self) -> None:
        self._write()
        offset = self._part_bytes
        self._buffer += lines.snapshot_line(
            self._next_seq,
            self._at_ms,
            self._snapshot_at,
            self._run.token_count,
            state_pieces(self._document),
        )
        self._write()
        self._snapshot_at, self._snapshot_bytes = offset, self._part_bytes - offset
        self._snapshot_time, self._bytes_since = time.monotonic(), 0

    def _next_part(self) -> None:
        """Continue in another file, which begins with the state."""
        full = self._file
        number = self._part + 1
        path = part_path(self.path, number)
        self._file = os.open(path, _NEW, 0o600)
        try:
            hold(self._file)
            self._parts.append((self._part, self._part_bytes))
            self._part, self._part_bytes, self._snapshot_at = number, 0, None
            more = {"part": number, "first": self.path.name, "t_ms": self._at_ms}
            self._buffer.append(lines.header_line({**self._facts, **more}))
            self._snapshot()
            self._head_bytes = self._part_bytes
        finally:  # not earlier: a journal without a lock looks dead
            if full is not None:
                os.close(full)
        try:
            self._drop()
        except OSError:
            _log.info("a full part of the journal %s cannot be deleted yet", self.path.name)

    def _drop(self) -> None:
        """Delete the oldest files until the journal keeps its bound; the newest full one stays."""
        while self.byte_count > self._limits.kept_bytes and len(self._parts) > 1:
            number, size = self._parts[0]
            if number == 1:
                self._empty_first()
            else:
                part_path(self.path, number).unlink(missing_ok=True)
            del self._parts[0]
            self.byte_count -= size
            if not self._has_dropped:
                self._has_dropped = True
                self._notify(
                    f"The journal has passed {self._limits.kept_bytes:,} bytes "
                    "(JournalLimits.kept_bytes): its oldest events are dropped from now on."
                )

    def _empty_first(self) -> None:
        """Empty the first file except its header, because users name the journal by this file."""
        new = self.path.with_name(f"{self.path.name}.new")
        new.touch(0o600)
        new.write_text(lines.header_line({**self._facts, "dropped": True}), "utf-8")
        new.replace(self.path)

    def _end(self) -> None:
        if self._bytes_since >= self._limits.closing_bytes:
            self._snapshot()
        facts = {"t_ms": self._at_ms, "seq": self._next_seq, **self._closing_facts()}
        self._buffer.append(lines.dump({"end": {**facts, "snapshot": self._snapshot_at}}) + "\n")
        self._write()
        self._sync()
        self._close()

    def _closing_facts(self) -> dict[str, Any]:
        """Return how the run ended, without what `redact` takes from its error."""
        facts = self._run.closing_facts()
        error = facts.get("error")
        if self._redact is None or error is None:
            return facts
        checked = self._redacted(Failure(error, "source"))
        message = checked.message if isinstance(checked, Failure) else None
        # The summary may quote the error, whole or in part.
        return facts if message == error else {**facts, "error": message, "summary": None}

    def _write(self) -> None:
        if self._file is None or not self._buffer:
            return
        data = memoryview("".join(self._buffer).encode("utf-8", "replace"))
        self._buffer.clear()
        while data:
            count = os.write(self._file, data)
            self.byte_count += count
            self._part_bytes += count
            data = data[count:]

    def _sync(self) -> None:
        self._must_sync = False
        if self._file is not None:
            os.fsync(self._file)

    def _fail(self, problem: str) -> None:
        self.error = problem
        self._close()
        self._notify(f"The run continues, but {problem}.")

    def _close(self) -> None:
        self.is_closed = True
        self._buffer.clear()
        self._document = Document()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _new_file(path: Path) -> tuple[Path, int]:
    """Create a file; where there is one of that name, the new one gets a number."""
    number = 1
    while True:
        free = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
        if numbers_of(free):
            continue  # later parts of another journal would follow it
        try:
            return free, os.open(free, _NEW, 0o600)
        except FileExistsError:
            continue


def header_facts(
    *, run_id: str, started: str, source: str, format: str | None, title: str, parent: str | None
) -> dict[str, Any]:
    """Return the facts of a header beside the version; `started` is an ISO 8601 time."""
    return {
        "run_id": run_id,
        "started": started,
        "source": source,
        "format": format,
        "title": title,
        "parent": parent,
        **writer_facts(),
    }
