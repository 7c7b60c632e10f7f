"""One run: from the start to its single terminal status.

Every change of a run goes through `push`, `request_stop` or `end`, from any thread, under one lock
that is never held during I/O; only `request_stop` takes no lock. Must not know the widget: the view
sets `on_change` and reads under `lock`.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Protocol

from ..budget import Budget, BudgetLimit, Spent
from ..document import Document
from ..errors import IncompleteError, StreamWidgetError, UsageError
from ..events import (
    Event,
    Notice,
    RunEnd,
    RunStart,
    StepState,
)
from ..formats.finish import is_cancelled
from ..limits import DEFAULT_LIMITS, Limits
from ..ops import Json
from ..pacing import PatchLog
from ..threads import has_threads
from .clock import Stats, StopTimes, Tokens
from .eventlog import EventLog
from .intake import Intake
from .pausing import Gate
from .recorded_end import RecordedEnd
from .result import KeptState, KeptStats, Result
from .silence import Silence
from .states import OUTCOME_OF, TERMINAL, Status, StopCause, Trigger, follow
from .timers import Timer, timers
from .words import end_sentence

_log = logging.getLogger("streamwidget")
_NO_BUDGET = Budget()
_READER = StopCause()
_STEP_END: dict[Status, StepState] = {
    "finished": "done",
    "incomplete": "failed",
    "failed": "failed",
    "stopped": "stopped",
}


class _Journal(Protocol):
    """The journal, as far as the run needs it."""

    @property
    def needed_from(self) -> int:
        """The position of the first event that is not written yet."""

    def flush(self, *, patience_s: float = -1) -> None:
        """Write all events so far; stop waiting after `patience_s` if another thread is writing."""


def _from_the_first() -> int:
    return 0


def _nothing() -> None:
    pass


class Run:
    """The state of one run, its document, and the log of its patches."""

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        budget: Budget | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = threading.RLock()
        self.limits = limits
        self.budget = budget
        self.passed_bound: BudgetLimit | None = None
        """The limit of the budget that stopped the run; None: no limit did."""
        self.stats = Stats(now)
        self._intake = Intake(limits, self.stats)
        self.silence = Silence(now, limits.stall_s, self._retold)
        self._status: Status = "idle"
        self._stops: dict[int, StopTimes] = {}
        """The requested stop, under key 0; a dict, because `setdefault` is atomic without a
        lock."""
        self.summary: str | None = None
        self.title = ""
        """The displayed title; set by the view, "" without a view."""
        self.run_id = uuid.uuid4().hex
        """Identifies the run in journals and exports."""
        self.started = datetime.now(timezone.utc)
        self._journal: _Journal | None = None
        self._result: Result | None = None
        """The final result, cached once it has been read after the end."""
        self._rev = 0
        self.noun = "source"
        """Noun for what a stop closes: `connection`, `process`."""
        self.on_change: Callable[[], None] = _nothing
        self.on_end: Callable[[], None] = _nothing
        self.on_stop: Callable[[], None] = _nothing
        """Cancels the producer; called once, on the timers' thread."""
        self.sender: Callable[[object], None] | None = None
        """Sends a message to the peer; None if the source takes no messages. Set by the driver."""
        self.finished = threading.Event()
        self.announced = threading.Event()
        """Set a little later than `finished`: when `on_end` has returned."""
        self.end_call: threading.Thread | None = None
        """What `on_end` has started and may start another run; None: nothing."""
        self.closed = threading.Event()
        """Set when the producer is closed; after `finished` if the producer was abandoned."""
        self._advice = ""
        self.stopped_by = _READER
        """Who or what requested the stop."""
        self._obstacle: str | None = None
        """Why the producer was abandoned, as a clause; None: it was not."""
        timers()  # starts the timer thread before a signal handler may need it
        self._tells_all = not has_threads()
        """True if a flush that is due may have to happen inside `push`, as nobody else has a
        turn."""
        self.gate = Gate()
        """Shut while the run is paused: producers wait at it."""
        self.is_pausable = False
        """True if the source can be paused; set by the driver."""
        self.is_recording = False
        """True if the source can be paused before its first event; set by the driver."""
        self._ids = itertools.count(1)
        self._timers: dict[str, Timer] = {}
        """Timers by name; cancelled at the end, because a timer keeps its run in memory."""
        self._rests: list[Callable[[], Sequence[Event]]] = []
        """What returns the text that decoders hold back; see `Context.holds`."""
        self._wakers: list[Callable[[], None]] = []

    # --- where the run is

    @property
    def status(self) -> Status:
        """The current status; `stopping` at once, without the lock, when a stop was requested."""
        status = self._status
        return "stopping" if self._stops and status not in TERMINAL else status

    @property
    def rev(self) -> int:
        """A number that increases with every change of the status, not with the text."""
        return self._rev + len(self._stops)

    @property
    def stop_times(self) -> StopTimes | None:
        """When a stop was requested, received and carried out; None: no stop was requested."""
        return self._stops.get(0)

    # --- what has arrived

    @property
    def document(self) -> Document:
        """The document so far."""
        return self._settled().document

    @property
    def patches(self) -> PatchLog:
        """The patches of the document, for the page."""
        return self._settled().patches

    @property
    def events(self) -> EventLog:
        """All events so far."""
        return self._settled().events

    @property
    def error(self) -> StreamWidgetError | None:
        """The last problem, fatal or not; None: no problem."""
        return self._intake.error

    @property
    def marker(self) -> RunEnd | None:
        """The end that the format reported; None until it did."""
        return self._intake.marker

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the run still, with everything received in its document."""
        with self.lock:
            self._intake.settle()
            yield

    def _settled(self) -> Intake:
        """Return the intake after applying the held rows."""
        if self._intake.is_holding:
            with self.lock:
                self._intake.settle()
        return self._intake

    # --- what sources see

    def new_id(self, prefix: str) -> str:
        """Return an id that is unique in this run."""
        return f"{prefix}{next(self._ids)}"

    def stop_requested(self) -> bool:
        """True if a stop was requested or the run has ended."""
        return bool(self._stops) or self._status in TERMINAL

    def push(self, events: Sequence[Event]) -> None:
        """Apply events in order, from any thread; those after the end are dropped.

        Raises:
            LimitError: the document has passed a bound of `Limits`; everything before it is kept.
        """
        self.take(events)

    def take(self, events: Sequence[Event]) -> bool:
        """Apply events as `push` does; return False once the end was among them, or after a stop.

        Raises:
            LimitError: the document has passed a bound of `Limits`; everything before it is kept.
        """
        intake = self._intake
        with self.lock:
            if self._status in TERMINAL:
                return False
            # While ops are pending, a flush is due that will take these too.
            is_news = self._tells_all or not intake.patches.pending
            for event in events:
                intake.take(event)
            if events and self._status in ("connecting", "reconnecting"):
                self._follow("event")
                is_news = True
            passed = intake.passed_bound()
        if intake.events.is_behind and self._journal is not None:
            # The producer waits for its journal so that no event is lost. Not forever: this thread
            # may hold the lock of the run, which the journal's thread needs.
            self._journal.flush(patience_s=1.0)
        if self.budget is not None and events:
            self.check_budget()
        if is_news or self._wakers:
            self._tell()
        if passed is not None:
            raise passed
        return intake.marker is None and not self._stops

    def spent(self) -> Spent:
        """Return the tokens, time and money used so far; without prices there is no cost."""
        with self.lock:
            return (self.budget or _NO_BUDGET).spent(
                self._intake.document.usage_by_call.values(),
                counted_tokens=self.stats.token_count,
                elapsed_s=self.stats.elapsed_s,
                over=self.status in TERMINAL,
            )

    def tokens(self) -> Tokens:
        """Return the tokens of the answer: as the provider reported them, or else as counted here.

        While the run is live, a report may be outdated (some providers report 1 at the start), so
        the greater number is returned.
        """
        with self.lock:
            self._intake.settle()
            counted = self.stats.token_count
            calls = self._intake.document.usage_by_call.values()
            reported = [one.output_tokens for one in calls if one.output_tokens is not None]
            if reported and (self._status == "finished" or sum(reported) >= counted):
                return Tokens(sum(reported), any(one.estimated for one in calls))
            return Tokens(counted, self.stats.tokens_estimated)

    def check_budget(self) -> None:
        """Stop the run if it has reached a bound of its budget."""
        if self.budget is None or self.stop_requested():
            return
        bound = self.budget.passed(self.spent())
        if bound is not None:
            self.passed_bound = bound
            self.request_stop(by=StopCause("budget", bound.limit, bound.unit))

    def later(self, name: str, delay_s: float, function: Callable[[], None]) -> None:
        """Call `function` in `delay_s` seconds on the timer thread, unless the run has ended."""
        with self.lock:
            if self._status not in TERMINAL:
                self._timers[name] = timers().call_later(delay_s, function)

    def _retold(self) -> None:
        with self.lock:
            self._rev += 1
        self._tell()

    # --- what drivers and people do

    def start(self, source: str, format_name: str | None = None) -> None:
        """Note that the driver has started to read `source`."""
        with self.lock:
            self._intake.take(RunStart(source, format_name))
            self._follow("start")
        self._tell()

    @property
    def can_send(self) -> bool:
        """True if the source takes messages now."""
        return self.sender is not None and self.status in ("connecting", "streaming")

    def send_message(self, message: object) -> None:
        """Send a message to the peer, and show it in the document if it is text.

        Raises:
            UsageError: the source takes no messages, its connection is not open, or `message`
                cannot be sent.
        """
        if self.sender is None:
            raise UsageError(
                "The source of this view does not take messages: only a WebSocket does, "
                "StreamView(websocket(...))."
            )
        with self.lock:  # a quick answer must not overtake the question
            self.sender(message)
            if isinstance(message, str):
                self._intake.turn()
                self.push([Notice(f"You: {message}", "said")])

    def drop(self) -> None:
        """Note that the connection was lost; the source reconnects."""
        with self.lock:
            self._follow("drop")
        self._tell()

    def advise(self, advice: str) -> None:
        """Set the advice that is shown if the run turns out to be incomplete, in one sentence."""
        self._advice = advice

    def request_stop(self, requested_s: float | None = None, *, by: StopCause = _READER) -> bool:
        """Ask the producer to stop; True if this call was the first to do so.

        `requested_s` is the time of the request, in seconds since the start; None: now. `by` is who
        or what requested it. Takes no lock, so it is safe from any thread, whatever locks it holds,
        and from a signal handler. The timer thread carries out the stop.
        """
        if self._status in TERMINAL:
            return False
        heard_s = self.stats.elapsed_s
        asked_s = heard_s if requested_s is None else max(0.0, min(requested_s, heard_s))
        times = StopTimes(asked_s, heard_s)
        if self._stops.setdefault(0, times) is not times:
            return False
        self.stopped_by = by
        timers().call_later(0, self._carry_out_stop)
        return True

    def _carry_out_stop(self) -> None:
        self.gate.open()
        self.on_stop()
        self._tell()

    def producer_closed(self, error: StreamWidgetError | None = None) -> None:
        """End the run whose producer has closed: by `error`, the format's end, or as stopped."""
        self._take_rests()
        with self.lock:
            stop = self.stop_times
            if stop is not None and stop.closed_s is None:
                stop.closed_s = self.stats.since_start_s()
            self.closed.set()
            if stop is not None and self._status in TERMINAL:  # it was abandoned before
                self._obstacle = None
                self._summarise()
        if stop is not None:
            self.end("closed")
        elif error is not None:
            self.end("cut" if isinstance(error, IncompleteError) else "fail", error)
        elif self._intake.failure is not None:
            self.end("fail")
        elif self.marker is not None and self.marker.outcome == "cut":
            self.end("cut", IncompleteError(self._cut_message(self.marker.raw_finish_reason)))
        else:
            self.end("complete")
        self._tell()

    def hold(self, rest: Callable[[], Sequence[Event]]) -> None:
        """Keep a function that returns what a decoder holds back; see `Context.holds`."""
        self._rests.append(rest)

    def _take_rests(self) -> None:
        """Apply what decoders still hold back: the producer has closed, or was given up."""
        rests, self._rests = self._rests, []
        for rest in rests:
            # a producer that was given up may be in the decoder still
            with suppress(StreamWidgetError, RuntimeError):
                self.push(rest())

    def _cut_message(self, reason: str | None) -> str:
        if is_cancelled(reason):
            return f"The server ended the answer early ({reason})."
        name = self._intake.document.format
        of_format = f" of its format ({name})" if name else ""
        message = f"The stream ended without the end marker{of_format}. It is probably incomplete."
        return f"{message} {self._advice}".rstrip()

    @property
    def can_pause(self) -> bool:
        """True if `pause` or `resume` would do something now."""
        live = self.status in ("streaming", "paused") or self._is_early
        return self.is_pausable and live

    @property
    def _is_early(self) -> bool:
        """True before the first event of a recording, which can be paused at once."""
        return self.is_recording and self.status == "connecting"

    def pause(self) -> bool:
        """Pause the producer at its next events; return True if the run is now paused."""
        with self.lock:
            if not self.is_pausable:
                return False
            if self._is_early:
                self._follow("event")
            self._follow("pause")
            paused = self.status == "paused"
            if paused:
                self.gate.shut()
        self._tell()
        return paused

    def resume(self) -> None:
        """Let a paused producer continue."""
        with self.lock:
            self._follow("resume")
        self.gate.open()
        self._tell()

    def give_up(self, obstacle: str) -> None:
        """End a stopping run whose producer has not closed in time, for the reason `obstacle`."""
        if self.status == "stopping":
            self._obstacle = obstacle
            self._take_rests()
            self.end("closed")

    def end(self, trigger: Trigger, error: StreamWidgetError | None = None) -> None:
        """Bring the run to its terminal status; only the first call counts."""
        with self.lock:
            status = follow(self.status, trigger)
            if self._status in TERMINAL or status not in TERMINAL:
                return
            try:
                self._record_end(status, trigger, error)
            except Exception:  # without an end, every wait for the run would last forever
                _log.exception("the end of a run could not be recorded")
            self.stats.end()
            self._finish(status)
        self._announce_end()

    def _finish(self, status: Status) -> None:
        """Set the terminal status; call it under the lock."""
        self._status = status
        self._summarise()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _announce_end(self) -> None:
        self.gate.open()
        self.finished.set()
        try:
            self.on_end()
        finally:
            self.announced.set()
        self._tell()

    def _record_end(
        self, status: Status, trigger: Trigger, error: StreamWidgetError | None
    ) -> None:
        if error is not None and status in ("failed", "incomplete"):
            self._intake.fail(error)
        self._intake.close_parts(_STEP_END[status])
        outcome = "stopped" if status == "stopped" else OUTCOME_OF[trigger]
        end = self.marker or RunEnd(outcome)
        at_s = self.stats.elapsed_s if end.at_s is None else end.at_s  # a recording has its time
        self._intake.record(dataclasses.replace(end, outcome=outcome, at_s=at_s))

    def _summarise(self) -> None:
        self.summary = end_sentence(
            self._status,
            self.tokens(),
            self.stats.elapsed_s,
            self.error,
            self.noun,
            self._obstacle,
            self.stopped_by,
        )
        self._result = None
        self._rev += 1

    def _follow(self, trigger: Trigger) -> None:
        status = follow(self.status, trigger)
        if status != self.status:
            self._status = status
            self._rev += 1

    # --- what readers call

    def wake_me(self, waker: Callable[[], None]) -> Callable[[], None]:
        """Call `waker` after every change, on any thread; return a function that unsubscribes."""
        with self.lock:
            self._wakers.append(waker)

        def forget() -> None:
            with self.lock:
                self._wakers.remove(waker)

        return forget

    def _tell(self) -> None:
        self.on_change()
        if self._wakers:
            with self.lock:
                wakers = tuple(self._wakers)
            for waker in wakers:
                waker()

    def read_events(self, position: int) -> tuple[Sequence[Event], int]:
        """Return the next events from `position`, and the position after them."""
        with self.reading():
            return self._intake.events.read(position)

    @property
    def token_count(self) -> int:
        """Number of tokens counted so far."""
        return self.stats.token_count

    def restore(
        self, document: Document, elapsed_s: float, token_count: int, first_token_s: float | None
    ) -> None:
        """Continue from a recorded document; pages get it as a snapshot."""
        with self.lock:
            if self.status in TERMINAL:
                return
            self._intake.restore(document)
            self.stats.restore(elapsed_s, token_count, first_token_s)
            if self.status in ("connecting", "reconnecting"):
                self._follow("event")
            self._rev += 1
        self._tell()

    def conclude(self, end: RecordedEnd) -> None:
        """End the run as the recorded run ended."""
        with self.lock:
            if self.status in TERMINAL:
                return
            self._intake.conclude(end)
            self.stats.token_count = end.token_count or self.stats.token_count
            self.stats.tokens_estimated = end.tokens_estimated
            if end.first_token_s is not None:
                self.stats.first_token_s = end.first_token_s
            self.stats.end(end.elapsed_s)
            self._finish(end.status)
            self.summary = end.summary
            self.stopped_by = end.stopped_by
        self._announce_end()

    def read_timed(
        self, position: int, most: int = 4096
    ) -> tuple[Sequence[Event], Sequence[float], int]:
        """Return up to `most` events from `position`, their times in seconds since the start,
        and the position after them."""
        with self.reading():
            return self._intake.events.read_timed(position, most)

    def hold_events(self) -> None:
        """Keep all events, regardless of their size, until `hold_events_for` is called."""
        self._intake.events.needed_from = _from_the_first

    def hold_events_for(self, journal: _Journal) -> None:
        """Keep the events that `journal` has not written, and make the producer wait for it."""
        self._journal = journal
        self._intake.events.needed_from = lambda: journal.needed_from

    def stop_facts(self) -> dict[str, Json] | None:
        """Return who or what stopped the run, as JSON values; None: it was not stopped."""
        return dataclasses.asdict(self.stopped_by) if self._status == "stopped" else None

    def closing_facts(self) -> dict[str, Json]:
        """Return how the run ended, as JSON values."""
        with self.lock:
            run, error, cost = self._intake.document.run, self.error, self.spent().cost
            first_token_s = self.stats.first_token_s
            return {
                "status": self.status,
                "outcome": run.get("outcome"),
                "summary": self.summary,
                "stopped_by": self.stop_facts(),
                "finish_reason": run.get("finish_reason"),
                "elapsed_s": round(self.stats.elapsed_s, 3),
                "first_token_s": None if first_token_s is None else round(first_token_s, 3),
                "token_count": self.stats.token_count,
                "tokens_estimated": self.stats.tokens_estimated,
                "input_tokens": run.get("input_tokens"),
                "output_tokens": run.get("output_tokens"),
                "model": run.get("model"),
                "cost": cost,
                "error": error.message if error is not None else None,
            }

    def result(self) -> Result:
        """Return the run as a value, as it is now."""
        if self._result is not None:
            return self._result
        with self.reading():
            ended = self._status in TERMINAL
            intake, stats = self._intake, self.stats
            kept = KeptState(
                status=self.status,
                summary=self.summary,
                error=self.error,
                run_id=self.run_id,
                started=self.started,
                title=self.title,
                stats=KeptStats(stats.elapsed_s, stats.first_token_s, stats.token_count),
                # after the end nothing changes; before it, only references are copied
                document=intake.document if ended else intake.document.copy(),
                events=intake.events if ended else intake.events.copy(),
                kept_spent=self.spent(),
            )
            result = Result(kept)
            self._result = result if ended else None
        return result
