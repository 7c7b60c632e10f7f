"""Open streaming responses of requests and aiohttp as sources; for those of httpx, see `http`.

They are recognised by the names of their modules: neither library is imported or required. A
response is read once and always closed; its session is never closed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

from ..errors import DecodeError, StreamWidgetError, TransportError, UsageError
from ..events import Event
from ..limits import DEFAULT_LIMITS, Limits
from .decompress import BodyDecoder, CodingError, slices
from .http_errors import Head, headers_of
from .on_thread import each
from .read_loop import MakeExchange, OnLoop, read, read_here
from .redaction import Redaction, safe_url, secrets_of
from .source import Context, Kind, Source, running_loop

READ_BYTES: Final = 65536
"""Most bytes of one read; it returns what is available and does not wait for more."""


_CLASSES: Final = {"requests": "Response", "aiohttp": "ClientResponse"}
_TIMEOUTS: Final = frozenset({"TimeoutError", "Timeout"})
_BAD_CODINGS: Final = frozenset({"DecodeError", "ContentDecodingError", "ContentEncodingError"})
_BREAKS: Final = frozenset(
    {"OSError", "HTTPException", "HTTPError", "RequestException", "ClientError"}
)
"""Base classes of the errors of a lost connection: sockets, `http.client`, urllib3, requests,
aiohttp."""


def opened_response(response: object, make_exchange: MakeExchange) -> Source | None:
    """Return a source for an open response of requests or aiohttp; None for any other object.

    It can be read once. A response that its library has already read completely still streams. A
    response of aiohttp is read on the running event loop.

    Raises:
        UsageError: the response has already been read or closed.
    """
    opened: Any = response
    match _library_of(response):
        case "requests":
            used_up = _requests_used_up(opened)
        case "aiohttp":
            used_up = _aiohttp_used_up(opened)
        case _:
            return None
    if used_up:
        raise UsageError(
            "The response has already been read or closed. Pass one that is still open "
            "(requests.get(url, stream=True), or inside `async with session.get(url)`), "
            "or the URL."
        )
    make = _Requests if _library_of(response) == "requests" else _Aiohttp
    return make(opened, make_exchange)


def _library_of(value: object) -> str | None:
    """Return `requests` or `aiohttp` for their responses, subclasses included; else None."""
    for class_ in type(value).__mro__:
        package = class_.__module__.partition(".")[0]
        if _CLASSES.get(package) == class_.__name__:
            return package
    return None


def _requests_used_up(response: Any) -> bool:
    if response._content_consumed:
        return not isinstance(response._content, bytes)
    raw = response.raw
    # A response without a body is closed from the start: 0 bytes remain. None means unknown.
    return raw is None or (raw.closed and getattr(raw, "length_remaining", None) != 0)


def _aiohttp_used_up(response: Any) -> bool:
    if response._body is not None:
        return False
    content = response.content
    read = content.at_eof() and content.total_bytes > 0
    # A short body may have arrived completely: then it is closed, but not read yet.
    return bool(read or (response.closed and not content.is_eof()))


class _Requests:
    """A response of requests, on a worker thread; `interrupt` wakes a read."""

    kind = Kind(noun="connection", is_connection=True, is_ours=True)
    restartable = False

    def __init__(self, response: Any, make_exchange: MakeExchange) -> None:
        sent = response.request
        self._connection = _RequestsConnection(
            response, sent.method, str(response.url or sent.url), sent.headers, sent.body
        )
        self.name = self._connection.name
        self._make_exchange = make_exchange
        self._woken = threading.Event()
        self._socket = None if response.raw is None else _socket_of(response.raw)

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        self._connection.limits = context.limits
        exchange = self._make_exchange(None, self.name, context)
        return read_here(lambda: self._connection, exchange, context, self._woken)

    def interrupt(self) -> None:
        """Shut the socket down, so that a read that waits for it returns at once."""
        self._woken.set()
        if self._socket is None:
            return
        with contextlib.suppress(Exception):
            # Not the method of an SSL socket: it would pull the TLS state from under the reader.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _requests_chunks(response: Any, limits: Limits) -> Iterator[bytes]:
    """Yield the decoded body in slices as it arrives."""
    if response._content_consumed:
        yield from slices(response.content)
        return
    raw = response.raw
    decoder = BodyDecoder(response.headers.get("content-encoding"), limits)
    # Without chunked coding, `stream` waits until it has the whole amount.
    if getattr(raw, "chunked", False) or not hasattr(raw, "read1"):
        chunks: Iterator[bytes] = raw.stream(READ_BYTES, decode_content=False)
    else:
        chunks = iter(lambda: raw.read1(READ_BYTES, decode_content=False), b"")
    for chunk in chunks:
        yield from decoder.feed(chunk)


def _socket_of(raw: Any) -> Any:
    """Return the socket of a urllib3 response; None if it is not found."""
    for names in (("_fp", "fp", "raw", "_sock"), ("_connection", "sock")):
        found = raw
        for name in names:
            found = getattr(found, name, None)
        if isinstance(found, socket.socket):
            return found
    return None


class _Aiohttp:
    """A response of aiohttp, on the loop that it was opened on."""

    kind = Kind(noun="connection", is_connection=True, is_ours=True)
    restartable = False

    def __init__(self, response: Any, make_exchange: MakeExchange) -> None:
        headers = response.request_info.headers
        self._connection = _AiohttpConnection(response, response.method, str(response.url), headers)
        self.name = self._connection.name
        self._make_exchange = make_exchange
        self.home_loop = running_loop()

    def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        exchange = self._make_exchange(None, self.name, context)
        return read(lambda: self._connection, exchange, context, OnLoop())


async def _aiohttp_chunks(response: Any) -> AsyncIterator[bytes]:
    if response._body is not None:
        for piece in slices(response._body):
            yield piece
        return
    async for chunk in response.content.iter_any():
        for piece in slices(chunk):
            yield piece


class _Opened:
    """An open response: its request, and the meaning of errors while its body is read."""

    def __init__(
        self, response: Any, method: str, url: str, sent_headers: Any, body: object = None
    ) -> None:
        self.name = safe_url(url)
        self.limits = DEFAULT_LIMITS
        pairs = [(str(name), _text(value)) for name, value in sent_headers.items()]
        self.redaction = Redaction(secrets_of(url, pairs, body=body))
        self._response = response
        self._method = method
        self._url = url

    def is_connecting(self, error: Exception, /) -> bool:
        del error  # an open response is connected
        return False

    def _head(self, status_code: int) -> Head:
        return Head(
            method=self._method,
            url=self._url,
            status_code=status_code,
            headers=headers_of(self._response.headers.items()),
            redaction=self.redaction,
        )

    def translate(self, error: Exception, byte_count: int | None) -> StreamWidgetError | None:
        """Return the error of this package for one that reading the body raised, or None."""
        names = _class_names(error)
        shown = safe_url(self._url)
        count = byte_count or 0
        if names & _TIMEOUTS:
            return TransportError(
                f"{self._method} {shown} sent no further data after {count:,} bytes within the "
                "timeout of the client. Pass a longer timeout; models can be silent for minutes."
            )
        if (
            isinstance(error, CodingError)
            or names & _BAD_CODINGS
            or _class_names(error.__cause__) & _BAD_CODINGS
        ):
            return DecodeError(
                f"{self._method} {shown}: the body does not follow its Content-Encoding "
                f"(after {count:,} bytes). Check the server or the proxy that compresses it."
            )
        if names & _BREAKS:
            return TransportError(
                f"The connection to {shown} was lost after {count:,} bytes, before the stream had "
                "ended."
            )
        return None


class _RequestsConnection(_Opened):
    async def open(self) -> Head:
        return self._head(self._response.status_code)

    def chunks(self) -> AsyncIterator[bytes]:
        return each(_requests_chunks(self._response, self.limits))

    async def close(self) -> None:
        self._response.close()


class _AiohttpConnection(_Opened):
    async def open(self) -> Head:
        return self._head(self._response.status)

    def chunks(self) -> AsyncIterator[bytes]:
        return _aiohttp_chunks(self._response)

    async def close(self) -> None:
        self._response.close()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _class_names(error: BaseException | None) -> set[str]:
    """Return the names of the error's class and its base classes; none for our own errors."""
    if error is None or isinstance(error, StreamWidgetError):
        return set()
    return {class_.__name__ for class_ in type(error).__mro__}
