"""Joins rows that arrive one at a time until they are read: many cost little more than one."""

from __future__ import annotations

import dataclasses

from ..events import Rows

MOST_ROWS = 1_000
"""Most rows that are held; then they are applied even if nobody reads them."""
SMALL_ROWS = 64
"""Larger batches are applied at once: joining them would gain nothing."""


class HeldRows:
    """Small consecutive batches of one table, joined into one."""

    def __init__(self) -> None:
        self.count = 0
        self._first: Rows | None = None
        self._rows: list[tuple[object, ...]] = []

    def add(self, event: Rows) -> bool:
        """Hold a batch; return False if it must be applied at once, or cannot be joined."""
        size = len(event.rows)
        if self.count >= MOST_ROWS or event.mode == "replace" or not 0 < size <= SMALL_ROWS:
            return False
        if self._first is None:
            self._first = event
        elif not self._continues(self._first, event):
            return False
        self._rows.extend(event.rows)
        self.count += size
        return True

    def _continues(self, first: Rows, event: Rows) -> bool:
        return (
            event.part_id == first.part_id
            and event.columns == first.columns
            and event.mode == first.mode
            and event.key == first.key
            and event.units == first.units
        )

    def take(self) -> Rows | None:
        """Return the held rows as one batch, and forget them."""
        first, rows = self._first, self._rows
        self._first, self._rows, self.count = None, [], 0
        return None if first is None else dataclasses.replace(first, rows=tuple(rows))
