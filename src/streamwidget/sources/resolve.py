"""Any value that the user passes to a source. The only module that knows all kinds."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Callable, Iterable
from typing import cast

from ..emit.rows import is_frame
from ..errors import UsageError, excerpt
from ..io.redaction import safe_url
from ..io.source import AsyncSource, Source, SyncSource
from .custom_sources import opened
from .functions import CoroutineSource, function_source
from .futures import futures_of
from .iterators import async_iterable_source, iterable_source
from .managers import manager_source, stream_of_method, stream_of_response

SUPPORTED = (
    "a URL (http://, https://, ws:// or wss://), http(...), websocket(...), process(...), "
    "follow(path), a request of httpx or httpx2, an open response of these, of requests or of "
    "aiohttp, an iterator or generator of str, bytes, dicts, data frames, rows or numbers (async "
    "too), a context manager that gives one of these, a data frame, a coroutine, a future or a "
    "list of futures, or a function that takes an emitter or returns one of these"
)


def resolve(value: object) -> Source:
    """Return the source for `value`.

    Raises:
        UsageError: `value` cannot be streamed; the message lists what can.
    """
    if isinstance(value, (SyncSource, AsyncSource)):
        return value
    opened_value = opened(value)
    if opened_value is not None and opened_value is not value:
        return resolve(opened_value)
    if isinstance(value, str):
        return _from_str(value)
    for make in (
        _from_http_object,
        _from_awaitable,
        _from_iterable,
        _from_opened,
        _from_callable,
    ):
        source = make(value)
        if source is not None:
            return source
    hint = next((f" {hint}" for name, hint in _HINTS if hasattr(value, name)), "")
    raise UsageError(f"A {type(value).__name__} cannot be streamed.{hint} Pass {SUPPORTED}.")


_HINTS = (
    ("communicate", "Pass process([...]) with the arguments of the command."),
    ("__fspath__", "Pass follow(path) to stream a file that grows."),
)


def _from_str(text: str) -> Source:
    begins = text[:8].lower()
    # Transports import their client libraries, so they are imported on first use.
    if begins.startswith(("http://", "https://")):
        from .http import http_source_from_url

        return http_source_from_url(text)
    if begins.startswith(("ws://", "wss://")):
        from ..io.websocket import websocket

        return websocket(text)
    shown = excerpt(safe_url(text), 40)
    raise UsageError(
        f"The text {shown!r} is not a URL that can be streamed. Pass {SUPPORTED}. "
        "To show the text itself, pass [text]."
    )


def _from_http_object(value: object) -> Source | None:
    """Return a source for a request or an open response, recognised by the module of its class."""
    packages = {class_.__module__.partition(".")[0] for class_ in type(value).__mro__}
    if packages.isdisjoint({"httpx", "httpx2", "requests", "aiohttp"}):
        return None
    from .http import http_source_from_request, open_other_response, open_response

    if type(value).__module__.partition(".")[0] in {"httpx", "httpx2"}:
        if type(value).__name__ == "Request":
            return http_source_from_request(value)
        if type(value).__name__ == "Response":
            return open_response(value)
    return open_other_response(value)


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
    is_awaitable = hasattr(type(value), "__await__")  # requests of aiohttp have `__iter__` too
    if isinstance(value, Iterable) and not isinstance(value, (dict, type)) and not is_awaitable:
        return iterable_source(value, name)
    return None


def _from_opened(value: object) -> Source | None:
    make = (manager_source, stream_of_method, stream_of_response)
    sources = (source_of(value, resolve) for source_of in make)
    return next((source for source in sources if source is not None), None)


def _from_callable(value: object) -> Source | None:
    if not callable(value) or isinstance(value, type):
        return None
    return function_source(cast("Callable[..., object]", value), resolve)
