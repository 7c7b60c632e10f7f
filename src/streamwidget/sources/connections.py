"""Connections of httpx and httpx2: sent, read, closed, and made again where a stream goes on.

The libraries are told apart by their module's name; only httpx is imported, for the client of our
own. A client that was passed in is never closed; an answer always is, as soon as the run is over or
stopped. What is asked next is the exchange's to say: `Once`, or `resume.session.Session`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from functools import cache
from typing import Any, TypeAlias

import httpx

from ..errors import StreamWidgetError, safe_url
from ..events import Event
from ..limits import Limits
from .answers import Answer, secrets_of, translate
from .base import Context, running_loop
from .chunks import first_bytes
from .once import Once
from .request import HttpRequest
from .resume.design import Design, Reply
from .resume.session import Session

Exchange: TypeAlias = Once | Session
MakeDesign: TypeAlias = Callable[[], Design]


class _Http:
    """What both kinds have in common."""

    noun = "connection"

    def __init__(
        self,
        request: HttpRequest | None,
        client: Any,
        response: Any = None,
        *,
        design: MakeDesign | None = None,
    ) -> None:
        self.name = request.name if request else _name_of(response)
        self.restartable = bool(request and request.repeatable)
        self.request = request
        self._client = client
        self._response = response
        self._design = design

    def _exchange(self, context: Context) -> Exchange:
        if self._design is None or self.request is None:
            return Once(self.request, self.name, context)
        return Session(self.request, self._design(), self.name, context)


class AsyncHttp(_Http):
    """On an event loop, with a client of our own, the caller's, or an open response."""

    def __init__(
        self,
        request: HttpRequest | None,
        client: Any,
        response: Any = None,
        *,
        design: MakeDesign | None = None,
    ) -> None:
        super().__init__(request, client, response, design=design)
        bound = client is not None or response is not None
        self.home_loop = running_loop() if bound else None

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        own: httpx.AsyncClient | None = None
        exchange = self._exchange(context)
        try:
            if self._client is None and self._response is None:
                own = await _own_client()
            while True:
                connection = self._connection(exchange, own or self._client, context.limits)
                async with aclosing(connection):  # type: ignore[type-var]
                    async for events in connection:
                        yield events
                if exchange.last:
                    yield exchange.last
                if exchange.wait_s is None:
                    return
                if not exchange.quiet:
                    context.dropped()
                await asyncio.sleep(exchange.wait_s)
        finally:
            await _close_all([own.aclose] if own else [], context.limits.close_timeout_s)

    async def _connection(
        self, exchange: Exchange, client: Any, limits: Limits
    ) -> AsyncIterator[Sequence[Event]]:
        response: Any = None
        chunks: Any = None
        asked = _Asked(exchange, self._response)
        try:
            response = self._response or await self._send(asked, client, limits)
            chunks = response.aiter_bytes()
            answer, reply = asked.answered(response)
            if not exchange.answered(answer, reply):
                beginning = await _first_bytes(chunks, limits, limits.connect_timeout_s)
                exchange.refused(answer, beginning)
                return
            async for chunk in chunks:
                if events := exchange.feed(chunk):
                    yield events
                exchange.applied()
                if exchange.ended:
                    break
            exchange.over()
        except Exception as error:
            asked.broke(error)
        finally:
            closings = [c.aclose for c in (chunks, response) if c is not None]
            await _close_all(closings, limits.close_timeout_s)

    async def _send(self, asked: _Asked, client: Any, limits: Limits) -> Any:
        told, request = asked.make(client, limits, {})
        return await client.send(request, **told.send_options())


