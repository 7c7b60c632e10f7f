"""The switch between threads and, where there are none, turns on one event loop: in a browser.

Without threads everything takes turns on the one event loop of the kernel: the publisher, timers,
asynchronous sources, and synchronous ones between two of their items. This module is the only place
that asks. It must not know what runs in these turns.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from .errors import UsageError

_log = logging.getLogger("streamwidget")

TURN_S = 0.05
"""How long a function may keep the event loop to itself, where a browser can suspend it."""
PAUSE_S = 0.005
"""How long it is suspended. Pyodide puts callbacks of 2 ms or less before timers and messages of
the page (measured with Pyodide 314: after 5 ms both have had their turn, after 1 ms neither)."""

IN_BROWSER: Final = sys.platform == "emscripten"
"""True where Python runs in a browser (Pyodide): no threads, no processes, no sockets."""
_there_are = not IN_BROWSER


def has_threads() -> bool:
    """True if a thread can be started; False in a browser."""
    return _there_are


def in_background(
    function: Callable[[], object], *, name: str, daemon: bool = True
) -> threading.Thread | None:
    """Call `function` on a new thread; without threads, in one of the next turns.

    Returns the thread; None: there is none.
    """
    if has_threads():
        thread = threading.Thread(target=function, name=name, daemon=daemon)
        thread.start()
        return thread
    kernel_loop().call_soon(function, context=contextvars.copy_context())
    return None


class Worker:
    """Carries out work in order, on one thread that is started once and stays.

    glibc gives the memory pool of a thread that ends to the next thread that starts, for instance
    JupyterLab's for a reloaded page, and what is free in it is lost each time. Without threads,
    work is carried out in a later turn.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._work: tuple[int, queue.SimpleQueue[Callable[[], object]]] | None = None
        """The process whose thread it is, and its queue: a fork gets its own."""

    def put(self, work: Callable[[], object]) -> None:
        """Carry out `work` after what was put before; an exception is logged."""
        if not has_threads():
            in_background(work, name=self._name)
            return
        with self._lock:
            if self._work is None or self._work[0] != os.getpid():
                self._work = os.getpid(), queue.SimpleQueue()
                queued = self._work[1]
                in_background(lambda: _carry_out(queued), name=self._name)
            self._work[1].put(work)


def _carry_out(work: queue.SimpleQueue[Callable[[], object]]) -> None:
    while True:
        try:
            work.get()()
        except Exception:  # later work must still be done
            _log.exception("work in the background failed")


def kernel_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that everything shares where there are no threads.

    Raises:
        UsageError: none is running.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise UsageError(
            "Without threads a stream needs a running event loop, and there is none here."
        ) from None


def check_not_in_browser(sentence: str) -> None:
    """Refuse what a browser cannot do, in one sentence.

    Raises:
        UsageError: Python runs in a browser.
    """
    if IN_BROWSER:
        raise UsageError(sentence)


def check_can_block(instead: str) -> None:
    """Refuse a call that blocks until something else happens; `instead` names what can be awaited.

    Raises:
        UsageError: there are no threads, so that nothing else could ever happen.
    """
    if not has_threads():
        raise UsageError(
            f"Python in a browser has no threads, so this call would wait forever: use {instead}."
        )


class Turns:
    """Gives the event loop its turns from inside of a function that does not return to it."""

    def __init__(self) -> None:
        self._due = time.monotonic() + TURN_S

    def __call__(self) -> None:
        """Suspend the caller for a moment if it has had its turn and this browser can do that."""
        if not IN_BROWSER or time.monotonic() < self._due:
            return
        ffi = importlib.import_module("pyodide.ffi")
        if ffi.can_run_sync():
            ffi.run_sync(asyncio.sleep(PAUSE_S))
        self._due = time.monotonic() + TURN_S
