"""The exchange of a run that is not resumed: one request or one open answer, read once. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import StreamWidgetError, TransportError
from ..events import Event, RunEnd
from .answers import Answer
from .base import Context
from .chunks import Reader, finish
from .request import HttpRequest
from .resume.design import Reply
from .resume.told import advice


class Once:
    """The same questions as `resume.session.Session` answers; there is never a next connection."""

    wait_s: float | None = None
    quiet = False

    def __init__(self, request: HttpRequest | None, name: str, context: Context) -> None:
        self.request = request
        self.last: Sequence[Event] = ()
        self._name = name
        self._context = context
        self._reader: Reader | None = None
        self._reply: Reply | None = None

    def sending(self, url: str) -> None:
        del url

    def answered(self, answer: Answer, reply: Reply) -> bool:
        """Whether the body of the answer is to be read as a stream."""
        if answer.is_stream:
            self._reply = reply
            self._reader = Reader(self._name, self._context, answer.content_type)
        return answer.is_stream

    def refused(self, answer: Answer, beginning: bytes) -> None:
        """Raises what the answer is in place of a stream."""
        raise answer.error(beginning)

    def feed(self, chunk: bytes) -> list[Event]:
        assert self._reader is not None
        return self._reader.feed(chunk)

    def applied(self) -> None:
        """Positions do not matter here."""

    @property
    def ended(self) -> bool:
        return self._reader is not None and self._reader.ended

    @property
    def byte_count(self) -> int | None:
        return self._reader.byte_count if self._reader else None

    def over(self) -> None:
        """The body ended in good order."""
        assert self._reader is not None
        if self._reader.ended:
            return
        self.last = finish(self._reader, self._name)
        if any(isinstance(event, RunEnd) and event.outcome == "cut" for event in self.last):
            self._context.advise(self._advice(self._reader))

    def broke(self, error: StreamWidgetError, *, connecting: bool) -> None:
        """Raises `error`, with what could be done about it."""
        del connecting
        if self._reader is None or not self._reader.byte_count or not _is_break(error):
            raise error
        raise TransportError(f"{error.message} {self._advice(self._reader)}")

    def _advice(self, reader: Reader) -> str:
        assert self._reply is not None
        pipeline = reader.pipeline
        headers = self._reply.headers
        return advice(self.request, pipeline.format_name, pipeline.last_event_id, headers)


def _is_break(error: StreamWidgetError) -> bool:
    return isinstance(error, TransportError) and error.retryable
