"""States of a recorded run: a document after some of its events, and those that are kept.

Pure; must not know where the events come from.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from ..document import Document
from ..events import Event
from .writer_lock import Writer

KEPT_POINTERS: Final = 16 * 1024 * 1024
"""Pointers in all kept states together, at most: 128 MB. States share the parts that did not change
between them, but each has its own lists."""


@dataclass(slots=True)
class Fold:
    """A document after some of the events, and where the next one begins."""

    document: Document
    at_ms: int = 0
    """Time of the last event, in milliseconds since the run began."""
    seq: int = 0
    """Number of the next event."""
    offset: int = 0
    """Where the next event begins."""
    token_count: int = 0
    """Tokens in the text: counted up to the last snapshot, estimated from there on."""

    def copy(self) -> Fold:
        """Return an independent fold of the same state."""
        return replace(self, document=self.document.copy())


@dataclass(frozen=True, slots=True, order=True)
class _Checkpoint:
    offset: int
    at_ms: int = field(compare=False)
    seq: int = field(compare=False)
    fold: Fold = field(compare=False)
    pointers: int = field(compare=False)


class Checkpoints:
    """States that were computed on the way to a time, so that a later seek nearby is fast."""

    def __init__(self) -> None:
        self._kept: list[_Checkpoint] = []

    def __len__(self) -> int:
        return len(self._kept)

    def before(self, at_ms: float) -> _Checkpoint | None:
        """Return the last state that is kept at or before a time; None if there is none."""
        place = bisect_right(self._kept, at_ms, key=lambda one: one.at_ms)
        return self._kept[place - 1] if place else None

    def has(self, offset: int) -> bool:
        """True if the state at that place is kept."""
        place = bisect_right(self._kept, offset, key=lambda one: one.offset)
        return place > 0 and self._kept[place - 1].offset == offset

    def keep(self, fold: Fold) -> None:
        """Keep a state; beyond the bound, those nearest to their neighbours are dropped."""
        if self.has(fold.offset):
            return
        pointers = _pointers(fold.document)
        insort(self._kept, _Checkpoint(fold.offset, fold.at_ms, fold.seq, fold.copy(), pointers))
        surplus = sum(one.pointers for one in self._kept) - KEPT_POINTERS
        while surplus > 0 and len(self._kept) > 2:
            surplus -= self._kept.pop(self._most_crowded()).pointers

    def _most_crowded(self) -> int:
        """Return the place of the state without which the longest way between two is shortest."""
        kept = self._kept
        return min(range(1, len(kept) - 1), key=lambda at: kept[at + 1].seq - kept[at - 1].seq)


def _pointers(document: Document) -> int:
    """Estimate the pointers and numbers that a copy of a document will have for itself."""
    rows = sum(table.row_count * len(table.columns) for table in document.tables.values())
    lines = len(document.log_lines) // 1024 + 1024  # copies share all blocks but the newest
    return document.part_count * 4 + lines + 2 * document.point_count + rows


class Recording(Protocol):
    """A recorded run that is played: a journal, or the events that a run keeps in memory."""

    @property
    def starts_ms(self) -> int:
        """Time of the first event that is kept, in milliseconds."""

    @property
    def byte_count(self) -> int:
        """The size of what is recorded now: it has changed if this has."""

    def start(self) -> Fold:
        """Return the state before the first event that is kept."""

    def at(self, at_ms: float) -> Fold:
        """Return the state at a time: all events up to and including it, in milliseconds."""

    def events(self, fold: Fold) -> Iterator[tuple[Event, int, int]]:
        """Yield the events after a fold, their times in milliseconds and the place after them."""

    def end(self) -> dict[str, Any] | None:
        """Return how the run ended; None while it has not."""

    def writer(self) -> Writer:
        """Return whether more may be recorded."""

    def check_whole(self, offset: int) -> None:
        """Make sure that what was read up to `offset` is still there.

        Raises:
            StreamWidgetError: it is not.
        """

    def duration_ms(self) -> int:
        """Return the time of the last event, in milliseconds."""

    def first_token_ms(self) -> int | None:
        """Return the time of the first text in milliseconds; None: there is none so far."""

    def marks(self, kinds: frozenset[str]) -> list[tuple[int, str]]:
        """Return the times in milliseconds of all events of these kinds, in order."""
