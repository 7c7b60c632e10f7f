"""Futures as sources: one or many, of `concurrent.futures`, asyncio, Dask and similar libraries.

Recognised by their methods, so that no library is imported. One future yields its result: text, a
JSON value, or another source to continue with. For many futures, a progress bar counts those that
are done, and each result becomes a row as it arrives. A stop cancels those that are not done.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, cast

from ..errors import SourceError, excerpt
from ..events import Event, Failure, Progress, Rows, RowsEnd, RunEnd
from ..io.source import Context, Kind, Source
from .results import is_stream, value_events

Resolve = Callable[[object], Source]

_CALLS = ("add_done_callback", "result", "cancel", "done")


def is_future(value: object) -> bool:
    """True if `value` is a future of any library."""
    return not isinstance(value, type) and all(
        callable(getattr(value, name, None)) for name in _CALLS
    )


def futures_of(value: object, resolve: Resolve) -> Source | None:
    """Return a source if `value` is a future or a collection of futures; else None.

    If a single future raises, the run fails. If one of many raises, its row says so, and the others
    continue.
    """
    if is_future(value):
        return _OneFuture(value, resolve)
    if isinstance(value, (list, tuple, set, frozenset)) and value and all(map(is_future, value)):
        return _ManyFutures(list(value))
    return None


class _Done:
    """Yields futures to a coroutine in the order in which they are done."""

    def __init__(self, futures: Sequence[Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        for future in futures:
            future.add_done_callback(self._put)

    def _put(self, future: object) -> None:
        """Queue a finished future; called on any thread."""
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, future)
        except RuntimeError:
            pass  # the loop is closed, so nothing is waiting

    async def next(self) -> Any:
        return await self._queue.get()


async def _result(future: Any) -> object:
    """Return the result of a finished future.

    For other libraries a worker thread fetches it, because it may come over the network.

    Raises:
        Exception: the exception of the future's function.
    """
    if isinstance(future, (asyncio.Future, concurrent.futures.Future)):
        return cast("object", future.result())
    return await asyncio.to_thread(future.result)


def _cancel(futures: Sequence[Any]) -> None:
    for future in futures:
        if not future.done():
            future.cancel()


def _home_loop(futures: Sequence[object]) -> asyncio.AbstractEventLoop | None:
    """Return the event loop of the asyncio futures among them; None if there are none."""
    for future in futures:
        if isinstance(future, asyncio.Future):
            return future.get_loop()
    return None


class _OneFuture:
    kind = Kind(noun="future")
    restartable = False

    def __init__(self, future: object, resolve: Resolve) -> None:
        self.name = _name_of(future)
        self.home_loop = _home_loop([future])
        self._future: Any = future
        self._resolve = resolve

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        try:
            value = await _result(await _Done([self._future]).next())
        except asyncio.CancelledError:
            if _was_cancelled(self._future):
                raise SourceError(f"The {self.name} was cancelled.") from None
            raise
        finally:
            _cancel([self._future])
        if is_stream(value):
            context.continue_with(self._resolve(value))
            return
        yield [*value_events(value, context.new_id), RunEnd("complete")]


class _ManyFutures:
    kind = Kind(noun="futures")
    restartable = False

    def __init__(self, futures: Sequence[object]) -> None:
        self.name = f"{len(futures):,} futures"
        self.home_loop = _home_loop(futures)
        self._futures: list[Any] = list(futures)

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        numbers = {id(future): number for number, future in enumerate(self._futures, 1)}
        progress_id, table_id = context.new_id("p"), context.new_id("r")
        total = len(self._futures)
        done = _Done(self._futures)
        started, failures = time.monotonic(), 0
        yield [Progress(progress_id, 0, total, "futures")]
        try:
            for count in range(1, total + 1):
                future = await done.next()
                row, error = await self._row(future, numbers[id(future)], started)
                failures += error is not None
                failed = f"{failures:,} failed" if failures else None
                rows = Rows(table_id, "results", tuple(row), (tuple(row.values()),))
                first = [] if error is None or failures > 1 else [_failure(error, row["future"])]
                yield [rows, *first, Progress(progress_id, count, total, "futures", failed)]
        finally:
            _cancel(self._futures)
        if failures == total:
            raise SourceError(f"All {total:,} futures failed. The table lists the errors.")
        yield [RowsEnd(table_id), RunEnd("complete")]

    async def _row(
        self, future: Any, number: int, started: float
    ) -> tuple[dict[str, object], Exception | None]:
        """Return the table row of a finished future, and its exception if it failed."""
        row: dict[str, object] = {"future": number}
        try:
            value = await _result(future)
        except asyncio.CancelledError:
            if not _was_cancelled(future):
                raise  # this run was cancelled, not the future
            return {**row, "state": "cancelled", **_after(started)}, None
        except Exception as error:
            message = excerpt(str(error))
            text = f"{type(error).__name__}{': ' if message else ''}{message}"
            return {**row, "state": "failed", **_after(started), "error": text}, error
        return {**row, "state": "done", **_after(started), **_cells(value)}, None


def _was_cancelled(future: Any) -> bool:
    cancelled = getattr(future, "cancelled", None)
    return bool(cancelled()) if callable(cancelled) else False


def _after(started: float) -> dict[str, object]:
    return {"after_s": round(time.monotonic() - started, 3)}


def _cells(value: object) -> dict[str, object]:
    """Return the columns of a result: the members of a dict, else one."""
    if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
        return dict(value)
    return {} if value is None else {"result": value}


def _failure(error: Exception, number: object) -> Failure:
    """Return the failure of the first future that failed; the table lists them all."""
    return Failure(
        f"Future {number} failed: {type(error).__name__}: {excerpt(str(error))}",
        fault="source",
        error_type=type(error).__name__,
        fatal=False,
    )


def _name_of(future: object) -> str:
    """Return a name for people: `task fetch_papers`, `future`."""
    if isinstance(future, asyncio.Task):
        return f"task {future.get_name()}"
    key = getattr(future, "key", None)
    return f"future {key}" if isinstance(key, str) else "future"
