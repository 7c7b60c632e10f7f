"""The loop that reads HTTP connections, once for transports on an event loop and once for a thread.

A transport opens one connection and yields the chunks of its body. The exchange decides what they
mean and whether another connection follows (`resume.session.Session`).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from time import monotonic
from typing import Protocol, TypeAlias

from ..errors import StreamWidgetError
from ..events import Event
from ..limits import Limits
from .http_errors import Head
from .loop_turn import LoopTurn
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
        """Note that a request to `url` is about to be sent."""

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
    """One connection, asynchronous or synchronous."""

    @property
    def redaction(self) -> Redaction:
        """Hides the secrets of the request in texts."""

    def translate(self, error: Exception, byte_count: int | None) -> StreamWidgetError | None:
        """Return the error of this package for one of the client's; None for any other."""

    def is_connecting(self, error: Exception, /) -> bool:
        """True if `error` means that no connection could be made."""


class AsyncConnection(Connection, Protocol):
    """A connection that is read on an event loop."""

    async def open(self) -> Head:
        """Send the request and return the head of the response."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the decoded body in slices."""

    async def close(self) -> None:
        """Close the connection."""


class SyncConnection(Connection, Protocol):
    """A connection that is read on a thread."""

    def open(self) -> Head:
        """Send the request and return the head of the response."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the decoded body in slices."""

    def close(self) -> None:
        """Close the connection."""


async def read_async(
    connect: Callable[[], AsyncConnection], exchange: Exchange, context: Context
) -> AsyncIterator[Sequence[Event]]:
    """Yield the events of all connections of one run."""
    limits, feed, alive = context.limits, exchange.feed, context.alive
    while True:
        connection, chunks = connect(), None
        try:
            head = await connection.open()
            chunks = connection.chunks()
            if exchange.answered(head):
                turn = LoopTurn()
                async for chunk in chunks:
                    alive()
                    if events := feed(chunk):
                        yield events  # the driver pauses between batches
                    elif monotonic() >= turn.ends:
                        await turn.pause()
                    if exchange.over_early:
                        break
                exchange.over()
            else:
                exchange.refused(head, await first_bytes(chunks, limits))
        except Exception as error:
            _broke(connection, exchange, error)
        finally:
            closings = [] if chunks is None else [_closing(chunks)]
            await close_all([*closings, connection.close], limits.close_timeout_s)
        if exchange.last:
            yield connection.redaction.events(exchange.last)
        if exchange.wait_s is None:
            return
        if not exchange.quiet:
            context.dropped()
        await asyncio.sleep(exchange.wait_s)


def read_sync(
    connect: Callable[[], SyncConnection],
    exchange: Exchange,
    context: Context,
    woken: threading.Event,
) -> Iterator[Sequence[Event]]:
    """Do the same on a worker thread; `woken` ends a wait between two connections."""
    while True:
        connection = connect()
        try:
            if context.stop_requested():
                return
            head = connection.open()
            chunks = connection.chunks()
            if exchange.answered(head):
                for chunk in chunks:
                    context.alive()
                    events = exchange.feed(chunk)
                    if events or context.stop_requested():
                        yield events
                    if exchange.over_early:
                        break
                if not context.stop_requested():  # else our own `interrupt` ended the body
                    exchange.over()
            else:
                exchange.refused(head, _first_bytes(chunks, context.limits))
        except Exception as error:
            if not context.stop_requested():
                _broke(connection, exchange, error)
        finally:
            with contextlib.suppress(Exception):
                connection.close()
        if exchange.last:
            yield connection.redaction.events(exchange.last)
        if exchange.wait_s is None:
            return
        if not exchange.quiet:
            context.dropped()
        woken.wait(exchange.wait_s)


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


async def first_bytes(chunks: AsyncIterator[bytes], limits: Limits) -> bytes:
    """Return the beginning of an error's body, or as much as arrives if it never ends."""
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
            task.exception()  # a body that was cut is quoted as far as it arrived
    return bytes(body[: limits.error_body_bytes])


def _first_bytes(chunks: Iterator[bytes], limits: Limits) -> bytes:
    body = bytearray()
    with contextlib.suppress(Exception):
        for chunk in chunks:
            body.extend(chunk)
            if len(body) >= limits.error_body_bytes:
                break
    return bytes(body[: limits.error_body_bytes])


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
