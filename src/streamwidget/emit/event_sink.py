"""The shared state of all emitters of one run: where events go, and which parts are growing.

Thread-safe, and safe to enter again on the same thread (a signal handler or a `__del__` may emit in
the middle of a call). The current step of a thread or task is a context variable; a thread that was
started without a copy of the context belongs to the run itself, unless it uses the step's emitter.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Literal

from ..errors import StopRequested
from ..events import (
    Event,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    TextDelta,
    TextEnd,
    TextStart,
)
from ..limits import DEFAULT_LIMITS, Limits
from .controls import Controls, controls_of

Steps = Mapping[int, str]

_steps: ContextVar[Steps] = ContextVar("streamwidget_steps", default={})  # noqa: B039
"""The innermost step of each run that this thread or task is in, by the number of its sink."""
current_steps = _steps.get
"""Returns those steps: another object after each change."""
_numbers = itertools.count(1)
_current: ContextVar[EventSink | None] = ContextVar("streamwidget_sink", default=None)
"""The sink of the job that this thread or task belongs to."""


class EventSink:
    """Sends the events of all emitters of one run."""

    def __init__(
        self,
        push: Callable[[Sequence[Event]], None],
        new_id: Callable[[str], str],
        stop_requested: Callable[[], bool],
        check: Callable[[], None] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        controls: Controls | None = None,
    ) -> None:
        self.controls = controls or controls_of(push, new_id, stop_requested)
        """The questions and the knobs of the run; None makes some that nobody can use."""
        self.push = push
        self.new_id = new_id
        self.stop_requested = stop_requested
        self.check = check or stop_check(stop_requested)
        """Raises `StopRequested` once a stop was requested."""
        self.settle: Callable[[], None] = _nothing
        """Sends captured output that came before; set where there is any."""
        self.check_await: Callable[[], None] = _nothing
        """Raises `UsageError` if a caller on an event loop cannot await: a plain function."""
        self.limits = limits
        self._number = next(_numbers)  # never reused, unlike `id(self)`
        self.lock = threading.RLock()
        """Held while the growing parts change."""
        self._open: dict[str | None, tuple[str, str]] = {}
        """The growing part of each step (None: outside all steps): its kind and its id."""
        self._known: set[str] = set()
        """Ids of parts that may be sent to again."""

    def send(self, *events: Event) -> None:
        """Send events that do not open a part."""
        self.check()
        self.push(events)

    def send_part(self, part_id: str, step_id: str | None, *events: Event) -> None:
        """Send events of a part; a new part ends the text before it, so that order is kept."""
        self.check()
        self.push_part(part_id, step_id, *events)

    def push_part(self, part_id: str, step_id: str | None, *events: Event) -> None:
        """Send events of a part, also after a stop was requested."""
        if part_id in self._known:
            self.push(events)
            return
        with self.lock:
            self._known.add(part_id)
            self.push([*self._closing(step_id), *events])

    def send_below(self, step_id: str | None, event: Event) -> None:
        """Send an event that stands alone: text that follows is a new part below it."""
        self.check()
        self.push([*self.close(step_id), event])

    def grow(self, kind: str, text: str, step_id: str | None) -> None:
        """Append to the growing part of a step; open a new one if that is of another kind."""
        self.check()
        self._grow(kind, text, step_id)

    def grow_output(
        self, stream: Literal["stdout", "stderr"], text: str, step_id: str | None
    ) -> None:
        """Append what was printed to a stream, also after a stop was requested."""
        self._grow(stream, text, step_id)

    def _grow(self, kind: str, text: str, step_id: str | None) -> None:
        with self.lock:
            known = self._open.get(step_id)
            if known is not None and known[0] == kind:
                self.push([_DELTA[kind](known[1], text)])
                return
            closing = self._closing(step_id)
            part_id = self.new_id(_PREFIX[kind])
            self._open[step_id] = (kind, part_id)
            self.push([*closing, _START[kind](part_id, step_id), _DELTA[kind](part_id, text)])

    def close(self, step_id: str | None) -> list[Event]:
        """Return the end of the step's growing part, if there is one."""
        with self.lock:
            return self._closing(step_id)

    def current_step(self) -> str | None:
        """Return the step that this thread or task is in; None outside all steps."""
        return _steps.get().get(self._number)

    @contextmanager
    def inside(self, step_id: str) -> Iterator[None]:
        """Make `step_id` the current step of this thread or task."""
        before = _steps.get()
        _steps.set({**before, self._number: step_id})
        try:
            yield
        finally:
            _steps.set(before)  # no token: a generator may end in a different context

    def _closing(self, step_id: str | None) -> list[Event]:
        known = self._open.pop(step_id, None)
        return [_END[known[0]](known[1])] if known else []


def current_sink() -> EventSink | None:
    """Return the sink of the job that this thread or task belongs to; None outside of jobs."""
    return _current.get()


def set_current_sink(sink: EventSink | None) -> None:
    """Make `sink` that of the current context."""
    _current.set(sink)


def _nothing() -> None:
    pass


def stop_check(stop_requested: Callable[[], bool]) -> Callable[[], None]:
    """Return a function that raises `StopRequested` once `stop_requested` returns True."""

    def check() -> None:
        if stop_requested():
            raise StopRequested

    return check


_PREFIX = {"text": "t", "reasoning": "r", "stdout": "o", "stderr": "o"}
_START: dict[str, Callable[[str, str | None], Event]] = {
    "text": TextStart,
    "reasoning": ReasoningStart,
    "stdout": partial(TextStart, stream="stdout"),
    "stderr": partial(TextStart, stream="stderr"),
}
_DELTA: dict[str, Callable[[str, str], Event]] = {
    "text": TextDelta,
    "reasoning": ReasoningDelta,
    "stdout": TextDelta,
    "stderr": TextDelta,
}
_END: dict[str, Callable[[str], Event]] = {
    "text": TextEnd,
    "reasoning": ReasoningEnd,
    "stdout": TextEnd,
    "stderr": TextEnd,
}
