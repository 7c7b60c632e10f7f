"""Drivers: they read a source, hand its events to the run, and report when it is closed.

An asynchronous source is a task on an event loop and is stopped by cancelling it. A synchronous one
is read on its own worker thread and is stopped between two batches. Whatever a source does, its run
ends: the timer thread, which no source can block, abandons a producer that does not close in time
after a stop. Without threads, both kinds take turns on the kernel's event loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from time import monotonic

from ..emit.routing import displays_captured
from ..errors import StopRequested, StreamWidgetError
from ..events import Event, Notice
from ..formats.forecast import forecast_of
from ..io.loop_turn import LoopTurn
from ..io.request import HttpRequest
from ..io.source import RESTING, AsyncSource, Context, Sender, Source, SyncSource
from ..threads import has_threads, kernel_loop
from .blocked import place_of
from .capturing import begin_capture, end_capture
from .loops import StreamingLoop, streaming_loop
from .pausing import BUDGET
from .recorded_end import recorded_end
from .run import Run
from .words import source_error

REST_S = 0.02
"""Without threads, how long a synchronous source that rests leaves the loop to others."""


def _nothing() -> None:
    pass


@dataclass(slots=True)
class _Next:
    """The source to continue with, if the current one has set one."""

    source: Source | None = None

    def set(self, source: Source) -> None:
        self.source = source


def drive(run: Run, source: Source, *, format_name: str = "auto", captures: bool = False) -> None:
    """Start to read `source` in the background and return at once.

    `captures` shows in the run what the source's own threads and tasks print and display.
    """
    run.start(source.name)
    variables = contextvars.copy_context()
    if captures:
        run.capture = begin_capture(run, variables, blocks=isinstance(source, SyncSource))
    _describe(run, source)
    _begin_budget(run, source)
    if run.stop_requested() and source.restartable:  # nothing is open yet
        run.producer_closed()
        return
    _continue(run, source, format_name, variables)


def _describe(run: Run, source: Source) -> None:
    run.noun = source.kind.noun
    run.is_pausable = source.kind.is_pausable
    run.is_recording = source.kind.is_recording


def _begin_budget(run: Run, source: Source) -> None:
    """Estimate the cost of the run, and stop it if its budget is used up already."""
    request = getattr(source, "request", None)
    if isinstance(request, HttpRequest):
        forecast = forecast_of(request.json_body(), request.url)
        run.spending.expect(forecast, is_local=request.is_local)
    run.watch_time()
    run.check_budget()


def _continue(run: Run, source: Source, format_name: str, variables: contextvars.Context) -> None:
    follow_up = _Next()
    context = Context(
        new_id=run.new_id,
        stop_requested=run.stop_requested,
        push=run.push,
        continue_with=follow_up.set,
        limits=run.limits,
        format=format_name,
        alive=run.silence.heard,
        dropped=run.drop,
        advise=run.advise,
        hold=run.gate.wait if has_threads() else _nothing,
        playing_s=run.gate.open_s,
        keep_time=run.stats.keep_time,
        restore=run.restore,
        stopped_by=lambda: run.stopped_by.code,
        at_time=run.stats.reach,
        holds=run.hold,
        settled=run.settle,
        conceal=run.conceal,
        conclude=lambda facts: run.conclude(recorded_end(facts)),
        capture=run.capture,
        controls=run.controls,
    )
    run.sender = source.send if isinstance(source, Sender) else None
    if source.kind.is_connection:
        run.silence.watch(run.later)

    def over(error: StreamWidgetError | None) -> None:
        if error is None and follow_up.source is not None and not run.stop_requested():
            _describe(run, follow_up.source)
            _continue(run, follow_up.source, format_name, variables)
        else:
            if run.capture is not None:
                end_capture(run.capture)
            run.producer_closed(error)

    if not isinstance(source, SyncSource):
        _TaskDriver(run, source, context, over).start(variables)
    elif has_threads():
        _ThreadDriver(run, source, context, over).start(variables)
    else:
        _TaskDriver(run, _InTurns(source), context, over).start(variables)


Over = Callable[[StreamWidgetError | None], None]


class _Driver:
    """Base class of the drivers: stops the producer, and abandons it if it does not close."""

    def __init__(self, run: Run, over: Over) -> None:
        self.run = run
        self.over = over
        self._stops = threading.Lock()
        self._marked_s: float | None = None
        """Time of the last events after the end of the format; None before it."""

    def arm(self) -> None:
        """Act on stops from now on, and on one that was requested before."""
        self.run.on_stop = self._stop
        if self.run.stop_requested():
            self._stop()

    def _stop(self) -> None:
        if self._stops.acquire(blocking=False):  # once: a second cancel would break the clean-up
            if self.run.capture is not None:
                self.run.capture.interrupt()
            self.run.later("give up", self.run.limits.close_timeout_s, self._give_up)
            self.wake()

    def close(self, error: StreamWidgetError | None) -> None:
        """Report that the source has closed; after the end of the format, `error` is ignored."""
        self.over(error if self.run.marker is None else None)

    def leave_soon(self) -> None:
        """End the run `Limits.after_end_s` after the format's end, if the source has not closed.

        Until then the source is read on: a failure or another answer may follow the end marker.
        """
        is_first, self._marked_s = self._marked_s is None, monotonic()
        if is_first:
            self.run.later("after the end", self.run.limits.after_end_s, self._leave)

    def _leave(self) -> None:
        assert self._marked_s is not None
        left_s = self._marked_s + self.run.limits.after_end_s - monotonic()
        if left_s > 0:  # more arrived after the marker
            self.run.later("after the end", left_s, self._leave)
            return
        self.over(None)
        self.wake()

    def _give_up(self) -> None:
        self.run.give_up(self.obstacle())

    def wake(self) -> None:
        """Make the producer notice the stop; must not block."""
        raise NotImplementedError

    def obstacle(self) -> str:
        """Return why the producer has not closed, as a clause."""
        raise NotImplementedError


class _ThreadDriver(_Driver):
    """Reads a synchronous source on its own thread."""

    def __init__(self, run: Run, source: SyncSource, context: Context, over: Over) -> None:
        super().__init__(run, over)
        self._source = source
        self._context = context
        self._thread: threading.Thread | None = None

    def start(self, variables: contextvars.Context) -> None:
        # a copy, because a context can be entered by one thread at a time
        target = variables.copy().run
        self._thread = threading.Thread(
            target=target, args=(self._work,), name="streamwidget-source", daemon=True
        )
        self._thread.start()
        self.arm()

    def _work(self) -> None:
        run = self.run
        error: StreamWidgetError | None = None
        try:
            if run.gate.is_held_by(BUDGET):  # it is used up: nothing is opened before the answer
                run.gate.wait()
                if run.stop_requested() and self._source.restartable:
                    raise StopRequested
            with displays_captured(), closing(self._source.stream(self._context)) as stream:  # type: ignore[type-var]
                for events in stream:
                    if not run.take(events):
                        if run.stop_requested():
                            break
                        self.leave_soon()
                    run.gate.wait()
                    if run.stop_requested():
                        break
        except StopRequested:
            pass
        except StreamWidgetError as ours:
            error = ours
        except BaseException as theirs:  # anything that the user's code raises is shown
            error = source_error(theirs, run.hide)
        self.close(error)

    def wake(self) -> None:
        # on a new thread, because the `interrupt` of some sources can block
        threading.Thread(
            target=self._source.interrupt, name="streamwidget-interrupt", daemon=True
        ).start()

    def obstacle(self) -> str:
        place = None if self._thread is None else place_of(self._thread.ident)
        return f"the {self.run.noun} has not reacted{f' at {place}' if place else ''}"


class _InTurns:
    """A synchronous source as an asynchronous one: others have their turn between two batches."""

    home_loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, source: SyncSource) -> None:
        self.name, self.kind, self.restartable = source.name, source.kind, source.restartable
        self._source = source

    async def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        with closing(self._source.stream(context)) as stream:  # type: ignore[type-var]
            for events in stream:
                yield events
                if events is RESTING:
                    await asyncio.sleep(REST_S)


class _TaskDriver(_Driver):
    """Reads an asynchronous source as a task on a loop."""

    def __init__(self, run: Run, source: AsyncSource, context: Context, over: Over) -> None:
        super().__init__(run, over)
        self._source = source
        self._context = context
        self._task: asyncio.Task[None] | None = None
        self._is_begun = False
        self._is_cancelled = False
        self._streaming_loop: StreamingLoop | None = None

    def start(self, variables: contextvars.Context) -> None:
        if self._source.home_loop is not None:
            self._loop = self._source.home_loop
        elif not has_threads():
            self._loop = kernel_loop()
        else:
            shared = streaming_loop("connections" if self._source.kind.is_ours else "jobs")
            self._streaming_loop, self._loop = shared, shared.loop
            shared.watch(self)
        self.arm()
        self._loop.call_soon_threadsafe(self._begin, context=variables)

    def _begin(self) -> None:
        self._task = self._loop.create_task(self._work())

    async def _work(self) -> None:
        run = self.run
        self._is_begun = True
        error: StreamWidgetError | None = None
        if run.stop_requested():
            self._cancel()  # at the source's first wait, so that it closes what it was given
        try:
            with displays_captured():
                await self._read()
        except (StopRequested, asyncio.CancelledError) as cancelled:
            if not run.stop_requested():
                error = source_error(cancelled, run.hide)
        except StreamWidgetError as ours:
            error = ours
        except BaseException as theirs:
            error = source_error(theirs, run.hide)
        self.close(error)

    async def _read(self) -> None:
        run, turn = self.run, LoopTurn()
        if run.gate.is_held_by(BUDGET):
            await self._until_open()
        async with aclosing(self._source.stream(self._context)) as stream:  # type: ignore[type-var]
            async for events in stream:
                if not run.take(events):
                    if run.stop_requested():
                        break
                    self.leave_soon()
                if run.gate.is_shut:
                    await self._until_open()
                if monotonic() >= turn.ends:
                    await turn.pause()

    async def _until_open(self) -> None:
        opened = asyncio.Event()

        def wake() -> None:
            self._loop.call_soon_threadsafe(opened.set)

        self.run.gate.when_open(wake)
        await opened.wait()

    def wake(self) -> None:
        self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None and self._is_begun:  # before it begins, it would never run
            self._is_cancelled = True
            self._task.cancel()

    def obstacle(self) -> str:
        if self._is_cancelled:
            return f"the {self.run.noun} ignores its cancellation"
        if self._is_running():
            return f"the {self.run.noun} blocks its event loop{self._place()}"
        return "its event loop is blocked by other code"

    def is_closed(self) -> bool:
        """True once the source is closed; called by the loop."""
        return self.run.closed.is_set()

    def on_blocked(self) -> None:
        """Show that this coroutine has blocked its loop, if it is the one; called by the loop."""
        if self._is_running():
            message = (
                f"This {self.run.noun} has blocked its event loop for 5 s{self._place()}. It "
                "cannot be stopped, and other coroutines have to wait. Use a plain function, or "
                "`await asyncio.to_thread(...)`."
            )
            self.run.push([Notice(message, "warning")])

    def _is_running(self) -> bool:
        return self._task is not None and asyncio.current_task(self._loop) is self._task

    def _place(self) -> str:
        thread = None if self._streaming_loop is None else self._streaming_loop.thread
        place = None if thread is None else place_of(thread.ident)
        return f" at {place}" if place else ""
