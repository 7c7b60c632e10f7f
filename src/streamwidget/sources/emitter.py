"""What a job function receives, and what a hand-fed view gives: calls become events.

Thread-safe. Knows neither runs nor widgets: it is given a sink for events and a question to ask.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, overload

from ..errors import StopRequested, excerpt
from ..events import (
    Citation,
    Event,
    Failure,
    LogLevel,
    LogLine,
    Notice,
    NoticeLevel,
    Progress,
    StepEnd,
    StepStart,
    StepState,
    Usage,
)
from ..limits import DEFAULT_LIMITS, Limits
from .emit_base import Desk, stop_check
from .emit_data import DataCalls
from .tracking import Bar, length_of, track, track_async

T = TypeVar("T")


class Emitter(DataCalls):
    """Turns calls into events of a run.

    Every call raises `StopRequested` once a stop was requested, so that a plain loop ends; code
    that wants to end in its own way looks at `stopped` first. All calls are safe from any thread
    or task; what is emitted belongs to the step that the thread or task is in.
    """

    def __init__(
        self,
        push: Callable[[Sequence[Event]], None],
        new_id: Callable[[str], str],
        stop_requested: Callable[[], bool],
        *,
        check: Callable[[], None] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._stop_requested = stop_requested
        self._desk = Desk(push, new_id, check or stop_check(stop_requested), limits)

    def _step(self) -> str | None:
        return self._desk.current_step()

    @property
    def stopped(self) -> bool:
        """True once a stop was requested."""
        return self._stop_requested()

    # --- what is said

    def text(self, text: str) -> None:
        """Appends to the text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is no `str`.
        """
        self._desk.grow("text", text, self._step())

    def reasoning(self, text: str) -> None:
        """Appends to the reasoning: thoughts that are shown folded.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is no `str`.
        """
        self._desk.grow("reasoning", text, self._step())

    def notice(self, message: str, level: NoticeLevel = "info") -> None:
        """Tells the reader something that is no failure.

        Raises:
            StopRequested: a stop was requested.
        """
        self._send_below(Notice(message, level))

    def error(self, message: str, hint: str | None = None, *, detail: str | None = None) -> None:
        """Shows an error in its place; the run goes on. To end it, raise an exception.

        Raises:
            StopRequested: a stop was requested.
        """
        failure = Failure(
            message, "source", detail=detail, fatal=False, hint=hint, step_id=self._step()
        )
        self._send_below(failure)

    def log(self, message: str, level: LogLevel = "info", *, logger: str = "") -> None:
        """Adds a line to the log, which is shown by itself.

        Raises:
            StopRequested: a stop was requested.
        """
        self._desk.send(LogLine(message, level, logger))

    def source(self, url: str, title: str | None = None) -> None:
        """Names something that the text refers to; sources are numbered as they come.

        Raises:
            StopRequested: a stop was requested.
        """
        self._desk.send(Citation(url, title, self._step()))

    def usage(
        self,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        *,
        call: str = "",
        estimated: bool = False,
    ) -> None:
        """Reports the tokens of one model call so far; different calls add up.

        Raises:
            StopRequested: a stop was requested.
        """
        self._desk.send(Usage(input_tokens, output_tokens, call, estimated))

    def _send_below(self, event: Event) -> None:
        """Sends what stands by itself: text that follows is a new part below it."""
        self._desk.check()
        self._desk.push([*self._desk.close(self._step()), event])

    # --- how far it is

    def progress(
        self,
        completed: float,
        total: float | None = None,
        unit: str | None = None,
        message: str | None = None,
    ) -> None:
        """Says how far the current step is, or the run outside of all steps.

        `total` None means that the end is not known.

        Raises:
            StopRequested: a stop was requested.
        """
        step_id = self._step()
        part_id = f"p:{step_id or ''}"
        event = Progress(part_id, completed, total, unit, message, step_id)
        self._desk.send_part(part_id, step_id, event)

    @overload
    def track(
        self,
        iterable: Iterable[T],
        total: float | None = None,
        unit: str | None = None,
        *,
        desc: str | None = None,
    ) -> Iterator[T]: ...

    @overload
    def track(
        self,
        iterable: AsyncIterable[T],
        total: float | None = None,
        unit: str | None = None,
        *,
        desc: str | None = None,
    ) -> AsyncIterator[T]: ...

    def track(
        self,
        iterable: Iterable[T] | AsyncIterable[T],
        total: float | None = None,
        unit: str | None = None,
        *,
        desc: str | None = None,
    ) -> Iterator[T] | AsyncIterator[T]:
        """Yields the items of `iterable` and shows how far it is, as tqdm does.

        `total` None means the iterable's length, where it has one. `desc` says what is counted. The
        page hears of it some 30 times a second, however fast the loop is.

        Raises:
            StopRequested: a stop was requested.
        """
        step_id = self._step()
        part_id = self._desk.new_id("p")
        total = length_of(iterable) if total is None else total

        def event(completed: float, total: float | None, ended: bool) -> Progress:
            return Progress(part_id, completed, total, unit, None, step_id, label=desc, ended=ended)

        bar = Bar(
            total,
            lambda *told: self._desk.send_part(part_id, step_id, event(*told)),
            lambda *told: self._desk.push([event(*told)]),
        )
        if isinstance(iterable, AsyncIterable):
            return track_async(iterable, bar)
        return track(iterable, bar)

    # --- steps

    @contextmanager
    def step(self, name: str) -> Iterator[StepEmitter]:
        """A named stage; what is emitted inside belongs to it, and steps nest.

        Gives the step's own emitter, which threads may use that were started without a copy of the
        context: `step.text(...)` belongs to it wherever it is called.

        Raises:
            StopRequested: a stop was requested.
        """
        desk, parent = self._desk, self._step()
        step_id = desk.new_id("s")
        desk.send_part(step_id, parent, StepStart(step_id, name, parent))
        handle = StepEmitter(self, step_id)
        state: StepState = "done"
        told: str | None = None
        try:
            with desk.inside(step_id):
                yield handle
        except (StopRequested, KeyboardInterrupt, GeneratorExit):
            state = "stopped"
            raise
        except BaseException as error:
            state = "failed"
            told = excerpt(f"{type(error).__name__}: {error}".rstrip(": "))
            raise
        finally:
            end = StepEnd(step_id, state, message=told or handle.said)
            desk.push([*desk.close(step_id), end])

    def push_events(self, events: Sequence[Event]) -> None:
        """Takes events as they are, also while a stop is under way; late ones are dropped."""
        self._desk.push(events)


class StepEmitter(Emitter):
    """The emitter of one step: all that it is told belongs to that step, from whatever thread."""

    def __init__(self, parent: Emitter, step_id: str) -> None:
        self._stop_requested = parent._stop_requested
        self._desk = parent._desk
        self._step_id = step_id
        self.said: str | None = None
        """What came of the step, in one line; None: nothing was said."""

    def _step(self) -> str | None:
        return self._step_id

    def message(self, text: str) -> None:
        """What came of the step, in one line; shown beside its name once it has ended."""
        self.said = excerpt(str(text))
