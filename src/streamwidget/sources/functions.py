"""Functions as sources: a job that takes an `Emitter`, or a factory of any other source.

What a function gives back counts too: text is shown, and anything that is a source itself is
handed to the run, which goes on with it where it belongs.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import cast

from ..errors import UsageError
from ..events import Event, RunEnd, TextDelta
from .base import Context, Source
from .emitter import Emitter
from .results import is_stream, value_events

Resolve = Callable[[object], Source]


class _Job:
    """What both kinds of job share: how the function is called, and what its value becomes."""

    restartable = True

    def __init__(self, function: Callable[..., object], resolve: Resolve) -> None:
        self.name = f"{getattr(function, '__name__', type(function).__name__)}()"
        self._function = function
        self._resolve = resolve
        self._takes_emitter = takes_argument(function)

    def call(self, context: Context) -> object:
        if not self._takes_emitter:
            return self._function()
        emitter = Emitter(
            context.push, context.new_id, context.stop_requested, limits=context.limits
        )
        return self._function(emitter)

    def finish(self, value: object, context: Context) -> list[Event]:
        """The last events of a job that gave `value`; empty where the run goes on with it."""
        if isinstance(value, str) and not value.startswith(("http://", "https://")):
            return [TextDelta(context.new_id("t"), value), RunEnd("complete")]
        if value is not None and (not self._takes_emitter or is_stream(value)):
            context.continue_with(self._resolve(value))
            return []
        if self._takes_emitter:
            return [RunEnd("complete")]
        raise UsageError(
            f"{self.name} gave None: a function without parameters must return what is to be "
            "streamed; a function that emits takes one parameter, def job(emit): ..."
        )


class FunctionSource(_Job):
    """A plain function, run on a worker thread."""

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        yield self.finish(self.call(context), context)

    def interrupt(self) -> None:
        """Nothing can wake a function; it meets the stop at its next call of the emitter."""


class AsyncFunctionSource(_Job):
    """A coroutine function, run on the package's loop."""

    home_loop: asyncio.AbstractEventLoop | None = None

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        value = await cast("Awaitable[object]", self.call(context))
        yield self.finish(value, context)


class CoroutineSource:
    """A coroutine that somebody made already: run once, on the package's loop."""

    restartable = False
    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, coroutine: Coroutine[object, None, object], resolve: Resolve) -> None:
        self.name = f"{getattr(coroutine, '__name__', 'coroutine')}()"
        self._coroutine = coroutine
        self._resolve = resolve

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        value = await self._coroutine
        if is_stream(value):
            context.continue_with(self._resolve(value))
            return
        yield [*value_events(value, context.new_id), RunEnd("complete")]


def function_source(function: Callable[..., object], resolve: Resolve) -> Source:
    """A source over a function; a coroutine function runs on the loop, others on a thread."""
    call = getattr(function, "__call__", None)  # noqa: B004 (objects with an async __call__)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call):
        return AsyncFunctionSource(function, resolve)
    return FunctionSource(function, resolve)


def takes_argument(function: Callable[..., object]) -> bool:
    """Whether `function` has a positional parameter without a default: the emitter's place."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in kinds and p.default is p.empty for p in parameters)
