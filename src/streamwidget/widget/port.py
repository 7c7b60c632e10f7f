"""The kernel's side of the protocol for one run: its messages, and who has seen which.

It sends nothing itself; the publisher does. Commands may arrive on any thread, and more than once
by different routes: each is recognised by its `request_id`. ARCHITECTURE.md describes the protocol.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from ..errors import excerpt
from ..io.redaction import without_secrets
from ..ops import Patch
from ..run import TERMINAL, Run
from ..sources.player import MarkKind
from .answers import Answers
from .asked import presenter
from .commands import find, request_id_of
from .rewind import Rewind
from .status import status_of
from .visitors import Pages, Requests


def _nothing() -> None:
    pass


class Moves(Protocol):
    """A recorded run in which one can seek."""

    speed: float

    @property
    def starts_s(self) -> float:
        """Time of the first state that is kept, in seconds."""

    @property
    def duration_s(self) -> float:
        """Length of the recording in seconds."""

    def seek(self, seconds: float) -> None:
        """Move to a time of the recording."""

    def next_mark(self, kind: MarkKind, *, back: bool = False) -> float | None:
        """Move to the next or previous mark and return its time in seconds; None: there is none."""


class Port:
    """One run as its front ends see it."""

    def __init__(self, run: Run, *, run_id: str, title: str) -> None:
        self.run = run
        self.run_id = run.run_id = run_id
        run.title = title
        run.asks.present = presenter(run)
        self.attempt = 1
        """The number of the run in its view."""
        self.can_retry = False
        """True if the source can be started again."""
        self.retry: Callable[[], object] = _nothing
        """Starts the next run in the same view."""
        self.moves: Moves | None = None
        """The interface for seeking; None in a browser, unless the run is a replay."""
        self.rewind: Rewind | None = None
        """The past of the run; None in a browser, or if the run is itself a replay."""
        self._shown = run
        """The run whose document was sent last."""
        self._last_seq = 0
        """Greatest number of a patch or snapshot so far."""
        self._base_seq = self._base_rev = 0
        """Added to the numbers of the shown run, so that they only grow."""
        self._first_seq = 0
        """Number of the first state of the shown run: patches before it belong to another one."""
        self.control = False
        """True if a stop needs the control channel while a cell is running (see `routes`)."""
        self.wake: Callable[[], None] = _nothing
        """Asks the publisher to send soon."""
        self._sent_seq = 0
        self._sent_rev = -1
        self._requests = Requests()
        self._asked_seq: int | None = None
        self.code_asked: set[str] = set()
        """Names of the code that pages have requested, "" for the app."""
        self._snapshot_asked = False
        self.final_seen = False
        """True if a front end has acknowledged the final status."""
        self.answers = Answers(self)
        """Files and records that pages have requested."""
        self.not_sent: str | None = None
        """The error for which not all can be sent to the page; None: all can."""
        self.final_sent = False
        """True once the final snapshot was sent."""
        self.final_cell: int | None = None
        """The cell in whose context it was sent."""
        self.attached = False
        """True once a front end has sent a message."""
        self.savers: set[str] = set()
        """Who can write the record into the notebook, as reported by the pages: `page`,
        `kernel`."""
        self.journal: str | None = None
        """Path of the journal of the run; None if there is none."""
        self.saved: Callable[[Port], dict[str, object] | None] = lambda _: None
        """Makes the record that a page writes into its notebook (`saved_output`)."""
        self.pages = Pages()
        """The pages that show the view."""

    @property
    def title(self) -> str:
        """The title of the view."""
        return self.run.title

    @property
    def unseen(self) -> bool:
        """True if every page reports that the view is not visible."""
        return self.pages.unseen

    @property
    def over(self) -> bool:
        """True if the run has ended."""
        return self.run.status in TERMINAL

    def successor(self, run: Run) -> Port:
        """Return the port of the next run in the same view, for the same front ends."""
        view_id = self.run_id.rpartition(".")[0]
        port = Port(run, run_id=f"{view_id}.{self.attempt + 1}", title=self.title)
        port.attempt = self.attempt + 1
        port.can_retry, port.retry = self.can_retry, self.retry
        if self.rewind is None:
            port.moves = self.moves  # of a replay: the past of a live run comes with its rewind
        port.control, port.wake, port.attached = self.control, self.wake, self.attached
        port.savers, port.saved, port.journal = self.savers, self.saved, self.journal
        port._requests, port.pages = self._requests, self.pages
        return port

    # --- kernel to front end

    def message(self, *, repeat: bool = False) -> dict[str, Any] | None:
        """Return the next value of the `patch` trait; None if nothing has changed.

        With `repeat` the status is sent again even if nothing has changed.
        """
        if self.rewind is not None:
            self.rewind.follow()
        with self._sealed() as seq:
            from_seq, ops = self._patches(seq)
            acks = self._requests.take_acks()
            if from_seq == seq and self.rev == self._sent_rev and not acks and not repeat:
                return None
            self._sent_seq, self._sent_rev = seq, self.rev
            return {
                "run_id": self.run_id,
                "from_seq": from_seq,
                "seq": seq,
                "ops": ops,
                "status": status_of(self),
                "acks": acks,
            }

    def shown(self) -> Run:
        """Return the run whose document is shown: the past of this one, or itself."""
        return self.run if self.rewind is None else self.rewind.shown

    @property
    def rev(self) -> int:
        """Number of the status; grows with every change."""
        past = self._shown
        return self._base_rev + self.run.rev + (0 if past is self.run else past.rev)

    @contextmanager
    def _sealed(self) -> Iterator[int]:
        """Lock the run and its past; yields the number of the last patch. If another run is shown
        than before, the page needs a snapshot."""
        with self.run.lock:
            shown = self.shown()
            with shown.lock:
                seq = shown.patches.seal()
                if shown is not self._shown:
                    self._base_rev += 1 if self._shown is self.run else self._shown.rev + 1
                    self._shown = shown
                    self._first_seq = self._last_seq + 1
                    self._base_seq = self._first_seq - seq
                    self._snapshot_asked = True
                self._last_seq = self._base_seq + seq
                yield self._last_seq

    def _patches(self, seq: int) -> tuple[int, list[Patch]]:
        if self.over and not self.attached:
            return seq, []  # no page is attached, and the final snapshot has everything
        asked, self._asked_seq = self._asked_seq, None
        from_seq = self._sent_seq if asked is None else min(self._sent_seq, asked)
        patches = None
        if from_seq >= self._first_seq:
            patches = self._shown.patches.since(from_seq - self._base_seq)
        ops = self._sendable(patches)
        if ops is None:  # the log no longer has these patches
            self._snapshot_asked = True
            return seq, []
        return from_seq, ops

    def flush_failed(self, error: Exception) -> None:
        """Leave out data that cannot be sent from now on, and show that in the view."""
        self.not_sent = excerpt(without_secrets(f"{type(error).__name__}: {error}"), 100)
        self._snapshot_asked = True
        self._sent_rev = -1
        self.wake()

    def _sendable(self, patches: list[Patch] | None) -> list[Patch] | None:
        if self.not_sent is None or patches is None:
            return patches
        return [[op for op in patch if _is_sendable(op)] for patch in patches]

    def snapshot(self) -> dict[str, Any]:
        """Return the value of the `snapshot` trait: the whole current state."""
        with self._sealed() as seq:
            document = self._shown.still()
            status = status_of(self)
        whole = document.snapshot()
        if self.not_sent is not None:
            whole["parts"] = [part for part in whole["parts"] if _is_sendable(part)]
        return {"run_id": self.run_id, "seq": seq, "status": status, **whole}

    def ask_snapshot(self) -> None:
        """Send the snapshot with the next flush."""
        self._snapshot_asked = True

    def take_snapshot_asked(self) -> bool:
        """Return True if a snapshot was requested, and clear the request."""
        asked, self._snapshot_asked = self._snapshot_asked, False
        return asked

    def take_code_asked(self) -> set[str]:
        """Return the names of the requested code, "" for the app, and clear the request."""
        asked, self.code_asked = self.code_asked, set()
        return asked

    # --- front end to kernel

    def on_command(self, content: object) -> None:
        """Handle one custom message of a front end; malformed ones are ignored."""
        command = find(content)
        if command is None:
            return
        handle, fields = command
        if not self._requests.note(request_id_of(fields)):
            return
        self.attached = True
        handle(self, fields)
        self.wake()

    def request_stop(self) -> None:
        """Ask the producer to stop."""
        self.run.request_stop()

    def resync(self, seq: int) -> None:
        """Send the patches after `seq` again with the next flush, and the status."""
        with self.run.lock:
            self._asked_seq = seq if self._asked_seq is None else min(seq, self._asked_seq)
        self.send_status()

    def send_status(self) -> None:
        """Send the status with the next flush, even if it has not changed."""
        self._sent_rev = -1


def _is_sendable(value: object) -> bool:
    """True if `value` can be sent as JSON."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True
