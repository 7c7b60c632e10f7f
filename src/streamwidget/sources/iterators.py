"""Iterators and generators, synchronous and asynchronous, as sources.

A synchronous one runs on a worker thread; a stop closes a generator there, so its `finally` runs.
An asynchronous one runs on the package's event loop, or on the loop where it was opened. The first
items decide how all are read. Text that is clearly a stream (from `iter_lines()` or `iter_text()`
of HTTP clients, or a server's generator) is decoded like its bytes; lines without line ends get
them back.
"""

from __future__ import annotations

import asyncio
import dis
import inspect
import sys
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
)
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import AsyncGeneratorType
from typing import Any

from ..errors import ResponseError
from ..events import Event
from ..io.decompress import SLICE_BYTES, slices
from ..io.html_page import page_title
from ..io.loop_turn import LoopTurn
from ..io.reader import Reader, as_bytes, finish
from ..io.source import AsyncSource, Context, Kind, SyncSource, running_loop
from ..threads import has_threads
from .items import Items, empty_message
from .line_ends import LineEnds, is_line, is_next_line, is_stream_text


class ItemReader:
    """Turns the items of one iterator into batches of events."""

    def __init__(
        self,
        context: Context,
        name: str,
        reader: Reader | None = None,
        *,
        takes_text: bool = True,
    ) -> None:
        """`reader` is set if the items are known to be bytes, or also text if `takes_text`."""
        self._context = context
        self._name = name
        self._reader = reader
        self._takes_text = takes_text
        self._items: Items | None = None
        self._held: list[str] = []
        """Text that may be the first line of a stream."""
        self._ends = LineEnds()
        context.holds(self._rest)

    def _rest(self) -> list[Event]:
        """Return the text that may be the first line of a stream, for a run that ends there."""
        if self._reader is not None or not self._held:
            return []
        return [event for batch in self._as_items() for event in batch]

    def feed(self, item: object) -> Iterable[list[Event]]:
        """Return the events of one item, in batches of bounded work. An item of None is skipped.

        Raises (also while iterating):
            UsageError: the type of the item is not supported.
            LimitError: a record is longer than `Limits.record_bytes`.
        """
        if type(item) is bytes and self._ends.are_chunks and len(item) <= SLICE_BYTES:
            assert self._reader is not None
            return (self._reader.feed(item),)
        if type(item) is str and self._items is not None:
            return (self._items.feed(item),)
        if isinstance(item, tuple) and len(item) == 2 and _is_chunk(*item):
            item = item[0]  # of `iter_chunks` of aiohttp
        return () if item is None else self._batches(item)

    def _batches(self, item: object) -> Iterator[list[Event]]:
        if self._reader is None and self._items is None:
            yield from self._first(item)
        elif self._reader is not None:
            yield from self._bytes(item)
        else:
            assert self._items is not None
            yield self._items.feed(item)

    def end(self) -> list[Event]:
        """Return the last events, once the iterator is exhausted.

        Raises:
            ResponseError: the iterator yielded nothing.
        """
        if self._reader is not None:
            return finish(self._reader, self._name)
        held = [event for batch in self._as_items() for event in batch]
        assert self._items is not None
        if not self._items.count:
            raise ResponseError(empty_message(self._name))
        return [*held, *self._items.end()]

    def _first(self, item: object) -> Iterator[list[Event]]:
        """Decide by the first items; hold back text that is still ambiguous."""
        if isinstance(item, (bytes, bytearray, memoryview)):
            yield from self._as_bytes(item)
        elif not isinstance(item, str) or self._context.format == "text":
            yield from self._as_items(item)
        elif not item and not any(self._held):
            self._held.append(item)
        elif any(self._held):
            both_lines = is_next_line(self._held[-1], item)
            yield from self._as_bytes(item) if both_lines else self._as_items(item)
        elif is_stream_text(item):
            yield from self._as_bytes(item)
        elif is_line(item):
            self._held.append(item)
        else:
            yield from self._as_items(item)

    def _as_bytes(self, item: object) -> Iterator[list[Event]]:
        self._reader = Reader(self._name, self._context, None)
        for text in filter(None, self._held):
            yield from self._bytes(text)
        yield from self._bytes(item)

    def _as_items(self, *items: object) -> Iterator[list[Event]]:
        self._items = self._items or Items(self._context, self._name)
        held, self._held = self._held, []
        for item in (*held, *items):
            yield self._items.feed(item)

    def _bytes(self, item: object) -> Iterator[list[Event]]:
        assert self._reader is not None
        if isinstance(item, str) and self._takes_text:
            item = item.encode(errors="replace")
        chunk = as_bytes(item, self._name)
        for piece in slices(self._ends.feed(chunk)):
            yield self._reader.feed(piece)


def _is_chunk(item: object, is_end: object) -> bool:
    return isinstance(item, bytes) and isinstance(is_end, bool)


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
        in_turns = not has_threads()  # others run only when this returns
        iterable = self._iterable
        with ExitStack() as stack:
            if isinstance(iterable, AbstractContextManager):  # a stream of an SDK, a file
                opened = stack.enter_context(iterable)
                iterable = opened if isinstance(opened, Iterable) else iterable
            iterator = iter(iterable)
            stack.callback(getattr(iterator, "close", _nothing))
            reader = _reader(context, self.name, self._body)
            for item in iterator:
                for events in reader.feed(item):
                    if events or in_turns or context.stop_requested():
                        yield events
            yield reader.end()

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
        iterable = self._iterable
        async with AsyncExitStack() as stack:
            if isinstance(iterable, AbstractAsyncContextManager):
                opened = await stack.enter_async_context(iterable)
                iterable = opened if isinstance(opened, AsyncIterable) else iterable
            iterator = aiter(iterable)
            stack.push_async_callback(_aclose, iterator)
            reader = _reader(context, self.name, self._body)
            turn = LoopTurn()
            async for item in iterator:
                for events in reader.feed(item):
                    if events:
                        yield events  # the driver pauses between batches
                    elif monotonic() >= turn.ends:
                        await turn.pause()
            yield reader.end()


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


def _nothing() -> None:
    pass


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
