"""Requests of a page: the threads on which they are carried out."""

from __future__ import annotations

import queue
import threading

from streamwidget.run import Run
from streamwidget.widget.port import Port


def test_records_share_one_thread() -> None:
    """A thread for each record would leave its memory pool to a thread that stays."""
    threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    port = Port(Run(), run_id="a.1", title="")

    def saved(_: Port) -> None:
        threads.put(threading.current_thread())

    port.saved = saved
    first, second = [(port.answers.record(name), threads.get(timeout=60))[1] for name in "ab"]
    assert first is second
