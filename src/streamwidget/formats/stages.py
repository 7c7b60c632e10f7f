"""A framing and a format chained: bytes in, events out. One class for each framing.

Pure. Invalid bytes are told once, where they happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeAlias

from ..decoder import Decoder
from ..errors import LimitError
from ..events import Event, Failure, Unknown
from ..framing.aws_event_stream import EventStreamDecoder
from ..framing.json_array import JsonArrayDecoder
from ..framing.json_sequence import JsonSequenceDecoder
from ..framing.ndjson import LineDecoder
from ..framing.sse import SSEDecoder
from ..framing.text import TextDecoder
from ..framing.utf8 import Replaced, count_replaced, decode_line
from ..limits import Limits
from .bedrock import record_of_frame
from .records import (
    NO_JSON,
    Format,
    NewId,
    Record,
    parse,
    record_of_event,
    record_of_line,
    record_of_value,
)
from .text import TextFormat

Stage: TypeAlias = Decoder[bytes, Event]
"""A framing and a format chained."""


class Framed(Protocol):
    """What the text framings share: where the first invalid byte was."""

    first_replaced: Replaced | None


class Warned:
    """Tells the first replaced byte once, at its place among the results."""

    def __init__(self) -> None:
        self._told = False

    def due(self, replaced: Replaced | None, results_before: int | None) -> list[Event]:
        """The warning, if it belongs after `results_before` results; None: if it is owed at all."""
        if self._told or replaced is None:
            return []
        if results_before is not None and results_before < replaced.results_before:
            return []
        self._told = True
        return [replaced_failure(replaced)]


def replaced_failure(replaced: Replaced) -> Failure:
    at = replaced.offset_bytes
    where = "" if at is None else f", first at byte offset {at:,}"
    return Failure(
        f"The stream has bytes that are not valid in its character encoding{where}; each is shown "
        "as U+FFFD (\ufffd). Check the encoding that the server declares and sends.",
        fault="decode",
        error_type="DecodeError",
        fatal=False,
    )


class Records:
    """Feeds records to a format, and the warning about invalid bytes at its place among them."""

    def __init__(self, format: Format, framing: Framed) -> None:
        self.format = format
        self._framing = framing
        self._warned = Warned()
        self._count = 0

    def go_on(self, framing: Framed) -> None:
        """Another body of the same stream begins, read by `framing`."""
        self._framing = framing
        self._count = 0

    def feed(self, records: Iterable[Record]) -> list[Event]:
        events: list[Event] = []
        for record in records:
            if self.format.ended:
                break
            if self._framing.first_replaced is not None:
                events += self._warned.due(self._framing.first_replaced, self._count)
            self._count += 1
            events += self.format.feed(record)
        return events

    def flush(self, *, half_record: bool = False) -> list[Event]:
        if self.format.ended:
            return []
        owed = self._warned.due(self._framing.first_replaced, None)
        return [*owed, *self.format.flush(half_record=half_record)]


def rest_of(framing: SSEDecoder) -> tuple[list[Record], bool]:
    """Of the event that the bytes ended inside of: its record, and whether it was only half.

    The standard drops such an event. One that is a whole JSON object or array, or `[DONE]`, lacks
    nothing but its blank line, and may be the error that tells why there is no more: it counts.
    `framing` is used up.

    Raises:
        LimitError: see `SSEDecoder`.
    """
    framing.flush()
    replaced = framing.first_replaced
    rest = [record_of_event(event) for event in framing.feed(b"\n\n") if event.data.strip()]
    whole = [record for record in rest if _is_whole(record)]
    if not whole:
        framing.first_replaced = replaced  # half a character is not an invalid one
    return whole, len(whole) < len(rest)


def _is_whole(record: Record) -> bool:
    if isinstance(record.value, dict | list) or record.data.strip() == "[DONE]":
        return True
    return record.value is None and bool(record.name)  # LangGraph's `event: end`


def stray_of(framing: SSEDecoder) -> list[Record]:
    """Gemini reports a failure as a bare JSON object between events, not as the data of one."""
    stray = parse(framing.stray_text)
    return [record_of_value(stray)] if isinstance(stray, dict) else []


class EventStream:
    """Server-sent events."""

    def __init__(self, format: Format, limits: Limits) -> None:
        self._framing = SSEDecoder(limits=limits)
        self._records = Records(format, self._framing)

    @property
    def comment_count(self) -> int:
        return self._framing.comment_count

    @property
    def last_event_id(self) -> str:
        return self._framing.last_event_id

    def feed(self, piece: bytes, /) -> list[Event]:
        if self._records.format.ended:
            return []
        return self._records.feed(map(record_of_event, self._framing.feed(piece)))

    def flush(self) -> list[Event]:
        if self._records.format.ended:
            return []
        records = stray_of(self._framing)
        rest, half = rest_of(self._framing)
        events = self._records.feed([*records, *rest])
        return [*events, *self._records.flush(half_record=half)]


class JsonLines:
    """One JSON value a line, or lines of another kind that their format understands."""

    def __init__(self, format: Format, limits: Limits) -> None:
        self._framing = LineDecoder(limits=limits)
        self._records = Records(format, self._framing)

    def feed(self, piece: bytes, /) -> list[Event]:
        if self._records.format.ended:
            return []
        return self._records.feed(map(record_of_line, self._framing.feed(piece)))

    def flush(self) -> list[Event]:
        if self._records.format.ended:
            return []
        records = [record_of_line(line) for line in self._framing.flush()]
        half = bool(records) and records[-1].value is NO_JSON
        return [*self._records.feed(records), *self._records.flush(half_record=half)]


class JsonTexts:
    """JSON values that their own brackets end: of an array, or of a JSON text sequence."""

    def __init__(self, framing: JsonArrayDecoder | JsonSequenceDecoder, format: Format) -> None:
        self._framing = framing
        self._records = Records(format, framing)

    def feed(self, piece: bytes, /) -> list[Event]:
        if self._records.format.ended:
            return []
        return self._records.feed(map(record_of_line, self._framing.feed(piece)))

    def flush(self) -> list[Event]:
        if self._records.format.ended:
            return []
        events = self._records.feed(map(record_of_line, self._framing.flush()))
        return [*events, *self._records.flush(half_record=self._framing.unterminated)]


def json_array(format: Format, limits: Limits) -> JsonTexts:
    """The elements of one JSON array, each as soon as it closes."""
    return JsonTexts(JsonArrayDecoder(limits=limits), format)


def json_sequence(format: Format, limits: Limits) -> JsonTexts:
    """The texts of a JSON text sequence, each as soon as it closes."""
    return JsonTexts(JsonSequenceDecoder(limits=limits), format)


class Frames:
    """AWS event stream frames."""

    def __init__(self, format: Format, limits: Limits) -> None:
        self._framing = EventStreamDecoder(limits=limits)
        self._format = format

    def feed(self, piece: bytes, /) -> list[Event]:
        events: list[Event] = []
        for frame in self._framing.feed(piece):
            events += self._format.feed(record_of_frame(frame))
        return events

    def flush(self) -> list[Event]:
        if self._format.ended:
            return []
        self._framing.flush()
        return self._format.flush(half_record=self._framing.unterminated)


class JsonDocument:
    """One value that is read to its end."""

    def __init__(self, format: Format, limits: Limits) -> None:
        self._format = format
        self._limit = limits.record_bytes
        self._pieces: list[bytes] = []
        self._byte_count = 0

    def feed(self, piece: bytes, /) -> list[Event]:
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

    def flush(self) -> list[Event]:
        raw = b"".join(self._pieces)
        text, at = decode_line(raw)
        events: list[Event] = []
        if at is not None and count_replaced(raw, text):
            events.append(replaced_failure(Replaced(at, 0)))
        record = record_of_line(text.removeprefix("\ufeff"))
        if record.value is NO_JSON:
            events.append(Unknown("half of a JSON document", text))
            return [*events, *self._format.flush(half_record=True)]
        return [*events, *self._format.feed(record), *self._format.flush()]


class PlainText:
    """Plain text."""

    def __init__(self, new_id: NewId, charset: str) -> None:
        self._charset = charset
        self._framing = TextDecoder(charset)
        self._format = TextFormat(new_id)
        self._warned = Warned()
        self._char_count = 0
        self._begun = False

    def restart(self) -> None:
        """Goes on with another body; a character that the last one cut in two is dropped."""
        self._begun = self._begun or self._char_count > 0
        self._framing = TextDecoder(self._charset)
        self._char_count = 0
        if self._begun and self._charset.lower().replace("-", "") == "utf8":
            self._framing.feed(b"-")  # a U+FEFF that comes now is text and no byte order mark

    def feed(self, piece: bytes, /) -> list[Event]:
        return self._texts(self._framing.feed(piece))

    def flush(self) -> list[Event]:
        return [*self._texts(self._framing.flush()), *self._format.flush()]

    def _texts(self, texts: list[str]) -> list[Event]:
        events: list[Event] = []
        for text in texts:
            before = self._char_count
            self._char_count += len(text)
            warning = self._warned.due(self._framing.first_replaced, None)
            if warning and self._framing.first_replaced is not None:
                at = self._framing.first_replaced.results_before - before
                events += [*self._format.feed(text[:at]), *warning]
                text = text[at:]
            events += self._format.feed(text)
        return events
