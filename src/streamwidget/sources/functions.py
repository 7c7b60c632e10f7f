"""Functions as sources: a job that takes an `Emitter`, or a factory of any other source.

The return value counts too: text is shown, and a run continues with a value that is a source.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import cast

from ..emit import Emitter, EventSink, stop_check
from ..emit.event_sink import set_current_sink
from ..errors import UsageError
from ..events import Event, RunEnd, TextDelta
from ..io.source import Context, Kind, Source
from ..threads import Turns, check_can_block, has_threads
from .results import is_stream, value_events

Resolve = Callable[[object], Source]


class _Job:
    """Base of both kinds of job: calls the function, and turns its return value into events."""

    restartable = True
    kind = Kind()

    def __init__(self, function: Callable[..., object], resolve: Resolve) -> None:
        self.name = f"{getattr(function, '__name__', type(function).__name__)}()"
        self._function = function
        self._resolve = resolve
        self._takes_emitter = takes_argument(function)

    def check_await(self) -> None:
        """Do nothing: a coroutine can await."""

    def check(self, context: Context) -> Callable[[], None]:
        """Return a check that every emitter call begins with; it raises once a stop was
        requested."""
        return stop_check(context.stop_requested)

    def call(self, context: Context) -> object:
        """Call the function, with an emitter if it takes one, and return its value."""
        sink = EventSink(
            context.push,
            context.new_id,
            context.stop_requested,
            self.check(context),
            context.limits,
            context.controls,
        )
        sink.check_await = self.check_await
        if context.capture is not None:
            context.capture.follow(sink)
        set_current_sink(sink)
        if not self._takes_emitter:
            return self._function()
        return self._function(Emitter(sink))

    def finish(self, value: object, context: Context) -> list[Event]:
        """Return the last events of a job that returned `value`; none if the run continues with it.

        Raises:
            UsageError: a function without an emitter returned None.
        """
        if isinstance(value, str) and not value.startswith(("http://", "https://")):
            return [TextDelta(context.new_id("t"), value), RunEnd("complete")]
        if value is not None and (not self._takes_emitter or is_stream(value)):
            context.continue_with(self._resolve(value))
            return []
        if self._takes_emitter or context.capture is not None:
            return [RunEnd("complete")]
        raise UsageError(
            f"{self.name} returned None. A function without parameters must return a source; a "
            "function that emits takes one parameter: def job(emit): ..."
        )


class FunctionSource(_Job):
    """A plain function, run on a worker thread; a pause holds it at its next emitter call.

    Without threads it has the event loop to itself, except where the browser can suspend it.
    """

    def __init__(self, function: Callable[..., object], resolve: Resolve) -> None:
        super().__init__(function, resolve)
        self.kind = Kind(is_pausable=has_threads())

    def check_await(self) -> None:
        """Refuse a question where a plain function runs on the event loop: without threads.

        Raises:
            UsageError: there are no threads.
        """
        check_can_block("`await emit.ask(...)` in an `async def`")

    def check(self, context: Context) -> Callable[[], None]:
        """Return a check that also waits while the run is paused."""
        stopped, turns = super().check(context), Turns()

        def held() -> None:
            context.hold()
            turns()
            stopped()

        return held

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Run the function; its events go through the emitter."""
        yield self.finish(self.call(context), context)

    def interrupt(self) -> None:
        """Do nothing: a function stops at its next emitter call."""


class AsyncFunctionSource(_Job):
    """A coroutine function, run on the package's event loop, which a pause must not block."""

    kind = Kind(is_pausable=False)
    home_loop: asyncio.AbstractEventLoop | None = None

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Await the function; its events go through the emitter."""
        value = await cast("Awaitable[object]", self.call(context))
        yield self.finish(value, context)


class CoroutineSource:
    """A coroutine object, run once on the package's event loop."""

    restartable = False
    kind = Kind(is_pausable=False)
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, coroutine: Coroutine[object, None, object], resolve: Resolve) -> None:
        self.name = f"{getattr(coroutine, '__name__', 'coroutine')}()"
        self._coroutine = coroutine
        self._resolve = resolve

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Await the coroutine and yield the events of its value."""
        value = await self._coroutine
        if is_stream(value):
            context.continue_with(self._resolve(value))
            return
        yield [*value_events(value, context.new_id), RunEnd("complete")]


def function_source(function: Callable[..., object], resolve: Resolve) -> Source:
    """Return the source of a function: coroutine functions run on the loop, others on a thread."""
    call = getattr(function, "__call__", None)  # noqa: B004 (objects with an async __call__)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call):
        return AsyncFunctionSource(function, resolve)
    return FunctionSource(function, resolve)


def takes_argument(function: Callable[..., object]) -> bool:
    """True if `function` has a positional parameter without a default, which takes the emitter."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in kinds and p.default is p.empty for p in parameters)
