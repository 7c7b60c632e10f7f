"""Requests of a page: the threads on which they are carried out."""

from __future__ import annotations

import queue
import threading
import uuid

import pytest

from streamwidget.run import Run, exporting
from streamwidget.sources.player import MarkKind
from streamwidget.threads import Worker
from streamwidget.widget.port import Port
from streamwidget.widget.saved_view import SavedView
from unit.waiting import WAIT_S


class Moved:
    """A recording in which every seek notes its thread."""

    speed, starts_s, duration_s = 1.0, 0.0, 1.0

    def __init__(self) -> None:
        self.threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()

    def seek(self, _: float) -> None:
        """Note the thread."""
        self.threads.put(threading.current_thread())

    def next_mark(self, _: MarkKind, *, back: bool = False) -> float | None:
        """Find nothing."""
        del back


def asked(port: Port, cmd: str, **fields: object) -> None:
    """Let a page send a command."""
    port.on_command({"cmd": cmd, "run_id": port.run_id, "request_id": uuid.uuid4().hex, **fields})


def test_records_files_and_those_that_the_kernel_writes_share_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thread for each would leave its memory pool to a thread that stays."""
    threads: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    note = lambda *_: threads.put(threading.current_thread())  # noqa: E731
    port = Port(Run(), run_id="a.1", title="")
    port.saved = note
    monkeypatch.setitem(exporting._FORMS, "markdown", ("md", "text/markdown", note))
    saved = SavedView("record")
    saved.write = note  # type: ignore[method-assign]
    used = set()
    for ask in (
        lambda: asked(port, "record"),
        lambda: asked(port, "export", what="markdown"),
        lambda: saved.write_soon(port),
        lambda: asked(port, "record"),
    ):
        ask()
        used.add(threads.get(timeout=WAIT_S))
    assert len(used) == 1


def test_all_seeks_of_all_runs_share_one_thread() -> None:
    used = set()
    for name in ("a.1", "b.1"):
        port = Port(Run(), run_id=name, title="")
        port.moves = moved = Moved()
        for at_s in range(3):
            asked(port, "seek", at_s=at_s)
            used.add(moved.threads.get(timeout=WAIT_S))
    assert len(used) == 1


def test_work_that_fails_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    worker, done = Worker("test"), threading.Event()
    worker.put(lambda: 1 / 0)
    worker.put(done.set)
    assert done.wait(WAIT_S)
    assert "ZeroDivisionError" in caplog.text
