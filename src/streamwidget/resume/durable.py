"""Durable Streams: a log read from an offset, over server-sent events or one body at a time.

Over SSE, `event: data` has content, and the `event: control` after it the next offset. Data is
accepted only with its control event, so nothing is read twice. Without `live=sse` the body of a
response is the content, and its headers have the next offset; if the connection was lost within a
body, the part already read is skipped the second time.

The content may be anything: JSON arrays of messages become JSON lines; other content is bytes.
Source: Durable Streams protocol, sections 5.6 to 5.8, 6 and 7.1.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from ..decode.json_array import JsonArrayDecoder
from ..decode.records import parse
from ..decode.sniff import media_type
from ..decode.sse import ServerSentEvent, SSEDecoder
from ..errors import DecodeError, LimitError
from ..events import Event, Outcome
from ..formats.fields import text
from ..io.http_errors import Head
from ..io.reader import Reader, finish
from ..io.request import HttpRequest
from ..io.source import Context
from .body import Body
from .design import Ask, Design, Start
from .follow_up import query_of, with_query
from .keys import Key
from .position import Position

LINES = "application/x-ndjson"


class DurableStreams(Design):
    """`?offset=<offset>&live=sse`, with the cursor that the server sent."""

    name = "durable-streams"
    polls = True
    over_statuses = frozenset()
    idle_statuses = frozenset({204})
    wants = "any"
    lost_hint = "The stream was deleted, or no longer reaches back to this offset."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self.offset: str | None = None
        """The offset after the accepted data; None: where the first request began."""
        self.server_cursor: str | None = None
        """The opaque cursor of the server, sent back with each request."""
        self.live: str | None = None
        """`sse` or `long-poll`; None while the existing content is still being read."""

    @property
    def cursor(self) -> str | None:
        return self.offset

    def continue_at(self, position: Position) -> Key | None:
        self.offset = position.cursor
        return super().continue_at(position)

    def body(self, name: str, context: Context, head: Head) -> Body:
        return DurableBody(name, context, self, head)

    def ask(self, position: Position) -> Ask:
        offset = position.cursor or query_of(self.url).get("offset") or "-1"
        query = {"offset": offset, "live": self.live, "cursor": self.server_cursor}
        start: Start = "from-start" if offset == "-1" else "after"
        return Ask(request=self.get(with_query(self.url, **query)), start=start)


class DurableBody(Body):
    """The bodies of a durable stream, read as one stream of content."""

    def __init__(self, name: str, context: Context, design: DurableStreams, head: Head) -> None:
        self._page_error, self._redaction = head.page_error, head.redaction
        self._name = name
        self._context = context
        self._design = design
        self._reader: Reader | None = None
        self._byte_count = 0
        self._record_count = 0
        self._pending: str | None = None  # the offset that is committed next
        self._closed = False
        self._taken = 0  # elements or bytes accepted of the body at the present offset
        self._retry_s = 0.0
        self._lines = False  # True if the content is JSON messages
        design.live = query_of(head.url or design.url).get("live") or None
        self._begin(head)

    # --- the interface of a body

    @property
    def ended(self) -> bool:
        return self._reader is not None and self._reader.ended

    @property
    def over(self) -> bool:
        return self._closed

    @property
    def has_begun(self) -> bool:
        return bool(self._held)

    @property
    def byte_count(self) -> int:
        return self._byte_count

    @property
    def filled_count(self) -> int:
        return self._record_count

    @property
    def retry_s(self) -> float:
        return self._retry_s

    @property
    def amount(self) -> str:
        byte_count = self._reader.byte_count if self._reader else 0
        return f"{byte_count:,} bytes" if byte_count else ""

    @property
    def is_settled(self) -> bool:
        return self._taken == 0

    def position(self) -> Position:
        count = self._record_count
        return Position(records_count=count, bytes=self._byte_count, cursor=self._design.offset)

    def feed(self, chunk: bytes) -> list[Event]:
        self._byte_count += len(chunk)
        if self._is_sse:
            return [event for sse in self._sse.feed(chunk) for event in self._event(sse)]
        return self._content(chunk)

    def commit(self) -> None:
        if self._pending is not None:
            self._design.offset, self._pending = self._pending, None

    def outcome(self) -> Outcome:
        return "cut"  # only the server says that the stream is over

    def end(self) -> list[Event]:
        return finish(self._reader or self._open(None), self._name)

    def body_over(self) -> list[Event]:
        """Accept the next offset: the body is whole."""
        if self._is_sse:
            return []
        self._skip = self._taken = 0
        self._pending = self._next_offset
        self._closed = self._closes
        if self._up_to_date and self._design.live is None:
            textual = media_type(self._type).startswith("text/") or self._is_array
            self._design.live = "sse" if textual else "long-poll"
        if self._next_offset is None:
            self._closed = True  # without an offset it is a response like any other
        return []

    def restart(self, ask: Ask, head: Head) -> None:
        del ask
        self._begin(head)

    # --- one body

    def _begin(self, head: Head) -> None:
        headers = head.headers
        self._type = headers.get("content-type")
        self._is_sse = self._design.live == "sse" and media_type(self._type) == "text/event-stream"
        self._is_base64 = headers.get("stream-sse-data-encoding", "").lower() == "base64"
        self._is_array = media_type(self._type) == "application/json"
        self._next_offset = headers.get("stream-next-offset")
        self._closes = headers.get("stream-closed", "").lower() == "true"
        self._up_to_date = headers.get("stream-up-to-date", "").lower() == "true"
        self._design.server_cursor = headers.get("stream-cursor", self._design.server_cursor)
        self._sse = SSEDecoder(limits=self._context.limits)
        self._array = JsonArrayDecoder(limits=self._context.limits)
        self._held: list[str] = []
        self._held_chars = 0
        self._skip = self._taken

    def _open(self, content_type: str | None) -> Reader:
        if self._reader is None:
            self._reader = Reader(
                self._name,
                self._context,
                content_type,
                page_error=self._page_error,
                redaction=self._redaction,
            )
        return self._reader

    # --- server-sent events

    def _event(self, event: ServerSentEvent) -> list[Event]:
        if self._sse.reconnection_time_ms is not None:
            self._retry_s = self._sse.reconnection_time_ms / 1000
        if self.ended or self._closed:
            return []
        if event.event == "data":
            self._hold(event.data)
            return []
        if event.event != "control":
            return []
        control = parse(event.data)
        if not isinstance(control, dict):
            return []
        events = [event for data in self._held for event in self._data(data)]
        self._held, self._held_chars = [], 0
        self._pending = text(control, "streamNextOffset") or self._pending
        self._design.server_cursor = text(control, "streamCursor") or self._design.server_cursor
        self._closed = control.get("streamClosed") is True
        return events

    def _hold(self, data: str) -> None:
        self._held.append(data)
        self._held_chars += len(data)
        limit = self._context.limits.record_bytes
        if self._held_chars > limit:
            raise LimitError(
                f"The stream sent more than {limit:,} bytes of data without a control event. "
                "Raise Limits(record_bytes=...) if that is expected.",
                bound="record_bytes",
                limit=limit,
            )

    def _data(self, data: str) -> list[Event]:
        self._record_count += 1
        if self._is_base64:
            try:
                return self._open(None).feed(base64.b64decode(data, validate=False))
            except binascii.Error:
                raise DecodeError(
                    "The stream declares base64 (stream-sse-data-encoding) and sent something else."
                ) from None
        if self._reader is None:
            self._lines = _is_messages(parse(data))
        if not self._lines:
            return self._open(None).feed(data.encode())
        value = parse(data)
        if not isinstance(value, (list, dict)):
            return self._open(LINES).feed(data.encode())
        return self._messages(value if isinstance(value, list) else [value])

    def _messages(self, values: Sequence[object]) -> list[Event]:
        lines = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
        return self._open(LINES).feed(lines.encode(errors="replace"))

    # --- bodies as they are

    def _content(self, chunk: bytes) -> list[Event]:
        if self._is_array:
            elements = self._array.feed(chunk)
            new = elements[self._skip :]
            self._skip -= min(self._skip, len(elements))
            self._count(len(new), len(new))
            self._lines = True
            return self._messages([json.loads(element) for element in new]) if new else []
        new_bytes = chunk[self._skip :]
        self._skip -= min(self._skip, len(chunk))
        self._count(len(new_bytes), 1 if new_bytes else 0)
        return self._open(self._type).feed(new_bytes) if new_bytes else []

    def _count(self, taken: int, records: int) -> None:
        self._taken += taken
        self._record_count += records


def _is_messages(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, dict) for item in value)
    return isinstance(value, dict)
