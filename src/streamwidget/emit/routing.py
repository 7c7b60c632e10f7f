"""Brings what a job writes and displays to its capture; what others write goes where it did before.

The running job is a context variable, so that output belongs to the job that writes it, on any
thread or task. Tasks inherit it; threads that a job starts and calls that it submits to a pool get
it from here. While at least one job captures, these are replaced: `sys.stdout` and `sys.stderr`
(also as the streams of logging handlers), `threading.Thread.start`, and
`ThreadPoolExecutor.submit`. All of it is removed when the last job ends. What is written below
Python, by C code or a child process, is not captured.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from threading import get_ident
from typing import Any, TextIO

from ..errors import StopRequested
from .capture import Capture, StreamName
from .event_sink import current_steps, set_current_sink

_running: ContextVar[Capture | None] = ContextVar("streamwidget_capture", default=None)
"""The capture of the job that this thread or task belongs to."""
_lock = threading.Lock()
_open: set[Capture] = set()
_routers: dict[StreamName, Router] = {}
_OUR_THREADS = "streamwidget-"
"""Threads of this package, which begin in a context that their starter chose."""


class Router:
    """Stands for `sys.stdout` or `sys.stderr`; everything but writing is as it was."""

    def __init__(self, name: StreamName, plain: TextIO) -> None:
        self._name: StreamName = name
        self._plain = plain

    @property
    def write(self) -> Callable[[str], int]:
        """The function that writes to the view of the running job, or to where output went before.

        A property, so that a call of `print` costs a look here and a call of `StringIO.write`.
        """
        capture = _running.get()
        if capture is None:
            return self._plain.write
        turn = capture.turn
        if turn.ident == get_ident() and turn.name is self._name and turn.steps is current_steps():
            return turn.write
        return self._plain.write if capture.is_closed else capture.begin_turn(self._name).write

    @write.setter
    def write(self, function: Callable[[str], int]) -> None:
        # IPython 9 sets it around each cell, to keep what the cell prints
        self._plain.write = function  # type: ignore[method-assign]

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Show an unfinished line, or flush the stream."""
        capture = _running.get()
        if capture is None or capture.is_closed:
            self._plain.flush()
        else:
            capture.flush_row()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


def set_running(capture: Capture | None) -> None:
    """Make `capture`, and its sink, those of the current context."""
    _running.set(capture)
    set_current_sink(None if capture is None else capture.sink)


def open_capture(capture: Capture) -> None:
    """Begin to bring output to `capture`; with the first one, replace what has to be replaced."""
    with _lock:
        if not _open:
            _install()
        _open.add(capture)


def close_capture(capture: Capture) -> None:
    """End it; with the last one, put everything back."""
    with _lock:
        if capture in _open:
            _open.remove(capture)
            if not _open:
                _remove()


def _install() -> None:
    for name in ("stdout", "stderr"):
        plain = getattr(sys, name)
        if plain is None or isinstance(plain, Router):
            continue
        router = _routers[name] = Router(name, plain)
        setattr(sys, name, router)
        _move_handlers(plain, router)
    threading.Thread.start = _start  # type: ignore[method-assign, assignment]
    ThreadPoolExecutor.submit = _submit  # type: ignore[method-assign, assignment]


def _remove() -> None:
    for name, router in _routers.items():
        if getattr(sys, name) is router:  # else somebody has replaced it, and has this one below
            setattr(sys, name, router._plain)
        _move_handlers(router, router._plain)
    _routers.clear()
    if threading.Thread.start is _start:
        threading.Thread.start = _plain_start  # type: ignore[method-assign]
    if ThreadPoolExecutor.submit is _submit:
        ThreadPoolExecutor.submit = _plain_submit  # type: ignore[method-assign]


def _move_handlers(before: object, after: Any) -> None:
    """Let the logging handlers of one stream write to another one."""
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and handler.stream is before:
                handler.setStream(after)


def _leave_all() -> None:
    """Let a forked process print to where output went before: its captures have no readers."""
    for capture in _open:
        capture.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)


# --- threads

_plain_start = threading.Thread.start
_plain_submit = ThreadPoolExecutor.submit


def _start(thread: threading.Thread) -> None:
    capture = _running.get()
    if capture is not None and not thread.name.startswith(_OUR_THREADS):
        run = thread.run

        def run_captured() -> None:
            del thread.run  # the attribute of this instance, which holds the thread in a cycle
            set_running(capture)
            try:
                with displays_captured():
                    run()
            except StopRequested:
                pass  # a stop ends the thread without a traceback

        thread.run = run_captured  # type: ignore[method-assign]
    _plain_start(thread)


def _submit(
    executor: ThreadPoolExecutor, function: Callable[..., Any], /, *args: Any, **options: Any
) -> Any:
    capture = _running.get()

    def call(*args: Any, **options: Any) -> Any:
        # also without a capture: another job may have started the thread of the pool
        before = _running.get()
        set_running(capture)
        try:
            with displays_captured():
                return function(*args, **options)
        finally:
            set_running(before)

    return _plain_submit(executor, call, *args, **options)


# --- displays


@contextmanager
def displays_captured() -> Iterator[None]:
    """Show in the view what the job displays on this thread, inside the block.

    ipykernel keeps the hooks of its display publisher for each thread.
    """
    publisher = _display_publisher()
    if publisher is None or _running.get() is None:
        yield
        return

    def hook(message: Any) -> Any:
        return None if _displayed(message) else message

    publisher.register_hook(hook)
    try:
        yield
    finally:
        publisher.unregister_hook(hook)


def _display_publisher() -> Any:
    """Return ipykernel's display publisher; None outside of it."""
    module = sys.modules.get("IPython.core.getipython")
    shell = None if module is None else module.get_ipython()
    publisher = getattr(shell, "display_pub", None)
    return publisher if hasattr(publisher, "register_hook") else None


def _displayed(message: Any) -> bool:
    """True if the running job has taken a message of the display publisher."""
    capture = _running.get()
    if capture is None or capture.is_closed:
        return False
    kind = message["header"]["msg_type"]
    if kind == "clear_output":
        capture.displays.clear()
        return True
    if kind in ("display_data", "update_display_data"):
        return capture.displays.show(message["content"], update=kind == "update_display_data")
    return False
