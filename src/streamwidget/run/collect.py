"""Run a source to its end without a widget."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import cast

from ..budget import Budget
from ..errors import StreamWidgetError, UsageError
from ..io.source import Source, SyncSource, running_loop
from ..journal.writer import Redact
from ..limits import DEFAULT_LIMITS, Limits
from ..sources.iterators import async_bytes_source, bytes_source
from ..sources.resolve import resolve
from ..threads import check_can_block
from .drive import drive
from .journaling import JournalOption, expect_journal, start_journal
from .loops import is_streaming_loop
from .result import Result
from .run import Run
from .states import StopCause
from .waiting import wait, wait_async
from .words import source_error


def collect(
    source: object,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    budget: Budget | None = None,
    timeout: float | None = None,
    journal: JournalOption = None,
    redact: Redact | None = None,
) -> Result:
    """Run `source` to its end and return the result; blocks.

    `content_type` is the content type of an iterator of bytes, as in the header of an HTTP
    response. A failure does not raise: it is in `Result.error`, and everything received is kept.
    The run is stopped when it reaches a limit of `budget`, or after `timeout` seconds (None: no
    limit); its status is then `stopped`. `journal` records the run in a file, and `redact` is
    called with each event before it is written there, as in `StreamView`.

    Raises:
        KeyboardInterrupt: the wait was interrupted; the run has been stopped first.
        UsageError: called in a coroutine job, whose event loop it would block, or in a browser,
            where nothing can block.
    """
    check_can_block("`await acollect(...)`")
    check_not_on_our_loop()
    run = Run(limits=limits, budget=budget)
    expect_journal(run, journal)
    begin(run, source, format=format, content_type=content_type, blocking=True)
    written = start_journal(run, journal, redact=redact)
    try:
        return wait(run, timeout)
    except TimeoutError:
        run.request_stop(by=StopCause("timeout", timeout, "s"))
        return wait(run)
    finally:
        if written is not None:
            written.flush()


async def acollect(
    source: object,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    budget: Budget | None = None,
    journal: JournalOption = None,
    redact: Redact | None = None,
) -> Result:
    """Run `source` to its end and return the result; for use with `await`.

    The arguments are those of `collect`.

    Raises:
        asyncio.CancelledError: the wait was cancelled; the run has been stopped first.
    """
    run = Run(limits=limits, budget=budget)
    expect_journal(run, journal)
    begin(run, source, format=format, content_type=content_type)
    written = start_journal(run, journal, redact=redact)
    try:
        return await wait_async(run)
    finally:
        if written is not None:
            written.flush()


def begin(
    run: Run,
    value: object,
    *,
    format: str = "auto",
    content_type: str | None = None,
    blocking: bool = False,
    captures: bool = False,
) -> Source | None:
    """Resolve the value that the user passed and start to read it; return None if that failed.

    A value that cannot be streamed fails the run, so that the error is shown in the view.
    """
    try:
        source = _source(value, content_type)
        if blocking:
            check_blocking(source)
    except StreamWidgetError as error:
        _fail(run, value, error)
        return None
    except Exception as error:  # an opener or recogniser of the user's
        _fail(run, value, source_error(error))
        return None
    drive(run, source, format_name=format, captures=captures)
    return source


def _fail(run: Run, value: object, error: StreamWidgetError) -> None:
    run.start(type(value).__name__)
    run.end("fail", error)


def check_not_on_our_loop() -> None:
    """Raise if this thread runs an event loop of users' coroutines, which must not be blocked.

    Raises:
        UsageError: this is the thread of such a loop.
    """
    if is_streaming_loop(running_loop()):
        raise UsageError(
            "A coroutine must not block, because it shares its event loop with other coroutines. "
            "Use `await view` or `await acollect(...)` here, or make the job a plain "
            "function."
        )


def check_blocking(source: Source) -> None:
    """Raise if waiting for `source` on this thread could never end.

    Raises:
        UsageError: the source needs the very event loop whose thread is about to block.
    """
    home = None if isinstance(source, SyncSource) else source.home_loop
    if home is not None and home is running_loop():
        raise UsageError(
            "This stream was opened on the notebook's own event loop, which a blocking wait would "
            "block. Use `await view` or `await acollect(...)` instead."
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
    raise UsageError("content_type= can only be passed with bytes or an iterator of bytes.")
