"""Context managers, and objects that stream through a method, as sources.

SDKs return them for streams: `client.messages.stream(...)`, `httpx.stream(...)`, `session.get(...)`
of aiohttp, `connect_sse(...)`. A run enters them at its start, streams what they give, and exits
them at its end. Recognised by their methods.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, aclosing, closing
from typing import Any, Final, cast

from ..errors import UsageError
from ..events import Event
from ..io.source import AsyncSource, Context, Kind, Source, SyncSource, running_loop
from .iterators import async_bytes_source, bytes_source

Resolve = Callable[[object], Source]

_NO_STREAMS: Final = ("acquire", "submit", "request", "execute", "communicate", "__fspath__")
"""Methods of managers that give no stream, and that entering and exiting would close: locks,
executors, clients, databases, processes, paths."""

_METHODS: Final[tuple[tuple[str, dict[str, object]], ...]] = (
    ("stream_events", {}),  # OpenAI Agents SDK
    ("aiter_sse", {}),  # httpx-sse
    ("iter_sse", {}),
    ("stream_text", {"delta": True}),  # pydantic-ai
    ("async_response_gen", {}),  # LlamaIndex
)
"""Methods that return an iterator, with their arguments."""


def manager_source(value: object, resolve: Resolve) -> Source | None:
    """Return a source that enters a context manager when its run starts; None for other values."""
    kind = type(value)
    if isinstance(value, type) or any(hasattr(kind, name) for name in _NO_STREAMS):
        return None
    if hasattr(kind, "__aenter__") and hasattr(kind, "__aexit__"):
        return _AsyncManaged(cast("AbstractAsyncContextManager[object]", value), resolve)
    if hasattr(kind, "__enter__") and hasattr(kind, "__exit__"):
        return _Managed(cast("AbstractContextManager[object]", value), resolve)
    return None


def stream_of_method(value: object, resolve: Resolve) -> Source | None:
    """Return the source of an object that streams through a method; None for other values."""
    if isinstance(value, type):
        return None
    if hasattr(value, "iter_bytes") or hasattr(value, "aiter_bytes"):
        return _from_body(value)
    for name, arguments in _METHODS:
        method = getattr(value, name, None)
        if callable(method):
            return resolve(method(**arguments))
    gen = getattr(value, "response_gen", None)  # LlamaIndex: a generator
    return None if gen is None else resolve(gen)


def stream_of_response(value: object, resolve: Resolve) -> Source | None:
    """Return the source of the stream in a response of boto3, which is a dict; None for others."""
    if not isinstance(value, Mapping) or "ResponseMetadata" not in value:
        return None
    for member in value.values():
        if hasattr(member, "__iter__") and not isinstance(member, (str, bytes, Mapping, Sequence)):
            return resolve(member)
    return None


def _from_body(response: Any) -> Source:
    """Return the source of an SDK's own class of responses, such as OpenAI's `APIResponse`."""
    name = type(response).__name__
    headers = getattr(response, "headers", None)
    content_type = headers.get("content-type") if isinstance(headers, Mapping) else None
    if hasattr(response, "aiter_bytes") or hasattr(response.iter_bytes(), "__aiter__"):
        chunks = (
            response.aiter_bytes if hasattr(response, "aiter_bytes") else response.iter_bytes
        )()
        return async_bytes_source(chunks, content_type=content_type, name=name)
    return bytes_source(response.iter_bytes(), content_type=content_type, name=name)


class _Managed:
    """Enters a context manager on a worker thread."""

    kind = Kind()
    restartable = False

    def __init__(self, manager: AbstractContextManager[object], resolve: Resolve) -> None:
        self.name = type(manager).__name__.lstrip("_")
        self._manager = manager
        self._resolve = resolve
        self._inner: SyncSource | None = None

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Yield the events of what the manager gives."""
        with self._manager as opened:
            inner = self._resolve(opened)
            if not isinstance(inner, SyncSource):
                raise UsageError(
                    f"The context manager ({self.name}) gave a {type(opened).__name__}, which is "
                    "asynchronous. Pass the asynchronous context manager of the same library."
                )
            self._inner = inner
            with closing(cast("Any", inner.stream(context))) as stream:
                yield from stream

    def interrupt(self) -> None:
        """Wake a blocked read, if what was entered can do that."""
        if self._inner is not None:
            self._inner.interrupt()


class _AsyncManaged:
    """Enters an asynchronous context manager on an event loop."""

    kind = Kind()
    restartable = False

    def __init__(self, manager: AbstractAsyncContextManager[object], resolve: Resolve) -> None:
        self.name = type(manager).__name__.lstrip("_")
        # a session of aiohttp belongs to the loop where it was created
        is_bound = type(manager).__module__.partition(".")[0] == "aiohttp"
        self.home_loop: asyncio.AbstractEventLoop | None = running_loop() if is_bound else None
        self._manager = manager
        self._resolve = resolve

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Yield the events of what the manager gives."""
        async with self._manager as opened:
            inner = self._resolve(opened)
            if isinstance(inner, AsyncSource):
                async with aclosing(cast("Any", inner.stream(context))) as stream:
                    async for events in stream:
                        yield events
                return
            with closing(cast("Any", inner.stream(context))) as batches:
                for events in batches:
                    yield events
                    await asyncio.sleep(0)
