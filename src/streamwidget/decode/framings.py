"""Framings: decoders from bytes to records, one class for each. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ..errors import LimitError
from ..framing.html_title import title_of
from ..framing.utf8 import Replaced, count_replaced, decode_line
from ..limits import Limits
from .aws import EventStreamDecoder, EventStreamFrame
from .json_array import JsonArrayDecoder
from .json_sequence import JsonSequenceDecoder
from .lines import LineDecoder
from .records import (
    NO_JSON,
    Record,
    parse,
    record_of_event,
    record_of_line,
    record_of_value,
    records_of_events,
)
from .sse import SSEDecoder, error_report

_SENTENCE: Final = re.compile(r"<|\w+ ")
"""How a line begins that is not a field: names of fields end with a colon."""

_ERROR_TEXT: Final = re.compile(
    r"\W{0,3}(?:error|exception|fatal|traceback|internal server error|bad gateway|"
    r"service unavailable|gateway time-?out|upstream connect error|<!doctype html|<html)\b",
    re.IGNORECASE,
)


class SSERecords:
    """Server-sent events."""

    unread_text = ""

    def __init__(self, limits: Limits) -> None:
        self.decoder = SSEDecoder(limits=limits)
        self.marks = self.decoder
        self.half_record = False

        self._has_events = False

    def feed(self, piece: bytes, /) -> list[Record]:
        events = self.decoder.feed(piece)
        if not events and not self.decoder.reports:
            return []
        self._has_events = True
        records = records_of_events(events)
        return self._with_reports(records) if self.decoder.reports else records

    def _with_reports(self, records: list[Record]) -> list[Record]:
        """Return the records of events, and of failures outside their fields, in order."""
        reports, self.decoder.reports = self.decoder.reports, []
        for at, report in reversed(reports):
            records.insert(at, Record(report, parse(report), "error"))
        return records

    def flush(self) -> list[Record]:
        stray = stray_records(self.decoder)
        rest, self.half_record = rest_records(self.decoder)
        text = self.decoder.stray_text.strip()
        if text and not stray and (not self._has_events or _SENTENCE.match(text)):
            stray = [record_of_text(text)]  # of a proxy, or the content type is wrong
        return [*stray, *rest]


def record_of_text(text: str) -> Record:
    """Return the record of text between events: named an error if it reads like one."""
    if _ERROR_TEXT.match(text) is None:
        return Record(text, NO_JSON)
    return Record(title_of(text) or text, NO_JSON, "error")


def rest_records(decoder: SSEDecoder) -> tuple[list[Record], bool]:
    """Return the record of the unterminated last event, and True if it is incomplete.

    The standard drops such an event. If it is a complete JSON object or array, or `[DONE]`, only
    its blank line is missing, and it may be the error that ended the stream: then it counts.
    `decoder` cannot be used after this.

    Raises:
        LimitError: see `SSEDecoder`.
    """
    decoder.flush()
    replaced = decoder.first_replaced
    rest = [record_of_event(event) for event in decoder.feed(b"\n\n") if event.data.strip()]
    whole = [record for record in rest if _is_whole(record)]
    if not whole:
        decoder.first_replaced = replaced  # an incomplete character is not an invalid one
    return whole, len(whole) < len(rest)


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


class LineRecords:
    """One JSON value on each line, or other lines that their format understands."""

    unread_text = ""

    def __init__(self, limits: Limits) -> None:
        self.decoder = LineDecoder(limits=limits)
        self.marks = self.decoder
        self.half_record = False

    def feed(self, piece: bytes, /) -> list[Record]:
        return [record_of_line(line) for line in self.decoder.feed(piece)]

    def flush(self) -> list[Record]:
        records = [record_of_line(line) for line in self.decoder.flush()]
        self.half_record = bool(records) and records[-1].value is NO_JSON
        return records


class JsonRecords:
    """JSON values delimited by brackets: elements of an array, or of a JSON text sequence."""

    unread_text = ""

    def __init__(self, decoder: JsonArrayDecoder | JsonSequenceDecoder) -> None:
        self.decoder = decoder
        self.marks = decoder

    @property
    def half_record(self) -> bool:
        return self.decoder.unterminated

    def feed(self, piece: bytes, /) -> list[Record]:
        return [record_of_line(text) for text in self.decoder.feed(piece)]

    def flush(self) -> list[Record]:
        return [record_of_line(text) for text in self.decoder.flush()]


class _NoMarks:
    first_replaced: Replaced | None = None


class FrameRecords:
    """AWS event stream frames; `record_of` returns the record of one."""

    unread_text = ""

    def __init__(self, limits: Limits, record_of: Callable[[EventStreamFrame], Record]) -> None:
        self.decoder = EventStreamDecoder(limits=limits)
        self.marks = _NoMarks()
        self._record_of = record_of

    @property
    def half_record(self) -> bool:
        return self.decoder.unterminated

    def feed(self, piece: bytes, /) -> list[Record]:
        return [self._record_of(frame) for frame in self.decoder.feed(piece)]

    def flush(self) -> list[Record]:
        return [self._record_of(frame) for frame in self.decoder.flush()]


class DocumentRecords:
    """One JSON document, parsed once it is complete."""

    half_record = False

    def __init__(self, limits: Limits) -> None:
        self.first_replaced: Replaced | None = None
        self.marks = self
        self.unread_text = ""
        self._limit = limits.record_bytes
        self._pieces: list[bytes] = []
        self._byte_count = 0

    def feed(self, piece: bytes, /) -> list[Record]:
        self._pieces.append(piece)
        self._byte_count += len(piece)
        if self._byte_count > self._limit:
            raise LimitError(
                f"The JSON document is longer than {self._limit:,} bytes. "
                "Raise Limits(record_bytes=...) if that is expected.",
                bound="record_bytes",
                limit=self._limit,
            )
        return []

    def flush(self) -> list[Record]:
        raw = b"".join(self._pieces)
        text, at = decode_line(raw)
        if at is not None and count_replaced(raw, text):
            self.first_replaced = Replaced(at, 0)
        record = record_of_line(text.removeprefix("\ufeff"))
        if record.value is NO_JSON:
            self.unread_text = text
            return []
        return [record]
