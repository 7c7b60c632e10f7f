"""HTTP answers as sources: by address, by request, or an answer that is open already.

Works with httpx and httpx2, told apart by their module's name; only httpx is imported, for the
client of our own. A client that was passed in is never closed; an answer always is, as soon as the
run is over or stopped. Nothing is ever sent twice by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import httpx

from ..errors import UsageError, safe_url
from ..events import Event
from ..limits import Limits
from .answers import Answer, secrets_of, translate
from .base import AsyncSource, Context, Source, running_loop
from .chunks import Reader, finish, first_bytes
from .request import HttpRequest, library_of


def http(
    method: object,
    url: object = None,
    *,
    json: object = None,
    data: Mapping[str, object] | None = None,
    content: object = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    params: Mapping[str, object] | None = None,
    auth: object = None,
    client: object = None,
    follow_redirects: bool = True,
) -> Source:
    """A source that requests `url` when its run starts; each new run asks again.

    `http("POST", url, json={...})`, or `http(request)` with a request of httpx or httpx2. The other
    arguments are those of httpx. `client` is a client of httpx or httpx2, synchronous or not, which
    stays open; without one, a client of our own is opened for each run, with `limits.
    connect_timeout_s` and no read timeout, because models are silent for minutes. A client whose
    timeout was left at its library's 5 s default gets the same; another one is respected.

    Raises:
        UsageError: there is no address, or it is none.
    """
    request = url if url is not None and not isinstance(url, str) else method
    if _kind(request) == "Request":
        made: Any = request
        told = HttpRequest(
            made.method, str(made.url), {}, auth, follow_redirects=follow_redirects, ready=made
        )
        return _source(told, client)
    if not isinstance(method, str) or url is None:
        raise UsageError("http() needs a method and an address: http('GET', 'https://...').")
    sent = {"json": json, "data": data, "content": content, "headers": headers, "params": params}
    options = {name: value for name, value in sent.items() if value is not None}
    address = _checked(str(url))
    return _source(HttpRequest(method.upper(), address, options, auth, follow_redirects), client)


def http_source_from_url(url: str) -> AsyncSource:
    """A GET of `url`, restartable.

    Raises:
        UsageError: `url` is no address.
    """
    return _AsyncHttp(HttpRequest("GET", _checked(url)), None)


def http_source_from_request(request: object, client: object = None) -> Source:
    """A source that sends a request of httpx or httpx2; None: with a client of our own."""
    return http(request, client=client)


def open_response(response: object) -> Source:
    """A source that reads a streaming response of httpx or httpx2 that is open already, once.

    Raises:
        UsageError: it is no such response, or it was read or closed already.
    """
    if _kind(response) != "Response":
        raise UsageError(
            f"A {type(response).__name__} is no response of httpx or httpx2: "
            "pass one that was opened with client.stream(...) or client.send(..., stream=True)."
        )
    opened: Any = response
    if not hasattr(opened, "_content") and (opened.is_closed or opened.is_stream_consumed):
        raise UsageError(
            "The response was read or closed already. Pass one that is still open "
            "(inside `with client.stream(...)`), or the address."
        )
    is_async = hasattr(opened.stream, "__aiter__") and not hasattr(opened.stream, "__iter__")
    if is_async and not hasattr(opened, "_content"):
        return _AsyncHttp(None, None, opened)
    return _SyncHttp(None, None, opened)


def _checked(url: str) -> str:
    try:
        safe_url(url)
    except ValueError as error:
        raise UsageError(f"That is not an address that can be requested: {error}.") from None
    return url


def _source(request: HttpRequest, client: object) -> Source:
    if client is None:
        return _AsyncHttp(request, None)
    if library_of(client) not in {"httpx", "httpx2"} and not hasattr(client, "build_request"):
        raise UsageError(
            f"client= is a {type(client).__name__}: pass a client of httpx or httpx2, or none."
        )
    return _AsyncHttp(request, client) if hasattr(client, "aclose") else _SyncHttp(request, client)


class _AsyncHttp:
    """On an event loop, with a client of our own, the caller's, or an open response."""

    noun = "connection"

    def __init__(self, request: HttpRequest | None, client: Any, response: Any = None) -> None:
        self.name = request.name if request else _name_of(response)
        self.restartable = bool(request and request.repeatable)
        bound = client is not None or response is not None
        self.home_loop = running_loop() if bound else None
        self._request = request
        self._client = client
        self._response = response

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        own: httpx.AsyncClient | None = None
        response: Any = None
        chunks: Any = None
        asked = _Asked(self._request, self._response)
        try:
            if self._client is None and self._response is None:
                own = await _own_client()
            response = self._response or await self._send(own or self._client, context.limits)
            chunks = response.aiter_bytes()
            answer = asked.answered(response)
            if not answer.is_stream:
                wait_s = context.limits.connect_timeout_s
                raise answer.error(await _first_bytes(chunks, context.limits, wait_s))
            reader = asked.reader = Reader(self.name, context, answer.content_type)
            async for chunk in chunks:
                if events := reader.feed(chunk):
                    yield events
                if reader.ended:
                    return
            yield finish(reader, self.name)
        except Exception as error:
            asked.raise_as_ours(error)
        finally:
            closings = [c.aclose for c in (chunks, response, own) if c is not None]
            await _close_all(closings, context.limits.close_timeout_s)

    async def _send(self, client: Any, limits: Limits) -> Any:
        assert self._request is not None
        request = self._request.make(client, limits, {})
        return await client.send(request, **self._request.send_options())


