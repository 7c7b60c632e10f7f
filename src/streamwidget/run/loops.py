"""The event loops that asynchronous sources run on, each on its own daemon thread.

There are two: one for our own connections and one for users' coroutines, because a coroutine that
blocks its loop must not hold up connections. A blocked loop is replaced for later runs. A thread is
started in a copy of the starting cell's context: a kernel routes the output of a thread by its
context, and ipykernel 7.0 raises in threads without one.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from typing import Literal, Protocol
from weakref import WeakSet

from .timers import timers

Role = Literal["connections", "jobs"]

LOOK_S = 0.5
"""Interval of the heartbeats of a loop with live runs."""
BLOCKED_LOOKS = 3
"""After so many missed heartbeats in a row, later runs get a new loop. One can be missed while the
whole process is blocked, for example in a long call into C."""
TOLD_LOOKS = 10
"""After so many, about 5 s, the view of the blocking coroutine says so."""


class User(Protocol):
    """A run that uses a loop."""

    def is_closed(self) -> bool:
        """True once the run no longer uses the loop."""

    def on_blocked(self) -> None:
        """Called when the loop has been blocked for about 5 s."""


class StreamingLoop:
    """One event loop on its thread, with the heartbeat that detects that it is blocked."""

    def __init__(self, role: Role) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self.loop.run_forever,),
            name=f"streamwidget-{role}",
            daemon=True,
        )
        self.thread.start()
        self.missed_count = 0
        """Number of heartbeats missed in a row."""
        self._answered = True
        self._users: list[User] = []
        self._is_watched = False

    def watch(self, user: User) -> None:
        """Check the loop's heartbeat until `user` has closed."""
        self._users.append(user)
        if not self._is_watched:
            self._is_watched = True
            timers().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        if self._answered:
            self.missed_count, self._answered = 0, False
            self.loop.call_soon_threadsafe(self._answer)
        else:
            self.missed_count += 1
            if self.missed_count == BLOCKED_LOOKS:
                _replace(self)
        self._users = [user for user in self._users if not user.is_closed()]
        if self.missed_count == TOLD_LOOKS:
            for user in self._users:
                user.on_blocked()
        if self._users:
            timers().call_later(LOOK_S, self._look)
        else:
            self._is_watched = False

    def _answer(self) -> None:
        self._answered = True


_lock = threading.Lock()
_current: dict[tuple[int, Role], StreamingLoop] = {}
"""The loops by process ID (a fork has no threads) and role."""
_all: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def streaming_loop(role: Role) -> StreamingLoop:
    """Return the loop of `role`; the first call in a process starts its thread."""
    key = os.getpid(), role
    with _lock:
        known = _current.get(key)
        if known is None:
            known = _current[key] = StreamingLoop(role)
            _all.add(known.loop)
        return known


def is_streaming_loop(loop: asyncio.AbstractEventLoop | None) -> bool:
    """True for our own loops, also for those that were replaced."""
    return loop in _all


def _replace(blocked: StreamingLoop) -> None:
    """Start later runs on a new loop; runs on the blocked one stay there."""
    with _lock:
        for key, loop in list(_current.items()):
            if loop is blocked:
                del _current[key]
