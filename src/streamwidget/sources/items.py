"""Items of an iterator become events: `str` is text, an event is itself.

Pure; shared by the synchronous and the asynchronous sources.
"""

from __future__ import annotations

from typing import get_args

from ..errors import UsageError
from ..events import Event, TextDelta
from .base import Context

EVENT_TYPES: tuple[type, ...] = get_args(Event)


class Items:
    """Gives the events of each item in turn; all `str` items grow one text part."""

    def __init__(self, context: Context) -> None:
        self._text_id = context.new_id("t")
        self.count = 0

    def feed(self, item: object) -> list[Event]:
        """The events of one item.

        Raises:
            UsageError: an item is of a type that is not understood.
        """
        self.count += 1
        if isinstance(item, str):
            return [TextDelta(self._text_id, item)]
        if isinstance(item, EVENT_TYPES):
            return [item]  # type: ignore[list-item]
        raise UsageError(
            f"Item {self.count} of the source is a {type(item).__name__}, "
            "but only str, bytes and streamwidget events are understood: "
            "convert it first, for example StreamView(str(x) for x in items)."
        )


def empty_message(name: str) -> str:
    """The sentence for a source that ended without giving anything."""
    return (
        f"The source ({name}) ended without giving anything: "
        "check that it is not used up already, and that it yields at all."
    )
