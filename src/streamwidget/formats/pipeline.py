"""Bytes to events: the framing and the format of one stream, detected unless they are passed.

Pure. Framings are in `decode`, vocabularies in `registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeAlias

from ..decode.chain import Chain, Framing, SSERecords, chain
from ..decode.framings import DocumentRecords, FrameRecords, JsonRecords, LineRecords
from ..decode.json_array import JsonArrayDecoder
from ..decode.json_sequence import JsonSequenceDecoder
from ..decode.records import Format, NewId, Record, parse, record_of_value
from ..decode.sniff import SNIFF_BYTES, charset, declared, sniff
from ..errors import UsageError
from ..events import Event, Outcome, RunEnd
from ..limits import DEFAULT_LIMITS, Limits
from .bedrock import record_of_frame
from .custom_formats import registered_names, vocabularies, vocabulary
from .detect import Detected, Vocabulary
from .plain_text import PlainText
from .registry import VOCABULARIES

FIRST_BYTES: Final = 64
"""Nearly all streams can be identified by these bytes, so detection runs for each of them."""

DETECTIONS: Final = 32
"""How often detection may run at line ends, per byte on average."""

FRAMINGS: Final[dict[str, str]] = {
    "sse": "server-sent events",
    "ndjson": "one JSON value per line",
    "json-array": "one JSON array, read element by element",
    "json-seq": "a JSON text sequence (RFC 7464)",
    "json": "one JSON document, read to its end",
    "aws-event-stream": "AWS event stream frames",
    "data-lines": "lines of the AI SDK's older data stream",
    "text": "plain text",
}
FORMATS: Final[dict[str, str]] = {
    "auto": "detected from the content type, the first bytes and the first records",
    **FRAMINGS,
    **{vocabulary.name: "see formats/" for vocabulary in VOCABULARIES},
}
"""Possible values of `format=` and their meaning."""

_FRAMINGS: Final[dict[str, Callable[[Limits], Framing]]] = {
    "sse": SSERecords,
    "ndjson": LineRecords,
    "data-lines": LineRecords,
    "json-array": lambda limits: JsonRecords(JsonArrayDecoder(limits=limits)),
    "json-seq": lambda limits: JsonRecords(JsonSequenceDecoder(limits=limits)),
    "json": DocumentRecords,
    "aws-event-stream": lambda limits: FrameRecords(limits, record_of_frame),
}


class ResumedFraming(Framing, Protocol):
    """A framing of a stream that comes in several bodies, one object for each body."""

    def body_over(self) -> list[Record]:
        """Return the records that the end of the body completes; another body may follow."""


ResumedFramings: TypeAlias = Mapping[str, Callable[[Limits], ResumedFraming]]
"""The framings by name in which a stream can continue in another body."""


class Pipeline:
    """A decoder from bytes to events; `flush` returns the `RunEnd` if there was no end marker.

    Any partition of the same bytes gives the same events, once neighbouring deltas of a part are
    joined. Invalid bytes become U+FFFD; one `Failure` that is not fatal reports the first of them.

    Raises (from `feed` and `flush`):
        LimitError: a line, an event or a JSON document is longer than `Limits.record_bytes`.
        DecodeError: a frame's checksum is wrong.
    """

    def __init__(
        self,
        new_id: NewId,
        framing: str | None,
        vocabulary: Vocabulary | None,
        content_type: str | None,
        limits: Limits,
        resumed: ResumedFramings | None = None,
    ) -> None:
        self._new_id = new_id
        self._resumed: ResumedFramings = resumed or {}
        self._body: ResumedFraming | None = None
        """The framing of the present body; None where no other body can follow."""
        self._framing = framing
        self._vocabulary = vocabulary
        self._content_type = content_type
        self._limits = limits
        self._head = bytearray()
        self._detected_at_bytes = 0
        self._scanned_bytes = 0
        self._detected: Detected | None = None
        self.stage: Chain | PlainText | None = None
        """The stage to which pieces can be fed directly; None while the framing is unknown."""
        if framing is not None:
            self.stage = self._make(framing)

    @property
    def format_name(self) -> str | None:
        """Name of the vocabulary, or of the framing if it is generic; None while it is unknown."""
        if self._vocabulary is not None:
            return self._vocabulary.name
        name = self._detected.name if self._detected else None
        return name or self._framing

    @property
    def framing(self) -> str | None:
        """Name of the framing; None while it is unknown."""
        return self._framing

    @property
    def last_event_id(self) -> str:
        """The last event ID of an SSE stream, which a resume would send; "" if none was set."""
        framing = self.stage.framing if isinstance(self.stage, Chain) else None
        return framing.decoder.last_event_id if isinstance(framing, SSERecords) else ""

    def feed(self, piece: bytes, /) -> list[Event]:
        """Return the events that this piece completed."""
        if self.stage is not None:
            return self.stage.feed(piece)
        self._head += piece
        return self._begin(final=False) if self._should_detect(piece) else []

    def _should_detect(self, piece: bytes) -> bool:
        """True if detection should run again: for the first bytes, at line ends, and whenever the
        head has doubled, so that the total cost of detection is linear in the bytes."""
        size = len(self._head)
        fresh = size <= FIRST_BYTES or 10 in piece or 13 in piece
        if (
            not (fresh and self._scanned_bytes <= DETECTIONS * size)
            and size < 2 * self._detected_at_bytes
        ):
            return False
        self._detected_at_bytes = size
        self._scanned_bytes += size
        return True

    def flush(self) -> list[Event]:
        """Return the events still held back, and the end of the run."""
        events = [] if self.stage is not None else self._begin(final=True)
        return events if self.stage is None else [*events, *self.stage.flush()]

    def rest(self) -> list[Event]:
        """Return the text that is held back, for a run that ends before its stream."""
        events = [] if self.stage is not None else self._begin(final=True)
        return events if self.stage is None else [*events, *self.stage.rest()]

    @property
    def can_restart(self) -> bool:
        """True if the stream can continue in another body, as far as is known."""
        return self._framing in (None, "text", *self._resumed)

    def body_over(self) -> list[Event]:
        """Return the events that the end of the present body completes; another may follow."""
        if self._body is None or not isinstance(self.stage, Chain):
            return []
        return self.stage.take(self._body.body_over())

    def outcome(self) -> Outcome:
        """Return how the run would end without further bytes; changes nothing."""
        if self.stage is not None:
            return self.stage.outcome()
        whole = Pipeline(str, None, self._vocabulary, self._content_type, self._limits)
        events = [*whole.feed(bytes(self._head)), *whole.flush()]
        return next((event.outcome for event in events if isinstance(event, RunEnd)), "cut")

    def restart(self) -> None:
        """Begin another body of the same stream; call it only if `can_restart`.

        Unfinished input of the last body is dropped; the format continues.
        """
        self._head.clear()
        self._detected_at_bytes = self._scanned_bytes = 0
        if isinstance(self.stage, PlainText):
            self.stage.restart()
        elif self.stage is not None and self._framing is not None:
            self._body = self._resumed[self._framing](self._limits)
            self.stage.replace(self._body)

    def _begin(self, *, final: bool) -> list[Event]:
        head = bytes(self._head[:SNIFF_BYTES])
        framing = sniff(head, self._content_type, final=final)
        if framing is None:
            return []
        self._framing = framing
        self.stage = self._make(framing)
        head = bytes(self._head)
        self._head.clear()
        return self.stage.feed(head)

    def _make(self, framing: str) -> Chain | PlainText:
        if framing == "text":
            return PlainText(self._new_id, charset(self._content_type))
        if framing in self._resumed:
            self._body = self._resumed[framing](self._limits)
        format_ = self._format(lines=framing != "sse")
        return chain(self._body or _FRAMINGS[framing](self._limits), format_)

    def _format(self, *, lines: bool) -> Format:
        if self._vocabulary is not None:
            return self._vocabulary.make(self._new_id)
        self._detected = Detected(self._new_id, vocabularies(), lines=lines)
        return self._detected


def open_pipeline(
    new_id: NewId,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    resumed: ResumedFramings | None = None,
) -> Pipeline:
    """Return a new pipeline for one stream.

    `format` is a name in `FORMATS`, of a framing or a vocabulary, and has priority over
    `content_type` (the header's value; None: unknown). That has priority over the first bytes,
    unless they contradict it. `resumed` has the framings in which the stream can continue in
    another body; None: it comes in one body.

    Raises:
        UsageError: `format` is unknown.
    """
    check_format(format)
    framing = format if format in FRAMINGS else declared(content_type)
    return Pipeline(new_id, framing, vocabulary(format), content_type, limits, resumed)


class RecordPipeline:
    """A decoder from parsed values (dicts, SDK objects as plain JSON) to events."""

    def __init__(self, new_id: NewId, vocabulary: Vocabulary | None, *, lines: bool) -> None:
        self.used = False
        """True if any value was fed."""
        self._vocabulary = vocabulary
        self._detected = Detected(new_id, vocabularies(), lines=lines)
        self._format: Format = vocabulary.make(new_id) if vocabulary else self._detected

    @property
    def name(self) -> str | None:
        """Name of the vocabulary; None for the generic one, or while it is unknown."""
        return self._vocabulary.name if self._vocabulary else self._detected.name

    def feed(self, value: object, name: str = "") -> list[Event]:
        """Return the events that this value completed; `name` is its SSE event type, if it has
        one."""
        return self._take(record_of_value(value, name))

    def feed_event(self, name: str, data: str) -> list[Event]:
        """Return the events of a server-sent event: its type ("" for `message`) and its data."""
        return self._take(Record(data, parse(data), name))

    def _take(self, record: Record) -> list[Event]:
        """Return the events of a record; after the end marker, only failures count."""
        self.used = True
        if not self._format.ended:
            return self._format.feed(record)
        after_end = getattr(self._format, "after_end", None)
        return [] if after_end is None else after_end(record)

    def rest(self) -> list[Event]:
        """Return the text that is held back, for a run that ends before its stream."""
        rest = getattr(self._format, "rest", None)
        return [] if rest is None or self._format.ended else rest()

    def flush(self) -> list[Event]:
        """Return the events still held back, and the end of the run."""
        return [] if self._format.ended else self._format.flush()


def records_pipeline(new_id: NewId, *, format: str = "auto", lines: bool = True) -> RecordPipeline:
    """Return a new pipeline for parsed values; `format` as in `open_pipeline`.

    Raises:
        UsageError: `format` is unknown.
    """
    check_format(format)
    return RecordPipeline(new_id, vocabulary(format), lines=lines)


def check_format(format: str) -> None:
    """Check the name of a format.

    Raises:
        UsageError: `format` is unknown.
    """
    names = [*FORMATS, *registered_names()]
    if format not in names:
        known = ", ".join(map(repr, names))
        raise UsageError(f"Unknown format={format!r}. Pass one of {known}.")
