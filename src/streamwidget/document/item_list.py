"""The items of a part: a list that grows at its end, whose old items may be replaced.

Positions count from the first item ever added. A part with `keep` holds only the newest items; how
many it keeps depends only on how many were added, so that joining two extends into one changes
nothing. `js/src/protocol/` has the same rule and is tested with the same cases. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..ops import Json


def dropped_of(total: int, keep: int) -> int:
    """Return how many of `total` items are dropped so that about the newest `keep` stay.

    Items are dropped in blocks of a quarter of `keep`, so that each item is moved at most four
    times.
    """
    if total <= keep:
        return 0
    block = max(1, keep // 4)
    return min(total, -(-(total - keep) // block) * block)


class Items:
    """The kept items, and the number of items dropped before them."""

    __slots__ = ("dropped", "kept")

    def __init__(self, kept: Iterable[Json] = (), dropped: int = 0) -> None:
        self.kept: list[Json] = list(kept)
        self.dropped = dropped

    @property
    def total(self) -> int:
        """Number of items added since the whole list was last replaced."""
        return self.dropped + len(self.kept)

    def extend(self, items: Sequence[Json]) -> None:
        """Append items."""
        self.kept.extend(items)

    def put(self, puts: Iterable[tuple[int, Json]]) -> None:
        """Replace items; positions that were dropped or do not exist yet are ignored."""
        for position, item in puts:
            at = position - self.dropped
            if 0 <= at < len(self.kept):
                self.kept[at] = item

    def trim(self, keep: Json) -> None:
        """Drop items beyond `keep`; do nothing if it is not a whole number."""
        if not isinstance(keep, int) or isinstance(keep, bool) or keep < 0:
            return
        more = dropped_of(self.total, keep) - self.dropped
        if more > 0:
            del self.kept[:more]
            self.dropped += more
