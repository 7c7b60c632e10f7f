"""WebSocket connections as sources: each message is a record, and the close code says how it ended.

Only the first messages and those passed to `send` are ever sent; no connection is made twice.
"""

from __future__ import annotations

import asyncio
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
from ..threads import IN_BROWSER, check_not_in_browser
from .http_errors import Head, connect_error, connect_timeout_error, headers_of
from .redaction import Redaction, bad_header, checked_url, safe_url, secrets_of
from .redirects import SAFE_HEADERS, check_target, is_trusted
from .request import header_items
from .source import Context, Kind
from .websocket_connection import close, send_if_open
from .websocket_errors import closed, no_handshake, status_words, unanswered

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import InvalidStatus

    from .browser_socket import BrowserSocket
    from .websocket_connection import Connection

_SILENT: Final = logging.Logger("streamwidget.websocket", logging.CRITICAL + 1)
"""Silenced, because the library logs headers, also in tracebacks; our errors say enough."""

Message = str | bytes | Mapping[str, object]
"""A message to send: text, bytes, or a mapping that becomes a JSON object."""


def websocket(
    url: str,
    *,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    subprotocols: Sequence[str] | None = None,
    send: Message | Iterable[Message] = (),
    format: str = "auto",
) -> WebSocketSource:
    """Return a source that connects to `url` when its run starts; each new run connects again.

    `send` has the first messages, one or several: a `str` is sent as text, `bytes` as binary, a
    dict as JSON. Each message received is a record: a JSON object is decoded by its format, any
    other text is shown as text. `format` is the format of the messages; "auto" uses the format of
    the view. The run ends when the server closes the connection with code 1000 or 1001, or at the
    end marker of the format.

    Raises:
        UsageError: `url` is not a ws:// or wss:// URL, `format` is unknown, or a message cannot be
            sent.
    """
    records_pipeline(str, format=format)  # raises at once if the format is unknown
    one = isinstance(send, (str, bytes, bytearray, memoryview, Mapping))
    messages: Any = [send] if one else send
    first = tuple(wire(message) for message in messages)
    pairs = header_items(headers)
    if (name := bad_header(pairs)) is not None:
        raise UsageError(
            f"The header {name!r} has a line break or a non-ASCII character, which HTTP cannot "
            "carry. Check the value, for example with .strip()."
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
        self.format = format
        secrets = set(secrets_of(url, headers))
        for message in first:
            secrets.update(secrets_of(body=message))
        for protocol in subprotocols or ():  # some servers expect the key there
            secrets.update(
                secrets_of(headers=[("x", protocol), ("x", protocol.rpartition(".")[2])])
            )
        self._redaction = Redaction(secrets)
        self._open: tuple[asyncio.AbstractEventLoop, Connection] | None = None
        self._messages: Messages | None = None

    def __repr__(self) -> str:
        return f"websocket({self.name!r})"

    def send(self, message: Message) -> None:
        """Send a message from any thread, in order, without waiting until it has been sent.

        If the connection is lost before that, the run reports it.

        Raises:
            UsageError: the connection is not open, or `message` cannot be sent.
        """
        data, opened = wire(message), self._open
        if opened is None:
            raise UsageError(
                f"The connection to {self.name} is not open: send while its run is streaming, "
                "or pass the first messages as websocket(..., send=[...])."
            )
        loop, connection = opened
        if self._messages is not None:
            self._messages.turn()
        try:
            asyncio.run_coroutine_threadsafe(send_if_open(connection, data), loop)
        except RuntimeError:
            raise UsageError(
                f"The connection to {self.name} is closed: its event loop has ended."
            ) from None

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        context.conceal(lambda: self._redaction)
        messages = Messages(self.name, context, self.format)
        connection: Connection | None = None
        mine: tuple[asyncio.AbstractEventLoop, Connection] | None = None
        try:
            connection = await self._opened(context)
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
            # an error of the library may quote the URL or a header
            raise self._redaction.error(ours) from None
        finally:
            if self._open is mine:
                self._open = None
            if connection is not None:
                await close(connection, context.limits.close_timeout_s)

    async def _opened(self, context: Context) -> Connection:
        """Return an open connection, after its first messages were sent.

        Raises:
            UsageError: Python runs in a browser, and there are headers.
        """
        if self._headers:
            check_not_in_browser(
                "A browser sends no headers with a WebSocket: leave headers= out, and pass a token "
                "in the URL or as the first message (send=...)."
            )
        connection = await (self._browser_connects if IN_BROWSER else self._connect)(context)
        try:
            for message in self._first:
                await send_if_open(connection, message)
        except BaseException:
            await close(connection, context.limits.close_timeout_s)
            raise
        return connection

    async def _browser_connects(self, context: Context) -> BrowserSocket:
        from .browser_socket import BrowserSocket

        connection = BrowserSocket(self.name, context.limits, context.alive)
        await connection.open(self._url, self._subprotocols)
        return connection

    async def _connect(self, context: Context) -> ClientConnection:
        from websockets.asyncio.client import ClientConnection, connect  # here: it takes 35 ms
        from websockets.typing import Subprotocol

        name, first, trusted = self.name, self._first, True

        class Watched(ClientConnection):
            """Reports every byte as a sign of life: pongs are not messages."""

            def __init__(self, protocol: Any, **options: Any) -> None:
                if not trusted:
                    protocol.available_subprotocols = None
                super().__init__(protocol, **options)

            def data_received(self, data: bytes) -> None:
                context.alive()
                super().data_received(data)

        class Connecting(connect):
            """Follows redirects; sends no headers and no first messages to another origin."""

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
                            "The first messages were not sent there. Pass the new URL.",
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
            # Half of the time a stop waits; then a peer that does not answer the close is cut off.
            close_timeout=limits.close_timeout_s / 2,
            max_size=limits.record_bytes,
            create_connection=Watched,
            logger=_SILENT,
        )

    def _translated(
        self, error: Exception, limits: Limits, message_count: int
    ) -> StreamWidgetError | None:
        """Return the error of this package for one of websockets or the network; else None."""
        if isinstance(error, StreamWidgetError):
            return error
        from websockets import exceptions as theirs

        match error:
            case theirs.ConnectionClosed():
                return closed(error, self.name, limits, message_count)
            case theirs.InvalidStatus():
                return self._refused(error, limits)
            case theirs.InvalidURI():
                return UsageError(f"{excerpt(self.name)!r} is not the URL of a WebSocket.")
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
                f"GET {self.name} returned {status_words(status)}, not a WebSocket connection. "
                "Check that the server accepts WebSockets at this URL.",
                status_code=status,
            )
        head = Head(
            method="GET",
            url=self._url,
            status_code=status,
            headers=headers_of(response.headers.raw_items()),
            redaction=self._redaction,
        )
        return head.error(bytes(response.body or b"")[: limits.error_body_bytes])


