"""The loop that reads HTTP connections, on an event loop or on a thread.

A transport opens one connection and yields the chunks of its body. The exchange decides what they
mean and whether another connection follows (`resume.session.Session`).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from contextlib import aclosing
from functools import partial
from time import monotonic
from typing import Protocol, TypeAlias

from ..errors import StreamWidgetError
from ..events import Event
from ..limits import Limits
from .http_errors import Head
from .loop_turn import LoopTurn
from .on_thread import iterate_here
from .redaction import Redaction
from .request import HttpRequest
from .source import Context


class Exchange(Protocol):
    """The requests of a run: one, or several if the stream is resumed. No I/O."""

    request: HttpRequest | None
    """The request to send now; None: the response is already open."""
    wait_s: float | None
    """Seconds to wait after a connection before the next; None: no other follows."""
    quiet: bool
    """True if the wait is planned by the server, so the view does not mention it."""
    last: Sequence[Event]
    """Events still to be pushed after the connection."""

    over_early: bool
    """True once the server said that this body has no more, without closing it. The end marker of
    a format is not meant: a failure may follow it."""

    @property
    def byte_count(self) -> int | None:
        """Bytes of this body so far; None: none were read."""

    def sending(self, url: str) -> None:
        """Note that a request to `url` is about to be sent; may set another `request` instead."""

    def answered(self, head: Head) -> bool:
        """Return True if the body of the response is to be read."""

    def refused(self, head: Head, beginning: bytes) -> None:
        """Handle a response without a stream; `beginning` is the start of its body."""

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events that this chunk completed; those before it were applied."""

    def over(self) -> None:
        """Handle the end of the body."""

    def broke(self, error: StreamWidgetError, *, connecting: bool) -> None:
        """Handle a lost connection, or one that could not be made (`connecting`)."""


MakeExchange: TypeAlias = Callable[["HttpRequest | None", str, Context], Exchange]
"""Makes the exchange of a run from its request, the source's name and the run's context."""


class Connection(Protocol):
    """One connection. The methods of one that is read on a thread block and never suspend."""

    @property
    def redaction(self) -> Redaction:
        """Hides the secrets of the request in texts."""

    def translate(self, error: Exception, byte_count: int | None) -> StreamWidgetError | None:
        """Return the error of this package for one of the client's; None for any other."""

    def is_connecting(self, error: Exception, /) -> bool:
        """True if `error` means that no connection could be made."""

    async def open(self) -> Head:
        """Send the request and return the head of the response."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the decoded body in slices."""

    async def close(self) -> None:
        """Close the connection."""


class Host(Protocol):
    """The place where connections are read, with what the loop needs of it."""

    @property
    def turn_ends(self) -> float:
        """Time of `time.monotonic` until which the loop may continue without a pause."""

    async def pause(self) -> None:
        """Let other tasks run."""

    async def beginning(self, chunks: AsyncIterator[bytes], limits: Limits) -> bytes:
        """Return the start of an error's body, or what arrives of it."""

    async def close(
        self, connection: Connection, chunks: AsyncIterator[bytes] | None, timeout_s: float
    ) -> None:
        """Close a connection and what is left of its body; raises nothing."""

    async def wait(self, seconds: float) -> None:
        """Wait between two connections."""


async def read(
    connect: Callable[[], Connection], exchange: Exchange, context: Context, host: Host
) -> AsyncGenerator[Sequence[Event], None]:
    """Yield the events of all connections of one run."""
    limits, feed, alive = context.limits, exchange.feed, context.alive
    stop_requested = context.stop_requested
    while True:
        connection, chunks = connect(), None
        context.conceal(partial(getattr, connection, "redaction"))
        try:
            if stop_requested():
                return
            head = await connection.open()
            chunks = connection.chunks()
            if exchange.answered(head):
                async for chunk in chunks:
                    alive()
                    if events := feed(chunk):
                        yield events  # the driver pauses between batches
                    elif stop_requested():
                        yield ()  # on a thread, the driver notices it here
                    elif monotonic() >= host.turn_ends:
                        await host.pause()
                    if exchange.over_early:
                        break
                if not stop_requested():  # else our own `interrupt` may have ended the body
                    exchange.over()
            else:
                exchange.refused(head, await host.beginning(chunks, limits))
        except Exception as error:
            if not stop_requested():
                _broke(connection, exchange, error)
        finally:
            await host.close(connection, chunks, limits.close_timeout_s)
        if exchange.last:
            yield connection.redaction.events(exchange.last)
        if exchange.wait_s is None:
            return
        if not exchange.quiet:
            context.dropped()
        await host.wait(exchange.wait_s)


