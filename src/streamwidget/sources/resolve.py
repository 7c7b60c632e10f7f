"""What the user passed becomes a source. The one place that knows all kinds."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Callable, Iterable
from typing import cast

from ..errors import UsageError, excerpt
from .base import AsyncSource, Source, SyncSource
from .functions import CoroutineSource, function_source
from .futures import futures_of
from .http import http_source_from_request, http_source_from_url, open_response
from .iterators import async_iterable_source, iterable_source
from .responses import open_other_response
from .rows import is_frame
from .websocket import websocket

SUPPORTED = (
    "a URL (http://, https://, ws:// or wss://), http(...), websocket(...), process(...), "
    "follow(path), a request of httpx or httpx2, an open response of these, of requests or of "
    "aiohttp, an iterator or generator of str, bytes, dicts or data frames (async too), a data "
    "frame, a coroutine, a future or a list of futures, or a function that takes an emitter or "
    "returns one of these"
)


def resolve(value: object) -> Source:
    """The source that `value` is.

    Raises:
        UsageError: `value` is nothing that can be streamed; the message lists what can be.
    """
    if isinstance(value, (SyncSource, AsyncSource)):
        return value
    if isinstance(value, str):
        return _from_str(value)
    for make in (
        _from_http_object,
        open_other_response,
        _from_awaitable,
        _from_iterable,
        _from_callable,
    ):
        source = make(value)
        if source is not None:
            return source
    raise UsageError(f"A {type(value).__name__} cannot be streamed: pass {SUPPORTED}.")


def _from_str(text: str) -> Source:
    if text.startswith(("http://", "https://")):
        return http_source_from_url(text)
    if text.startswith(("ws://", "wss://")):
        return websocket(text)
    raise UsageError(
        f"The text {excerpt(text, 40)!r} is not a URL that can be streamed: pass {SUPPORTED}. "
        "To show a text that you have, pass [text]."
    )


def _from_http_object(value: object) -> Source | None:
    """A request or an open response, told by its class's module so that nothing is imported."""
    package = type(value).__module__.partition(".")[0]
    if package not in {"httpx", "httpx2"}:
        return None
    if type(value).__name__ == "Request":
        return http_source_from_request(value)
    if type(value).__name__ == "Response":
        return open_response(value)
    return None


def _from_awaitable(value: object) -> Source | None:
    if inspect.iscoroutine(value):
        return CoroutineSource(value, resolve)
    return futures_of(value, resolve)


def _from_iterable(value: object) -> Source | None:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return iterable_source([bytes(value)], "bytes")
    if is_frame(value):
        return iterable_source([value], type(value).__name__)
    name = getattr(value, "__name__", type(value).__name__)
    if isinstance(value, AsyncIterable):
        return async_iterable_source(value, name)
    if isinstance(value, Iterable) and not isinstance(value, (dict, type)):
        return iterable_source(value, name)
    return None


def _from_callable(value: object) -> Source | None:
    if not callable(value) or isinstance(value, type):
        return None
    return function_source(cast("Callable[..., object]", value), resolve)
