"""Open streaming responses of requests and aiohttp as sources; of httpx, see `http`.

Told by the names of their modules: neither library is imported, and neither is needed. A response
is read once and always closed, its session never.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

from ..errors import DecodeError, StreamWidgetError, TransportError, UsageError, safe_url
from ..events import Event
from ..limits import Limits
from .answers import Answer, secrets_of
from .base import Context, Source, running_loop
from .chunks import Reader, finish, first_bytes

READ_BYTES: Final = 65536
"""Most that one read takes; it gives what is there and does not wait for more."""

_CLASSES: Final = {"requests": "Response", "aiohttp": "ClientResponse"}
_TIMEOUTS: Final = frozenset({"TimeoutError", "Timeout"})
_BAD_CODINGS: Final = frozenset({"DecodeError", "ContentDecodingError", "ContentEncodingError"})
_BREAKS: Final = frozenset(
    {"OSError", "HTTPException", "HTTPError", "RequestException", "ClientError"}
)
"""Roots of what a broken connection raises: sockets, `http.client`, urllib3, requests, aiohttp."""


def open_other_response(response: object) -> Source | None:
    """A source that reads a streaming response of requests or aiohttp that is open already, once.

    None: it is no such response. One that was read whole by its library still streams. One of
    aiohttp is read on the loop that runs now.

    Raises:
        UsageError: it was read or closed already.
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
            "The response was read or closed already. Pass one that is still open "
            "(requests.get(url, stream=True), or inside `async with session.get(url)`), "
            "or the address."
        )
    return _Requests(opened) if _library_of(response) == "requests" else _Aiohttp(opened)


def _library_of(value: object) -> str | None:
    """`requests` or `aiohttp` for their responses and those of classes derived from them."""
    for class_ in type(value).__mro__:
        package = class_.__module__.partition(".")[0]
        if _CLASSES.get(package) == class_.__name__:
            return package
    return None


def _requests_used_up(response: Any) -> bool:
    if response._content_consumed:
        return not isinstance(response._content, bytes)
    raw = response.raw
    # One without a body is closed from the start; nothing remains of it, while None is unknown.
    return raw is None or (raw.closed and getattr(raw, "length_remaining", None) != 0)


def _aiohttp_used_up(response: Any) -> bool:
    if response._body is not None:
        return False
    content = response.content
    read = content.at_eof() and content.total_bytes > 0
    # A short body may have come whole: then it is closed, and yet to be read.
    return bool(read or (response.closed and not content.is_eof()))


class _Requests:
    """A response of requests, on a worker thread; `interrupt` wakes a read."""

    noun = "connection"
    restartable = False

    def __init__(self, response: Any) -> None:
        sent = response.request
        self._asked = _Asked(response, sent.method, str(response.url or sent.url), sent.headers)
        self.name = safe_url(self._asked.url)
        self._response = response
        self._socket = None if response.raw is None else _socket_of(response.raw)

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        try:
            if context.stop_requested():
                return
            answer = self._asked.answer(self._response.status_code)
            chunks = _requests_chunks(self._response)
            if not answer.is_stream:
                raise answer.error(first_bytes(chunks, context.limits))
            reader = self._asked.reader = Reader(self.name, context, answer.content_type)
            for chunk in chunks:
                events = reader.feed(chunk)
                if events or context.stop_requested():
                    yield events
                if reader.ended:
                    return
            if not context.stop_requested():  # else the end is that of our own `interrupt`
                yield finish(reader, self.name)
        except Exception as error:
            if not context.stop_requested():
                self._asked.raise_as_ours(error)
        finally:
            with contextlib.suppress(Exception):
                self._response.close()

    def interrupt(self) -> None:
        """Shuts the socket down, so that a read that waits for it returns at once."""
        if self._socket is None:
            return
        with contextlib.suppress(Exception):
            # Not the method of an SSL socket: it would pull the TLS state from under the reader.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _requests_chunks(response: Any) -> Iterator[bytes]:
    """The body as it arrives, its content coding undone."""
    if response._content_consumed:
        return iter([response.content])
    raw = response.raw
    # Without chunked coding, `stream` waits until it has as much as it was asked for.
    if getattr(raw, "chunked", False) or not hasattr(raw, "read1"):
        chunks: Iterator[bytes] = raw.stream(READ_BYTES, decode_content=True)
        return chunks
    return iter(lambda: raw.read1(READ_BYTES, decode_content=True), b"")


