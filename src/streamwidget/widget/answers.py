"""Requests of a page that take time: files, the record for the notebook, moves in a recording.

They are carried out on other threads, because a long one would block all other views; on threads
that stay, see `Worker`.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..errors import StreamWidgetError
from ..run.exporting import export
from ..threads import Worker

if TYPE_CHECKING:
    from .port import Port

_log = logging.getLogger("streamwidget")

FILES: Final = Worker("streamwidget-answers")
"""Makes files and records, in the order of the requests."""
MOVES: Final = Worker("streamwidget-moves")
"""Moves in recordings: a drag must not wait for a file."""
Answer: TypeAlias = tuple[dict[str, Any], list[bytes]]
"""A custom message with its buffers."""


def give_record(
    make: Callable[[], Mapping[str, object] | None],
    send: Callable[[dict[str, object]], object],
    request_id: str,
    noun: str,
) -> None:
    """Send the record that `make` returns, unless it is None, from another thread in this context.

    Making it takes long for many long runs. If it fails, the saved output stays as it is, and the
    log says so of `noun`.
    """

    def give() -> None:
        try:
            answer = make()
        except Exception:
            _log.exception("the record of the %s could not be made", noun)
            return
        if answer is not None:
            send({"record": request_id, **answer})

    context = contextvars.copy_context()
    FILES.put(lambda: context.run(give))


class Answers:
    """Makes the answers for one port, and keeps those that are ready."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._ready: list[Answer] = []
        self._lock = threading.Lock()
        self._move: Callable[[], object] | None = None
        """The newest requested move that has not begun."""

    def take(self) -> list[Answer]:
        """Return the answers that are ready, and clear them."""
        with self._lock:
            ready, self._ready = self._ready, []
            return ready

    def export(self, request_id: str, what: str, part_id: str | None) -> None:
        """Write the run, or one part of it, as a file of the kind `what`."""
        FILES.put(partial(self._export, request_id, what, part_id))

    def record(self, request_id: str) -> None:
        """Make the record that the page writes into its notebook."""
        FILES.put(partial(self._record, request_id))

    def move(self, move: Callable[[], object]) -> None:
        """Call `move`; of several that wait, as during a drag, only the newest is called."""
        with self._lock:
            self._move = move
        MOVES.put(self._carry_out_move)

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

    def _carry_out_move(self) -> None:
        with self._lock:
            move, self._move = self._move, None
        if move is not None:
            move()
        self._port.wake()
