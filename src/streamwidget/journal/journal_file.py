"""Reads journals: the newest state, the state at any time, and what is appended.

A file is never parsed as a whole. The newest state is the last snapshot and the lines after it. The
snapshots before are found from the last one: each has the offset of the previous one. States that
were computed on the way to a time are kept, so that a later seek nearby is fast.
"""

from __future__ import annotations

import math
import os
import re
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..budget import tokens_of
from ..document import Document
from ..document.state import restored
from ..errors import IncompleteError
from ..events import Event, ReasoningDelta, TextDelta
from ..export.jsonl import event_of
from ..limits import DEFAULT_LIMITS, Limits
from .fold import Checkpoints, Fold
from .journal_lines import (
    POSITION,
    SNAPSHOT_LINE,
    damaged,
    event_in,
    is_time_ms,
    parse,
    parse_end,
)
from .line_reader import LineReader
from .parts import Parts
from .snapshots import BLOCK_BYTES, Snapshots
from .writer_lock import Writer, has_open, writer_of

CHECKPOINT_BYTES = 64 * 1024
"""Lines between two states that are kept in memory, at least: a few milliseconds of folding."""
CHECKPOINTS_COUNT = 512
"""States that are kept of a long file, at most. About a third as many are: two thirds of the bytes
are snapshots. Of 128 MB, folding the events between two takes some 15 ms."""
INDEXED_COUNT = 2048
"""Lines that `index` folds at once: a seek waits for a few milliseconds."""
INDEXED_FROM_BYTES = 1024 * 1024
"""Size of a file from which an index is worth a thread."""
FIRST_TOKEN_BYTES = 16 * 1024 * 1024
"""How far a file is searched for the first text: a run without text is not read as a whole."""
_TEXTS = frozenset({b"text-delta", b"reasoning-delta"})
_MARK = re.compile(rb'\[(\d{1,15}),\d+,"([a-z-]+)"')
POSITION_BYTES = 64 * 1024
"""Longest line of a position that is read."""
_IN_POSITION = b',"position",{'


