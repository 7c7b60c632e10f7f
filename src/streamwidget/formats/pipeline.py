"""Bytes to events: the framing and the format of one stream, detected unless told.

Pure. The registry of framings is `FORMATS`; a new vocabulary is one file beside this one and one
line in `_stage`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, Protocol

from ..errors import LimitError, UsageError
from ..events import Event, Failure, Unknown
from ..framing.ndjson import LineDecoder
from ..framing.sse import SSEDecoder
from ..framing.text import TextDecoder
from ..framing.utf8 import Replaced, count_replaced, decode_line
from ..limits import DEFAULT_LIMITS, Limits
from .generic import GenericFormat, parse_json
from .sniff import Framing, charset, sniff, told
from .text import TextFormat

FORMATS: Final[dict[str, str]] = {
    "auto": "told by the content type and the first bytes",
    "sse": "server-sent events with text or simple JSON objects",
    "ndjson": "one JSON value a line",
    "json": "one JSON document, read to its end",
    "text": "plain text",
}
"""What `format=` may be, and what each means."""

NewId = Callable[[str], str]


class Stage(Protocol):
    """A framing and a format chained."""

    def feed(self, piece: bytes, /) -> list[Event]: ...

    def flush(self) -> list[Event]: ...


class Pipeline:
    """Feed bytes, get events; `flush` gives the `RunEnd` if no end marker did.

    Any partition of the same bytes gives the same events, once neighbouring deltas of a part are
    joined. Invalid bytes become U+FFFD, and the first of them is told in one `Failure` that is not
    fatal, where it happened.

    Raises (from `feed` and `flush`):
        LimitError: a line, an event or a JSON document is longer than `Limits.record_bytes`.
    """

    def __init__(
        self, new_id: NewId, framing: Framing | None, content_type: str | None, limits: Limits
    ) -> None:
        self.format_name: str | None = framing
        """Name of the format; None while it is not known yet."""
        self.byte_count = 0
        """Bytes fed so far."""
        self._new_id = new_id
        self._content_type = content_type
        self._limits = limits
        self._head = b""
        self._stage = None if framing is None else self._make(framing)

    @property
    def comment_count(self) -> int:
        """Comments of an SSE stream so far: keep-alives, a sign of life without events."""
        return getattr(self._stage, "comment_count", 0)

    def feed(self, piece: bytes, /) -> list[Event]:
        """Events that this piece completed."""
        self.byte_count += len(piece)
        if self._stage is not None:
            return self._stage.feed(piece)
        self._head += piece
        return self._begin(final=False)

    def flush(self) -> list[Event]:
        """Events that were held back, and the end of the run."""
        events = [] if self._stage is not None else self._begin(final=True)
        return events if self._stage is None else [*events, *self._stage.flush()]

    def _begin(self, *, final: bool) -> list[Event]:
        framing = sniff(self._head, self._content_type, final=final)
        if framing is None:
            return []
        self.format_name = framing
        self._stage = self._make(framing)
        head, self._head = self._head, b""
        return self._stage.feed(head)

    def _make(self, framing: Framing) -> Stage:
        if framing == "sse":
            return _EventStream(self._new_id, self._limits)
        if framing == "ndjson":
            return _JsonLines(self._new_id, self._limits)
        if framing == "json":
            return _JsonDocument(self._new_id, self._limits)
        return _Text(self._new_id, charset(self._content_type))


def open_pipeline(
    new_id: NewId,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Pipeline:
    """A fresh pipeline for one stream.

    `format` is a name of `FORMATS` and wins over `content_type` (the header's value; None:
    unknown), which wins over the first bytes except where those cannot be what it says.

    Raises:
        UsageError: `format` is no name of `FORMATS`.
    """
    if format == "auto":
        return Pipeline(new_id, told(content_type), content_type, limits)
    if format in ("sse", "ndjson", "json", "text"):
        return Pipeline(new_id, format, content_type, limits)  # type: ignore[arg-type]
    known = ", ".join(repr(name) for name in FORMATS)
    raise UsageError(f"format={format!r} is not known: it is one of {known}.")


class _Warned:
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
        return [_replaced_failure(replaced)]


def _replaced_failure(replaced: Replaced) -> Failure:
    at = replaced.offset_bytes
    where = "" if at is None else f", first at byte offset {at:,}"
    return Failure(
        f"The stream has bytes that are not valid in its character encoding{where}; each is shown "
        "as U+FFFD (\ufffd). Check the encoding that the server declares and sends.",
        fault="decode",
        error_type="DecodeError",
        fatal=False,
    )


class _EventStream:
    def __init__(self, new_id: NewId, limits: Limits) -> None:
        self._framing = SSEDecoder(limits=limits)
        self._format = GenericFormat(new_id)
        self._warned = _Warned()
        self._count = 0

    @property
    def comment_count(self) -> int:
        return self._framing.comment_count

    def feed(self, piece: bytes, /) -> list[Event]:
        events: list[Event] = []
        if self._format.ended:
            return events
        for record in self._framing.feed(piece):
            if self._framing.first_replaced is not None and not self._format.ended:
                events += self._warned.due(self._framing.first_replaced, self._count)
            self._count += 1
            events += self._format.feed(record)
        return events

    def flush(self) -> list[Event]:
        if self._format.ended:
            return []
        self._framing.flush()
        return [*self._warned.due(self._framing.first_replaced, None), *self._format.flush()]


class _JsonLines:
    def __init__(self, new_id: NewId, limits: Limits) -> None:
        self._framing = LineDecoder(limits=limits)
        self._format = GenericFormat(new_id)
        self._warned = _Warned()
        self._count = 0

    def feed(self, piece: bytes, /) -> list[Event]:
        return [] if self._format.ended else self._lines(self._framing.feed(piece))

    def flush(self) -> list[Event]:
        if self._format.ended:
            return []
        lines = self._framing.flush()
        half = bool(lines) and parse_json(lines[-1]) is None
        events = self._lines(lines)
        events += self._warned.due(self._framing.first_replaced, None)
        return [*events, *self._format.flush(half_record=half)]

    def _lines(self, lines: list[str]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if self._framing.first_replaced is not None and not self._format.ended:
                events += self._warned.due(self._framing.first_replaced, self._count)
            self._count += 1
            events += self._format.feed(line)
        return events


class _JsonDocument:
    """One value that is read to its end; the elements of an array are records."""

    def __init__(self, new_id: NewId, limits: Limits) -> None:
        self._format = GenericFormat(new_id)
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
            events.append(_replaced_failure(Replaced(at, 0)))
        value = parse_json(text.removeprefix("\ufeff"))
        if value is None:
            events.append(Unknown("half of a JSON document", text))
            return [*events, *self._format.flush(half_record=True)]
        for record in value if isinstance(value, list) else [value]:
            events += self._format.feed(json.dumps(record, ensure_ascii=False))
        return [*events, *self._format.flush()]


class _Text:
    def __init__(self, new_id: NewId, charset: str) -> None:
        self._framing = TextDecoder(charset)
        self._format = TextFormat(new_id)
        self._warned = _Warned()
        self._char_count = 0

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
