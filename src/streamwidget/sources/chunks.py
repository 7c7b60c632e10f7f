"""Bytes in chunks, from anywhere, as sources: what HTTP answers, files and iterators share.

Chunk boundaries mean nothing. The format is told by the content type and the first bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence

from ..errors import ResponseError, UsageError
from ..events import Event, Notice, RunEnd, RunStart
from ..formats import StageMaker, open_pipeline
from ..limits import Limits
from .base import AsyncSource, Context, SyncSource
from .clumps import Clumps


class Reader:
    """One stream of bytes becomes batches of events; tells the format once it is known."""

    def __init__(
        self,
        name: str,
        context: Context,
        content_type: str | None,
        stages: Mapping[str, StageMaker] | None = None,
        *,
        printed: bool = False,
    ) -> None:
        self.ended = False
        """True once the end marker came: there is nothing more to read."""
        self._name = name
        self._told_format = False
        self._printed = printed
        self._alive = context.alive
        self._clumps = Clumps(context.began_s)
        self.pipeline = open_pipeline(
            context.new_id,
            format=context.format,
            content_type=content_type,
            limits=context.limits,
            stages=stages,
        )

    @property
    def byte_count(self) -> int:
        return self.pipeline.byte_count

    def feed(self, chunk: bytes) -> list[Event]:
        """Events that this chunk completed.

        Raises:
            LimitError: a record is longer than `Limits.record_bytes`.
        """
        self._alive()
        events = self.pipeline.feed(chunk)
        if not self._clumps.told:
            sentence = self._clumps.feed(time.monotonic(), chunk, events)
            events = _with_notice(sentence, events)
        return self._with_format(events)

    def went_on(self) -> None:
        """A connection was made anew: what comes at once now was missed, not held back."""
        self._clumps.told = True

    def end(self) -> list[Event]:
        """What was held back, and the `RunEnd`.

        Raises:
            LimitError: see `feed`.
        """
        return self._with_format(self.pipeline.flush())

    def _with_format(self, events: list[Event]) -> list[Event]:
        self.ended = bool(events) and isinstance(events[-1], RunEnd)
        if self.ended:
            events = _with_notice(self._clumps.flush(), events)
        if events and not self._told_format:
            self._told_format = True
            return [RunStart(self._name, self.pipeline.format_name, self._printed), *events]
        return events


def _with_notice(sentence: str | None, events: list[Event]) -> list[Event]:
    """`events` after a notice that belongs before them; the same ones where there is none."""
    return events if sentence is None else [Notice(sentence, "warning"), *events]


class BytesSource:
    """An iterable of bytes, read on a worker thread; restartable if it is not its own iterator."""

    def __init__(self, chunks: Iterable[bytes], name: str, content_type: str | None) -> None:
        self.name = name
        self.restartable = not isinstance(chunks, Iterator)
        self._chunks = chunks
        self._content_type = content_type

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        reader = Reader(self.name, context, self._content_type)
        iterator = iter(self._chunks)
        try:
            for chunk in iterator:
                events = reader.feed(as_bytes(chunk, self.name))
                if events or context.stop_requested():
                    yield events
                if reader.ended:
                    return
            yield finish(reader, self.name)
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def interrupt(self) -> None:
        """Nothing can wake somebody else's `next`; the stop takes effect at the next chunk."""


class AsyncBytesSource:
    """An asynchronous iterable of bytes."""

    def __init__(
        self,
        chunks: AsyncIterable[bytes],
        name: str,
        content_type: str | None,
        home_loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.name = name
        self.restartable = not isinstance(chunks, AsyncIterator)
        self.home_loop = home_loop
        self._chunks = chunks
        self._content_type = content_type

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        reader = Reader(self.name, context, self._content_type)
        iterator = aiter(self._chunks)
        try:
            async for chunk in iterator:
                events = reader.feed(as_bytes(chunk, self.name))
                if events:
                    yield events
                if reader.ended:
                    return
            yield finish(reader, self.name)
        finally:
            aclose = getattr(iterator, "aclose", None)
            if aclose is not None:
                await aclose()


def bytes_source(
    chunks: Iterable[bytes], *, content_type: str | None = None, name: str = "bytes"
) -> SyncSource:
    """A source of `chunks`, read as a transport would with that `Content-Type` (None: unknown).

    Streaming it raises ResponseError if there are no bytes at all, UsageError if an item is not
    bytes, LimitError for `record_bytes`, and whatever the iterable raises.
    """
    return BytesSource(chunks, name, content_type)


def async_bytes_source(
    chunks: AsyncIterable[bytes],
    *,
    content_type: str | None = None,
    name: str = "bytes",
    home_loop: asyncio.AbstractEventLoop | None = None,
) -> AsyncSource:
    """The same of an asynchronous iterable; `home_loop` is the loop it is bound to (None: any)."""
    return AsyncBytesSource(chunks, name, content_type, home_loop)


def as_bytes(chunk: object, name: str) -> bytes:
    """`chunk` as bytes.

    Raises:
        UsageError: it is of another type.
    """
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, (bytearray, memoryview)):
        return bytes(chunk)
    raise UsageError(
        f"The source ({name}) gave a {type(chunk).__name__} where bytes were expected: "
        "pass an iterable that gives bytes only, or str only."
    )


def finish(reader: Reader, name: str) -> list[Event]:
    """The last events of a stream whose bytes are over.

    Raises:
        ResponseError: there were no bytes at all.
        LimitError: the last record is longer than `Limits.record_bytes`.
    """
    if not reader.byte_count:
        raise ResponseError(
            f"The stream ({name}) was closed without sending anything: check that the server "
            "streams at this address, and its log.",
            retryable=True,
        )
    return reader.end()


def first_bytes(chunks: Iterator[bytes], limits: Limits) -> bytes:
    """The beginning of an error's body; what there is of it if it breaks."""
    body = b""
    with contextlib.suppress(Exception):
        for chunk in chunks:
            body += chunk
            if len(body) >= limits.error_body_bytes:
                break
    return body[: limits.error_body_bytes]
