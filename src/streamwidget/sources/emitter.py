"""What a job function receives, and what a hand-fed view gives: calls become events.

Thread-safe. Knows neither runs nor widgets: it is given a sink for events and a question to ask.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from ..errors import StopRequested
from ..events import (
    Event,
    Notice,
    NoticeLevel,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    StepEnd,
    StepStart,
    StepState,
    TextDelta,
    TextEnd,
    TextStart,
)

T = TypeVar("T")

_current_step: ContextVar[str | None] = ContextVar("streamwidget_step", default=None)


class Emitter:
    """Turns calls into events of a run.

    Every call raises `StopRequested` once a stop was requested, so that a plain loop ends; code
    that wants to end in its own way looks at `stopped` first.
    """

    def __init__(
        self,
        push: Callable[[Sequence[Event]], None],
        new_id: Callable[[str], str],
        stop_requested: Callable[[], bool],
    ) -> None:
        self._push = push
        self._new_id = new_id
        self._stop_requested = stop_requested
        self._lock = threading.Lock()
        self._open: dict[str | None, tuple[str, str]] = {}
        """The growing part of each step (None: outside all): its kind and its id."""

    @property
    def stopped(self) -> bool:
        """True once a stop was requested."""
        return self._stop_requested()

    def text(self, text: str) -> None:
        """Appends to the text.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is no `str`.
        """
        self._grow("text", text)

    def reasoning(self, text: str) -> None:
        """Appends to the reasoning: thoughts that are shown folded.

        Raises:
            StopRequested: a stop was requested.
            TypeError: `text` is no `str`.
        """
        self._grow("reasoning", text)

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
        step = _current_step.get()
        part_id = f"p:{step or ''}"
        self._send([Progress(part_id, completed, total, unit, message, step)])

    def notice(self, message: str, level: NoticeLevel = "info") -> None:
        """Tells the reader something that is no failure.

        Raises:
            StopRequested: a stop was requested.
        """
        self._send([Notice(message, level)])

    def track(
        self, iterable: Iterable[T], total: float | None = None, unit: str | None = None
    ) -> Iterator[T]:
        """Yields the items of `iterable` and reports progress; `total` is its length if it has one.

        Raises:
            StopRequested: a stop was requested.
        """
        if total is None and isinstance(iterable, Sized):
            total = len(iterable)
        self.progress(0, total, unit)
        for done, item in enumerate(iterable, 1):
            yield item
            self.progress(done, total, unit)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A named stage; what is emitted inside belongs to it, and steps nest.

        Raises:
            StopRequested: a stop was requested.
        """
        parent = _current_step.get()
        step_id = self._new_id("s")
        with self._lock:
            closing = self._closing_events(parent)
        self._send([*closing, StepStart(step_id, name, parent)])
        token = _current_step.set(step_id)
        state: StepState = "done"
        try:
            yield
        except (StopRequested, KeyboardInterrupt, GeneratorExit):
            state = "stopped"
            raise
        except BaseException:
            state = "failed"
            raise
        finally:
            _current_step.reset(token)
            with self._lock:
                closing = self._closing_events(step_id)
            self._push([*closing, StepEnd(step_id, state)])

    def push_events(self, events: Sequence[Event]) -> None:
        """Takes events as they are, also while a stop is under way; late ones are dropped."""
        self._push(events)

    def _grow(self, kind: str, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"emit.{kind} takes a str, not {type(text).__name__}")
        self._check()
        step = _current_step.get()
        with self._lock:
            known = self._open.get(step)
            if known is not None and known[0] == kind:
                self._push([_DELTA[kind](known[1], text)])
                return
            events = self._closing_events(step)
            part_id = self._new_id(kind[0])
            self._open[step] = (kind, part_id)
            self._push([*events, _START[kind](part_id, step), _DELTA[kind](part_id, text)])

    def _closing_events(self, step: str | None) -> list[Event]:
        known = self._open.pop(step, None)
        return [_END[known[0]](known[1])] if known else []

    def _send(self, events: Sequence[Event]) -> None:
        self._check()
        self._push(events)

    def _check(self) -> None:
        if self._stop_requested():
            raise StopRequested


_START: dict[str, Callable[[str, str | None], Event]] = {
    "text": TextStart,
    "reasoning": ReasoningStart,
}
_DELTA: dict[str, Callable[[str, str], Event]] = {
    "text": TextDelta,
    "reasoning": ReasoningDelta,
}
_END: dict[str, Callable[[str], Event]] = {"text": TextEnd, "reasoning": ReasoningEnd}
