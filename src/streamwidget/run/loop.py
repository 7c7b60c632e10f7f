"""The one background thread of the process, with the event loop that asynchronous sources run on.

It is a daemon, started when first needed in a copy of the starting cell's context (a kernel routes
what a thread prints by context, and ipykernel 7.0 raises in threads that have none).
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading

_lock = threading.Lock()
_current: tuple[int, asyncio.AbstractEventLoop] | None = None
"""The process id (a fork has no thread) and the loop."""


def streaming_loop() -> asyncio.AbstractEventLoop:
    """The running loop of the background thread; starts it at the first call in a process."""
    global _current
    with _lock:
        if _current is None or _current[0] != os.getpid():
            _current = (os.getpid(), _start())
        return _current[1]


def _start() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    context = contextvars.copy_context()
    threading.Thread(
        target=context.run, args=(loop.run_forever,), name="streamwidget-loop", daemon=True
    ).start()
    return loop
