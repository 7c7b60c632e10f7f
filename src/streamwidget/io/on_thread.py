"""The asynchronous core on a thread without an event loop, for clients that block.

A synchronous client's calls are awaited like those of an asynchronous one; they block instead of
suspending, so each step of an asynchronous iterator is complete when it returns.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def iterate_here(stream: AsyncGenerator[T, None]) -> Iterator[T]:
    """Yield from `stream`, whose awaits block and never suspend, and close it at the end.

    Raises:
        RuntimeError: The stream awaited something that needs an event loop.
    """
    try:
        while True:
            try:
                item = _result(stream.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        _result(stream.aclose())


def _result(step: Coroutine[Any, Any, T]) -> T:
    try:
        step.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    step.close()
    raise RuntimeError("A step on a thread awaited something that needs an event loop.")


async def each(items: Iterable[T]) -> AsyncGenerator[T, None]:
    """Yield from `items`, whose iteration blocks."""
    for item in items:
        yield item
