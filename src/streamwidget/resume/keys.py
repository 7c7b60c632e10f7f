"""The keys of a stream's records, in 8 to 28 bytes each. Pure.

A stream that was never interrupted only adds keys. After a resume, each key is looked up: in a
sorted array, and in a set of the newest ones.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Final, TypeAlias

Key: TypeAlias = str | int
NEWEST_COUNT: Final = 16 * 1024
"""Keys in the set, at most; beyond an eighth of all keys, so that sorting stays cheap."""


class Keys:
    """The newest keys, as their hashes: two of a million are equal once in 30 million streams."""

    def __init__(self, kept_count: int) -> None:
        """`kept_count`: the oldest keys beyond it are dropped, an eighth at a time."""
        self._kept_count = kept_count
        self._hashes = array("q")
        """In the order of the stream."""
        self._sorted = array("q")
        self._newest: set[int] | None = None
        """Those that are not in `_sorted`; None before the first look-up."""

    def add(self, key: Key) -> None:
        """Add a key."""
        self._hashes.append(hash(key))
        if len(self._hashes) > self._kept_count + self._kept_count // 8:
            del self._hashes[: -self._kept_count]
            if self._newest is not None:
                self._sort()
        if self._newest is not None:
            self._newest.add(hash(key))
            if len(self._newest) > max(NEWEST_COUNT, len(self._sorted) // 8):
                self._sort()

    def __contains__(self, key: Key) -> bool:
        if self._newest is None:
            self._sort()
        assert self._newest is not None
        value, known = hash(key), self._sorted
        at = bisect_left(known, value)
        return value in self._newest or (at < len(known) and known[at] == value)

    def _sort(self) -> None:
        self._sorted, self._newest = array("q", sorted(self._hashes)), set()
