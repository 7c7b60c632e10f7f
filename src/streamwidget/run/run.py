"""One run: from the start to its single terminal status.

Every change of a run goes through `push`, `request_stop` or `end`, from any thread, under one lock
that is never held during I/O; only `request_stop` takes no lock. Must not know the widget: the view
sets `on_change` and reads under `lock`.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone

from ..budget import Budget, check_bounds
from ..document import Document
from ..emit.asking import MISSING, Ask, Asks, OnEnd
from ..emit.capture import Capture
from ..emit.controls import Controls
from ..emit.knobs import Knobs
from ..emit.prompts import in_terminal
from ..errors import IncompleteError, StreamWidgetError, UsageError
from ..events import (
    AskStart,
    Event,
    Failure,
    LogLine,
    Notice,
    RunEnd,
    RunStart,
    StepState,
)
from ..io.redaction import Redaction
from ..ledger import Spent
from ..limits import DEFAULT_LIMITS, Limits
from ..ops import Json
from ..patch_log import PatchLog
from ..threads import has_threads
from .at_limit import AtLimit
from .clock import Stats, Tokens
from .eventlog import EventLog, Writer
from .intake import Intake
from .life import Life
from .recorded_end import RecordedEnd, closing_facts
from .result import Result, result_of
from .silence import Silence
from .spending import Spending
from .states import OUTCOME_OF, TERMINAL, Status, Trigger, follow
from .words import cut_sentence, end_sentence

_log = logging.getLogger("streamwidget")
_NUMBERED = re.compile(r"[a-z]+(\d{1,15})")
_LEAST_WAIT_S = 0.05
"""Shortest time after which a budget of time is checked again."""
_OF_THE_JOB = (AskStart, Failure, LogLine, Notice)
"""Events in which a job may quote a request."""
_STEP_END: dict[Status, StepState] = {
    "finished": "done",
    "incomplete": "failed",
    "failed": "failed",
    "stopped": "stopped",
}


class Run(Life):
    """The state of one run, its document, and the log of its patches."""

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        budget: Budget | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        check_bounds(limits, budget)
        super().__init__(Stats(now))
        self.limits = limits
        self._intake = Intake(limits, self.stats)
        self.asks = Asks(
            push=self.push,
            new_id=self.new_id,
            lock=self.lock,
            is_over=self.stop_requested,
            later=self.later,
            on_change=self._retold,
            now=now,
        )
        """The questions of the run to its reader, who is asked in the terminal unless there is a
        page."""
        self.asks.present = in_terminal(self.finished.is_set)
        knobs = Knobs(push=self.push, lock=self.lock, is_over=self.stop_requested)
        self.controls = Controls(self.asks, knobs)
        self.silence = Silence(
            now, limits.stall_s, self._retold, is_excused=lambda: bool(self.asks.waiting)
        )
        self.summary: str | None = None
        self.title = ""
        """The displayed title; set by the view, "" without a view."""
        self.run_id = uuid.uuid4().hex
        """Identifies the run in journals and exports."""
        self.budget = budget
        self.spending = Spending(self.run_id, budget, self._retold)
        self._at_limit = AtLimit(self)
        self.started = datetime.now(timezone.utc)
        self._journal: Writer | None = None
        self._result: Result | None = None
        """The final result, cached once it has been read after the end."""
        self.noun = "source"
        """Noun for what a stop closes: `connection`, `process`."""
        self.sender: Callable[[object], None] | None = None
        """Sends a message to the peer; None if the source takes no messages. Set by the driver."""
        self._advice = ""
        self._obstacle: str | None = None
        """Why the producer was abandoned, as a clause; None: it was not."""
        self._tells_all = not has_threads()
        """True if a flush that is due may have to happen inside `push`, as nobody else has a
        turn."""
        self._ids: Iterator[int] | None = itertools.count(1)
        """Numbers for ids; None after a recorded document was restored, until one is needed."""
        self._position: tuple[int, Callable[[], Mapping[str, object]]] | None = None
        self.capture: Capture | None = None
        """Takes what the source prints; None: nothing does. Set by the driver."""
        self._redaction: Callable[[], Redaction] | None = None
        """Returns the redaction of the request; None: the source sends none."""
        self._rests: list[Callable[[], Sequence[Event]]] = []
        """Returns the text that decoders hold back; see `Context.holds`."""

    # --- what has been received

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

    def still(self) -> Document:
        """Return the document as it is now; it never changes, and nobody waits for its readers.

        Only references are copied; what the live document changes afterwards, it copies first.
        """
        with self.reading():
            document = self._intake.document
            return document if self._status in TERMINAL else document.copy()

    def take_output(self) -> None:
        """Apply what the job has printed since the last call, unless the job is in a call of its
        emitter, which does so too."""
        if self.capture is not None:
            self.capture.flush(wait=False)

    def _settled(self) -> Intake:
        """Return the intake after applying the held rows."""
        if self._intake.is_holding:
            with self.lock:
                self._intake.settle()
        return self._intake

    # --- what sources see

    def new_id(self, prefix: str) -> str:
        """Return an id that is unique in this run."""
        if self._ids is None:
            self._ids = itertools.count(self._next_number())
        return f"{prefix}{next(self._ids)}"

    def _next_number(self) -> int:
        """Return the number of the text that is still open, which a continued stream extends;
        without one, a number that no part has."""
        numbers = [0]
        for part in self.document.parts:
            match = _NUMBERED.fullmatch(part.id)
            if match is not None and part.kind == "text" and part.state == "open":
                return int(match[1])
            numbers.append(int(match[1]) if match is not None else 0)
        return max(numbers) + 1

    def push(self, events: Sequence[Event]) -> None:
        """Apply events in order, from any thread; those after the end are dropped.

        Raises:
            LimitError: the document has passed a bound of `Limits`; everything before it is kept.
        """
        if self._redaction is not None:
            events = self._redaction().events(events, _OF_THE_JOB)
        self.take(events)

    def conceal(self, redaction: Callable[[], Redaction]) -> None:
        """Hide the secrets of a request in what the user's code reports; see `Context.conceal`."""
        self._redaction = redaction

    def hide(self, text: str) -> str:
        """Return `text` without the secrets of the request."""
        return text if self._redaction is None else self._redaction()(text)

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

    def spent(self, *, wait: bool = True) -> Spent:
        """Return the tokens, time and money used so far; without prices there is no cost.

        `wait` false: prices that have to be loaded first are unknown.
        """
        calls = self._intake.document.usage_by_call
        if self.spending.lacks_prices:
            models = [call.model for call in tuple(calls.values())]
            self.spending.look_up_prices(models, wait=wait)
        with self.lock:
            return self.spending.spent(
                calls.values(),
                counted_tokens=self.stats.token_count,
                elapsed_s=self.stats.elapsed_s - self.asks.waited_s(),
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
        """Stop the run if it has reached a bound of its budget, and say so some time before."""
        if self.budget is None or self.stop_requested():
            return
        bound, warning = self.spending.check(self.spent(wait=False))
        if bound is not None:
            self._at_limit.reached(self.budget, bound)
        if warning:
            self.push([Notice(warning, "warning")])

    def watch_time(self) -> None:
        """Check the budget when its time may be used up; the time of questions does not count."""
        used_s = self.stats.elapsed_s - self.asks.waited_s()
        left_s = self.spending.time_left_s(used_s)
        if left_s is None:
            return
        if left_s > 0:
            self.later("budget", max(left_s, _LEAST_WAIT_S), self.watch_time)
            return
        self.check_budget()
        left_s = self.spending.time_left_s(used_s)
        if left_s and not self.stop_requested():  # that was the warning
            self.later("budget", max(left_s, _LEAST_WAIT_S), self.watch_time)

    def ask(
        self,
        question: str,
        options: object = None,
        *,
        schema: object = None,
        timeout: float | None = None,
        default: object = MISSING,
        on_end: OnEnd | None = None,
    ) -> Ask:
        """Show a question to the reader and return it at once, on any thread: `await ask`.

        `on_end` is called with its `Reply`, on the thread that ends it: it must not block. See
        `Emitter.ask` for the other arguments.

        Raises:
            UsageError: the options or the schema cannot be shown as a form.
        """
        return self.asks.ask(
            question,
            options=options,
            schema=schema,
            timeout=timeout,
            default=default,
            on_end=on_end,
        )

    def _carry_out_stop(self) -> None:
        self.asks.close("stopped")
        super()._carry_out_stop()

    # --- what drivers and people do

    def start(self, source: str, format_name: str | None = None) -> None:
        """Note that the driver has started to read `source`."""
        with self.lock:
            self._intake.take(RunStart(source, format_name))
            self._follow("start")
            self.spending.open(self._at_limit)
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
                self.push([Notice(f"You: {message}", "sent")])

    def advise(self, advice: str) -> None:
        """Set the advice that is shown if the run turns out to be incomplete, in one sentence."""
        self._advice = advice

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
            reason, name = self.marker.raw_finish_reason, self._intake.document.format
            self.end("cut", IncompleteError(cut_sentence(reason, name, self._advice)))
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
        self._cancel_timers()
        self.spending.close(self.spent(wait=False))

    def _record_end(
        self, status: Status, trigger: Trigger, error: StreamWidgetError | None
    ) -> None:
        if error is not None and status in ("failed", "incomplete"):
            self._intake.fail(error)
        self.asks.close("stopped" if status == "stopped" else "withdrawn")
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

    # --- what readers call

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
            self._ids = None
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
            self.stopped_by = end.stopped_by
            self._finish(end.status)
            self.summary = end.summary or self.summary
        self._announce_end()

    def settle(self, facts: Callable[[], Mapping[str, object]]) -> None:
        """Note that the events so far end at a position of the stream; `facts` returns it."""
        if self._journal is not None:
            with self.reading():
                self._position = self._intake.events.end, facts

    @property
    def position(self) -> tuple[int, Callable[[], Mapping[str, object]]] | None:
        """Number of the event after the last position of the stream, and a function that returns
        that position as JSON values; None without one."""
        return self._position

    def read_timed(
        self, position: int, most: int = 4096
    ) -> tuple[Sequence[Event], Sequence[float], int]:
        """Return up to `most` events from `position`, their times in seconds since the start,
        and the position after them."""
        with self.reading():
            return self._intake.events.read_timed(position, most)

    def hold_events(self) -> None:
        """Keep all events, regardless of their size, until `hold_events_for` is called."""
        self._intake.events.hold()

    def hold_events_for(self, journal: Writer) -> None:
        """Keep the events that `journal` has not written, and make the producer wait for it."""
        self._journal = journal
        self._intake.events.hold_for(journal)

    def closing_facts(self) -> dict[str, Json]:
        """Return how the run ended, as JSON values for the journal."""
        return closing_facts(self)

    def result(self) -> Result:
        """Return the run as a value, as it is now."""
        if self._result is not None:
            return self._result
        with self.reading():
            ended = self._status in TERMINAL
            result = result_of(self, ended=ended)
            self._result = result if ended else None
        return result
