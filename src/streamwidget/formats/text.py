"""Plain text: every piece extends one part. Without an end marker, the end of the bytes is the end.

Must not know framings; `formats.plain_text` feeds it.
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
        """Return the events of a piece of text."""
        events: list[Event] = []
        if not text:
            return events
        if self._part_id is None:
            self._part_id = self._new_id("t")
            events.append(TextStart(self._part_id))
        events.append(TextDelta(self._part_id, text))
        return events

    def flush(self) -> list[Event]:
        """Return the end of the part and of the run (`complete`)."""
        ends: list[Event] = [] if self._part_id is None else [TextEnd(self._part_id)]
        return [*ends, RunEnd("complete")]
