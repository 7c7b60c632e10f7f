"""The notices of a run about its dropped connections and lost events. Pure."""

from __future__ import annotations

from ..events import Notice

RESUMED = "_resumed"
"""The id of the one notice of a run about its dropped connections."""


class Drops:
    """Counts dropped connections; a notice is due when the stream continues."""

    def __init__(self) -> None:
        self._count = 0
        self._dropped_s: float | None = None
        """When the connection was lost that no notice has reported; None: all were reported."""
        self._after = ""
        self._missing_count = 0

    def note(self, amount: str, now_s: float) -> None:
        """Note that the connection was lost after `amount` ("": at once); attempts until the next
        progress are the same drop.

        `now_s` is the time in seconds on any clock.
        """
        if self._dropped_s is None:
            self._count += 1
            self._dropped_s = now_s
            self._after = amount

    def notices(self, missing_count: int, now_s: float) -> list[Notice]:
        """Return the notices that are due: one for the drops, one for events that were skipped.

        `missing_count` is the number of skipped events so far.
        """
        notices: list[Notice] = []
        if self._dropped_s is not None:
            sentence = drop_words(self._count, self._after, now_s - self._dropped_s)
            notices.append(Notice(sentence, part_id=RESUMED))
            self._dropped_s = None
        if missing_count > self._missing_count:
            lost = missing_count - self._missing_count
            notices.append(Notice(missing_words(lost), "warning"))
            self._missing_count = missing_count
        return notices


def drop_words(count: int, after: str, resumed_s: float) -> str:
    """Return a sentence such as `The connection was lost after 1 event; ...`"""
    where = f"after {after}" if after else "before the first event"
    if count == 1:
        return f"The connection was lost {where}; resumed {resumed_s:.1f} s later."
    return (
        f"The connection was lost {count:,} times, last {where}; resumed {resumed_s:.1f} s later."
    )


def missing_words(count: int) -> str:
    """Return the sentence for `count` events that the server skipped."""
    were = "event was" if count == 1 else "events were"
    return (
        f"{count:,} {were} lost: the server continued after the position where the connection "
        "was lost. The text may have a gap here."
    )
