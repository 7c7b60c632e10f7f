"""A WebSocket that answers in a chat: one connection for all turns, one run for each answer.

The end marker of an answer ends its run, and the connection stays open for the next question. An
answer that is stopped closes the connection, because only that surely stops the producer; the next
question connects again. Between two answers the connection is read too, because what arrives then
would else be the beginning of the next answer, and a connection that nobody reads answers no ping.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..decode.records import parse
from ..errors import UsageError
from ..events import Event, RunEnd, TextDelta
from ..formats.pipeline import records_pipeline
from ..io.source import Context, Kind
from ..io.websocket import Messages, WebSocketSource, wire
from ..io.websocket_connection import arrived, close, is_open
from .answering import argument_count
from .unsolicited import Unsolicited

if TYPE_CHECKING:
    from ..io.websocket_connection import Connection

Encode: TypeAlias = Callable[..., object]
"""Returns the message for a question: `encode(message)` or `encode(message, history)`."""
Decode: TypeAlias = Callable[[Any], object]
"""Returns the meaning of a message of the peer: a text of the answer, a dict as a record of the
format, an event or a list of events (`RunEnd("complete")` ends the answer), or None."""

_CLOSED = (
    "The server closed the connection before the end marker; the next question connects again."
)


class Peer:
    """The other end of a chat. Must not be used by two answers at the same time."""

    def __init__(self, source: WebSocketSource, encode: Encode | None, decode: Decode | None):
        self.source_of_connection = source
        self.decode = decode
        self._encode = encode or _as_it_is
        self._takes_history = argument_count(self._encode) > 1
        self._open: tuple[asyncio.AbstractEventLoop, Connection] | None = None
        self._alive: Callable[[], object] = _nothing
        self.unsolicited = Unsolicited()
        """The messages that arrived while no question was open."""
        self._listening: asyncio.Task[None] | None = None
        """Reads the connection between two answers."""
        self._last_format: str | None = None

    def source(self, message: str, history: Sequence[Any]) -> PeerAnswer:
        """Return the source of one answer."""
        arguments = (message, history) if self._takes_history else (message,)
        return PeerAnswer(self, lambda: wire(self._encode(*arguments)))

    async def connected(self, context: Context) -> Connection:
        """Return the open connection; connects if there is none, and sends the first messages."""
        self._alive = context.alive
        loop = asyncio.get_running_loop()
        if self._open is not None and self._open[0] is loop:
            await self._end_listening(self._open[1])
            if self._open is not None and is_open(self._open[1]):
                return self._open[1]
        self.close()
        lasting = dataclasses.replace(context, alive=self._note_life)
        connection = await self.source_of_connection._opened(lasting)
        self._open = (loop, connection)
        return connection

    def listen(self, connection: Connection, format: str | None) -> None:
        """Read the connection until the next question; what arrives is in no answer.

        `format` is the name of the format of the last answer; None: unknown.
        """

        async def listen() -> None:
            with contextlib.suppress(Exception):  # the next question connects again
                async for message in connection:
                    self._note(message)

        self._last_format = format
        self._listening = asyncio.ensure_future(listen())

    async def _end_listening(self, connection: Connection) -> None:
        """Stop to read for nobody, after the last message that has arrived."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        listening.cancel()
        await asyncio.wait({listening})
        while (message := await arrived(connection)) is not None:
            self._note(message)

    def _note(self, message: str | bytes) -> None:
        format = self._last_format

        def has_meaning(message: str | bytes) -> bool:
            value = parse(message) if isinstance(message, str) else message
            if self.decode is not None:
                meaning = self.decode(value if isinstance(value, dict) else message)
                return meaning not in (None, "", [], ())
            if format is None or not isinstance(value, dict):
                return True
            return bool(records_pipeline(str, format=format).feed(value))

        self.unsolicited.note(message, has_meaning)

    async def drop(self, connection: Connection, timeout_s: float) -> None:
        """Close the connection; the next question opens another."""
        self._open = None
        await close(connection, timeout_s)

    def close(self) -> None:
        """Close the connection from any thread, without waiting for that."""
        opened, self._open = self._open, None
        if opened is None or opened[0].is_closed():
            return
        try:
            asyncio.run_coroutine_threadsafe(close(opened[1], 1.0), opened[0])
        except RuntimeError:
            pass  # the loop has ended, and its connections with it

    def _note_life(self) -> None:
        self._alive()


class PeerAnswer:
    """The source of one answer."""

    kind = Kind(noun="connection", is_connection=True)
    restartable = False
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, peer: Peer, question: Callable[[], str | bytes]) -> None:
        self.name = peer.source_of_connection.name
        self._peer = peer
        self._question = question

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Send the question and yield the events of the answer."""
        peer, source = self._peer, self._peer.source_of_connection
        context.conceal(lambda: source._redaction)
        messages = Messages(source.name, context, source.format)
        text_id = context.new_id("t")
        connection: Connection | None = None
        has_ended = False
        try:
            question = self._question()
            connection = await peer.connected(context)
            await connection.send(question)
            if notes := peer.unsolicited.take():
                yield source._redaction.events(notes)
            async for message in connection:
                events = self._events(message, messages, text_id)
                # the loop may be left here by a stop, so the end is noted first
                has_ended = messages.ended or any(isinstance(one, RunEnd) for one in events)
                if events:
                    yield source._redaction.events(events)
                if has_ended:
                    return
            yield source._redaction.events(self._closed(messages, context))
        except Exception as error:
            ours = source._translated(error, context.limits, messages.count)
            if ours is None:
                raise
            # an error of the library may quote the URL or a header
            raise source._redaction.error(ours) from None
        finally:
            if connection is not None and has_ended:
                peer.listen(connection, messages.format_name)
            elif connection is not None:
                await peer.drop(connection, context.limits.close_timeout_s)

    def _closed(self, messages: Messages, context: Context) -> list[Event]:
        """Return the events of a clean close: with `decode`, the end marker of the answer is
        missing, whatever the format makes of a close.

        Raises:
            ResponseError: no message arrived at all.
        """
        context.advise(_CLOSED)
        events = messages.end()
        if self._peer.decode is None or messages.format_name is not None:
            return events
        return [RunEnd("cut") if isinstance(event, RunEnd) else event for event in events]

    def _events(self, message: str | bytes, messages: Messages, text_id: str) -> list[Event]:
        if self._peer.decode is None:
            return messages.feed(message)
        messages.count += 1
        value = parse(message) if isinstance(message, str) else message
        meaning = self._peer.decode(value if isinstance(value, dict) else message)
        many = meaning if isinstance(meaning, (list, tuple)) else [meaning]
        return [event for one in many for event in _meaning(one, messages, text_id)]


def _meaning(value: object, messages: Messages, text_id: str) -> list[Event]:
    """Return the events of one result of `decode`.

    Raises:
        UsageError: it is none of those that `decode` may return.
    """
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [TextDelta(text_id, value)]
    if isinstance(value, dict):
        return messages.record(value)
    if isinstance(value, Event):
        return [value]
    raise UsageError(
        f"decode returned a {type(value).__name__}: return a text, a dict, an event, a list of "
        "these, or None."
    )


def _as_it_is(message: str) -> str:
    return message


def _nothing() -> None:
    pass
