"""Takes events into a run: repairs them, stamps them, logs them, applies them to the document.

Must not lock, wait or decide how a run ends: `Run` does, and holds its lock around every call.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

from ..characters import WholeCharacters, clean, clean_event
from ..document import Document
from ..errors import LimitError, StreamWidgetError
from ..events import (
    AskEnd,
    AskRejected,
    AskStart,
    Event,
    Failure,
    Knob,
    LogLine,
    Metric,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    Rows,
    RowsEnd,
    RunEnd,
    StepEnd,
    StepStart,
    StepState,
    TextDelta,
    TextEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Unknown,
    ValueDelta,
    ValueEnd,
)
from ..limits import Limits
from ..patch_log import PatchLog
from .clock import Stats
from .eventlog import EventLog
from .held import HeldRows
from .recorded_end import RecordedEnd
from .words import error_of, failure_of

_STAMPED = (
    StepStart,
    StepEnd,
    ReasoningStart,
    ReasoningEnd,
    ToolCallStart,
    ToolCallEnd,
    ToolResult,
    Progress,
    Metric,
    LogLine,
    Notice,
    Failure,
    Unknown,
    AskStart,
    AskRejected,
    AskEnd,
    Knob,
)
"""Events that are stamped with their time of arrival, in seconds since the run began."""
_Delta: TypeAlias = TextDelta | ReasoningDelta | ValueDelta
_START_OF: dict[type, Callable[..., Event]] = {
    ReasoningDelta: ReasoningStart,
    ToolCallDelta: ToolCallStart,
}
_DELTA_OF: dict[type, Callable[..., Event]] = {
    TextEnd: TextDelta,
    ReasoningEnd: ReasoningDelta,
    ValueEnd: ValueDelta,
}
_END_OF: dict[str, Callable[[str], Event]] = {
    "text": TextEnd,
    "reasoning": ReasoningEnd,
    "value": ValueEnd,
    "table": RowsEnd,
}


class Intake:
    """The document of one run, its patches and its events."""

    def __init__(self, limits: Limits, stats: Stats) -> None:
        self.document = Document(limits)
        self.patches = PatchLog()
        self.events = EventLog(limits.kept_events_count, limits.kept_events_bytes)
        self.error: StreamWidgetError | None = None
        """The last error, fatal or not; None: no error."""
        self.failure: Failure | None = None
        """The fatal failure that the stream reported; None: it reported none."""
        self.marker: RunEnd | None = None
        """The end that the format reported; None until then."""
        self._limits = limits
        self._stats = stats
        self._characters: dict[str, WholeCharacters] = {}
        """Decoders of the open parts whose text is not plain ASCII, by part id."""
        self._held = HeldRows()
        self._turned: dict[str, str] = {}
        """New part IDs for text that a format still sends to a part that a turn has closed."""
        self._turn_count = 0

    @property
    def is_holding(self) -> bool:
        """True if held rows are not in the document yet."""
        return self._held.count > 0

    def settle(self) -> None:
        """Apply the held rows as one batch."""
        event = self._held.take() if self._held.count else None
        if event is not None:
            self.record(clean_event(event))

    def restore(self, document: Document) -> None:
        """Replace the document by a recorded one; pages get it as a snapshot."""
        for name in ("images", "markdown", "renderer_of"):
            setattr(document, name, getattr(self.document, name))
        document.refresh_renderers()
        self.document = document
        self.patches.restart()
        self._characters.clear()
        self._held.take()

    def fail(self, error: StreamWidgetError) -> None:
        """Record the error that ends the run."""
        self.error = error
        failure = clean_event(failure_of(error))
        self.record(dataclasses.replace(failure, at_s=self._stats.elapsed_s))

    def conclude(self, end: RecordedEnd) -> None:
        """Apply the end of a recorded run."""
        self.settle()
        self.error = end.error
        if self.document.run.get("outcome") is None:
            self.record(end.event)

    def take(self, event: Event) -> None:
        """Apply an event; an end event is held until the producer is closed."""
        if isinstance(event, RunEnd):
            # recorded last, when the producer is closed; of several, the first one is the end
            self.marker = self.marker or event
            return
        if self._turned:
            event = self._in_turn(event)
        if isinstance(event, (TextDelta, ReasoningDelta, ValueDelta)):
            if not event.part_id.isascii():
                event = dataclasses.replace(event, part_id=clean(event.part_id))
            if not event.text.isascii() or event.part_id in self._characters:
                event = self._whole(event)
            if type(event) is not TextDelta:
                self._start_if_new(event)
            self.record(event)
            return
        known = isinstance(event, Rows) and self.document.part(event.part_id) is not None
        if isinstance(event, Rows) and known and self._held.add(event):
            return
        self.settle()
        event = clean_event(event)
        if isinstance(event, _STAMPED) and event.at_s is None:
            event = dataclasses.replace(event, at_s=self._stats.elapsed_s)
        if isinstance(event, Failure):
            self.error = error_of(event)
            self.failure = event if event.fatal else self.failure
        elif isinstance(event, (TextEnd, ReasoningEnd, ValueEnd)):
            self._end_characters(event)
        elif isinstance(event, ToolCallDelta):
            self._start_if_new(event)
        self.record(event)

    def turn(self) -> None:
        """Close the open text parts: text after the reader's message begins new ones."""
        self._turn_count += 1
        for part in self.document.alive_parts():
            if part.kind in ("text", "reasoning"):
                ids = [old for old, new in self._turned.items() if new == part.id] or [part.id]
                self.take(_END_OF[part.kind](part.id))
                self._turned |= {old: f"{old}.{self._turn_count}" for old in ids}

    def _in_turn(self, event: Event) -> Event:
        turned = self._turned.get(getattr(event, "part_id", None) or "")
        return dataclasses.replace(event, part_id=turned) if turned else event  # type: ignore[arg-type]

    def record(self, event: Event) -> None:
        """Add an event to the log and the document as it is."""
        self.events.append(event, self._stats.count(event))
        self.patches.add(self.document.apply(event))

    def close_parts(self, step_state: StepState) -> None:
        """Close the open parts; steps end in `step_state`."""
        for part in reversed(self.document.alive_parts()):
            if part.kind == "step":
                self.record(StepEnd(part.id, step_state, self._stats.elapsed_s))
            elif part.kind in _END_OF:
                self.take(_END_OF[part.kind](part.id))

    def passed_bound(self) -> LimitError | None:
        """Return the error for the bound that the document has passed; None while all hold."""
        document, limits = self.document, self._limits
        if (
            document.char_count <= limits.document_chars
            and document.row_count + self._held.count <= limits.table_rows_count
            and document.point_count <= limits.metric_points_count
        ):
            return None  # the usual case, checked first: this runs after each batch
        for count, bound, what in (
            (document.char_count, "document_chars", "The document passed {:,} characters"),
            (
                document.row_count + self._held.count,
                "table_rows_count",
                "The tables passed {:,} rows",
            ),
            (document.point_count, "metric_points_count", "The metrics passed {:,} points"),
        ):
            limit = getattr(limits, bound)
            if count > limit:
                message = f"{what.format(limit)} (Limits.{bound}). Everything before that is kept."
                return LimitError(message, bound=bound, limit=limit)
        return None

    def _start_if_new(self, delta: Event) -> None:
        """Record the start of a part that a delta opens, with its time."""
        start = _START_OF.get(type(delta))
        part_id = getattr(delta, "part_id", "")
        if start is not None and self.document.part(part_id) is None:
            self.record(start(part_id, at_s=self._stats.elapsed_s))

    def _whole(self, event: _Delta) -> _Delta:
        characters = self._characters.setdefault(event.part_id, WholeCharacters())
        text = characters.feed(event.text)
        return event if text == event.text else dataclasses.replace(event, text=text)

    def _end_characters(self, event: TextEnd | ReasoningEnd | ValueEnd) -> None:
        characters = self._characters.pop(event.part_id, None)
        if characters is not None and (rest := characters.flush()):
            self.record(_DELTA_OF[type(event)](event.part_id, rest))
