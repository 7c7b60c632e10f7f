"""Iterators and generators, synchronous and asynchronous, as sources.

A synchronous one runs on a worker thread; a stop closes a generator there, so its `finally` runs.
An asynchronous one runs on the package's loop, or on the loop that it was opened on.
"""

from __future__ import annotations

import asyncio
import dis
import inspect
import sys
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from types import AsyncGeneratorType
from typing import Any

from ..errors import ResponseError
from ..events import Event
from .base import AsyncSource, Context, SyncSource, running_loop
from .chunks import async_bytes_source, bytes_source
from .items import Items, empty_message


class IterableSource:
    """Any iterable of `str` or events; restartable if it is not its own iterator."""

    def __init__(self, iterable: Iterable[object], name: str) -> None:
        self.name = name
        self.restartable = not isinstance(iterable, Iterator)
        self._iterable = iterable

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        iterator = iter(self._iterable)
        try:
            first = next(iterator, None)
            if isinstance(first, (bytes, bytearray, memoryview)):
                yield from bytes_source(_after(first, iterator), name=self.name).stream(context)
                return
            items = Items(context, self.name)
            if first is not None:
                yield items.feed(first)
            for item in iterator:
                yield items.feed(item)
            if not items.count:
                raise ResponseError(empty_message(self.name))
            yield items.end()
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def interrupt(self) -> None:
        """Nothing can wake somebody else's `next`; the stop takes effect at the next item."""


class AsyncIterableSource:
    """Any asynchronous iterable of `str` or events."""

    def __init__(
        self,
        iterable: AsyncIterable[object],
        name: str,
        home_loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.name = name
        self.restartable = not isinstance(iterable, AsyncIterator)
        self.home_loop = home_loop
        self._iterable = iterable

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        iterator = aiter(self._iterable)
        try:
            first = await anext(iterator, None)
            if isinstance(first, (bytes, bytearray, memoryview)):
                source = async_bytes_source(_async_after(first, iterator), name=self.name)
                async for events in source.stream(context):
                    yield events
                return
            items = Items(context, self.name)
            if first is not None:
                yield items.feed(first)
            async for item in iterator:
                yield items.feed(item)
            if not items.count:
                raise ResponseError(empty_message(self.name))
            yield items.end()
        finally:
            await _aclose(iterator)


async def _aclose(iterator: object) -> None:
    """Closes generators, and streams that call it `close` (the SDKs' own)."""
    for name in ("aclose", "close"):
        close = getattr(iterator, name, None)
        if close is not None:
            result = close()
            if inspect.isawaitable(result):
                await result
            return


def _after(first: object, rest: Iterator[object]) -> Iterator[bytes]:
    yield bytes(first)  # type: ignore[call-overload]
    yield from rest  # type: ignore[misc]


async def _async_after(first: object, rest: AsyncIterator[object]) -> AsyncIterator[bytes]:
    yield bytes(first)  # type: ignore[call-overload]
    async for piece in rest:
        yield piece  # type: ignore[misc]


def iterable_source(iterable: Iterable[object], name: str) -> SyncSource:
    """A synchronous source over any iterable."""
    return IterableSource(iterable, name)


def async_iterable_source(iterable: AsyncIterable[object], name: str) -> AsyncSource:
    """An asynchronous source; one that was opened already stays on the loop that opened it."""
    return AsyncIterableSource(iterable, name, home_loop_of(iterable))


def home_loop_of(iterable: object) -> asyncio.AbstractEventLoop | None:
    """The running loop, if `iterable` is an open stream that may be bound to it; None if not.

    A generator that has not begun binds itself to whatever loop runs it. Anything else that is
    already an iterator (an SDK's open stream, a generator in the middle) has sockets and futures of
    the loop it was opened on, and would hang or race on another one.
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
    # 3.11 makes the generator by an instruction of its own code; 3.10 says -1 until it has begun
    made_at = (
        step.offset
        for step in dis.get_instructions(frame.f_code)
        if step.opname == "RETURN_GENERATOR"
    )
    return frame.f_lasti <= next(made_at, -1)
