"""The one background thread that writes the journals of a process.

It wakes four times a second while there are open journals, and ends with the last one. It is a
daemon thread; at the exit of the process all remaining events are written.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Protocol

from ..threads import has_threads, kernel_loop

FLUSH_S = 0.25
"""Longest time between an event and its line in the file: what a killed process can lose."""


class Flushed(Protocol):
    """A file that the writer thread flushes."""

    is_closed: bool

    def flush(self) -> None:
        """Write all new events."""


_lock = threading.Lock()
_open: list[Flushed] = []
_running: int | None = None
"""The process in which the thread runs: a fork has no thread."""
_wake = threading.Event()


def add(journal: Flushed) -> None:
    """Write a journal regularly until it is closed; without threads, on the kernel's loop."""
    global _running
    if not has_threads():
        kernel_loop().call_later(FLUSH_S, _write_in_turns, journal)
        return
    with _lock:
        if _running != os.getpid():
            _open.clear()  # those of the parent process are written there
            _running = os.getpid()
            threading.Thread(target=_write, name="streamwidget-journal", daemon=True).start()
        _open.append(journal)


def flush_all() -> None:
    """Write the new events of all open journals."""
    with _lock:
        journals = list(_open) if _running == os.getpid() else []
    for journal in journals:
        journal.flush()  # raises nothing


def _write_in_turns(journal: Flushed) -> None:
    journal.flush()
    if not journal.is_closed:
        kernel_loop().call_later(FLUSH_S, _write_in_turns, journal)


def _write() -> None:
    global _running
    while True:
        _wake.wait(FLUSH_S)
        flush_all()
        with _lock:
            _open[:] = [journal for journal in _open if not journal.is_closed]
            if not _open:
                _running = None
                return


atexit.register(flush_all)
