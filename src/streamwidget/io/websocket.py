"""WebSocket connections as sources: each message is a record, and the close code says how it ended.

Nothing is ever sent but the first messages and what `send` is given; no connection is made twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from ..decode.records import parse
from ..errors import ResponseError, StreamWidgetError, TransportError, UsageError, excerpt
from ..events import Event, RunEnd, RunStart, TextDelta, TextEnd, Unknown
from ..formats.pipeline import records_pipeline
from ..limits import Limits
from .http_errors import Head, connect_error, connect_timeout_error
from .redaction import Redaction, bad_header, checked_url, safe_url, secrets_of
from .redirects import SAFE_HEADERS, check_target, is_trusted
from .request import header_items
from .source import Context, Kind
from .websocket_errors import closed, no_handshake, status_words, unanswered

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import InvalidStatus

_SILENT: Final = logging.Logger("streamwidget.websocket", logging.CRITICAL + 1)
"""The library logs headers and tracebacks that quote them; our errors say what is needed."""

Message = str | bytes | Mapping[str, object]
"""What can be sent: text, bytes, or what becomes a JSON object."""


def websocket(
    url: str,
    *,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    subprotocols: Sequence[str] | None = None,
    send: Message | Iterable[Message] = (),
    format: str = "auto",
) -> WebSocketSource:
    """A source that connects to `url` when its run starts; each new run connects again.

    `send` is what is sent first, one message or several: a `str` as text, `bytes` as binary, a dict
    as JSON. Each message that comes is a record: a JSON object is read by its vocabulary, any other
    text is text. `format` is as everywhere ("auto": the view's). The end is the server's close with
    1000 or 1001, or the format's end marker.

    Raises:
        UsageError: `url` is not an address of ws:// or wss://, `format` is not known, or a message
            cannot be sent.
    """
    records_pipeline(str, format=format)  # only to say at once that the name is not known
    one = isinstance(send, (str, bytes, bytearray, memoryview, Mapping))
    messages: Any = [send] if one else send
    first = tuple(_wire(message) for message in messages)
    pairs = header_items(headers)
    if (name := bad_header(pairs)) is not None:
        raise UsageError(
            f"The header {name!r} has a line break or a character outside of ASCII, which HTTP "
            "cannot carry. Check the value, for example with .strip()."
        )
    return WebSocketSource(_checked(url), pairs, subprotocols, first, format)


class WebSocketSource:
    """One connection for each run; made by `websocket`."""

    kind = Kind(noun="connection", is_connection=True, is_ours=True)
    restartable = True
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(
        self,
        url: str,
        headers: Sequence[tuple[str, str]],
        subprotocols: Sequence[str] | None,
        first: tuple[str | bytes, ...],
        format: str,
    ) -> None:
        self.name = safe_url(url)
        self._url = url
        self._headers = headers
        self._subprotocols = subprotocols
        self._first = first
        self._format = format
        secrets = set(secrets_of(url, headers))
        for message in first:
            secrets.update(secrets_of(body=message))
        for protocol in subprotocols or ():  # some servers take the key there
            secrets.update(
                secrets_of(headers=[("x", protocol), ("x", protocol.rpartition(".")[2])])
            )
        self._redaction = Redaction(secrets)
        self._open: tuple[asyncio.AbstractEventLoop, ClientConnection] | None = None
        self._messages: _Messages | None = None

    def __repr__(self) -> str:
        return f"websocket({self.name!r})"

    def send(self, message: Message) -> None:
        """Sends a message from any thread, in order, without waiting for it to have left.

        If the connection breaks meanwhile, the run says so.

        Raises:
            UsageError: the connection is not open, or `message` cannot be sent.
        """
        wire, opened = _wire(message), self._open
        if opened is None:
            raise UsageError(
                f"The connection to {self.name} is not open: send while its run is streaming, "
                "or pass what comes first as websocket(..., send=[...])."
            )
        loop, connection = opened
        if self._messages is not None:
            self._messages.turn()
        try:
            asyncio.run_coroutine_threadsafe(_send_if_open(connection, wire), loop)
        except RuntimeError:
            raise UsageError(
                f"The connection to {self.name} is over: its loop is closed."
            ) from None

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        messages = _Messages(self.name, context, self._format)
        connection: ClientConnection | None = None
        mine: tuple[asyncio.AbstractEventLoop, ClientConnection] | None = None
        try:
            connection = await self._connect(context)
            for message in self._first:
                await _send_if_open(connection, message)
            self._messages = messages
            mine = self._open = (asyncio.get_running_loop(), connection)
            async for message in connection:
                if events := messages.feed(message):
                    yield self._redaction.events(events)
                if messages.ended:
                    return
            yield self._redaction.events(messages.end())
        except Exception as error:
            ours = self._translated(error, context.limits, messages.count)
            if ours is None:
                raise
            # theirs may quote the address or a header
            raise self._redaction.error(ours) from None
        finally:
            if self._open is mine:
                self._open = None
            if connection is not None:
                await _close(connection, context.limits.close_timeout_s)

    async def _connect(self, context: Context) -> ClientConnection:
        from websockets.asyncio.client import ClientConnection, connect  # 35 ms, and few need it
        from websockets.typing import Subprotocol

        name, first, trusted = self.name, self._first, True

        class Watched(ClientConnection):
            """Reports every byte as a sign of life: pongs come without any message."""

            def __init__(self, protocol: Any, **options: Any) -> None:
                if not trusted:
                    protocol.available_subprotocols = None
                super().__init__(protocol, **options)

            def data_received(self, data: bytes) -> None:
                context.alive()
                super().data_received(data)

        class Connecting(connect):
            """Follows redirects; to another origin go no headers and no first messages."""

            def process_redirect(self, exc: Exception) -> Exception | str:
                nonlocal trusted
                response = getattr(exc, "response", None)
                location = "" if response is None else response.headers.get("Location", "")
                if location:
                    check_target("GET", self.uri, urljoin(self.uri, location))
                old, target = self.uri, super().process_redirect(exc)
                if isinstance(target, str) and not is_trusted(old, target):
                    if first:
                        raise TransportError(
                            f"GET {name} was redirected to another origin ({safe_url(target)}). "
                            "The first messages were not sent there. Pass the new address.",
                            retryable=False,
                        )
                    trusted = False
                    self.additional_headers = [
                        pair
                        for pair in header_items(self.additional_headers)
                        if pair[0].lower() in SAFE_HEADERS
                    ]
                return target

        limits, protocols = context.limits, self._subprotocols
        return await Connecting(
            self._url,
            additional_headers=self._headers,
            subprotocols=None if protocols is None else [Subprotocol(name) for name in protocols],
            open_timeout=limits.connect_timeout_s,
            # Half of what a stop waits: then a peer that does not answer the close is cut off.
            close_timeout=limits.close_timeout_s / 2,
            max_size=limits.record_bytes,
            create_connection=Watched,
            logger=_SILENT,
        )

    def _translated(
        self, error: Exception, limits: Limits, message_count: int
    ) -> StreamWidgetError | None:
        """The error of this package for one of websockets or of the network; None for others."""
        from websockets import exceptions as theirs

        match error:
            case StreamWidgetError():
                return error
            case theirs.ConnectionClosed():
                return closed(error, self.name, limits, message_count)
            case theirs.InvalidStatus():
                return self._refused(error, limits)
            case theirs.InvalidURI():
                return UsageError(f"{excerpt(self.name)!r} is not the address of a WebSocket.")
            case theirs.InvalidMessage() | ConnectionResetError():
                return unanswered(self.name)
            case theirs.InvalidHandshake():
                return no_handshake(error, self.name)
            case TimeoutError() | asyncio.TimeoutError():
                return connect_timeout_error(self.name)
            case OSError():
                return connect_error(error, self.name)
            case _:
                return None

    def _refused(self, error: InvalidStatus, limits: Limits) -> ResponseError:
        response = error.response
        status = response.status_code
        if status < 300:
            return ResponseError(
                f"GET {self.name} was answered with {status_words(status)}, not with a WebSocket "
                "connection. Does the server speak WebSocket at this address?",
                status_code=status,
            )
        head = Head(
            method="GET",
            url=self._url,
            status_code=status,
            headers={str(name).lower(): value for name, value in response.headers.raw_items()},
            redaction=self._redaction,
        )
        return head.error(bytes(response.body or b"")[: limits.error_body_bytes])


class _Messages:
    """Messages become events; plain ones grow one text, JSON objects are records."""

    def __init__(self, name: str, context: Context, format: str) -> None:
        chosen = context.format if format == "auto" else format
        self.count = 0
        self.ended = False
        """True once the end marker came: there is nothing more to read."""
        self._name = name
        self._plain = chosen == "text"
        self._new_id = context.new_id
        self._text_id = context.new_id("t")
        self._turned = False
        self._records = records_pipeline(context.new_id, format=chosen)
        context.holds(self._records.rest)
        self._told = False

    def turn(self) -> None:
        """Something was sent: plain text that comes now answers it, and is a text of its own."""
        self._turned = True

    def feed(self, message: str | bytes) -> list[Event]:
        """The events of one message; a binary one may be JSON, as Gemini Live sends it."""
        self.count += 1
        text = message if isinstance(message, str) else _decoded(message)
        value = None if text is None or self._plain else parse(text)
        if isinstance(value, dict):
            return self._with_format(self._records.feed(value))
        if isinstance(message, str):
            return self._text(message) if message else []
        return [Unknown("binary message", f"{len(message):,} bytes")]

    def _text(self, text: str) -> list[Event]:
        ended: list[Event] = []
        if self._turned:
            self._turned = False
            ended, self._text_id = [TextEnd(self._text_id)], self._new_id("t")
        return [*ended, TextDelta(self._text_id, text)]

    def end(self) -> list[Event]:
        """What a close in good order means; a format that needs an end marker may say: cut.

        Raises:
            ResponseError: no message came at all.
        """
        if not self.count:
            raise ResponseError(
                f"The connection ({self._name}) was closed without sending anything: check what "
                "the server expects to be sent first, and its log.",
                retryable=True,
            )
        if not self._records.used:
            return [RunEnd("complete")]
        return self._with_format(self._records.flush())

    def _with_format(self, events: list[Event]) -> list[Event]:
        self.ended = bool(events) and isinstance(events[-1], RunEnd)
        if events and not self._told and self._records.name is not None:
            self._told = True
            return [RunStart(self._name, self._records.name), *events]
        return events


def _decoded(message: bytes) -> str | None:
    try:
        return message.decode()
    except UnicodeDecodeError:
        return None


def _wire(message: object) -> str | bytes:
    """What goes over the wire for `message`.

    Raises:
        UsageError: it is nothing that can be sent.
    """
    match message:
        case str() | bytes():
            return message
        case bytearray() | memoryview():
            return bytes(message)
        case Mapping():
            try:
                return json.dumps(dict(message), ensure_ascii=False)
            except (TypeError, ValueError) as error:
                raise UsageError(f"The message cannot be sent as JSON: {error}.") from None
        case _:
            raise UsageError(
                f"A {type(message).__name__} cannot be sent: pass str, bytes or a dict."
            )


def _checked(url: str) -> str:
    try:
        return checked_url(url, ("ws://", "wss://"), "the address of a WebSocket")
    except ValueError as error:
        raise UsageError(str(error)) from None


async def _send_if_open(connection: ClientConnection, message: str | bytes) -> None:
    from websockets.exceptions import ConnectionClosed

    with contextlib.suppress(ConnectionClosed):  # the reading side tells it
        await connection.send(message)


async def _close(connection: ClientConnection, timeout_s: float) -> None:
    """Closes in a task of its own: a second cancellation must not leave it half done."""

    async def close() -> None:
        with contextlib.suppress(Exception):
            await connection.close()

    await asyncio.wait({asyncio.ensure_future(close())}, timeout=timeout_s)
