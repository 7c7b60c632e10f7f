"""httpx and httpx2 as transports: send requests, follow redirects, read bodies.

The libraries are recognised by the names of their modules; only httpx is imported, for our own
client. A client that the caller passed in is never closed; a response always is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import ResponseError, StreamWidgetError
from ..events import Event
from ..limits import Limits
from ..threads import IN_BROWSER, check_not_in_browser
from .decompress import SLICE_BYTES, BodyDecoder, slices
from .http_errors import Head, headers_of, translate
from .on_thread import each
from .read_loop import Exchange, MakeExchange, OnLoop, close_all, read, read_here
from .redaction import Redaction, safe_url, secrets_of
from .redirects import MOST, is_trusted, next_request
from .request import HttpRequest
from .source import Context, Kind, running_loop

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

_ON_SOCKETS = frozenset({"HTTPTransport", "AsyncHTTPTransport"})
_CONNECTING = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})


class _Http:
    """Base class of the asynchronous and the synchronous source."""

    kind = Kind(noun="connection", is_connection=True, is_ours=True)

    def __init__(
        self,
        request: HttpRequest | None,
        client: Any,
        make_exchange: MakeExchange,
        response: Any = None,
    ) -> None:
        self.name = request.name if request else _name_of(response)
        self.restartable = bool(request and request.repeatable)
        self.request = request
        self.make_exchange = make_exchange
        self._client = client
        self._response = response
        self._prepare()

    def _prepare(self) -> None:
        """Set what only one of both kinds needs."""
        raise NotImplementedError

    def with_exchange(self, make_exchange: MakeExchange) -> Self:
        """Return the same source with other exchanges."""
        source = copy(self)
        source.make_exchange = make_exchange
        return source

    def _exchange(self, context: Context) -> Exchange:
        return self.make_exchange(self.request, self.name, context)


class AsyncHttp(_Http):
    """On an event loop, with our own client, the caller's client, or an open response."""

    def _prepare(self) -> None:
        bound = self._client is not None or self._response is not None
        self.home_loop = running_loop() if bound else None
        if bound:  # on the loop of the user's coroutines, which may use the same client
            self.kind = replace(self.kind, is_ours=False)

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        _check_sockets(self._client)
        own: httpx.AsyncClient | None = None
        exchange = self._exchange(context)
        try:
            if self._client is None and self._response is None:
                own = await _own_client()
            client = own or self._client
            stream = read(
                lambda: _AsyncConnection(exchange, client, self._response, context.limits),
                exchange,
                context,
                OnLoop(),
            )
            async with aclosing(stream):
                async for events in stream:
                    yield events
        finally:
            await close_all([own.aclose] if own else [], context.limits.close_timeout_s)


class SyncHttp(_Http):
    """On a worker thread, with the caller's client or open response; `interrupt` wakes a read."""

    def _prepare(self) -> None:
        self._network: Any = None
        self._woken = threading.Event()

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        _check_sockets(self._client)
        exchange = self._exchange(context)
        self._woken.clear()

        def connected(network: Any) -> None:
            self._network = network
            if context.stop_requested():  # requested before there was a socket to interrupt
                self.interrupt()

        def connect() -> _SyncConnection:
            self._network = None
            return _SyncConnection(
                exchange, self._client, self._response, context.limits, connected
            )

        return read_here(connect, exchange, context, self._woken)

    def interrupt(self) -> None:
        """Shut the socket down, so that a read that waits for it returns at once."""
        self._woken.set()
        network = self._network
        if network is None:
            return
        with contextlib.suppress(Exception):
            # Not the method of an SSL socket: it would pull the TLS state from under the reader.
            socket.socket.shutdown(network.get_extra_info("socket"), socket.SHUT_RDWR)