class JournalFile:
    """An open journal. Reading is safe from several threads."""

    def __init__(self, path: str | Path, limits: Limits = DEFAULT_LIMITS) -> None:
        """Open a journal.

        Raises:
            UsageError: the file cannot be read.
            DecodeError: it is not a journal, or one of a later version.
        """
        self.path = Path(path)
        self._limits = limits
        self._lock = threading.RLock()
        self._unused = threading.Event()
        """Clear while a seek waits for the lock, or has it."""
        self._unused.set()
        self._is_closed = self._is_indexed = False
        self._indexed_bytes = 0
        """Offset up to which `index` has kept states."""
        self._parts = Parts(self.path)
        self.header = self._parts.first.header
        self._body = len(self._parts.first.head)
        self._first_token_ms: int | None = None
        """None: not found so far."""
        self._checkpoints = Checkpoints()
        self._reader = LineReader(self._parts, self._lock)
        self._snapshots = Snapshots(self._parts, self._reader, self._body)

    def close(self) -> None:
        """Close all its files."""
        self._is_closed = True
        with self._lock:
            self._parts.close()

    def __enter__(self) -> JournalFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def byte_count(self) -> int:
        """Size of all its files now."""
        return self._reader.size

    @property
    def changed_at(self) -> float:
        """When something was written last, in seconds since the epoch."""
        return os.fstat(self._parts.last.file.fileno()).st_mtime

    @property
    def files(self) -> list[tuple[Path, int]]:
        """Its files that are kept, oldest first, each with the time of the run at which it begins,
        in milliseconds."""
        with self._lock:
            return self._parts.files

    @property
    def starts_ms(self) -> int:
        """Time of the first event that is kept, in milliseconds; later than 0 if the oldest parts
        were dropped."""
        return self._parts.starts_ms

    def check_whole(self, offset: int) -> None:
        """Make sure that what was read up to `offset` is still there.

        Raises:
            IncompleteError: the file was cut, emptied or replaced.
        """
        with self._lock:
            size = self._parts.size
            if size >= offset and self._parts.is_same():
                return
            raise IncompleteError(
                f"{self._parts.last.path.name} was cut to {self._parts.last.size:,} bytes while it "
                "was read. What it held before is shown."
            )

    def writer(self) -> Writer:
        """Return whether the process that writes the journal still runs.

        Raises:
            IncompleteError: it does, but has dropped what comes next.
        """
        with self._lock:
            while True:
                writer = writer_of(self._parts.last.file.fileno(), self._parts.last.header)
                if writer == "live" or not self._parts.find_next():
                    break
            if writer != "live" and self._parts.is_left_behind():
                raise IncompleteError(
                    "Parts of this journal were dropped before they were read here. Attach again "
                    "to see the newest state."
                )
            return writer

    def is_open_in(self, pid: int) -> bool:
        """Return whether a process has this file open; True where the system does not show it."""
        with self._lock:
            return has_open(pid, self._parts.last.file.fileno())

    def end(self) -> dict[str, Any] | None:
        """Return the facts of the closing line; None while there is none."""
        size = self.byte_count
        tail = self._reader.read(max(0, size - 64 * 1024), 64 * 1024)
        start = tail.rfind(b"\n", 0, -1) + 1
        return parse_end(tail[start:])

    # --- states

    def start(self) -> Fold:
        """Return the state before the first event that is kept: empty unless parts were dropped."""
        if self._parts.is_cut and (oldest := self._snapshots.all()[:1]):
            return self._restored(oldest[0])
        return Fold(Document(self._limits), offset=self._body)

    def latest(self) -> Fold:
        """Return the newest state: the last snapshot, and all complete lines after it."""
        found = self._snapshots.last(self.byte_count)
        fold = self.start() if found is None else self._restored(found)
        self._advance(fold)
        return fold

    def at(self, at_ms: float) -> Fold:
        """Return the state at a time: all events up to and including it, in milliseconds."""
        self._unused.clear()
        try:
            with self._lock:
                fold, step = self._nearest(at_ms), self._step()
                marked = self._advance(fold, at_ms=at_ms, keep_every=step)
                if (fold.offset - marked) * 4 >= step:
                    self._checkpoints.keep(fold)
                return fold
        finally:
            self._unused.set()

    def index(self) -> None:
        """Compute the states of the whole file and keep some, so that the first seek is fast too.

        It takes seconds for a million events, so call it on a thread that has nothing else to do.
        It waits while another thread seeks, and ends when the file is closed. A second call does
        nothing.
        """
        with self._lock:
            if self._is_indexed:
                return
            self._is_indexed = True
            fold = self.start()
        marked = fold.offset
        while not self._is_closed:
            with self._lock:
                if self._is_closed:
                    return
                began = fold.offset
                step = self._step()
                marked = self._advance(fold, keep_every=step, marked=marked, most=INDEXED_COUNT)
                self._indexed_bytes = fold.offset
                if fold.offset == began:
                    self._checkpoints.keep(fold)
                    return
            self._unused.wait()

    def _step(self) -> int:
        return max(CHECKPOINT_BYTES, self.byte_count // CHECKPOINTS_COUNT)

    def position(self) -> tuple[Fold, Mapping[str, object]] | None:
        """Return the last recorded position of the stream, and the state there; None if there is
        none. The events after it have to be read from the stream again."""
        stop = self.byte_count
        while stop > self._body:
            start = max(self._body, stop - BLOCK_BYTES)
            block = self._reader.read(start, stop - start + POSITION_BYTES)
            at = len(block)
            while (at := block.rfind(_IN_POSITION, 0, at)) >= 0:
                line, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at) + 1
                entry = parse(block[line:end])
                if entry is not None and entry.kind == POSITION:
                    return self._before(start + end), entry.data
            stop = start
        return None

    def _before(self, offset: int) -> Fold:
        found = self._snapshots.last(offset)
        fold = self.start() if found is None else self._restored(found)
        self._advance(fold, offset=offset)
        return fold

    def _advance(
        self,
        fold: Fold,
        *,
        at_ms: float = math.inf,
        offset: float = math.inf,
        keep_every: float = math.inf,
        marked: int | None = None,
        most: float = math.inf,
    ) -> int:
        """Fold the lines up to a time and an offset, and keep states that are so many bytes apart.

        `marked` is the offset of the last state that was kept before, None: the first line's;
        returns that of the last one now. `most`: at most so many lines.
        """
        document = fold.document
        marked = fold.offset if marked is None else marked
        for count, (entry, after) in enumerate(self._reader.entries(fold.offset)):
            if after > offset or count >= most:
                break
            if entry is None:
                marked += after - fold.offset  # a snapshot, whose bytes take no time to fold
                fold.offset = after
                continue
            interval_ms, seq, kind, data = entry
            if fold.at_ms + interval_ms > at_ms:
                break
            try:
                event = event_of(kind, data)
                document.apply(event)
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise damaged(entry, error) from None
            if type(event) is TextDelta or type(event) is ReasoningDelta:
                fold.token_count += tokens_of(event.text)
            fold.at_ms += interval_ms
            fold.seq, fold.offset = seq + 1, after
            if after - marked >= keep_every:
                self._checkpoints.keep(fold)
                marked = after
        return marked

    def events(self, fold: Fold) -> Iterator[tuple[Event, int, int]]:
        """Yield complete lines after a fold as events, their time in milliseconds and the offset
        after them, without changing the fold."""
        at_ms = fold.at_ms
        for entry, after in self._reader.entries(fold.offset):
            if entry is not None:
                at_ms += entry.interval_ms
                yield event_in(entry), at_ms, after

    def duration_ms(self) -> int:
        """Return the time of the last line, in milliseconds since the run began."""
        end_ms = (self.end() or {}).get("t_ms")
        if is_time_ms(end_ms):
            return int(end_ms)
        found = self._snapshots.last(self.byte_count)
        at_ms, offset = (0, self._body) if found is None else found
        for line, _ in self._reader.lines(offset):
            head = _MARK.match(line)
            at_ms += int(head[1]) if head else 0
        return at_ms

    def first_token_ms(self) -> int | None:
        """Return the time of the first text, in milliseconds since the run began; looked for once.

        None: there is none so far in the first `FIRST_TOKEN_BYTES`, or the beginning was dropped.
        """
        if self._first_token_ms is None and not self._parts.is_cut:
            at_ms = 0
            for line, after in self._reader.lines(self._body):
                head = _MARK.match(line)
                at_ms += int(head[1]) if head else 0
                if head and head[2] in _TEXTS:
                    entry = parse(line)
                    if entry is not None and entry.data.get("text"):
                        self._first_token_ms = at_ms
                        break
                if after > FIRST_TOKEN_BYTES:
                    break
        return self._first_token_ms

    def marks(self, kinds: frozenset[str]) -> list[tuple[int, str]]:
        """Return the times in milliseconds of all events of these kinds, in order."""
        at_ms = 0
        found: list[tuple[int, str]] = []
        for line, _ in self._reader.lines(self._body):
            head = _MARK.match(line)
            if head:
                snapshot = SNAPSHOT_LINE.match(line) if head[2] == b"snapshot" else None
                at_ms = at_ms + int(head[1]) if snapshot is None else int(snapshot[3])
                kind = head[2].decode("ascii")
                if kind in kinds:
                    found.append((at_ms, kind))
        return found

    # --- inside

    def _restored(self, snapshot: tuple[int, int]) -> Fold:
        line, after = next(self._reader.lines(snapshot[1]))
        entry = parse(line)
        if entry is None:
            return self.start()
        try:
            document = restored(entry.data["state"], self._limits)
            at_ms, tokens = int(entry.data["t_ms"]), int(entry.data.get("token_count", 0))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise damaged(entry, error) from None
        return Fold(document, at_ms, entry.seq, after, tokens)

    def _nearest(self, at_ms: float) -> Fold:
        """Return a new fold at or before the time, as near as the kept states and snapshots
        allow."""
        kept = self._checkpoints.before(at_ms)
        snapshots = self._snapshots.all()
        place = bisect_right(snapshots, (at_ms, float("inf")))
        saved = snapshots[place - 1] if place else None
        if kept is not None and (saved is None or saved[1] < max(kept.offset, self._indexed_bytes)):
            return kept.fold.copy()  # parsing a long snapshot takes longer than a few more events
        if saved is None:
            return self.start()
        fold = self._restored(saved)
        self._checkpoints.keep(fold)
        return fold
