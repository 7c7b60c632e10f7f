"""Runs a source to its end without a widget."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import cast

from ..budget import Budget
from ..errors import StreamWidgetError, UsageError
from ..limits import DEFAULT_LIMITS, Limits
from ..sources.base import Source, SyncSource, running_loop
from ..sources.chunks import async_bytes_source, bytes_source
from ..sources.resolve import resolve
from .drive import drive
from .result import Result
from .run import Run
from .waiting import wait, wait_async


def collect(
    source: object,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    budget: Budget | None = None,
    timeout_s: float | None = None,
) -> Result:
    """Runs `source` to its end and gives the result; blocks.

    `content_type` says what an iterator of bytes carries, as an HTTP answer would. A failure is
    told in `Result.error`, with what had arrived; after `timeout_s` seconds the run is stopped, and
    when it passes a bound of `budget`.

    Raises:
        KeyboardInterrupt: the wait was interrupted; the run has been stopped first.
    """
    run = Run(limits=limits, budget=budget)
    begin(run, source, format=format, content_type=content_type, blocking=True)
    result = wait(run, timeout_s)
    if run.finished.is_set():
        return result
    run.request_stop()
    return wait(run, limits.close_timeout_s + 1)


async def acollect(
    source: object,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    budget: Budget | None = None,
) -> Result:
    """Runs `source` to its end and gives the result; for use with `await`.

    Raises:
        asyncio.CancelledError: the wait was cancelled; the run has been stopped first.
    """
    run = Run(limits=limits, budget=budget)
    begin(run, source, format=format, content_type=content_type)
    return await wait_async(run)


def begin(
    run: Run,
    value: object,
    *,
    format: str = "auto",
    content_type: str | None = None,
    blocking: bool = False,
) -> Source | None:
    """Resolves what the user passed and sets the run to work; None if that failed.

    A value that cannot be streamed fails the run, so that it is shown where the stream would be.
    """
    try:
        source = _source(value, content_type)
        if blocking:
            check_blocking(source)
    except StreamWidgetError as error:
        run.start(type(value).__name__)
        run.end("fail", error)
        return None
    drive(run, source, format_name=format)
    return source


def check_blocking(source: Source) -> None:
    """Holds back a wait that could never end.

    Raises:
        UsageError: the source needs the very event loop whose thread is about to block.
    """
    home = None if isinstance(source, SyncSource) else source.home_loop
    if home is not None and home is running_loop():
        raise UsageError(
            "This stream was opened on the notebook's own event loop, which a blocking wait would "
            "stop: use `await` (await view, or await acollect(...)) instead."
        )


def _source(value: object, content_type: str | None) -> Source:
    if content_type is None:
        return resolve(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes_source([bytes(value)], content_type=content_type)
    if isinstance(value, AsyncIterable):
        return async_bytes_source(cast("AsyncIterable[bytes]", value), content_type=content_type)
    if isinstance(value, Iterable):
        return bytes_source(cast("Iterable[bytes]", value), content_type=content_type)
    raise UsageError("content_type= belongs to bytes or to an iterator of bytes.")