class SyncHttp(_Http):
    """On a worker thread, with the caller's client or open response; `interrupt` wakes a read."""

    def __init__(
        self,
        request: HttpRequest | None,
        client: Any,
        response: Any = None,
        *,
        design: MakeDesign | None = None,
    ) -> None:
        super().__init__(request, client, response, design=design)
        self._network: Any = None
        self._woken = threading.Event()

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        exchange = self._exchange(context)
        self._woken.clear()
        while True:
            with closing(self._connection(exchange, context)) as connection:  # type: ignore[type-var]
                yield from connection
            if exchange.last:
                yield exchange.last
            if exchange.wait_s is None or context.stop_requested():
                return
            if not exchange.quiet:
                context.dropped()
            self._woken.wait(exchange.wait_s)
            if context.stop_requested():
                return

    def _connection(self, exchange: Exchange, context: Context) -> Iterator[Sequence[Event]]:
        response: Any = None
        asked = _Asked(exchange, self._response)
        try:
            response = self._response or self._send(asked, context)
            self._connected(context, response.extensions.get("network_stream"))
            answer, reply = asked.answered(response)
            chunks = response.iter_bytes()
            if not exchange.answered(answer, reply):
                exchange.refused(answer, first_bytes(chunks, context.limits))
                return
            for chunk in chunks:
                events = exchange.feed(chunk)
                if events or context.stop_requested():
                    yield events
                exchange.applied()
                if exchange.ended:
                    break
            exchange.over()
        except Exception as error:
            if not context.stop_requested():  # else it is our own `interrupt` that broke it
                asked.broke(error)
        finally:
            self._network = None
            if response is not None:
                with contextlib.suppress(Exception):
                    response.close()

    def interrupt(self) -> None:
        """Shuts the socket down, so that a read that waits for it returns at once."""
        self._woken.set()
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

    def _send(self, asked: _Asked, context: Context) -> Any:
        def trace(name: str, info: Mapping[str, Any]) -> None:
            """Notes a new connection, so that a stop works while the answer has not begun."""
            if name.endswith(("connect_tcp.complete", "start_tls.complete")):
                self._connected(context, info.get("return_value"))

        told, request = asked.make(self._client, context.limits, {"trace": trace})
        return self._client.send(request, **told.send_options())


class _Asked:
    """What was asked in one connection, for the exchange and for the sentence if it fails."""

    def __init__(self, exchange: Exchange, response: Any) -> None:
        self._exchange = exchange
        told = exchange.request
        self._method = told.method if told else "GET"
        self._url = told.url if told else ""
        self._answered = False
        if response is not None:
            self._sent(response)

    def make(
        self, client: Any, limits: Limits, extensions: Mapping[str, Any]
    ) -> tuple[HttpRequest, Any]:
        """The request to send, as told and as the client's library has it."""
        told = self._exchange.request
        assert told is not None
        request = told.make(client, limits, extensions)
        self._exchange.sending(str(request.url))
        return told, request

    def answered(self, response: Any) -> tuple[Answer, Reply]:
        self._answered = True
        headers = response.headers
        sent = self._sent(response)
        answer = Answer(
            method=self._method,
            url=safe_url(self._url),
            status_code=response.status_code,
            content_type=headers.get("content-type"),
            location=headers.get("location"),
            secrets=secrets_of(self._url, iter(sent)),
        )
        told = {str(name).lower(): str(value) for name, value in headers.items()}
        return answer, Reply(status_code=response.status_code, headers=told, url=self._url)

    def broke(self, error: Exception) -> None:
        """Tells the exchange what `error` means in our own terms; raises it if that is the end."""
        count = self._exchange.byte_count if self._answered else None
        ours = translate(error, self._method, self._url, count)
        if ours is None:
            if not isinstance(error, StreamWidgetError):
                raise error
            ours = error
        names = {class_.__name__ for class_ in type(error).__mro__}
        connecting = bool(names & {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})
        try:
            self._exchange.broke(ours, connecting=connecting)
        except StreamWidgetError as told:
            raise told from None  # theirs may quote a header, as `LocalProtocolError` does

    def _sent(self, response: Any) -> list[tuple[str, str]]:
        """Notes what was sent last, after redirects; gives its headers."""
        sent = getattr(response, "_request", None)  # `.request` raises where there is none
        if sent is None:
            return []
        self._method, self._url = sent.method, str(sent.url)
        return list(sent.headers.multi_items())


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
        for close_one in closings:
            with contextlib.suppress(Exception):
                await close_one()

    if closings:
        await asyncio.wait({asyncio.ensure_future(close())}, timeout=timeout_s)


def _name_of(response: Any) -> str:
    sent = getattr(response, "_request", None)
    return safe_url(str(sent.url)) if sent is not None else "response"
