"""Framings other than SSE: lines, JSON values, AWS frames, one document. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ..limits import Limits
from .aws import EventStreamDecoder, EventStreamFrame
from .bounded import record_too_long
from .json_array import JsonArrayDecoder
from .json_sequence import JsonSequenceDecoder
from .lines import LineDecoder
from .loose import split_values
from .records import NO_JSON, Record, record_of_line
from .utf8 import Replaced, count_replaced, decode_line


class LineRecords:
    """One JSON value on each line, or other lines that their format understands."""

    unread_text = ""

    def __init__(self, limits: Limits) -> None:
        self.decoder = LineDecoder(limits=limits)
        self.marks = self.decoder
        self.half_record = False
        self.bare_ids: list[tuple[int, str]] = []

    def feed(self, piece: bytes, /) -> list[Record]:
        return _records_of_lines(self.decoder.feed(piece))

    def ending(self) -> tuple[list[Record], list[Record]]:
        """Return the line without a line end: as a record that counts if its brackets show that it
        is whole, else as a doubtful one."""
        records = self.flush()
        is_whole = bool(records) and isinstance(records[-1].value, dict | list)
        return (records, []) if is_whole else ([], records)

    def flush(self) -> list[Record]:
        records = _records_of_lines(self.decoder.flush())
        self.half_record = bool(records) and records[-1].value is NO_JSON
        return records


def _records_of_lines(lines: list[str]) -> list[Record]:
    """Return the records of lines; some servers write several values in one line."""
    records = [record_of_line(line) for line in lines]
    if all(record.value is not NO_JSON for record in records):
        return records
    return [
        one
        for record in records
        for one in (split_values(record.data) if record.value is NO_JSON else None) or [record]
    ]


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
            raise record_too_long("a JSON document", self._limit)
        return []

    def flush(self) -> list[Record]:
        raw = b"".join(self._pieces)
        text, at = decode_line(raw)
        if at is not None and count_replaced(raw, text):
            self.first_replaced = Replaced(at, 0)
        record = record_of_line(text.removeprefix("\ufeff"))
        if record.value is NO_JSON and (records := split_values(record.data)) is not None:
            return records
        if record.value is NO_JSON:
            self.unread_text = text
            return []
        return [record]
