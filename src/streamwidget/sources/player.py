"""Plays a journal at its recorded times, from any moment, faster or slower."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Literal, TypeAlias

from ..document import Document
from ..errors import UsageError
from ..events import Event, RunEnd
from ..io.source import Context, Kind, rest
from ..journal.fold import Fold, Recording
from ..journal.journal_file import INDEXED_FROM_BYTES, JournalFile
from ..limits import DEFAULT_LIMITS, Limits
from ..threads import Worker, has_threads
from .converted import Converted
from .journal_source import show

MarkKind: TypeAlias = Literal["error", "step", "tool-call"]
_EVENT_OF: dict[str, str] = {"error": "error", "step": "step-start", "tool-call": "tool-call-start"}

BATCH_COUNT = 256
"""Most events in one batch, if many are due."""
LOOK_S = 0.25
"""Longest wait, so that new lines of a recording that is still being written are noticed."""
_NOTHING = Document()
"""A place in a file without its document."""


_INDEX = Worker("streamwidget-index")


def index_soon(file: JournalFile) -> None:
    """Prepare fast seeks in a long file, on a thread that stays."""
    if has_threads() and file.byte_count >= INDEXED_FROM_BYTES:
        _INDEX.put(file.index)


class PlayerSource:
    """Plays a journal; `seek`, `speed` and `jump` work while it plays and while it is paused."""

    restartable = True
    kind = Kind(noun="recording", is_recording=True)

    def __init__(
        self,
        path: str | Path,
        speed: float | None,
        converted: Converted | None = None,
        *,
        kept: Recording | None = None,
    ) -> None:
        """`converted` makes a journal of a file of events; None: the file is a journal.

        `kept` is a recording that is open already, and `path` then only names it.
        """
        self.name = Path(path).name
        self._path = Path(path)
        self._converted = converted
        self._kept = kept
        self._now: Callable[[], float] = time.monotonic
        """A clock in seconds that stands still while the run is paused."""
        self._speed = valid_speed(speed)
        self._lock = threading.RLock()
        self._woken = threading.Event()
        self._start_ms = 0.0
        self._file: Recording | None = None
        """None while the recording does not play."""
        self._context: Context | None = None
        self._events: Iterator[tuple[Event, int, int]] = iter(())
        self._next: tuple[Event, int, int] | None = None
        self._at_ms = 0
        """Recorded time of the last line that was shown."""
        self._offset = 0
        self._anchor = (0.0, 0.0, self._speed)
        """A moment of the clock in seconds, the recorded time in milliseconds then, and the speed
        since then; one value, because it is read without the lock."""
        self._pinned_ms: float | None = 0.0
        """The recorded time while it does not move: before the start, and while lines are shown
        as of their time. None: it moves."""
        self.shown = threading.Event()
        """Set once the first state is shown."""
        self._marks: dict[str, list[int]] = {}
        self._marked_bytes = -1
        """Size of the file when the marks were listed."""
        self._duration_ms: int | None = None
        self._starts_ms = 0

    # --- the source

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        if self._converted is not None:
            self._path = self._converted.journal(context.stop_requested)
        with self._opened(context.limits) as file:
            if self._duration_ms is None:
                self._duration_ms = file.duration_ms()  # later the file may be deleted
            with self._lock:
                self._file, self._context, self._now = file, context, context.playing_s
                context.keep_time(self.position_s)
                start_ms, self._start_ms = self._start_ms, 0.0
                self._show(start_ms)
            if isinstance(file, JournalFile):
                index_soon(file)
            try:
                yield from self._play(context, file)
            finally:
                with self._lock:
                    self._file = self._context = None

    def interrupt(self) -> None:
        """Wake the wait for the next event."""
        self._woken.set()

    def _opened(self, limits: Limits = DEFAULT_LIMITS) -> AbstractContextManager[Recording]:
        if self._kept is not None:
            return nullcontext(self._kept)
        return closing(JournalFile(self._path, limits))

    def _play(self, context: Context, file: Recording) -> Iterator[Sequence[Event]]:
        while not context.stop_requested():
            if math.isinf(self._speed):
                context.hold()
            self._woken.clear()
            end = file.end()  # first, so that everything before the end is played below
            with self._lock:
                file.check_whole(self._offset)
                wait_s = self._push_due(context, file)
            if wait_s is not None and wait_s <= 0:
                continue  # what is due by now is shown, even if the run has just been paused
            context.hold()  # a paused run waits here
            if self._woken.is_set() or context.stop_requested():
                continue
            if wait_s is None:
                if end is not None:
                    context.conclude(end)
                    return
                if file.writer() != "live":
                    yield [RunEnd("cut")]
                    return
                wait_s = LOOK_S
            yield from rest(self._woken, min(wait_s, LOOK_S))

    def _push_due(self, context: Context, file: Recording) -> float | None:
        """Push what is due; return the seconds until the next event, None: there is none."""
        position_ms, count = self._position_ms(), 0
        batch: list[Event] = []
        while (following := self._peek(file)) is not None and following[1] <= position_ms:
            event, self._at_ms, self._offset = following
            self._next = None
            if not isinstance(event, RunEnd):
                batch.append(event)
            count += 1
            if count >= BATCH_COUNT:
                break
        if count:
            self._pinned_ms = self._at_ms
            try:
                context.push(batch)
            finally:
                self._pinned_ms = None
        if following is None:
            return None
        return max(0.0, (following[1] - self._position_ms()) / 1000 / self._speed)

    def _peek(self, file: Recording) -> tuple[Event, int, int] | None:
        """The next line; None at the present end of the file."""
        if self._next is None:
            self._next = next(self._events, None)
        if self._next is None:  # look again: the file may have grown
            self._events = file.events(Fold(_NOTHING, self._at_ms, 0, self._offset))
            self._next = next(self._events, None)
        return self._next

    # --- where it is

    @property
    def speed(self) -> float:
        """How many recorded seconds pass in one second; infinity: all at once."""
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        with self._lock:
            position_ms = self._position_ms() if math.isfinite(self._speed) else self._at_ms
            self._speed = valid_speed(speed)
            self._anchor = (self._now(), position_ms, self._speed)
        self._woken.set()

    @property
    def duration_s(self) -> float:
        """Time of the last line, in seconds since the run began; 0 until a file of `to_jsonl` has
        been read once."""
        if self._duration_ms is None and self._is_there:
            with self._opened() as file:
                self._duration_ms = file.duration_ms()
        return max(self._duration_ms or 0, self._at_ms) / 1000

    @property
    def _is_there(self) -> bool:
        return self._converted is None or self._file is not None

    @property
    def starts_s(self) -> float:
        """Time of the first state that is kept, in seconds; known while it plays."""
        return self._starts_ms / 1000

    def position_s(self) -> float:
        """Return the recorded time that is shown, in seconds since the run began; takes no lock."""
        pinned_ms, position_ms = self._pinned_ms, self._position_ms()
        if pinned_ms is not None:
            return pinned_ms / 1000
        return (position_ms if math.isfinite(position_ms) else self._at_ms) / 1000

    def seek(self, at_s: float) -> None:
        """Show the state at a time, in seconds since the run began, and play on from there."""
        at_ms = max(0.0, round(at_s * 1000, 3))  # 1.001 * 1000 is 1000.9999999999999
        with self._lock:
            if self._file is None:
                self._start_ms = self._pinned_ms = at_ms  # the next start begins there
            else:
                self._show(at_ms)
        self._woken.set()

    def mark(self, kind: MarkKind, position_s: float, *, back: bool = False) -> float | None:
        """Return the time in seconds of the next event of a kind, or of the previous one with
        `back`.

        None: there is none.

        Raises:
            UsageError: there is no such kind.
        """
        if kind not in _EVENT_OF:
            raise UsageError(f"There is no mark {kind!r}: use 'error', 'step' or 'tool-call'.")
        times, position_ms = self._times(kind), round(position_s * 1000)
        place = bisect_left(times, position_ms) - 1 if back else bisect_right(times, position_ms)
        return times[place] / 1000 if 0 <= place < len(times) else None

    # --- inside, under the lock

    def _times(self, kind: str) -> list[int]:
        """Times of all events of a kind in milliseconds; listed again when the file has grown."""
        if self._converted is not None:
            self._path = self._converted.journal()
        with self._opened() as file:
            size = file.byte_count
            if size != self._marked_bytes:
                marks = file.marks(frozenset(_EVENT_OF.values()))
                self._marks = {
                    name: [at_ms for at_ms, found in marks if found == event]
                    for name, event in _EVENT_OF.items()
                }
                self._marked_bytes = size
        return self._marks[kind]

    def _show(self, at_ms: float) -> None:
        assert self._file is not None
        assert self._context is not None
        self._starts_ms = self._file.starts_ms
        at_ms = max(at_ms, self._starts_ms)
        fold = self._file.at(at_ms) if at_ms > 0 else self._file.start()
        self._at_ms, self._offset = fold.at_ms, fold.offset
        self._events, self._next = self._file.events(fold), None
        self._pinned_ms = at_ms
        show(self._context, self._file, fold, at_ms / 1000)
        self._anchor = (self._now(), at_ms, self._speed)
        self._pinned_ms = None
        self.shown.set()

    def _position_ms(self) -> float:
        began, at_ms, speed = self._anchor
        if math.isinf(speed):
            return math.inf
        return at_ms + (self._now() - began) * 1000 * speed


def valid_speed(speed: float | None) -> float:
    """Return a speed as a number; None is infinity.

    Raises:
        UsageError: it is not above 0.
    """
    if speed is not None and not speed > 0:
        raise UsageError(f"speed must be a number above 0, or None for no waits, got {speed!r}.")
    return math.inf if speed is None else speed
