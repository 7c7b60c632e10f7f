"""Bytes to records to events: a framing and a format, chained; and the framing of SSE. Pure.

    bytes --framing--> records --format--> events

Every stage is a `Decoder`. There is one class for each framing, and `chain` is the only composer.
Invalid bytes are reported once, by one failure that is not fatal, in order among the records.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from ..errors import StreamWidgetError
from ..events import Event, Failure, Outcome, Unknown
from ..limits import Limits
from .loose import DataLines, LooseEvents, data_lines, joined_values, record_of_text
from .records import (
    NO_JSON,
    Format,
    Record,
    parse,
    record_of_event,
    record_of_value,
)
from .sse import SSEDecoder, error_report
from .utf8 import Replaced

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")


class Decoder(Protocol[In, Out]):
    """A pure stage from pieces of `In` to results of `Out`.

    It is never fed after `flush`; any partition of the same input gives the same output.
    """

    def feed(self, piece: In, /) -> list[Out]:
        """Return the results that this piece completed, in order; often none."""

    def flush(self) -> list[Out]:
        """Return the results still held back, once the input has ended."""


class Marks(Protocol):
    """Position of invalid bytes in a text decoder."""

    @property
    def first_replaced(self) -> Replaced | None:
        """Position of the first invalid bytes; None while all were valid."""


class Framing(Protocol):
    """A decoder from bytes to records."""

    @property
    def marks(self) -> Marks:
        """Position of invalid bytes."""

    @property
    def half_record(self) -> bool:
        """True if `flush` found that the bytes ended inside a record."""

    @property
    def unread_text(self) -> str:
        """Text of a document that could not be parsed, after `flush`; "" if there is none."""

    def feed(self, piece: bytes, /) -> list[Record]:
        """Return the records that this piece completed, in order."""

    def flush(self) -> list[Record]:
        """Return the records still held back, once the input has ended."""


class Chain:
    """Feeds the records of a framing to a format.

    After the end marker only failures count, from formats that have `after_end`.
    """

    def __init__(self, framing: Framing, format: Format) -> None:
        self.framing = framing
        self._format = format
        self._detects = hasattr(format, "chosen")
        self._warned = False
        self._count = 0

    @property
    def ended(self) -> bool:
        """True once the end marker has arrived; of later input, only failures count."""
        return self._format.ended

    def replace(self, framing: Framing) -> None:
        """Read another body of the same stream with `framing`; the format continues."""
        self.framing = framing
        self._count = 0

    def outcome(self) -> Outcome:
        """Return how the run would end without further records; changes nothing."""
        return self._format.outcome(half_record=self.framing.half_record)

    def feed(self, piece: bytes, /) -> list[Event]:
        """Return the events that this piece completed."""
        if self._format.ended:
            return self._after_end(piece)
        records = self.framing.feed(piece)
        return self.take(records) if records else []

    def _after_end(self, piece: bytes | None) -> list[Event]:
        """Return the failures in a piece after the end marker, or (None) at the end of the input.

        Nothing else counts there, so bytes that cannot be read are no failure.
        """
        try:
            records = self.framing.flush() if piece is None else self.framing.feed(piece)
        except StreamWidgetError:
            return []
        return self._failures(records)

    def _failures(self, records: Sequence[Record]) -> list[Event]:
        after_end = getattr(self._format, "after_end", None)
        return [event for record in records for event in after_end(record)] if after_end else []

    def rest(self) -> list[Event]:
        """Return the text that is held back, for a run that ends before its stream."""
        rest = getattr(self._format, "rest", None)
        return [] if rest is None or self._format.ended else rest()

    def take(self, records: Sequence[Record]) -> list[Event]:
        """Return the events of `records`, with the warning about invalid bytes in order."""
        format = self._format
        events: list[Event] = []
        careful = not self._warned and self.framing.marks.first_replaced is not None
        for at, record in enumerate(records):
            if format.ended:
                return events + self._failures(records[at:])
            if careful:
                events += self._warning(self._count)
            self._count += 1
            events += format.feed(record)
        if self._detects and (chosen := format.chosen) is not None:  # type: ignore[attr-defined]
            self._format, self._detects = chosen, False
        return events

    def flush(self) -> list[Event]:
        """Return the events still held back, and the end of the run."""
        if self._format.ended:
            return self._after_end(None)
        records = self.framing.flush()
        if self.framing.unread_text:
            text = Unknown("half of a JSON document", self.framing.unread_text)
            return [*self._warning(None), text, *self.finish(half_record=True)]
        events = self.take(records)
        return [*events, *self.finish(half_record=self.framing.half_record)]

    def finish(self, *, half_record: bool) -> list[Event]:
        """Return the events that the format makes of the end of the bytes."""
        if self._format.ended:
            return []
        return [*self._warning(None), *self._format.flush(half_record=half_record)]

    def _warning(self, results_before: int | None) -> list[Event]:
        """Return the warning if it belongs after `results_before` results.

        None: return one that is still due.
        """
        replaced = self.framing.marks.first_replaced
        if self._warned or replaced is None:
            return []
        if results_before is not None and results_before < replaced.results_before:
            return []
        self._warned = True
        return [replaced_failure(replaced)]


def chain(framing: Framing, format: Format) -> Chain:
    """Return a decoder from bytes to events: `framing`, then `format`."""
    return Chain(framing, format)


def replaced_failure(replaced: Replaced) -> Failure:
    """Return the warning about bytes that are not valid in their encoding."""
    at = replaced.offset_bytes
    where = "" if at is None else f", first at byte offset {at:,}"
    return Failure(
        f"The stream has bytes that are not valid in its character encoding{where}; each is shown "
        "as U+FFFD (\ufffd). Check the encoding that the server declares and sends.",
        fault="decode",
        error_type="DecodeError",
        fatal=False,
    )


# --- server-sent events

_new = tuple.__new__
"""Creates a record without a Python-level call: `_new(Record, (data, value, name, id))`."""

_scan: Callable[[str, int], tuple[object, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]

_SENTENCE: Final = re.compile(r"<|\w+ ")
"""How a line begins that is not a field: names of fields end with a colon."""


class SSERecords:
    """Server-sent events."""

    unread_text = ""

    def __init__(self, limits: Limits) -> None:
        self.decoder = SSEDecoder(limits=limits)
        self.marks = self.decoder
        self.half_record = False
        self.bare_ids: list[tuple[int, str]] = []
        """Event IDs of the last `feed` that arrived without an event, each with the number of
        records before it."""
        self._has_events = False
        self._limits = limits
        self._loose = LooseEvents()
        self._half_text: list[Record] = []
        """Text of the last event, whose blank line is missing: it may be cut, and is shown."""
        self._lines: DataLines | None = None
        """Reads the stream once it is known that no blank lines separate its events."""
        self._idle_count = 0

    def feed(self, piece: bytes, /) -> list[Record]:
        """Return the records of the events. Written for speed: this runs for every token."""
        decoder = self.decoder
        if self._lines is not None:
            return self._lines.feed(piece)
        events = decoder.feed(piece)
        if not events and not decoder.asides:
            return [] if self._has_events else self._without_blank_lines()
        self._has_events = True
        records: list[Record] = []
        for name, data, id_ in events:
            if data[:1] == "{":
                try:
                    value, end = _scan(data, 0)
                    if end != len(data):
                        value = parse(data)
                except (ValueError, RecursionError, StopIteration):
                    value = NO_JSON
            else:
                value = parse(data)
            if type(value) is not dict:
                name_ = "" if name == "message" else name
                loose = self._loose.records(data, value, name_, id_)
                if loose is not None:
                    records += loose
                    continue
            records.append(_new(Record, (data, value, "" if name == "message" else name, id_)))
        return self._with_asides(records) if decoder.asides else records

    def _without_blank_lines(self) -> list[Record]:
        """Return the records of a stream whose events are not separated, once that is known.

        Looks at the 2nd, 4th, 8th and so on of the pieces without an event, so that the cost is
        linear.
        """
        self._idle_count += 1
        if self._idle_count < 2 or self._idle_count & (self._idle_count - 1):
            return []
        self._lines = data_lines(self.decoder, self._limits)
        return [] if self._lines is None else self._lines.feed(b"")

    def _with_asides(self, records: list[Record]) -> list[Record]:
        """Return the records of events and of failures outside their fields, in order."""
        asides, self.decoder.asides = self.decoder.asides, []
        failures = 0
        self.bare_ids = []
        for kind, text, events_before in asides:
            at = events_before + failures
            if kind == "id":
                self.bare_ids.append((at, text))
            else:
                records.insert(at, Record(text, parse(text), "error"))
                failures += 1
        return records

    def ending(self) -> tuple[list[Record], list[Record]]:
        """Return what only the end of a body completes: records that count, and those that the
        standard drops."""
        if self._lines is not None:
            records = self._lines.flush()
            self.half_record = bool(records) and records[-1].value is NO_JSON
            return records, []
        stray = stray_records(self.decoder)
        rest, half = rest_records(self.decoder)
        self.half_record = bool(half)
        self._half_text = [record for record in half if not _is_cut_json(record.data)]
        return stray, rest

    def flush(self) -> list[Record]:
        stray, rest = self.ending()
        text = self.decoder.stray_text.strip()
        if text and not stray and (not self._has_events or _SENTENCE.match(text)):
            stray = [record_of_text(text)]  # of a proxy, or the content type is wrong
        return [*stray, *rest, *self._half_text]


def rest_records(decoder: SSEDecoder) -> tuple[list[Record], list[Record]]:
    """Return the record of the unterminated last event: whole, or (second) incomplete.

    The standard drops such an event. If it is a complete JSON object or array, or `[DONE]`, only
    its blank line is missing, and it may be the error that ended the stream: then it counts.
    `decoder` cannot be used after this.

    Raises:
        LimitError: see `SSEDecoder`.
    """
    decoder.flush()
    replaced = decoder.first_replaced
    rest = [
        record
        for event in decoder.feed(b"\n\n")
        if event.data.strip()
        for record in joined_values(event.data) or [record_of_event(event)]
    ]
    whole = [record for record in rest if _is_whole(record)]
    if not whole:
        decoder.first_replaced = replaced  # an incomplete character is not an invalid one
    return whole, [record for record in rest if not _is_whole(record)]


def _is_cut_json(data: str) -> bool:
    """True if text may be the beginning of JSON or of `[DONE]`, of which nothing can be shown."""
    return data.lstrip()[:1] in ("{", "[", '"')


def _is_whole(record: Record) -> bool:
    if isinstance(record.value, dict | list) or record.data.strip() == "[DONE]":
        return True
    return record.value is None and bool(record.name)  # LangGraph's `event: end`


def stray_records(decoder: SSEDecoder) -> list[Record]:
    """Return the bare JSON object between events, by which Gemini reports a failure."""
    report = error_report(decoder.stray_text)
    if report is not None:
        return [Record(report, parse(report), "error")]
    stray = parse(decoder.stray_text)
    return [record_of_value(stray)] if isinstance(stray, dict) else []
