"""Bars that nest: one bar for each depth of loops, however often the inner loops run.

A loop inside another one on the same thread or task takes over the bar of the inner loop before it.
Loops of other threads have bars of their own. Must not know runs or widgets.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Hashable
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from ..events import Progress
from ..limits import DEFAULT_PACE
from .event_sink import EventSink

_lock: Final = threading.Lock()
_open: WeakKeyDictionary[EventSink, dict[Hashable, list[NestedBar]]] = WeakKeyDictionary()
"""The open bars of each run by thread or task, from the outermost one."""


class NestedBar:
    """One bar; `label`, `message`, `completed` and `total` are those of the next tick.

    `leave` False removes the bar when it ends, or when the loop around it ends; None: the bar stays
    unless it is nested.
    """

    def __init__(
        self,
        sink: EventSink,
        *,
        label: str | None,
        total: float | None,
        unit: str | None,
        leave: bool | None,
        completed: float = 0,
    ) -> None:
        self.label, self.total, self.unit, self.completed = label, total, unit, completed
        self.message: str | None = None
        self.due = 0.0
        """Time of the next event, in seconds of `time.monotonic`."""
        self._sink = sink
        self._step_id = sink.current_step()
        self._ended_child: NestedBar | None = None
        """The last loop inside this one, whose bar the next one takes over."""
        key = _key()
        with _lock:
            self._stack = _open.setdefault(sink, {}).setdefault(key, [])
            self._parent = self._stack[-1] if self._stack else None
            self._stack.append(self)
        before = self._parent and self._parent._take_ended_child()
        self._part_id: str = before._part_id if before else sink.new_id("p")
        self._leave = self._parent is None if leave is None else leave
        self.is_closed = False

    def tick(self) -> None:
        """Send the current state, and set the time of the next event.

        Raises:
            StopRequested: a stop was requested.
        """
        self.due = monotonic() + DEFAULT_PACE.tick_s
        self._sink.send_part(self._part_id, self._step_id, self._event())

    def close(self) -> bool:
        """End the bar; True if it was the last open one of its thread or task."""
        with _lock:
            if self.is_closed:
                return False
            self.is_closed = True
            self._stack.remove(self)
        if self._parent is not None and not self._parent.is_closed:
            self._parent._ended_child = self
            self._end(removed=False)
        else:
            self._end(removed=not self._leave)
        child = self._take_ended_child()
        if child is not None and not child._leave:
            child._end(removed=True)
        return not self._stack

    def _take_ended_child(self) -> NestedBar | None:
        child, self._ended_child = self._ended_child, None
        return child

    def _end(self, *, removed: bool) -> None:
        self._sink.settle()
        self._sink.push_part(self._part_id, self._step_id, self._event(True, removed))

    def _event(self, ended: bool = False, removed: bool = False) -> Progress:
        return Progress(
            self._part_id,
            self.completed,
            self.total,
            self.unit,
            self.message,
            self._step_id,
            label=self.label,
            ended=ended,
            removed=removed,
        )


def _key() -> Hashable:
    """Return what stands for the running task, or for the thread outside of tasks."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return threading.get_ident() if task is None else ("task", id(task))