class Messages:
    """Messages to events: JSON objects are records, plain text extends one text part."""

    def __init__(self, name: str, context: Context, format: str) -> None:
        chosen = context.format if format == "auto" else format
        self.count = 0
        self.ended = False
        """True once the end marker has arrived: nothing more is to be read."""
        self._name = name
        self._plain = chosen == "text"
        self._new_id = context.new_id
        self._text_id = context.new_id("t")
        self._turned = False
        self._records = records_pipeline(context.new_id, format=chosen)
        context.holds(self._records.rest)
        self._told = False

    @property
    def format_name(self) -> str | None:
        """Name of the vocabulary of the records; None while it is unknown."""
        return self._records.name

    def turn(self) -> None:
        """Note that a message was sent: plain text from now on answers it and is a new part."""
        self._turned = True

    def feed(self, message: str | bytes) -> list[Event]:
        """Return the events of one message; a binary one may be JSON, as from Gemini Live."""
        self.count += 1
        text = message if isinstance(message, str) else _decoded(message)
        value = None if text is None or self._plain else parse(text)
        if isinstance(value, dict):
            return self.record(value)
        if isinstance(message, str):
            return self._text(message) if message else []
        return [Unknown("binary message", f"{len(message):,} bytes")]

    def record(self, value: dict[str, object]) -> list[Event]:
        """Return the events of a JSON object, by the format."""
        return self._with_format(self._records.feed(value))

    def _text(self, text: str) -> list[Event]:
        ended: list[Event] = []
        if self._turned:
            self._turned = False
            ended, self._text_id = [TextEnd(self._text_id)], self._new_id("t")
        return [*ended, TextDelta(self._text_id, text)]

    def end(self) -> list[Event]:
        """Return the events of a clean close; without a required end marker it means `cut`.

        Raises:
            ResponseError: no message arrived at all.
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


def wire(message: object) -> str | bytes:
    """Return the wire form of `message`.

    Raises:
        UsageError: it cannot be sent.
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
        return checked_url(url, ("ws://", "wss://"), "the URL of a WebSocket")
    except ValueError as error:
        raise UsageError(str(error)) from None
