"""What all calls of an emitter share: where they belong, and how their events are sent.

Thread-safe. The current step of a thread or task is a context variable; a thread that was started
without a copy of the context belongs to the run itself, unless it uses the step's own handle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

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

_steps: ContextVar[Mapping[int, str]] = ContextVar("streamwidget_steps", default={})  # noqa: B039
"""The innermost step of each run that this thread or task is in, by the identity of its desk."""


class Desk:
    """What the handles of one run share: the way out, and which parts are growing."""

    def __init__(
        self,
        push: Callable[[Sequence[Event]], None],
        new_id: Callable[[str], str],
        check: Callable[[], None],
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.push = push
        self.new_id = new_id
        self.check = check
        """Raises `StopRequested` if a stop was requested."""
        self.limits = limits
        self._lock = threading.Lock()
        self._open: dict[str | None, tuple[str, str]] = {}
        """The growing part of each step (None: outside all): its kind and its id."""
        self._known: set[str] = set()
        """Ids of parts that may be sent to again."""

    def send(self, *events: Event) -> None:
        """Sends events that open no part of their own."""
        self.check()
        self.push(events)

    def send_part(self, part_id: str, step_id: str | None, *events: Event) -> None:
        """Sends events of a part; a new one ends the text before it, so that order is kept."""
        self.check()
        if part_id in self._known:
            self.push(events)
            return
        with self._lock:
            self._known.add(part_id)
            self.push([*self._closing(step_id), *events])

    def grow(self, kind: str, text: str, step_id: str | None) -> None:
        """Appends to the growing part of a step; opens one if it is of another kind."""
        if not isinstance(text, str):
            raise TypeError(f"emit.{kind} takes a str, not {type(text).__name__}")
        self.check()
        with self._lock:
            known = self._open.get(step_id)
            if known is not None and known[0] == kind:
                self.push([_DELTA[kind](known[1], text)])
                return
            closing = self._closing(step_id)
            part_id = self.new_id(kind[0])
            self._open[step_id] = (kind, part_id)
            self.push([*closing, _START[kind](part_id, step_id), _DELTA[kind](part_id, text)])

    def close(self, step_id: str | None) -> list[Event]:
        """The end of the step's growing part, if there is one."""
        with self._lock:
            return self._closing(step_id)

    def current_step(self) -> str | None:
        """The step that this thread or task is in; None outside all."""
        return _steps.get().get(id(self))

    @contextmanager
    def inside(self, step_id: str) -> Iterator[None]:
        """Makes `step_id` the current step of this thread or task."""
        token = _steps.set({**_steps.get(), id(self): step_id})
        try:
            yield
        finally:
            _steps.reset(token)

    def _closing(self, step_id: str | None) -> list[Event]:
        known = self._open.pop(step_id, None)
        return [_END[known[0]](known[1])] if known else []


def stop_check(stop_requested: Callable[[], bool]) -> Callable[[], None]:
    """Raises `StopRequested` once `stop_requested` says so."""

    def check() -> None:
        if stop_requested():
            raise StopRequested

    return check


_START: dict[str, Callable[[str, str | None], Event]] = {
    "text": TextStart,
    "reasoning": ReasoningStart,
}
_DELTA: dict[str, Callable[[str, str], Event]] = {
    "text": TextDelta,
    "reasoning": ReasoningDelta,
}
_END: dict[str, Callable[[str], Event]] = {"text": TextEnd, "reasoning": ReasoningEnd}