class _Connection:
    """One request and its response."""

    def __init__(self, exchange: Exchange, client: Any, response: Any, limits: Limits) -> None:
        self._exchange = exchange
        self._client = client
        self._response = response
        self._limits = limits
        request = exchange.request
        self._method = request.method if request else "GET"
        self._url = request.url if request else ""
        self._extensions: Mapping[str, Any] = {}
        """Extensions for the client, sent along with the request."""
        self._answered = False
        self._secrets = set(request.secrets() if request else ())
        self._redaction: Redaction | None = None
        if response is not None:
            self._sent(response)

    @property
    def redaction(self) -> Redaction:
        """Hides the secrets of the first request and of the last one."""
        if self._redaction is None:
            self._redaction = Redaction(self._secrets)
        return self._redaction

    def translate(self, error: Exception, byte_count: int | None) -> StreamWidgetError | None:
        return translate(error, self._method, self._url, byte_count if self._answered else None)

    def is_connecting(self, error: Exception, /) -> bool:
        return any(class_.__name__ in _CONNECTING for class_ in type(error).__mro__)

    # --- what the client does; the methods of a synchronous one block

    async def _send_once(self, request: Any, options: Mapping[str, Any]) -> Any:
        """Send a request of the client's library; return the open response."""
        raise NotImplementedError

    async def _close_response(self, response: Any) -> None:
        raise NotImplementedError

    def _raw(self, response: Any) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives."""
        raise NotImplementedError

    # --- one connection

    async def open(self) -> Head:
        if self._response is None:
            self._response = await self._send()
        return self._head(self._response)

    async def chunks(self) -> AsyncIterator[bytes]:
        if hasattr(self._response, "_content"):
            for piece in slices(self._response.content):
                yield piece
            return
        decoder = self._decoder()
        async with aclosing(self._raw(self._response)) as raw:
            async for chunk in raw:
                if decoder.is_identity and len(chunk) <= SLICE_BYTES:
                    yield chunk
                    continue
                for piece in decoder.feed(chunk):
                    yield piece

    async def close(self) -> None:
        if self._response is not None:
            await self._close_response(self._response)

    async def _send(self) -> Any:
        """Send the request, and those that redirects lead to; return the open response."""
        described = self._exchange.request
        assert described is not None
        request = described.make(self._client, self._limits, self._extensions)
        self._exchange.sending(str(request.url))
        if (instead := self._exchange.request) is not described:
            assert instead is not None
            described = instead
            request = described.make(self._client, self._limits, self._extensions)
        options = described.send_options()
        for _ in range(MOST + 1):
            self._learn(request)
            response = await self._send_once(request, options)
            if not (described.follow_redirects and response.has_redirect_location):
                return response
            try:
                follow_up = next_request(request, response)
            finally:
                await self._close_response(response)
            options = self._redirected(request, follow_up, options)
            request = follow_up
        raise self._too_many_redirects()

    def _redirected(
        self, request: Any, follow_up: Any, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the options for sending `follow_up`: no authentication to another origin."""
        self._method, self._url = follow_up.method, str(follow_up.url)
        if is_trusted(str(request.url), self._url):
            return dict(options)
        return {**options, "auth": None}

    def _too_many_redirects(self) -> ResponseError:
        return ResponseError(
            f"{self._method} {safe_url(self._url)} was redirected more than {MOST} times. "
            "Check the address."
        )

    def _head(self, response: Any) -> Head:
        self._answered = True
        self._sent(response)
        return Head(
            method=self._method,
            url=self._url,
            status_code=response.status_code,
            headers=headers_of(response.headers.items()),
            redaction=self.redaction,
        )

    def _sent(self, response: Any) -> None:
        """Note the request that was sent last, after redirects."""
        sent = getattr(response, "_request", None)  # `.request` raises where there is none
        if sent is not None:
            self._method, self._url = sent.method, str(sent.url)
            self._learn(sent)

    def _learn(self, request: Any) -> None:
        """Note the secrets of a request of the client's library, with those of the client."""
        url, headers = str(request.url), request.headers.multi_items()
        body = getattr(request, "_content", None)
        self._secrets.update(secrets_of(url, headers, body=body))
        self._redaction = None

    def _decoder(self) -> BodyDecoder:
        return BodyDecoder(self._response.headers.get("content-encoding"), self._limits)


class _AsyncConnection(_Connection):
    async def _send_once(self, request: Any, options: Mapping[str, Any]) -> Any:
        return await self._client.send(request, **options)

    async def _close_response(self, response: Any) -> None:
        await response.aclose()

    def _raw(self, response: Any) -> AsyncGenerator[bytes, None]:
        raw: AsyncGenerator[bytes, None] = response.aiter_raw()
        return raw


class _SyncConnection(_Connection):
    """Its calls block; `connected` is called with the network stream of a new connection."""

    def __init__(
        self,
        exchange: Exchange,
        client: Any,
        response: Any,
        limits: Limits,
        connected: Callable[[Any], None],
    ) -> None:
        super().__init__(exchange, client, response, limits)
        self._connected = connected
        self._extensions = {"trace": self._trace}

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Note a new connection, so that a stop works before the response begins."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._connected(info.get("return_value"))

    async def open(self) -> Head:
        head = await super().open()
        self._connected(self._response.extensions.get("network_stream"))
        return head

    async def close(self) -> None:
        self._connected(None)
        await super().close()

    async def _send_once(self, request: Any, options: Mapping[str, Any]) -> Any:
        return self._client.send(request, **options)

    async def _close_response(self, response: Any) -> None:
        response.close()

    def _raw(self, response: Any) -> AsyncGenerator[bytes, None]:
        return each(response.iter_raw())


def _check_sockets(client: Any) -> None:
    """Refuse a client with the transport of its library, which opens sockets, in a browser."""
    if type(getattr(client, "_transport", None)).__name__ in _ON_SOCKETS:
        check_not_in_browser(
            "A browser gives Python no sockets, which this client needs: leave client= out, and "
            "the browser itself sends the request."
        )


async def _own_client() -> httpx.AsyncClient:
    if IN_BROWSER:
        from .fetch import fetch_client

        return fetch_client()
    # On a thread: the first call imports httpx and loads all certificates, which takes 60 ms and
    # would hold up other streams.
    places = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    context = await asyncio.to_thread(_tls, places)
    import httpx

    return httpx.AsyncClient(verify=context)


@cache
def _tls(_places: tuple[str | None, str | None]) -> ssl.SSLContext:
    """Return the trusted certificates, loaded once for each location."""
    import httpx

    return httpx.create_ssl_context()


def _name_of(response: Any) -> str:
    sent = getattr(response, "_request", None)
    return safe_url(str(sent.url)) if sent is not None else "response"
