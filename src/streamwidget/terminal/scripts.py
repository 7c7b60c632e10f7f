"""A view in a plain script: live text where there is a terminal, and a wait when the script ends.

The wait is like that of `concurrent.futures`: a script that ends waits for its runs, and an
interrupt stops them. A view that the script feeds by hand is not waited for, because nothing would
feed it. A paused view that nothing can resume is stopped.
"""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # its own wait must be registered before ours
import logging
import os
import sys
import threading
from weakref import WeakSet

from ..run import TERMINAL, Run, StopCause
from ..threads import has_threads
from .printer import Printer
from .screens import screen_for

_log = logging.getLogger("streamwidget")
_TICK_S = 0.1
_CLOSING_S = 5.0
"""How long an interrupted exit waits for producers to close, and for the last lines."""
_SERVERS = frozenset({"panel", "solara", "shiny", "marimo", "voila", "streamlit"})
"""Programs that serve pages: the reader does not see their terminal."""
_runs: WeakSet[Run] = WeakSet()
_printed: list[threading.Event] = []
_turn = threading.Lock()
"""Held while a run is printed: one at a time, in the order in which they started."""
_registered = False


def _forget_all() -> None:
    """Let a forked process end without the runs of the process that it comes from."""
    global _turn
    _runs.clear()
    _printed.clear()
    _turn = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def follow_in_script(run: Run, title: str) -> None:
    """Print `run` if there is a terminal, and have the end of the script wait for it."""
    global _registered
    if not _SERVERS.isdisjoint(sys.modules) or not has_threads():
        return
    _runs.add(run)
    if not _registered:
        _registered = True
        # Runs before new threads are refused, as for the executors of the standard library.
        getattr(threading, "_register_atexit", atexit.register)(_wait)
    if sys.stdout is not None and sys.stdout.isatty():
        printed = threading.Event()
        _printed.append(printed)
        work = threading.Thread(target=_print, args=(run, title, printed), daemon=True)
        work.name = "streamwidget-terminal"
        work.start()


def follow_here(run: Run, title: str) -> None:
    """Print `run` until it ends, in the foreground of a terminal; an interrupt stops it."""
    screen = screen_for(sys.stdout)
    try:
        Printer(run, screen, title).follow()
    except KeyboardInterrupt:
        run.request_stop()
        run.finished.wait(_CLOSING_S)
        screen_for(sys.stdout).close()
        print(f"{title}: {run.summary}")


def _print(run: Run, title: str, printed: threading.Event) -> None:
    try:
        with _turn:
            Printer(run, screen_for(sys.stdout), title).follow()
    except Exception:
        # a closed terminal, or one that cannot print the text: the run continues unprinted
        _log.debug("a run could not be printed", exc_info=True)
    finally:
        printed.set()


def _wait() -> None:
    try:
        while runs := [run for run in list(_runs) if not _is_over(run)]:
            for run in runs:  # whose end may start others
                _wait_for(run)
    except KeyboardInterrupt:
        runs = list(_runs)
        for run in runs:
            if run.status not in TERMINAL:
                run.request_stop()
        for run in runs:
            run.announced.wait(_CLOSING_S)
    for printed in _printed:
        printed.wait(_CLOSING_S)


def _is_over(run: Run) -> bool:
    return run.announced.is_set() and (run.end_call is None or not run.end_call.is_alive())


def _wait_for(run: Run) -> None:
    while not run.announced.wait(_TICK_S):
        if run.status == "paused" and not _other_threads():
            run.request_stop(by=StopCause("script"))
    if run.end_call is not None:
        run.end_call.join()


def _other_threads() -> bool:
    """True if a thread of the script is alive, which may resume a run."""
    idle = getattr(concurrent.futures.thread, "_threads_queues", {})
    return any(
        not (thread.daemon or thread is threading.main_thread() or thread in idle)
        for thread in threading.enumerate()
    )
