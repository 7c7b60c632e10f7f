"""Iterators and generators, synchronous and asynchronous, as sources.

A synchronous one runs on a worker thread; a stop closes a generator there, so its `finally` runs.
An asynchronous one runs on the package's event loop, or on the loop where it was opened.
"""

from __future__ import annotations

import asyncio
import dis
import inspect
import sys
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import AsyncGeneratorType
from typing import Any

from ..errors import ResponseError
from ..events import Event
from ..io.breath import Breath
from ..io.html_page import page_title
from ..io.reader import Reader
from ..io.source import AsyncSource, Context, Kind, SyncSource, running_loop
from .item_reader import ItemReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Declares that the items are the bytes of a stream with this `Content-Type` (None:
    unknown)."""

    content_type: str | None = None


class IterableSource:
    """Any iterable; restartable if it is not its own iterator."""

    kind = Kind()

    def __init__(self, iterable: Iterable[object], name: str, body: Body | None = None) -> None:
        self.name = name
        self._body = body
        self.restartable = not isinstance(iterable, Iterator)
        self._iterable = iterable

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Yield the events of the items, and close the iterator at the end."""
        iterator = iter(self._iterable)
        reader = _reader(context, self.name, self._body)
        try:
            for item in iterator:
                for events in reader.feed(item):
                    if events or context.stop_requested():
                        yield events
            yield reader.end()
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def interrupt(self) -> None:
        """Do nothing: a blocked `next` cannot be woken, so the stop takes effect at the next
        item."""


class AsyncIterableSource:
    """Any asynchronous iterable."""

    kind = Kind()

    def __init__(
        self,
        iterable: AsyncIterable[object],
        name: str,
        home_loop: asyncio.AbstractEventLoop | None,
        body: Body | None = None,
    ) -> None:
        self.name = name
        self._body = body
        self.restartable = not isinstance(iterable, AsyncIterator)
        self.home_loop = home_loop
        self._iterable = iterable

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Yield the events of the items, and close the iterator at the end."""
        iterator = aiter(self._iterable)
        reader = _reader(context, self.name, self._body)
        breath = Breath()
        try:
            async for item in iterator:
                for events in reader.feed(item):
                    if events:
                        yield events
                    await breath()
            yield reader.end()
        finally:
            await _aclose(iterator)


def _reader(context: Context, name: str, body: Body | None) -> ItemReader:
    if body is None:
        return ItemReader(context, name)
    declared = body.content_type is not None
    page_error = partial(_page_error, name) if declared else None
    return ItemReader(
        context,
        name,
        Reader(name, context, body.content_type, page_error=page_error),
        takes_text=declared,
    )


def _page_error(name: str, page: bytes) -> ResponseError:
    """Return the error for an HTML page where a stream was declared."""
    return ResponseError(
        f"The source ({name}) yielded an HTML page{page_title(page)}, not a stream. "
        "Check the URL, and whether you are signed in."
    )


async def _aclose(iterator: object) -> None:
    """Close a generator, or an SDK's stream, whose method is called `close`."""
    for name in ("aclose", "close"):
        close = getattr(iterator, name, None)
        if close is not None:
            result = close()
            if inspect.isawaitable(result):
                await result
            return


def bytes_source(
    chunks: Iterable[object], *, content_type: str | None = None, name: str = "bytes"
) -> SyncSource:
    """Return a source of `chunks`, read like a response with this `Content-Type` (None: unknown).

    Streaming it raises ResponseError if there are no bytes, UsageError if an item is not bytes,
    LimitError for `record_bytes`, and the exceptions of the iterable.
    """
    return IterableSource(chunks, name, Body(content_type=content_type))


def async_bytes_source(
    chunks: AsyncIterable[object],
    *,
    content_type: str | None = None,
    name: str = "bytes",
    home_loop: asyncio.AbstractEventLoop | None = None,
) -> AsyncSource:
    """Return a source of asynchronous `chunks`; `home_loop` is their event loop (None: any).

    See `bytes_source`.
    """
    return AsyncIterableSource(chunks, name, home_loop, Body(content_type=content_type))


def iterable_source(iterable: Iterable[object], name: str) -> SyncSource:
    """Return a synchronous source of any iterable."""
    return IterableSource(iterable, name)


def async_iterable_source(iterable: AsyncIterable[object], name: str) -> AsyncSource:
    """Return an asynchronous source; an open stream stays on the event loop that opened it."""
    return AsyncIterableSource(iterable, name, home_loop_of(iterable))


def home_loop_of(iterable: object) -> asyncio.AbstractEventLoop | None:
    """Return the running loop if `iterable` is an open stream that may be bound to it; else None.

    A generator that has not started binds itself to the loop that runs it. Any other iterator (an
    SDK's open stream, a started generator) holds sockets and futures of the loop where it was
    opened, and would hang or race on another one.
    """
    if not isinstance(iterable, AsyncIterator):
        return None
    if inspect.isasyncgen(iterable) and _is_unstarted(iterable):
        return None
    return running_loop()


def _is_unstarted(generator: AsyncGeneratorType[object, Any]) -> bool:
    if sys.version_info >= (3, 12):
        return inspect.getasyncgenstate(generator) == inspect.AGEN_CREATED
    frame = generator.ag_frame
    if frame is None:
        return False
    # 3.11 creates the generator by an instruction in its code; 3.10 reports -1 until it starts
    created_at = (
        step.offset
        for step in dis.get_instructions(frame.f_code)
        if step.opname == "RETURN_GENERATOR"
    )
    return frame.f_lasti <= next(created_at, -1)
