"""One run: from start to its single terminal state.

Everything that changes a run goes through `push`, `request_stop` and `end`, from any thread, under
one lock that is never held during I/O. Must not know the widget: whoever shows the run sets
`on_change` and reads under `lock`.
"""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ..budget import Bound, Budget, Spent, words_of
from ..document import Document
from ..errors import CutError, StreamWidgetError, UsageError
from ..events import (
    Event,
    Notice,
    RunEnd,
    RunStart,
    StepState,
)
from ..formats.finish import is_cancelled
from ..limits import DEFAULT_LIMITS, Limits
from ..pacing import PatchLog
from . import data
from .clock import Stats, StopTimes
from .eventlog import EventLog
from .intake import Intake
from .pausing import Gate
from .result import Result
from .silence import Silence
from .states import OUTCOME_OF, TERMINAL, Status, Trigger, follow
from .words import end_sentence

_STEP_END: dict[Status, StepState] = {"finished": "done", "failed": "failed", "stopped": "stopped"}


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
        self.passed_bound: Bound | None = None
        """The bound of the budget that stopped the run; None if a person did, or nobody."""
        self.stats = Stats(now)
        self._intake = Intake(limits, self.stats)
        self.silence = Silence(now, limits.stall_s)
        self.status: Status = "idle"
        self.sentence: str | None = None
        self.rev = 0
        """Grows with every change of the status, not with the text."""
        self.noun = "source"
        """What is closed by a stop, in words: `connection`, `generator`."""
        self.on_change: Callable[[], None] = _nothing
        self.on_end: Callable[[], None] = _nothing
        self.on_stop: Callable[[], None] = _nothing
        """Cancels the producer; called once, on the thread that asked to stop."""
        self.sender: Callable[[object], None] | None = None
        """Sends a message to the peer; None where the source takes none. Set by the driver."""
        self.finished = threading.Event()
        self.closed = threading.Event()
        """Set when the producer is closed; may come after `finished` if it was given up."""
        self._advice = ""
        self.gate = Gate()
        """Shut while the run is paused: producers wait before it."""
        self.is_pausable = False
        """Whether the source can be held; set by the driver."""
        self._ids = itertools.count(1)
        self._wakers: list[Callable[[], None]] = []

    # --- what has arrived

    @property
    def document(self) -> Document:
        """What the run has given so far."""
        return self._settled().document

    @property
    def patches(self) -> PatchLog:
        """How the document came about, for the page."""
        return self._settled().patches

    @property
    def events(self) -> EventLog:
        """All events so far."""
        return self._settled().events

    @property
    def error(self) -> StreamWidgetError | None:
        """What went wrong last, whether or not the run goes on; None if nothing did."""
        return self._intake.error

    @property
    def marker(self) -> RunEnd | None:
        """What the format said about the end; None until it did."""
        return self._intake.marker

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Holds the run still, with all that has arrived in its document."""
        with self.lock:
            self._intake.settle()
            yield

    def _settled(self) -> Intake:
        """The intake, with the rows that were held taken in."""
        if self._intake.is_holding:
            with self.lock:
                self._intake.settle()
        return self._intake

    # --- what sources see

    def new_id(self, prefix: str) -> str:
        """An id that is unique in this run."""
        return f"{prefix}{next(self._ids)}"

    def stop_requested(self) -> bool:
        """Whether a stop was requested, or the run is over so that nobody listens any more."""
        return self.stats.stop is not None or self.status in TERMINAL

    def push(self, events: Sequence[Event]) -> None:
        """Takes events in, in order, from any thread; late ones of a run that is over are dropped.

        Raises:
            LimitError: the document has grown past a bound of `Limits`; what came is kept.
        """
        with self.lock:
            if self.status in TERMINAL:
                return
            for event in events:
                self._intake.take(event)
            if events and self.status in ("connecting", "reconnecting"):
                self._follow("event")
            passed = self._intake.passed_bound()
        if self.budget is not None and events:
            self.check_budget()
        self._tell()
        if passed is not None:
            raise passed

    def spent(self) -> Spent:
        """Tokens, time and money used so far; without a budget there are no prices."""
        with self.lock:
            usage = self._intake.document.usage
            return (self.budget or Budget()).spent(
                counted_tokens=self.stats.token_count,
                input_tokens=usage.input_tokens if usage else None,
                output_tokens=usage.output_tokens if usage else None,
                elapsed_s=self.stats.elapsed_s,
                over=self.status in TERMINAL,
            )

    def check_budget(self) -> None:
        """Stops the run if it has reached a bound of its budget."""
        if self.budget is None or self.stop_requested():
            return
        bound = self.budget.passed(self.spent())
        if bound is not None:
            self.passed_bound = bound
            self.request_stop()

    def life(self) -> None:
        """The peer gave a sign of life, from any thread; costs next to nothing."""
        if self.silence.heard():
            self._retold()

    def look_for_life(self) -> float | None:
        """Looks whether a connection has been silent for long, and has that told; gives in how many
        seconds to look again, None: the run is over."""
        if self.status in TERMINAL:
            return None
        again_s = self.silence.look()
        if self.silence.stalled_s is not None:
            self._retold()
        return again_s

    def _retold(self) -> None:
        with self.lock:
            self.rev += 1
        self._tell()

    # --- what drivers and people do

    def start(self, source: str, format_name: str | None = None) -> None:
        """The driver sets to work on `source`."""
        with self.lock:
            self._intake.take(RunStart(source, format_name))
            self._follow("start")
        self._tell()

    @property
    def can_send(self) -> bool:
        """Whether the source takes messages, and is there to take them."""
        return self.sender is not None and self.status in ("connecting", "streaming")

    def send(self, message: object) -> None:
        """Sends a message to the peer, and has a text of it shown where it was said.

        Raises:
            UsageError: the source takes no messages, its connection is not open, or `message` is
                nothing that can be sent.
        """
        if self.sender is None:
            raise UsageError(
                "The source of this view takes no messages: only a WebSocket does, "
                "StreamView(websocket(...))."
            )
        with self.lock:  # a quick answer must not overtake the question
            self.sender(message)
            if isinstance(message, str):
                self._intake.turn()
                self.push([Notice(f"You: {message}", "said")])

    def drop(self) -> None:
        """The connection dropped, and the source goes on by itself as soon as it can."""
        with self.lock:
            self._follow("drop")
        self._tell()

    def advise(self, advice: str) -> None:
        """What could be done about it if the run turns out to be cut, in one sentence."""
        self._advice = advice

    def request_stop(self, requested_s: float | None = None) -> bool:
        """Asks the producer to stop; True if this call was the one that did.

        `requested_s` is when the person asked, in seconds since the start; None means now. Safe
        from any thread and from a signal handler, and idempotent.
        """
        with self.lock:
            if self.stats.stop is not None or self.status in TERMINAL:
                return False
            heard_s = self.stats.elapsed_s
            asked_s = heard_s if requested_s is None else max(0.0, min(requested_s, heard_s))
            self.stats.stop = StopTimes(asked_s, heard_s)
            self._follow("stop")
        self.gate.open()
        self.on_stop()
        self._tell()
        return True

    def producer_closed(self, error: StreamWidgetError | None = None) -> None:
        """The producer is gone; ends the run by `error`, by what the format said, or as stopped."""
        with self.lock:
            if self.stats.stop is not None and self.stats.stop.closed_s is None:
                self.stats.stop.closed_s = self.stats.since_start_s()
                if self.status in TERMINAL:  # it had been given up, and has let go after all
                    self._retell(closed=True)
            self.closed.set()
        if self.stats.stop is not None:
            self.end("closed")
        elif error is not None:
            self.end("fail", error)
        elif self._intake.failure is not None:
            self.end("fail")
        elif self.marker is not None and self.marker.outcome == "cut":
            self.end("cut", CutError(self._cut_message(self.marker.raw_finish_reason)))
        else:
            self.end("complete")
        self._tell()

    def _cut_message(self, reason: str | None) -> str:
        if is_cancelled(reason):
            return f"The server ended the answer before it was whole ({reason})."
        name = self._intake.document.format
        told = f" of its format ({name})" if name else ""
        said = f"The stream ended without the end marker{told}: it was probably cut off on its way."
        return f"{said} {self._advice}".rstrip()

    @property
    def can_pause(self) -> bool:
        """Whether `pause` or `resume` would do something now."""
        return self.is_pausable and self.status in ("streaming", "paused")

    def pause(self) -> bool:
        """Holds the producer at its next events; True if the run is paused now."""
        with self.lock:
            if not self.is_pausable:
                return False
            self._follow("pause")
            paused = self.status == "paused"
            if paused:
                self.gate.shut()
        self._tell()
        return paused

    def resume(self) -> None:
        """Lets a paused producer go on."""
        with self.lock:
            self._follow("resume")
        self.gate.open()
        self._tell()

    def give_up(self) -> None:
        """Ends a stopping run whose producer has not let go in time."""
        if self.status == "stopping":
            self.end("closed")

    def end(self, trigger: Trigger, error: StreamWidgetError | None = None) -> None:
        """Brings the run to its terminal state; only the first call counts."""
        with self.lock:
            status = follow(self.status, trigger)
            if self.status in TERMINAL or status not in TERMINAL:
                return
            if error is not None and status == "failed":
                self._intake.fail(error)
            self._intake.close_parts(_STEP_END[status])
            outcome = "stopped" if status == "stopped" else OUTCOME_OF[trigger]
            told = self.marker or RunEnd(outcome)
            at_s = self.stats.elapsed_s if told.at_s is None else told.at_s  # told by a recording
            self._intake.record(dataclasses.replace(told, outcome=outcome, at_s=at_s))
            self.stats.end()
            self.status = status
            self._retell(closed=self.closed.is_set())
        self.gate.open()
        self.finished.set()
        self.on_end()
        self._tell()

    def _retell(self, *, closed: bool) -> None:
        bound = self.passed_bound
        by = "you" if bound is None else f"the budget of {words_of(bound)}"
        self.sentence = end_sentence(self.status, self.stats, self.error, self.noun, closed, by)
        self.rev += 1

    def _follow(self, trigger: Trigger) -> None:
        status = follow(self.status, trigger)
        if status != self.status:
            self.status = status
            self.rev += 1

    # --- those who look on

    def wake_me(self, waker: Callable[[], None]) -> Callable[[], None]:
        """Calls `waker` after every change, on any thread; gives the way to end that."""
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
        """The next events from `position` on, and the position after them."""
        with self.reading():
            return self._intake.events.read(position)

    def result(self) -> Result:
        """The run as plain values, as it is now."""
        with self.reading():
            outcome = self._intake.document.run.get("outcome")
            return Result(
                status=self.status,
                outcome=outcome,  # type: ignore[arg-type]
                text=self._intake.document.text,
                reasoning=self._intake.document.reasoning,
                tool_calls=self._intake.document.tool_calls,
                tables=data.tables(self),
                values=data.Values(self),
                metrics=data.metrics(self),
                logs=list(self._intake.document.log_lines),
                steps=self._intake.document.steps,
                sources=self._intake.document.sources,
                usage=self._intake.document.usage,
                finish_reason=self._intake.document.run.get("finish_reason"),  # type: ignore[arg-type]
                raw_finish_reason=self._intake.document.run.get("raw_finish_reason"),  # type: ignore[arg-type]
                error=self.error,
                elapsed_s=self.stats.elapsed_s,
                first_token_s=self.stats.first_token_s,
                token_count=self.stats.token_count,
                document=self._intake.document,
                events=self._intake.events.to_tuple(),
            )
