"""The kernel's side of the protocol for one run: what to send next, and what a front end asked.

Makes messages and takes commands; sends nothing itself (the publisher does). Commands may come on
any thread, and more than once by different routes: each is recognised by its `request_id`.
The protocol is in ARCHITECTURE.md.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import StreamWidgetError, UsageError
from ..events import Notice
from ..ops import Patch
from ..run import TERMINAL, Run
from ..run.exporting import export

_REMEMBERED_REQUESTS = 256
_REMEMBERED_PAGES = 16


def _nothing() -> None:
    pass


class Port:
    """One run as its front ends see it."""

    def __init__(self, run: Run, *, run_id: str, title: str) -> None:
        self.run = run
        self.run_id = run_id
        self.title = title
        self.attempt = 1
        """The number of the run in its view."""
        self.can_retry = False
        """Whether the source can be started again."""
        self.retry: Callable[[], None] = _nothing
        """Starts the next run in the same view."""
        self.control = False
        """Whether a stop needs the control channel while a cell is running (see `routes`)."""
        self.wake: Callable[[], None] = _nothing
        """Tells the publisher that somebody waits for an answer."""
        self._sent_seq = 0
        self._sent_rev = -1
        self._acks: list[str] = []
        self._asked_seq: int | None = None
        self._code_asked: set[str] = set()
        self._snapshot_asked = False
        self._final_seen = False
        self._exports: list[tuple[dict[str, Any], list[bytes]]] = []
        self.attached = False
        """Whether a front end has ever said anything."""
        self._known: OrderedDict[str, None] = OrderedDict()
        self._pages: OrderedDict[str, bool] = OrderedDict()
        """Whether each page that said so has the view in sight; the last ones that spoke."""

    @property
    def unseen(self) -> bool:
        """Whether every page has said that it has the view out of sight."""
        with self.run.lock:
            pages = list(self._pages.values())
        return bool(pages) and not any(pages)

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self.run.status in TERMINAL

    @property
    def final_seen(self) -> bool:
        """Whether a front end has acknowledged the final status."""
        return self._final_seen

    def successor(self, run: Run) -> Port:
        """The port of the next run in the same view, for the same front ends."""
        view_id = self.run_id.rpartition(".")[0]
        port = Port(run, run_id=f"{view_id}.{self.attempt + 1}", title=self.title)
        port.attempt = self.attempt + 1
        port.can_retry, port.retry = self.can_retry, self.retry
        port.control, port.wake, port.attached = self.control, self.wake, self.attached
        with self.run.lock:
            port._acks, port._known, port._pages = self._acks, self._known, self._pages
        return port

    # --- kernel to front end

    def message(self, *, repeat: bool = False) -> dict[str, Any] | None:
        """The next value of the `patch` trait; None if there is nothing new.

        With `repeat` the status is sent again although nothing has changed.
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
            return seq, []  # nobody follows them, and the final snapshot has it all
        asked, self._asked_seq = self._asked_seq, None
        from_seq = self._sent_seq if asked is None else min(self._sent_seq, asked)
        ops = self.run.patches.since(from_seq)
        if ops is None:  # the log does not reach back that far
            self._snapshot_asked = True
            return seq, []
        return from_seq, ops

    def snapshot(self) -> dict[str, Any]:
        """The value of the `snapshot` trait: everything, as it is now."""
        run = self.run
        with run.lock:
            seq = run.patches.seal()
            whole = run.document.snapshot()
            return {"run_id": self.run_id, "seq": seq, "status": self.status(), **whole}

    def status(self) -> dict[str, Any]:
        """The status object, without what is not known; call it under the run's lock."""
        run, stats = self.run, self.run.stats
        stop, spent = stats.stop, run.spent()
        bound = run.budget.nearest(spent) if run.budget else None
        told = {
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
            "output_tokens": run.document.run.get("output_tokens"),
            "cost": _rounded(spent.cost, 6),
            "cost_estimated": spent.estimated,
            "currency": run.budget.currency if run.budget else None,
            "budget": None
            if bound is None
            else {"limit": bound.limit, "used": _rounded(bound.used, 6), "unit": bound.unit},
            "stalled_s": _rounded(run.silence.stalled_s),
            "can_send": run.can_send,
            "can_pause": run.can_pause,
            "can_retry": self.can_retry and self.over,
            "attempt": self.attempt,
            "sentence": run.sentence,
            "control": self.control,
        }
        return {name: value for name, value in told.items() if value is not None}

    def ask_snapshot(self) -> None:
        """Has the snapshot sent at the next flush."""
        self._snapshot_asked = True

    def take_snapshot_asked(self) -> bool:
        """Whether a snapshot has to be sent; asking clears it."""
        asked, self._snapshot_asked = self._snapshot_asked, False
        return asked

    def take_code_asked(self) -> set[str]:
        """The names of the code that has to be sent, "" for the bundle; asking clears them."""
        asked, self._code_asked = self._code_asked, set()
        return asked

    # --- front end to kernel

    def on_command(self, content: object) -> None:
        """Takes one custom message of a front end; anything malformed is ignored."""
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
        # Not the patches after its `seq`: they may be on their way. The next message's `from_seq`
        # tells the front end whether it has missed any, and then it asks.
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

    def _retry(self, content: Mapping[str, object]) -> None:
        if self._is_mine(content) and self.can_retry and self.over:
            self.retry()

    def _send(self, content: Mapping[str, object]) -> None:
        text = content.get("text")
        if not self._is_mine(content) or not isinstance(text, str) or not text:
            return
        try:
            self.run.send(text)
        except UsageError as error:
            self.run.push([Notice(error.message, "warning")])

    def _seen(self, content: Mapping[str, object]) -> None:
        if self._is_mine(content) and self.over:
            self._final_seen = True

    def _export(self, content: Mapping[str, object]) -> None:
        """Writes the file on a thread of its own: a long one would hold up all other views."""
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
        except Exception as error:  # the person who asked is told, whatever it was
            told = error.message if isinstance(error, StreamWidgetError) else repr(error)
            self._exports.append(({**answer, "error": told}, []))
        else:
            facts = {"name": made.name, "mime": made.mime, "error": None}
            self._exports.append(({**answer, **facts}, [made.text.encode("utf-8", "replace")]))
        self.wake()

    def take_exports(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        """The files that are ready, each with its message; asking clears them."""
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
    "send": Port._send,
    "export": Port._export,
    "seen": Port._seen,
    "code": Port._code,
}


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
