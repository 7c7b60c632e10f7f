"""Rows that came one at a time, held until somebody looks: a batch costs little more than a row."""

from __future__ import annotations

import dataclasses

from ..events import Rows

MOST_ROWS = 1_000
"""Rows that are held; then they are taken in, whether somebody looks or not."""
SMALL_ROWS = 64
"""Larger batches are taken in at once: joining them would gain nothing."""


class HeldRows:
    """Small neighbouring batches of one table, joined."""

    def __init__(self) -> None:
        self.count = 0
        self._first: Rows | None = None
        self._rows: list[tuple[object, ...]] = []

    def add(self, event: Rows) -> bool:
        """Holds a batch; False where it must not wait, or is of another kind than those held."""
        size = len(event.rows)
        if event.mode == "replace" or not 0 < size <= SMALL_ROWS:
            return False
        if self._first is None:
            self._first = event
        elif not self._continues(self._first, event):
            return False
        self._rows.extend(event.rows)
        self.count += size
        return self.count < MOST_ROWS

    def _continues(self, first: Rows, event: Rows) -> bool:
        return (
            event.part_id == first.part_id
            and event.columns == first.columns
            and event.mode == first.mode
            and event.key == first.key
            and event.units == first.units
        )

    def take(self) -> Rows | None:
        """What is held, as one batch; nothing is held any more."""
        first, rows = self._first, self._rows
        self._first, self._rows, self.count = None, [], 0
        return None if first is None else dataclasses.replace(first, rows=tuple(rows))
