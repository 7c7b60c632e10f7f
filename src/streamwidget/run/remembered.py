"""The events that a run keeps in memory, as a recording that can be played: without a journal.

The first seek to a time folds all events up to it; states on the way are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..budget import tokens_of
from ..document import Document
from ..errors import LimitError
from ..events import Event, ReasoningDelta, TextDelta
from ..journal.fold import Checkpoints, Fold
from ..journal.writer_lock import Writer

if TYPE_CHECKING:
    from .run import Run

STEP_COUNT: Final = 8192
"""Events between two states that are kept: folding them takes some 10 ms."""
_READ_COUNT: Final = 1024


class Remembered:
    """The past of a run in this process. Offsets are numbers of events."""

    starts_ms = 0

    def __init__(self, run: Run) -> None:
        self._run = run
        self._checkpoints = Checkpoints()

    @property
    def obstacle(self) -> LimitError | None:
        """Why the past cannot be shown: its first events are no longer kept; None: it can."""
        run, dropped = self._run, self._run.events.dropped_count
        if not dropped:
            return None
        name = "kept_events_count"
        if run.events.end - dropped < run.limits.kept_events_count:
            name = "kept_events_bytes"
        message = (
            f"The past of this run cannot be shown, because its first {dropped:,} events are no "
            f"longer kept (Limits.{name}): record the run with journal=True."
        )
        return LimitError(message, bound=name, limit=getattr(run.limits, name))

    @property
    def byte_count(self) -> int:
        """The number of events so far: it has changed if this has."""
        return self._run.events.end

    def check_whole(self, offset: int) -> None:
        """Make sure that all events are still kept.

        Raises:
            LimitError: the first ones are not.
        """
        del offset
        if (obstacle := self.obstacle) is not None:
            raise obstacle

    def start(self) -> Fold:
        """Return the state before the first event."""
        return Fold(Document(self._run.limits))

    def at(self, at_ms: float) -> Fold:
        """Return the state at a time: all events up to and including it, in milliseconds."""
        kept = self._checkpoints.before(at_ms)
        fold = self.start() if kept is None else kept.fold.copy()
        marked = fold.offset
        for event, time_ms, after in self.events(fold):
            if time_ms > at_ms:
                break
            fold.document.apply(event)
            fold.at_ms, fold.offset = time_ms, after
            if isinstance(event, (TextDelta, ReasoningDelta)):
                fold.token_count += tokens_of(event.text)
            if after - marked >= STEP_COUNT:
                self._checkpoints.keep(fold)
                marked = after
        return fold

    def events(self, fold: Fold) -> Iterator[tuple[Event, int, int]]:
        """Yield the events after a fold, their times in milliseconds and the number after them."""
        self.check_whole(fold.offset)
        at_ms, position = fold.at_ms, fold.offset
        while True:
            events, times, after = self._run.read_timed(position, _READ_COUNT)
            if not events:
                return
            for number, (event, at_s) in enumerate(zip(events, times, strict=True), position + 1):
                at_ms = max(at_ms, round(at_s * 1000))
                yield event, at_ms, number
            position = after

    def end(self) -> dict[str, Any] | None:
        """Return how the run ended; None while it is live."""
        return self._run.closing_facts() if self._run.finished.is_set() else None

    def writer(self) -> Writer:
        """Return whether more events may come."""
        return "ended" if self._run.finished.is_set() else "live"

    def duration_ms(self) -> int:
        """Return the time of the run, in milliseconds."""
        return round(self._run.stats.elapsed_s * 1000)

    def first_token_ms(self) -> int | None:
        """Return the time of the first text in milliseconds; None: there is none so far."""
        first_s = self._run.stats.first_token_s
        return None if first_s is None else round(first_s * 1000)

    def marks(self, kinds: frozenset[str]) -> list[tuple[int, str]]:
        """Return the times in milliseconds of all events of these kinds, in order."""
        events = self.events(self.start())
        return [(at_ms, event.type) for event, at_ms, _ in events if event.type in kinds]
