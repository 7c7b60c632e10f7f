"""The kernel's side of the protocol for one run: makes messages and handles commands.

It sends nothing itself; the publisher does. Commands may arrive on any thread, and more than once
by different routes: each is recognised by its `request_id`. ARCHITECTURE.md describes the protocol.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast, get_args

from ..errors import StreamWidgetError, UsageError, excerpt
from ..events import Notice
from ..io.redaction import without_secrets
from ..ops import Patch
from ..run import TERMINAL, Run
from ..run.exporting import export
from ..sources.player import MarkKind

_log = logging.getLogger("streamwidget")
MAX_SPEED = 1000.0
"""Greatest replay speed that a page can request."""
_REMEMBERED_REQUESTS = 256
_REMEMBERED_PAGES = 16


def _nothing() -> None:
    pass


class Moves(Protocol):
    """A recorded run in which one can seek."""

    speed: float

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
        self.attempt = 1
        """The number of the run in its view."""
        self.can_retry = False
        """True if the source can be started again."""
        self.retry: Callable[[], None] = _nothing
        """Starts the next run in the same view."""
        self.moves: Moves | None = None
        """The interface for seeking; None unless the run is the replay of a journal."""
        self._moving = threading.Lock()
        self._move: Callable[[], object] | None = None
        """The newest requested move that has not begun."""
        self.control = False
        """True if a stop needs the control channel while a cell is running (see `routes`)."""
        self.wake: Callable[[], None] = _nothing
        """Asks the publisher to send soon."""
        self._sent_seq = 0
        self._sent_rev = -1
        self._acks: list[str] = []
        self._asked_seq: int | None = None
        self._code_asked: set[str] = set()
        self._snapshot_asked = False
        self._final_seen = False
        self._exports: list[tuple[dict[str, Any], list[bytes]]] = []
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
        self._known: OrderedDict[str, None] = OrderedDict()
        self._pages: OrderedDict[str, bool] = OrderedDict()
        """By page, True if the view is visible there; only pages that reported it, the latest
        last."""

    @property
    def title(self) -> str:
        """The title of the view."""
        return self.run.title

    @property
    def unseen(self) -> bool:
        """True if every page reports that the view is not visible."""
        with self.run.lock:
            pages = list(self._pages.values())
        return bool(pages) and not any(pages)

    @property
    def over(self) -> bool:
        """True if the run has ended."""
        return self.run.status in TERMINAL

    @property
    def final_seen(self) -> bool:
        """True if a front end has acknowledged the final status."""
        return self._final_seen

    def successor(self, run: Run) -> Port:
        """Return the port of the next run in the same view, for the same front ends."""
        view_id = self.run_id.rpartition(".")[0]
        port = Port(run, run_id=f"{view_id}.{self.attempt + 1}", title=self.title)
        port.attempt = self.attempt + 1
        port.can_retry, port.retry, port.moves = self.can_retry, self.retry, self.moves
        port.control, port.wake, port.attached = self.control, self.wake, self.attached
        port.savers, port.saved, port.journal = self.savers, self.saved, self.journal
        with self.run.lock:
            port._acks, port._known, port._pages = self._acks, self._known, self._pages
        return port

    # --- kernel to front end

    def message(self, *, repeat: bool = False) -> dict[str, Any] | None:
        """Return the next value of the `patch` trait; None if nothing has changed.

        With `repeat` the status is sent again even if nothing has changed.
        """
        run = self.run
        with run.lock:
            seq = run.patches.seal()
            from_seq, ops = self._patches(seq)
            acks, self._acks = self._acks, []
            if from_seq == seq and run.rev == self._sent_rev and not acks and not repeat:
                return None
            self._sent_seq, self._sent_rev = seq, run.rev
            return {
                "run_id": self.run_id,
                "from_seq": from_seq,
                "seq": seq,
                "ops": ops,
                "status": self.status(),
                "acks": acks,
            }

    def _patches(self, seq: int) -> tuple[int, list[Patch]]:
        if self.over and not self.attached:
            return seq, []  # no page is attached, and the final snapshot has everything
        asked, self._asked_seq = self._asked_seq, None
        from_seq = self._sent_seq if asked is None else min(self._sent_seq, asked)
        ops = self._sendable(self.run.patches.since(from_seq))
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
        run = self.run
        with run.lock:
            seq = run.patches.seal()
            document = run.document.copy()
            status = self.status()
        whole = document.snapshot()
        if self.not_sent is not None:
            whole["parts"] = [part for part in whole["parts"] if _is_sendable(part)]
        return {"run_id": self.run_id, "seq": seq, "status": status, **whole}

    def status(self) -> dict[str, Any]:
        """Return the status object without unknown values; call it under the run's lock."""
        run, stats = self.run, self.run.stats
        stop, spent = run.stop_times, run.spent()
        bound = run.budget.nearest(spent) if run.budget else None
        usage = run.document.run
        facts = {
            "rev": run.rev,
            "state": run.status,
            "title": self.title,
            "elapsed_s": round(stats.elapsed_s, 4),
            "first_token_s": _rounded(stats.first_token_s),
            "token_count": stats.token_count,
            "tokens_estimated": stats.tokens_estimated,
            "char_count": run.document.char_count,
            "stop": None
            if stop is None
            else {
                "requested_s": _rounded(stop.requested_s),
                "heard_s": _rounded(stop.heard_s),
                "closed_s": _rounded(stop.closed_s),
            },
            "input_tokens": spent.input_tokens,
            "input_estimated": _is_estimate(usage, "input_tokens", spent.input_tokens),
            "output_tokens": usage.get("output_tokens"),
            "output_estimated": _is_estimate(usage, "output_tokens", usage.get("output_tokens")),
            "cost": _rounded(spent.cost, 6),
            "cost_estimated": None if spent.cost is None else spent.estimated,
            "currency": run.budget.currency if run.budget else None,
            "budget": None
            if bound is None
            else {"limit": bound.limit, "used": _rounded(bound.used, 6), "unit": bound.unit},
            "stalled_s": _rounded(run.silence.stalled_s),
            "can_send": run.can_send,
            "can_pause": run.can_pause,
            "can_retry": self.can_retry and self.over,
            "replay": None if self.moves is None else _replay(self.moves),
            "attempt": self.attempt,
            "stopped_by": run.stop_facts(),
            "not_sent": self.not_sent,
            "control": self.control,
        }
        return {name: value for name, value in facts.items() if value is not None}

    def ask_snapshot(self) -> None:
        """Send the snapshot with the next flush."""
        self._snapshot_asked = True

    def take_snapshot_asked(self) -> bool:
        """Return True if a snapshot was requested, and clear the request."""
        asked, self._snapshot_asked = self._snapshot_asked, False
        return asked

    def take_code_asked(self) -> set[str]:
        """Return the names of the requested code, "" for the app, and clear the request."""
        asked, self._code_asked = self._code_asked, set()
        return asked

    # --- front end to kernel

    def on_command(self, content: object) -> None:
        """Handle one custom message of a front end; malformed ones are ignored."""
        if not isinstance(content, Mapping):
            return
        command = _COMMANDS.get(str(content.get("cmd")))
        request_id = str(content.get("request_id", ""))[:64]
        if command is None:
            return
        with self.run.lock:
            if request_id and request_id in self._known:
                return
            self.attached = True
            self._known[request_id] = None
            if len(self._known) > _REMEMBERED_REQUESTS:
                self._known.popitem(last=False)
            self._acks.append(request_id)
        command(self, content)
        self.wake()

    def _is_mine(self, content: Mapping[str, object]) -> bool:
        return content.get("run_id") == self.run_id

    def _hello(self, content: Mapping[str, object]) -> None:
        page = content.get("page")
        if isinstance(page, str):
            self._note_page(page, self._pages.get(page[:64], True))
        self.savers.add(str(content.get("saves"))[:16])
        # Not the patches after its `seq`: they may be in transit. If the front end has missed any,
        # the `from_seq` of the next message shows it, and the front end sends `resync`.
        self._sent_rev = -1

    def _look(self, content: Mapping[str, object]) -> None:
        page, seen = content.get("page"), content.get("seen")
        if isinstance(page, str) and isinstance(seen, bool):
            self._note_page(page, seen)

    def _note_page(self, page: str, seen: bool) -> None:
        with self.run.lock:
            self._pages[page[:64]] = seen
            self._pages.move_to_end(page[:64])
            if len(self._pages) > _REMEMBERED_PAGES:
                self._pages.popitem(last=False)

    def _resync(self, content: Mapping[str, object]) -> None:
        seq = content.get("seq")
        if not self._is_mine(content) or not isinstance(seq, int) or seq < 0:
            seq = 0
        with self.run.lock:
            self._asked_seq = seq if self._asked_seq is None else min(seq, self._asked_seq)
            self._sent_rev = -1  # the status too

    def _stop(self, content: Mapping[str, object]) -> None:
        if not self._is_mine(content):
            return  # a stale stop cannot touch a newer run
        at_s = content.get("at_s")
        self.run.request_stop(float(at_s) if isinstance(at_s, (int, float)) else None)

    def _pause(self, content: Mapping[str, object]) -> None:
        if self._is_mine(content):
            self.run.pause()

    def _resume(self, content: Mapping[str, object]) -> None:
        if self._is_mine(content):
            self.run.resume()

    def _seek(self, content: Mapping[str, object]) -> None:
        at_s, moves = content.get("at_s"), self.moves
        if self._is_mine(content) and isinstance(at_s, (int, float)) and moves is not None:
            self._begin_move(lambda: moves.seek(float(at_s)))

    def _mark(self, content: Mapping[str, object]) -> None:
        kind, back, moves = content.get("kind"), content.get("back") is True, self.moves
        if self._is_mine(content) and moves is not None and kind in get_args(MarkKind):
            self._begin_move(lambda: moves.next_mark(cast("MarkKind", kind), back=back))

    def _speed(self, content: Mapping[str, object]) -> None:
        speed = content.get("speed")
        if self.moves is not None and isinstance(speed, (int, float)) and 0 < speed <= MAX_SPEED:
            self.moves.speed = float(speed)
            self._sent_rev = -1

    def _begin_move(self, move: Callable[[], object]) -> None:
        """Move on another thread; of several waiting moves of a drag, only the newest is made."""
        self._move = move
        threading.Thread(
            target=self._carry_out_moves, name="streamwidget-seek", daemon=True
        ).start()

    def _carry_out_moves(self) -> None:
        with self._moving:
            move, self._move = self._move, None
            if move is not None:
                move()
        self.wake()

    def _retry(self, content: Mapping[str, object]) -> None:
        if self._is_mine(content) and self.can_retry and self.over:
            # on another thread: it runs the user's code, and this is the kernel's message thread
            threading.Thread(target=self.retry, name="streamwidget-retry", daemon=True).start()

    def _send(self, content: Mapping[str, object]) -> None:
        text = content.get("text")
        if not self._is_mine(content) or not isinstance(text, str) or not text:
            return
        try:
            self.run.send_message(text)
        except UsageError as error:
            self.run.push([Notice(error.message, "warning")])

    def _seen(self, content: Mapping[str, object]) -> None:
        if self._is_mine(content) and self.over:
            self._final_seen = True

    def _export(self, content: Mapping[str, object]) -> None:
        """Write the file on another thread: a long one would hold up all other views."""
        what, part_id = str(content.get("what", "")), content.get("part_id")
        request_id = str(content.get("request_id", ""))[:64]
        known = part_id if isinstance(part_id, str) else None
        work = threading.Thread(
            target=self._write, args=(request_id, what, known), name="streamwidget-export"
        )
        work.daemon = True
        work.start()

    def _write(self, request_id: str, what: str, part_id: str | None) -> None:
        answer: dict[str, Any] = {"export": request_id, "name": "", "mime": "", "text": None}
        try:
            made = export(self.run, self.title, what, part_id)
        except Exception as error:  # every failure is reported to the page that requested it
            message = error.message if isinstance(error, StreamWidgetError) else repr(error)
            ready: tuple[dict[str, Any], list[bytes]] = ({**answer, "error": message}, [])
        else:
            facts = {"name": made.name, "mime": made.mime, "error": None}
            ready = ({**answer, **facts}, [made.text.encode("utf-8", "replace")])
        with self.run.lock:
            self._exports.append(ready)
        self.wake()

    def _record(self, content: Mapping[str, object]) -> None:
        """Make the record that the page writes into its notebook, on another thread."""
        request_id = str(content.get("request_id", ""))[:64]
        work = threading.Thread(
            target=self._give_record, args=(request_id,), name="streamwidget-record", daemon=True
        )
        work.start()

    def _give_record(self, request_id: str) -> None:
        try:
            answer = self.saved(self)
        except Exception:
            # the saved output stays as it is, and the run continues
            _log.exception("the record of %r could not be made", self.title)
            return
        if answer is not None:
            self._exports.append(({"record": request_id, **answer}, []))
            self.wake()

    def take_exports(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Return the files that are ready, each with its message, and clear them."""
        with self.run.lock:
            ready, self._exports = self._exports, []
            return ready

    def _code(self, content: Mapping[str, object]) -> None:
        self._code_asked.add(str(content.get("what", "")))


_COMMANDS: dict[str, Callable[[Port, Mapping[str, object]], None]] = {
    "hello": Port._hello,
    "look": Port._look,
    "resync": Port._resync,
    "stop": Port._stop,
    "pause": Port._pause,
    "resume": Port._resume,
    "retry": Port._retry,
    "seek": Port._seek,
    "mark": Port._mark,
    "speed": Port._speed,
    "send": Port._send,
    "export": Port._export,
    "record": Port._record,
    "seen": Port._seen,
    "code": Port._code,
}


def _is_sendable(value: object) -> bool:
    """True if `value` can be sent as JSON."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _replay(moves: Moves) -> dict[str, Any]:
    speed = moves.speed
    facts = {"duration_s": _rounded(moves.duration_s)}
    return {**facts, "speed": speed} if math.isfinite(speed) else facts


def _is_estimate(usage: Mapping[str, object], name: str, shown: object) -> bool | None:
    """True if the shown count was not reported by the provider; None: no count is shown."""
    if shown is None:
        return None
    return usage.get(name) is None or bool(usage.get("usage_estimated"))


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
