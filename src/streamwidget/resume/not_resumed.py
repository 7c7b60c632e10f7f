"""The exchange of a run without resume=: one response, read once. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import StreamWidgetError, TransportError
from ..events import Event, RunEnd
from ..io.http_errors import Head
from ..io.reader import Reader, finish
from ..io.request import HttpRequest
from ..io.source import Context
from .retry_after import advice


class Plain:
    """An `Exchange` that sends one request; no connection follows the first."""

    wait_s: float | None = None
    quiet = False
    over_early = False

    def __init__(self, request: HttpRequest | None, name: str, context: Context) -> None:
        self.request = request
        self.last: Sequence[Event] = ()
        self._name = name
        self._context = context
        self._reader: Reader | None = None
        self._head: Head | None = None

    @property
    def byte_count(self) -> int | None:
        """Bytes read so far; None before the response."""
        return self._reader.byte_count if self._reader else None

    def sending(self, url: str, /) -> None:
        """Nothing to do: positions are not kept."""

    def answered(self, head: Head) -> bool:
        """True if the body of the response is a stream to read."""
        if head.is_stream:
            self._head = head
            self._reader = Reader(
                self._name,
                self._context,
                head.content_type,
                page_error=head.page_error,
                redaction=head.redaction,
            )
        return head.is_stream

    def refused(self, head: Head, beginning: bytes) -> None:
        """Raise the error for a response that is not a stream."""
        raise head.error(beginning)

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events of a chunk of the body."""
        assert self._reader is not None
        return self._reader.feed(chunk)

    def applied(self) -> None:
        """Nothing to do: positions are not kept."""

    def over(self) -> None:
        """Finish the reader: the body ended cleanly."""
        assert self._reader is not None
        self.last = finish(self._reader, self._name)
        if any(isinstance(event, RunEnd) and event.outcome == "cut" for event in self.last):
            self._context.advise(self._advice(self._reader))

    def broke(self, error: StreamWidgetError, *, connecting: bool) -> None:
        """Raise `error`, with advice on resuming where it fits."""
        del connecting
        if self._reader is not None and self._reader.ended:
            return  # all of the answer has arrived
        is_break = isinstance(error, TransportError) and error.retryable
        if self._reader is None or not self._reader.byte_count or not is_break:
            raise error
        raise TransportError(f"{error.message} {self._advice(self._reader)}")

    def _advice(self, reader: Reader) -> str:
        assert self._head is not None
        pipeline = reader.pipeline
        headers = self._head.headers
        return advice(self.request, pipeline.format_name, pipeline.last_event_id, headers)