def _socket_of(raw: Any) -> Any:
    """The socket below a response of urllib3; None if it cannot be told."""
    for names in (("_fp", "fp", "raw", "_sock"), ("_connection", "sock")):
        found = raw
        for name in names:
            found = getattr(found, name, None)
        if isinstance(found, socket.socket):
            return found
    return None


class _Aiohttp:
    """A response of aiohttp, on the loop that it was opened on."""

    noun = "connection"
    restartable = False

    def __init__(self, response: Any) -> None:
        headers = response.request_info.headers
        self._asked = _Asked(response, response.method, str(response.url), headers)
        self.name = safe_url(self._asked.url)
        self.home_loop = running_loop()
        self._response = response

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        try:
            answer = self._asked.answer(self._response.status)
            chunks = _aiohttp_chunks(self._response)
            if not answer.is_stream:
                raise answer.error(await self._first_bytes(chunks, context.limits))
            reader = self._asked.reader = Reader(self.name, context, answer.content_type)
            async for chunk in chunks:
                if events := reader.feed(chunk):
                    yield events
                if reader.ended:
                    return
            yield finish(reader, self.name)
        except Exception as error:
            self._asked.raise_as_ours(error)
        finally:
            self._response.close()

    async def _first_bytes(self, chunks: AsyncIterator[bytes], limits: Limits) -> bytes:
        """The beginning of an error's body; what there is of it if it never ends or breaks."""
        body = b""
        loop = asyncio.get_running_loop()
        # Closing ends the read; `asyncio.wait_for` may swallow a cancellation before Python 3.12.
        timer = loop.call_later(limits.connect_timeout_s, self._response.close)
        try:
            with contextlib.suppress(Exception):
                async for chunk in chunks:
                    body += chunk
                    if len(body) >= limits.error_body_bytes:
                        break
        finally:
            timer.cancel()
        return body[: limits.error_body_bytes]


async def _aiohttp_chunks(response: Any) -> AsyncIterator[bytes]:
    if response._body is not None:
        yield response._body
        return
    async for chunk in response.content.iter_any():
        yield chunk


class _Asked:
    """What was asked and how far the answer has come, for the sentence if it fails."""

    def __init__(self, response: Any, method: str, url: str, sent_headers: Any) -> None:
        self.url = url
        """With all its secrets: never to be shown."""
        self.reader: Reader | None = None
        self._method = method
        self._headers = response.headers
        self._sent_headers = sent_headers

    def answer(self, status_code: int) -> Answer:
        pairs = ((str(name), _text(value)) for name, value in self._sent_headers.items())
        return Answer(
            method=self._method,
            url=safe_url(self.url),
            status_code=status_code,
            content_type=self._headers.get("content-type"),
            location=self._headers.get("location"),
            secrets=secrets_of(self.url, pairs),
        )

    def raise_as_ours(self, error: Exception) -> None:
        """Raises `error`, or what it means in our own terms."""
        ours = self._translated(error)
        if ours is None:
            raise error
        raise ours from None  # theirs may quote the address

    def _translated(self, error: Exception) -> StreamWidgetError | None:
        """The error of this package for one that reading the body raised; None for any other."""
        names = _class_names(error)
        shown = safe_url(self.url)
        count = self.reader.byte_count if self.reader else 0
        if names & _TIMEOUTS:
            return TransportError(
                f"{self._method} {shown} gave no further data after {count:,} bytes within the "
                "timeout of the client. Pass a longer one; models can be silent for minutes."
            )
        if names & _BAD_CODINGS or _class_names(error.__cause__) & _BAD_CODINGS:
            return DecodeError(
                f"{self._method} {shown}: the body does not follow its Content-Encoding "
                f"(after {count:,} bytes). Check the server or the proxy that compresses it."
            )
        if names & _BREAKS:
            return TransportError(
                f"The connection to {shown} broke after {count:,} bytes, before the stream had "
                "ended."
            )
        return None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _class_names(error: BaseException | None) -> set[str]:
    """Names of the class and of all that it derives from; none of our own errors."""
    if error is None or isinstance(error, StreamWidgetError):
        return set()
    return {class_.__name__ for class_ in type(error).__mro__}
