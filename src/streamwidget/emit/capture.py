"""The captured output of one job: what it prints, in order, as parts of its run.

Lines of standard output become plain text, and so do those of standard error, marked as such.
Progress bars that are drawn with control characters become progress. Every line stays whole, and
keeps its order among the lines of its thread and among the calls of the emitter.

Writing must cost little more than writing to a file in memory. So each thread writes to a
`StringIO`, and a new one begins only when another thread or stream has its turn, or after a flush.
A flush makes events of them when the run is sent, at most once per tick.

Must not know `sys.stdout`, runs or widgets; `routing` brings the output here.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal, Protocol

from ..characters import clean
from ..errors import LimitError, StopRequested
from ..events import Progress
from .displays import Displays
from .event_sink import EventSink, Steps, current_steps

StreamName = Literal["stdout", "stderr"]

BESIDE_OTHERS_S: Final = 1.0
"""How long the beginning of a line waits for its end where several threads print. A thread can lose
its turn between two writes of one `print`: 50 threads that print have theirs every 0.25 s."""
_DRAWN: Final = ("\r", "\x1b", "\b", "\x9b")
"""Characters that make output a drawing of a terminal."""


class Screen(Protocol):
    """A decoder from terminal output to bytes of text and progress, as `decode.terminal` has it."""

    def feed(self, piece: bytes, /) -> list[bytes | Progress]:
        """Return the text and progress that this piece completed."""
        ...

    def pause(self) -> list[bytes | Progress]:
        """Return the whole lines, because no more output is available at present."""
        ...

    def settle(self) -> list[bytes | Progress]:
        """Return the text of an incomplete row, because the output has paused."""
        ...

    def flush(self) -> list[bytes | Progress]:
        """Return the rest."""
        ...


class _Row:
    """The output of one thread to one stream."""

    __slots__ = ("held", "held_since", "is_flushed", "last", "name", "screen", "step_id")

    def __init__(self, name: StreamName) -> None:
        self.name: StreamName = name
        self.held = ""
        """The beginning of a line, without its end."""
        self.held_since: float | None = None
        """Time of the flush that found `held`, in seconds of `time.monotonic`."""
        self.is_flushed = False
        """True if the thread has called `flush`: what it wrote is shown without its line end."""
        self.last: Segment | None = None
        self.step_id: str | None = None
        self.screen: Screen | None = None
        """Set once the thread has drawn with control characters."""

    @property
    def is_in_line(self) -> bool:
        """True if the last text of the thread has not ended its line."""
        text = "" if self.last is None else self.last.file.getvalue()
        return not text.endswith("\n") if text else self.held != ""


class Segment:
    """The output of one thread to one stream in one step, until another one has its turn."""

    __slots__ = (
        "file",
        "ident",
        "is_over",
        "name",
        "read_count",
        "row",
        "step_id",
        "steps",
        "write",
    )

    def __init__(self, ident: int, row: _Row, steps: Steps, step_id: str | None) -> None:
        self.ident, self.row, self.name = ident, row, row.name
        self.steps, self.step_id = steps, step_id
        self.file = io.StringIO()
        self.write = self.file.write
        self.read_count = 0
        """Characters that a flush has taken."""
        self.is_over = False
        """True once its thread has had another turn: until then it may still write here."""

    def take(self) -> str:
        """Return the text that was written since the last call."""
        if self.file.tell() == self.read_count:
            return ""
        whole = self.file.getvalue()
        text = whole[self.read_count :]
        self.read_count = len(whole)
        return text


_NOBODY: Final = Segment(-1, _Row("stdout"), {}, None)
"""Stands for a turn that is over: the next write asks for a new one."""


class Capture:
    """Takes the output of one job from any thread, and sends it through the sink of its emitter."""

    def __init__(
        self,
        sink: EventSink,
        *,
        new_screen: Callable[[], Screen],
        wake: Callable[[], None],
        hold: Callable[[], None],
        conceal: Callable[[str], str],
    ) -> None:
        self.is_closed = False
        """True after the end of the job: what is written then is not captured."""
        self.sink = sink
        """The sink of the job's emitter."""
        self.turn = _NOBODY
        """Where the thread that wrote last writes."""
        self._new_screen = new_screen
        self._wake = wake
        self._hold = hold
        self._conceal = conceal
        """Removes secrets from lines of standard error, where logs and warnings are."""
        self._lock = threading.Lock()
        self._rows: dict[StreamName, dict[int, _Row]] = {"stdout": {}, "stderr": {}}
        self._segments: list[Segment] = []
        """Those that may hold text that no flush has taken, in the order of their beginnings."""
        self._last: dict[int, Segment] = {}
        """The last segment of each thread."""
        self._is_awake = False
        """True if a flush is due."""
        self._is_flushing = False
        self._stopped: set[int] = set()
        """Threads that were stopped in a call of `print`: once, so that they can clean up."""
        self._failure: LimitError | None = None
        self.displays = Displays(self)
        """The displays of the job."""

    def follow(self, sink: EventSink) -> None:
        """Send through `sink` from now on: the order of its events and of the output is kept."""
        check = sink.check

        def settle() -> None:
            self.flush(own=True)

        def checked() -> None:
            settle()
            check()

        sink.check, sink.settle = checked, settle
        self.sink = sink

    def leave_stops_to_others(self) -> None:
        """Never raise `StopRequested` in the running thread: something else stops it."""
        self._stopped.add(threading.get_ident())

    # --- what the job writes

    def begin_turn(self, name: StreamName) -> Segment:
        """Return the segment that the running thread writes to from now on.

        Raises:
            StopRequested: a stop was requested; once for each thread, and at the start of a line.
            LimitError: earlier output passed a bound of `Limits`.
        """
        ident = threading.get_ident()
        row = self._rows[name].get(ident)
        if row is None:
            row = self._rows[name][ident] = _Row(name)
        if self._failure is not None:
            raise self._failure
        if not row.is_in_line:
            self._before_line(ident)
        segment = Segment(ident, row, current_steps(), self.sink.current_step())
        with self._lock:
            before = self._last.get(ident)
            if before is not None:
                before.is_over = True
            self._last[ident] = row.last = segment
            self._segments.append(segment)
            self.turn = segment
            is_news, self._is_awake = not self._is_awake, True
        if is_news:
            self._wake()
        return segment

    def _before_line(self, ident: int) -> None:
        self._hold()
        if self.sink.stop_requested() and ident not in self._stopped:
            self._stopped.add(ident)
            raise StopRequested

    def flush_row(self) -> None:
        """Show the unfinished lines of the running thread with the next flush."""
        ident = threading.get_ident()
        for rows in self._rows.values():
            if ident in rows:
                rows[ident].is_flushed = True

    # --- events

    def interrupt(self) -> None:
        """Let the next line notice that a stop was requested."""
        self.turn = _NOBODY

    def flush(self, *, wait: bool = True, own: bool = False) -> None:
        """Send what was written. Without `wait`, leave it if the emitter is in a call.

        `own` also sends the unfinished lines of the running thread.
        """
        if not self._is_awake:
            return
        if not self.sink.lock.acquire(blocking=wait):
            self._wake()
            return
        try:
            if not self._is_flushing:  # else this thread is in a flush
                self._is_flushing = True
                self._flush(threading.get_ident() if own else None)
        except LimitError as error:
            self._failure = error
        finally:
            self._is_flushing = False
            self.sink.lock.release()
        if self._is_awake:
            self._wake()

    def _flush(self, own: int | None) -> None:
        with self._lock:
            self.turn, self._is_awake = _NOBODY, False
            # A copy: a segment that begins now may belong to a thread that has just written to an
            # earlier one, which was read before that.
            segments = self._segments[:]
        over = {id(segment) for segment in segments if segment.is_over}
        for segment in segments:
            text = segment.take()
            if text:
                self._is_awake = True  # once more: a thread may be about to write here
                self._read(segment, text)
        self._show_held(own)
        with self._lock:
            self._segments = [segment for segment in self._segments if id(segment) not in over]

    def _read(self, segment: Segment, text: str) -> None:
        """Send the whole lines of `text`, and keep the rest."""
        row = segment.row
        lines, end, rest = text.rpartition("\n")
        if end:
            self._send(row, segment.step_id, row.held + lines + end)
            row.held, row.held_since = rest, None
        elif row.held:
            row.held += rest
        else:
            row.held, row.held_since = rest, None
        row.step_id = segment.step_id

    def _show_held(self, own: int | None) -> None:
        """Send the beginnings of lines that are due; those of the thread `own` are."""
        now = time.monotonic()
        for rows in list(self._rows.values()):
            for ident, row in list(rows.items()):
                if not row.held:
                    continue
                if ident == own or self._is_due(row, now, is_alone=len(rows) == 1):
                    text, row.held, row.is_flushed = row.held, "", False
                    self._send(row, row.step_id, text, is_partial=True)
                else:
                    self._is_awake = True

    def _is_due(self, row: _Row, now: float, *, is_alone: bool) -> bool:
        """True if the beginning of a line has waited for its end for long enough."""
        if row.is_flushed:
            return True
        if row.held_since is None:
            row.held_since = now
            return False
        return is_alone or now - row.held_since >= BESIDE_OTHERS_S

    def _send(self, row: _Row, step_id: str | None, text: str, *, is_partial: bool = False) -> None:
        if row.name == "stderr":
            text = self._conceal(text)
        if row.screen is None and any(map(text.__contains__, _DRAWN)):
            row.screen = self._new_screen()
        if row.screen is None:
            self.sink.grow_output(row.name, text, step_id)
            return
        results = [*row.screen.feed(clean(text).encode()), *row.screen.pause()]
        if is_partial:
            results += row.screen.settle()
        self._send_results(row, step_id, results)

    def _send_results(
        self, row: _Row, step_id: str | None, results: list[bytes | Progress]
    ) -> None:
        for result in results:
            if isinstance(result, Progress):
                event = replace(result, step_id=step_id)
                self.sink.push_part(event.part_id, step_id, event)
            else:
                self.sink.grow_output(row.name, result.decode("utf-8", "replace"), step_id)

    def abandon(self) -> None:
        """Capture nothing from now on, and send nothing; takes no lock."""
        self.is_closed, self.turn = True, _NOBODY

    def finish(self) -> None:
        """Send the rest: the job has ended."""
        with self.sink.lock:
            self.abandon()
            self._is_awake = True
            self.flush()
            try:
                for rows in self._rows.values():
                    for row in rows.values():
                        self._finish(row)
            except LimitError as error:
                self._failure = error

    def _finish(self, row: _Row) -> None:
        text, row.held = row.held, ""
        if text:
            self._send(row, row.step_id, text)
        if row.screen is not None:
            self._send_results(row, row.step_id, row.screen.flush())
