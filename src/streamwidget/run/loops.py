"""The event loops that asynchronous sources run on, each on a daemon thread of its own.

There are two: our own connections share one, and the users' coroutines share another, because a
coroutine that blocks its loop must not hold up connections. A loop that is blocked is replaced for
the runs to come. A thread is started in a copy of the starting cell's context (a kernel routes what
a thread prints by context, and ipykernel 7.0 raises in threads that have none).
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
"""How often a loop with live runs is asked for a sign of life."""
BLOCKED_LOOKS = 3
"""After so many missed signs of life in a row the runs to come get a fresh loop. One can be missed
while the whole process stands still, in a long call into C for instance."""
TOLD_LOOKS = 10
"""After so many, about 5 s, the view of the coroutine that blocks says so."""


class User(Protocol):
    """A run that a loop works for."""

    def is_closed(self) -> bool:
        """True once the loop has nothing more to do for it."""

    def on_blocked(self) -> None:
        """Take note that the loop has been blocked for about 5 s."""


class StreamingLoop:
    """One event loop on its thread, and what it takes to notice that it is blocked."""

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
        """Looks in a row to which the loop has not answered."""
        self._answered = True
        self._users: list[User] = []
        self._is_watched = False

    def watch(self, user: User) -> None:
        """Look after the loop until the user of it has closed."""
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
"""The loops by process id (a fork has no threads) and role."""
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
    """True for a loop of ours, the present ones and those that were replaced."""
    return loop in _all


def _replace(blocked: StreamingLoop) -> None:
    """Let the next runs start on a fresh loop; the blocked one keeps its own."""
    with _lock:
        for key, loop in list(_current.items()):
            if loop is blocked:
                del _current[key]
