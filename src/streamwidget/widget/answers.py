"""Requests of a page that take time: files, the record for the notebook, moves in a recording.

They are carried out on threads, because a long one would block all other views. Records share one
thread that stays: glibc gives the memory pool of a thread that ends to the next thread that starts,
for instance JupyterLab's for a reloaded page, and what is free in it would be lost each time.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import StreamWidgetError
from ..run.exporting import export
from ..threads import has_threads, in_background

if TYPE_CHECKING:
    from .port import Port

_log = logging.getLogger("streamwidget")

Answer: TypeAlias = tuple[dict[str, Any], list[bytes]]
"""A custom message with its buffers."""


class Answers:
    """Makes the answers for one port, and keeps those that are ready."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._ready: list[Answer] = []
        self._lock = threading.Lock()
        self._moving = threading.Lock()
        self._move: Callable[[], object] | None = None
        """The newest requested move that has not begun."""

    def take(self) -> list[Answer]:
        """Return the answers that are ready, and clear them."""
        with self._lock:
            ready, self._ready = self._ready, []
            return ready

    def export(self, request_id: str, what: str, part_id: str | None) -> None:
        """Write the run, or one part of it, as a file of the kind `what`."""
        self._start("export", partial(self._export, request_id, what, part_id))

    def record(self, request_id: str) -> None:
        """Make the record that the page writes into its notebook."""
        make_record(partial(self._record, request_id))

    def move(self, move: Callable[[], object]) -> None:
        """Call `move`; of several that wait, as during a drag, only the newest is called."""
        self._move = move
        self._start("seek", self._carry_out_moves)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        in_background(work, name=f"streamwidget-{name}")

    def _add(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        with self._lock:
            self._ready.append((message, buffers))
        self._port.wake()

    def _export(self, request_id: str, what: str, part_id: str | None) -> None:
        answer: dict[str, Any] = {"export": request_id, "name": "", "mime": "", "text": None}
        try:
            made = export(self._port.run, self._port.title, what, part_id)
        except Exception as error:  # every failure is reported to the page that requested it
            message = error.message if isinstance(error, StreamWidgetError) else repr(error)
            self._add({**answer, "error": message}, [])
        else:
            facts = {"name": made.name, "mime": made.mime, "error": None}
            self._add({**answer, **facts}, [made.text.encode("utf-8", "replace")])

    def _record(self, request_id: str) -> None:
        try:
            answer = self._port.saved(self._port)
        except Exception:
            # the saved output stays as it is, and the run continues
            _log.exception("the record of %r could not be made", self._port.title)
            return
        if answer is not None:
            self._add({"record": request_id, **answer}, [])

    def _carry_out_moves(self) -> None:
        with self._moving:
            move, self._move = self._move, None
            if move is not None:
                move()
        self._port.wake()


def make_record(work: Callable[[], None]) -> None:
    """Call `work`, which makes a record, on the thread for records."""
    if has_threads():
        _records().put(work)
    else:
        in_background(work, name="streamwidget-record")


_Work: TypeAlias = "queue.SimpleQueue[Callable[[], None]]"
_queue_lock = threading.Lock()
_queue: tuple[int, _Work] | None = None


def _records() -> _Work:
    """Return the queue of the thread that makes records; a fork gets its own."""
    global _queue
    with _queue_lock:
        if _queue is None or _queue[0] != os.getpid():
            _queue = os.getpid(), queue.SimpleQueue()
            in_background(partial(_carry_out, _queue[1]), name="streamwidget-answers")
        return _queue[1]


def _carry_out(work: _Work) -> None:
    while True:
        work.get()()