class _SyncHttp:
    """On a worker thread, with the caller's client or open response; `interrupt` wakes a read."""

    noun = "connection"

    def __init__(self, request: HttpRequest | None, client: Any, response: Any = None) -> None:
        self.name = request.name if request else _name_of(response)
        self.restartable = bool(request and request.repeatable)
        self._request = request
        self._client = client
        self._response = response
        self._network: Any = None

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        response: Any = None
        asked = _Asked(self._request, self._response)
        try:
            response = self._response or self._send(context)
            self._connected(context, response.extensions.get("network_stream"))
            answer = asked.answered(response)
            chunks = response.iter_bytes()
            if not answer.is_stream:
                raise answer.error(first_bytes(chunks, context.limits))
            reader = asked.reader = Reader(self.name, context, answer.content_type)
            for chunk in chunks:
                events = reader.feed(chunk)
                if events or context.stop_requested():
                    yield events
                if reader.ended:
                    return
            yield finish(reader, self.name)
        except Exception as error:
            if not context.stop_requested():  # else it is our own `interrupt` that broke it
                asked.raise_as_ours(error)
        finally:
            self._network = None
            if response is not None:
                with contextlib.suppress(Exception):
                    response.close()

    def interrupt(self) -> None:
        """Shuts the socket down, so that a read that waits for it returns at once."""
        network = self._network
        if network is None:
            return
        with contextlib.suppress(Exception):
            # Not the method of an SSL socket: it would pull the TLS state from under the reader.
            socket.socket.shutdown(network.get_extra_info("socket"), socket.SHUT_RDWR)

    def _connected(self, context: Context, network: Any) -> None:
        self._network = network
        if context.stop_requested():  # came before there was anything to interrupt
            self.interrupt()

    def _send(self, context: Context) -> Any:
        assert self._request is not None

        def trace(name: str, info: Mapping[str, Any]) -> None:
            """Notes a new connection, so that a stop works while the answer has not begun."""
            if name.endswith(("connect_tcp.complete", "start_tls.complete")):
                self._connected(context, info.get("return_value"))

        request = self._request.make(self._client, context.limits, {"trace": trace})
        return self._client.send(request, **self._request.send_options())


class _Asked:
    """What was asked and how far the answer has come, for the sentence if it fails."""

    def __init__(self, request: HttpRequest | None, response: Any) -> None:
        self.reader: Reader | None = None
        self._method = request.method if request else "GET"
        self._url = request.url if request else ""
        self._secrets_from = request
        if response is not None:
            self.answered(response)

    def answered(self, response: Any) -> Answer:
        sent = getattr(response, "_request", None)  # `.request` raises where there is none
        pairs: Iterator[tuple[str, str]] = iter(())
        if sent is not None:
            self._method, self._url = sent.method, str(sent.url)
            pairs = iter(sent.headers.multi_items())
        return Answer(
            method=self._method,
            url=safe_url(self._url),
            status_code=response.status_code,
            content_type=response.headers.get("content-type"),
            location=response.headers.get("location"),
            secrets=secrets_of(self._url, pairs),
        )

    def raise_as_ours(self, error: Exception) -> None:
        """Raises `error`, or what it means in our own terms."""
        count = None if self.reader is None else self.reader.byte_count
        ours = translate(error, self._method, self._url, count)
        if ours is None:
            raise error
        raise ours from None  # theirs may quote a header, as `LocalProtocolError` does


async def _own_client() -> httpx.AsyncClient:
    # In a thread: the first one loads all certificates, 20 ms in which other streams would wait.
    places = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return httpx.AsyncClient(verify=await asyncio.to_thread(_tls, places))


@cache
def _tls(_places: tuple[str | None, str | None]) -> ssl.SSLContext:
    """What the trusted certificates are, once for each place that they come from."""
    return httpx.create_ssl_context()


async def _first_bytes(chunks: AsyncIterator[bytes], limits: Limits, wait_s: float) -> bytes:
    """The beginning of an error's body; what there is of it if it never ends or breaks."""
    body = b""

    async def read() -> None:
        nonlocal body
        async for chunk in chunks:
            body += chunk
            if len(body) >= limits.error_body_bytes:
                return

    with contextlib.suppress(Exception):
        await asyncio.wait_for(read(), wait_s)
    return body[: limits.error_body_bytes]


async def _close_all(closings: list[Callable[[], Awaitable[None]]], timeout_s: float) -> None:
    """Closes in order, in a task of its own: a second cancellation must not leave it half done."""

    async def close() -> None:
        for closing in closings:
            with contextlib.suppress(Exception):
                await closing()

    if closings:
        await asyncio.wait({asyncio.ensure_future(close())}, timeout=timeout_s)


def _kind(value: object) -> str | None:
    """`Request` or `Response` for those of httpx and httpx2."""
    if library_of(value) not in {"httpx", "httpx2"}:
        return None
    names = {class_.__name__ for class_ in type(value).__mro__}
    return next((kind for kind in ("Request", "Response") if kind in names), None)


def _name_of(response: Any) -> str:
    sent = getattr(response, "_request", None)
    return safe_url(str(sent.url)) if sent is not None else "response"
