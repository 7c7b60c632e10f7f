"""The items of a part: a list that grows at its end, whose old items may be replaced.

Positions count from the first item ever extended. A part with `keep` holds the newest items only;
what is kept depends on how many items there were and on nothing else, so that joining two extends
into one changes nothing. The same rule is in js/src/items.ts, held to the same cases. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..ops import Json


def dropped_of(total: int, keep: int) -> int:
    """Of `total` items ever extended, how many are dropped where the newest `keep` stay.

    They go in blocks of a quarter of `keep`, so that each item is moved four times at most.
    """
    if total <= keep:
        return 0
    block = max(1, keep // 4)
    return min(total, -(-(total - keep) // block) * block)


class Items:
    """What is kept of the items, and how many were dropped before."""

    __slots__ = ("dropped", "kept")

    def __init__(self, kept: Iterable[Json] = (), dropped: int = 0) -> None:
        self.kept: list[Json] = list(kept)
        self.dropped = dropped

    @property
    def total(self) -> int:
        """Items ever extended since the whole list was last replaced."""
        return self.dropped + len(self.kept)

    def extend(self, items: Sequence[Json]) -> None:
        self.kept.extend(items)

    def put(self, puts: Iterable[tuple[int, Json]]) -> None:
        """Replaces items; positions that are dropped or not there yet are ignored."""
        for position, item in puts:
            at = position - self.dropped
            if 0 <= at < len(self.kept):
                self.kept[at] = item

    def trim(self, keep: Json) -> None:
        """Drops what goes beyond `keep`; nothing where it is no whole number."""
        if not isinstance(keep, int) or isinstance(keep, bool) or keep < 0:
            return
        more = dropped_of(self.total, keep) - self.dropped
        if more > 0:
            del self.kept[:more]
            self.dropped += more
