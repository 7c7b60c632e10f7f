"""Plain text: every piece grows one part. It has no end marker, so the end of the bytes is one.

Knows no framing; `formats.pipeline` feeds it.
"""

from __future__ import annotations

from collections.abc import Callable

from ..events import Event, RunEnd, TextDelta, TextEnd, TextStart


class TextFormat:
    """One text part for the whole stream, opened by the first character."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._part_id: str | None = None

    def feed(self, text: str, /) -> list[Event]:
        events: list[Event] = []
        if not text:
            return events
        if self._part_id is None:
            self._part_id = self._new_id("t")
            events.append(TextStart(self._part_id))
        events.append(TextDelta(self._part_id, text))
        return events

    def flush(self) -> list[Event]:
        """The part's end and the run's: `complete`."""
        ends: list[Event] = [] if self._part_id is None else [TextEnd(self._part_id)]
        return [*ends, RunEnd("complete")]
