"""Drivers: they read a source, hand its events to the run, and say when the producer is closed.

An asynchronous source is a task on an event loop and is stopped by cancelling it. A synchronous one
is read on a worker thread of its own and is stopped between two batches.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from contextlib import aclosing, closing
from dataclasses import dataclass

from ..errors import StopRequested, StreamWidgetError
from ..sources.base import AsyncSource, Context, Source, SyncSource
from .loop import streaming_loop
from .run import Run
from .words import source_error

BREATH_S = 0.005
"""How long a source whose items are always ready may hold the loop before others have a turn."""


@dataclass(slots=True)
class _Next:
    """The source to go on with, if the present one named one."""

    source: Source | None = None

    def set(self, source: Source) -> None:
        self.source = source


def drive(run: Run, source: Source, *, format_name: str = "auto") -> None:
    """Starts reading `source` in the background and returns at once."""
    run.start(source.name)
    max_time_s = None if run.budget is None else run.budget.max_time_s
    if max_time_s is not None:
        loop = streaming_loop()
        loop.call_soon_threadsafe(loop.call_later, max_time_s, run.check_budget)
    _continue(run, source, format_name, contextvars.copy_context())


def _continue(run: Run, source: Source, format_name: str, variables: contextvars.Context) -> None:
    follow_up = _Next()
    context = Context(
        new_id=run.new_id,
        stop_requested=run.stop_requested,
        push=run.push,
        continue_with=follow_up.set,
        limits=run.limits,
        format=format_name,
        alive=run.life,
        dropped=run.drop,
        advise=run.advise,
    )
    run.noun = getattr(source, "noun", "source")
    run.sender = getattr(source, "send", None)
    if run.noun == "connection":
        run.life()  # silence is counted from here
        _look_for_life_later(run, run.limits.stall_s)

    def over(error: StreamWidgetError | None) -> None:
        if error is None and follow_up.source is not None and not run.stop_requested():
            _continue(run, follow_up.source, format_name, variables)
        else:
            run.producer_closed(error)

    if isinstance(source, SyncSource):
        _start_thread(run, source, context, variables, over)
    else:
        _start_task(run, source, context, variables, over)


Over = Callable[[StreamWidgetError | None], None]


def _start_thread(
    run: Run, source: SyncSource, context: Context, variables: contextvars.Context, over: Over
) -> None:
    def work() -> None:
        error: StreamWidgetError | None = None
        try:
            with closing(source.stream(context)) as stream:  # type: ignore[type-var]
                for events in stream:
                    run.push(events)
                    if run.marker is not None or run.stop_requested():
                        break
        except StopRequested:
            pass
        except StreamWidgetError as ours:
            error = ours
        except BaseException as theirs:  # whatever the user's code raises is told, not lost
            error = source_error(theirs)
        over(error)

    run.on_stop = _stopper(run, source.interrupt)
    # a copy, because a context can be entered by one thread at a time
    target = variables.copy().run
    threading.Thread(target=target, args=(work,), name="streamwidget-source", daemon=True).start()


def _start_task(
    run: Run, source: AsyncSource, context: Context, variables: contextvars.Context, over: Over
) -> None:
    loop = source.home_loop or streaming_loop()
    task: asyncio.Task[None] | None = None
    begun = False

    async def work() -> None:
        nonlocal begun
        begun = True
        error: StreamWidgetError | None = None
        if run.stop_requested():
            cancel()  # at the source's first wait, so that what it was given is closed
        try:
            async with aclosing(source.stream(context)) as stream:  # type: ignore[type-var]
                breath = time.monotonic() + BREATH_S
                async for events in stream:
                    run.push(events)
                    if run.marker is not None or run.stop_requested():
                        break
                    if time.monotonic() > breath:
                        await asyncio.sleep(0)
                        breath = time.monotonic() + BREATH_S
        except (StopRequested, asyncio.CancelledError) as cancelled:
            if not run.stop_requested():
                error = source_error(cancelled)
        except StreamWidgetError as ours:
            error = ours
        except BaseException as theirs:
            error = source_error(theirs)
        over(error)

    def begin() -> None:
        nonlocal task
        task = loop.create_task(work())

    def cancel() -> None:
        if task is not None and begun:  # a task that is cancelled before it begins never runs
            task.cancel()

    run.on_stop = _stopper(run, lambda: _call(loop, cancel))
    _call(loop, begin, variables)


def _call(
    loop: asyncio.AbstractEventLoop,
    function: Callable[[], None],
    variables: contextvars.Context | None = None,
) -> None:
    loop.call_soon_threadsafe(function, context=variables)


def _stopper(run: Run, wake: Callable[[], None]) -> Callable[[], None]:
    """What a stop does to a producer: wakes it, and gives it up when it does not let go in time."""

    def stop() -> None:
        wake()
        _call(streaming_loop(), lambda: _give_up_later(run))

    return stop


def _look_for_life_later(run: Run, wait_s: float) -> None:
    loop = streaming_loop()

    def look() -> None:
        again_s = run.look_for_life()
        if again_s is not None:
            loop.call_later(again_s, look)

    loop.call_soon_threadsafe(loop.call_later, wait_s, look)


def _give_up_later(run: Run) -> None:
    streaming_loop().call_later(run.limits.close_timeout_s, run.give_up)