def read_here(
    connect: Callable[[], Connection],
    exchange: Exchange,
    context: Context,
    woken: threading.Event,
) -> Iterator[Sequence[Event]]:
    """Yield the same on a worker thread; `woken` ends a wait between two connections."""
    return iterate_here(read(connect, exchange, context, OnThread(woken)))


def _broke(connection: Connection, exchange: Exchange, error: Exception) -> None:
    """Report `error` to the exchange; raise it, or its translation, if the run ends with it."""
    ours = error if isinstance(error, StreamWidgetError) else None
    if ours is None:
        ours = connection.translate(error, exchange.byte_count)
    if ours is None:
        raise error
    try:
        exchange.broke(ours, connecting=connection.is_connecting(error))
    except StreamWidgetError as final:
        # the client's own error may quote a header, as `LocalProtocolError` does
        raise connection.redaction.error(final) from None


class OnLoop:
    """A host on an event loop."""

    def __init__(self) -> None:
        self._turn = LoopTurn()

    @property
    def turn_ends(self) -> float:
        return self._turn.ends

    async def pause(self) -> None:
        await self._turn.pause()

    async def beginning(self, chunks: AsyncIterator[bytes], limits: Limits) -> bytes:
        body = bytearray()

        async def read() -> None:
            async for chunk in chunks:
                body.extend(chunk)
                if len(body) >= limits.error_body_bytes:
                    return

        # `asyncio.wait_for` may swallow a cancellation before Python 3.12
        task = asyncio.ensure_future(read())
        try:
            await asyncio.wait({task}, timeout=limits.connect_timeout_s)
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=limits.close_timeout_s)
            if task.done() and not task.cancelled():
                task.exception()  # the error quotes as much of the body as arrived
        return bytes(body[: limits.error_body_bytes])

    async def close(
        self, connection: Connection, chunks: AsyncIterator[bytes] | None, timeout_s: float
    ) -> None:
        closings = [] if chunks is None else [_closing(chunks)]
        await close_all([*closings, connection.close], timeout_s)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class OnThread:
    """A host on a worker thread, which blocks nobody else; `woken` ends a wait."""

    turn_ends = math.inf

    def __init__(self, woken: threading.Event) -> None:
        self._woken = woken

    async def pause(self) -> None:
        pass

    async def beginning(self, chunks: AsyncIterator[bytes], limits: Limits) -> bytes:
        body = bytearray()
        with contextlib.suppress(Exception):
            async for chunk in chunks:
                body.extend(chunk)
                if len(body) >= limits.error_body_bytes:
                    break
        return bytes(body[: limits.error_body_bytes])

    async def close(
        self, connection: Connection, chunks: AsyncIterator[bytes] | None, timeout_s: float
    ) -> None:
        del timeout_s
        closings = [] if chunks is None else [_closing(chunks)]
        for close in [*closings, connection.close]:
            with contextlib.suppress(Exception):
                await close()

    async def wait(self, seconds: float) -> None:
        self._woken.wait(seconds)


def _closing(chunks: AsyncIterator[bytes]) -> Callable[[], Awaitable[None]]:
    async def close() -> None:
        async with aclosing(chunks):  # type: ignore[type-var]
            pass

    return close


async def close_all(closings: Sequence[Callable[[], Awaitable[None]]], timeout_s: float) -> None:
    """Close in order, in a separate task: a second cancellation must not leave it half done."""

    async def close() -> None:
        for each in closings:
            with contextlib.suppress(Exception):
                await each()

    if closings:
        await asyncio.wait({asyncio.ensure_future(close())}, timeout=timeout_s)
