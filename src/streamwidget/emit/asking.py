"""Questions of a run to its reader: each is answered at most once, or closed without an answer.

Thread-safe. A question is shown, answered and closed under the lock of its run, so that the end of
the run and an answer cannot both count. Must not know who asks (a job, a budget, a format) or who
answers (a page, a terminal, Python).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from threading import Event as Flag
from typing import Final, Literal

from ..errors import UnansweredError, UsageError, excerpt, text_of
from ..events import AskEnd, AskOutcome, AskRejected, AskStart, Event
from ..limits import DEFAULT_PACE
from ..phrases import capped
from . import convert
from .answer_form import Form, form_of

_TICK_S = DEFAULT_PACE.wait_tick_s
QUESTION_CHARS = 4_000
"""A longer question is cut: the page shows no more of it."""
DETAIL_CHARS = 50_000
"""The same for the details of a question, such as the arguments of a tool call."""


class _Missing:
    def __repr__(self) -> str:
        return "<no default>"


MISSING: Final = _Missing()
"""The default of a question that has none."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a question ended."""

    outcome: AskOutcome
    value: object
    """The answer, or the default; `MISSING` if there is neither."""


class Ask:
    """One question of a run to its reader; `await ask` waits for the answer."""

    def __init__(
        self, asks: Asks, start: AskStart, form: Form, default: object, on_end: OnEnd | None
    ) -> None:
        self.question = start.question
        self.options = start.options
        """The labels to choose from; empty: the answer is entered in the fields of a form."""
        self.part_id = start.part_id
        self.form = form
        self._asks = asks
        self._default = default
        self._recorded_default = start.default
        self._timeout_s = start.timeout_s
        self._state: Literal["open", "checking", "over"] = "open"
        self._is_late = False
        """True if the time passed while an answer was checked."""
        self._reply: Reply | None = None
        self._ended = Flag()
        self._on_end: list[OnEnd] = [on_end] if on_end else []

    @property
    def reply(self) -> Reply | None:
        """How the question ended; None while it is open."""
        return self._reply

    def answer(self, value: object) -> bool:
        """Answer the question; return False if it was answered or closed before.

        `value` is an option or its label, a dict of the fields, or the value of the only field.

        Raises:
            UsageError: the question does not take this answer; it stays open.
        """
        checked = self.form.check(value)
        with self._asks.lock:
            if self._state != "open" or self._asks.is_over():
                return False  # answered or closed before, or a stop is on its way
            self._state = "checking"
        try:
            answer = self.form.value_of(checked)  # without the lock: it may be the user's code
        except Exception as error:
            self._reopen()
            raise UsageError(_problem(error, self.form)) from error
        reply = Reply("answered", answer)
        return self._end(reply, AskEnd(self.part_id, answer=self.form.recorded(checked)))

    def reject(self, message: str) -> None:
        """Show what is wrong with an answer."""
        with self._asks.lock:
            if self._state != "over":
                self._asks.push([AskRejected(self.part_id, message)])

    def close(self, outcome: AskOutcome) -> bool:
        """Close the question without an answer; return False if it was over before."""
        with self._asks.lock:
            if outcome == "timeout" and self._state == "checking":
                self._is_late = True  # the answer that is being checked came first
                return False
            # after a stop nothing may happen that only an answer would have allowed
            has_default = self._default is not MISSING and outcome != "stopped"
            answer = self._recorded_default if has_default else None
            end = AskEnd(self.part_id, outcome, answer, has_default)
            return self._end(Reply(outcome, self._default if has_default else MISSING), end)

    def withdraw(self) -> bool:
        """Close the question, which is no longer needed: no answer and no default counts; return
        False if it was over before."""
        return self._end(Reply("withdrawn", MISSING), AskEnd(self.part_id, "withdrawn"))

    def when_over(self, call: OnEnd) -> None:
        """Call `call` with the reply, on the thread that ends the question; at once if it is
        over."""
        with self._asks.lock:
            if self._reply is None:
                self._on_end.append(call)
                return
        call(self._reply)

    def wait(self) -> object:
        """Block this thread until the question is over; return the answer, or the default.

        Raises:
            UnansweredError: nobody has answered, and there is no default.
        """
        try:
            while not self._ended.wait(_TICK_S):
                pass
        except BaseException:  # an interrupt
            self.close("withdrawn")
            raise
        return self.result()

    def __await__(self) -> Generator[object, None, object]:
        return self._wait().__await__()

    async def _wait(self) -> object:
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()

        def done() -> None:
            if not over.done():
                over.set_result(None)

        def wake(_: Reply) -> None:
            try:
                loop.call_soon_threadsafe(done)
            except RuntimeError:
                pass  # the loop of the job is closed

        self.when_over(wake)
        try:
            while not over.done():
                await asyncio.wait({over}, timeout=_TICK_S)  # wakes up for the kernel's interrupt
        except BaseException:
            self.close("withdrawn")
            raise
        return self.result()

    def result(self) -> object:
        """Return the answer, or the default.

        Raises:
            UnansweredError: nobody has answered, and there is no default.
        """
        reply = self._reply
        outcome = "withdrawn" if reply is None else reply.outcome
        if reply is not None and reply.value is not MISSING:
            return reply.value
        words = _WHY[outcome].format(self._timeout_s or 0.0)
        raise UnansweredError(
            f"The question {excerpt(self.question, 80)!r} was not answered{words}. Pass "
            "default=... to emit.ask, or answer it in the page or with view.answer(...).",
            reason=outcome,
        )

    def _reopen(self) -> None:
        with self._asks.lock:
            if self._state == "checking":
                self._state = "open"
            if self._is_late:
                self.close("timeout")

    def _end(self, reply: Reply, end: Event) -> bool:
        with self._asks.lock:
            if self._state == "over":
                return False
            self._state, self._reply = "over", reply
            calls, self._on_end = self._on_end, []
            try:
                self._asks.over(self, end)
            finally:
                self._ended.set()
        for call in calls:
            call(reply)
        return True

    def __repr__(self) -> str:
        outcome = "open" if self._reply is None else self._reply.outcome
        return f"Ask({excerpt(self.question, 60)!r}, {outcome})"


OnEnd = Callable[[Reply], None]
_WHY = {
    "answered": "",
    "timeout": " within {:g} s",
    "headless": ", because there is no page and no terminal in which it could be",
    "withdrawn": " before the run ended",
    "stopped": " before the run was stopped",
}


class Asks:
    """The questions of one run."""

    def __init__(
        self,
        *,
        push: Callable[[Sequence[Event]], None],
        new_id: Callable[[str], str],
        lock: AbstractContextManager[object],
        is_over: Callable[[], bool],
        later: Callable[[str, float, Callable[[], object]], None],
        on_change: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lock = lock
        """The lock of the run; it can be entered again."""
        self.push = push
        self.present: Callable[[Ask], bool] = _nobody
        """Shows a question to the reader; returns False if there is nobody who could answer."""
        self._new_id = new_id
        self.is_over = is_over
        """True once a stop was requested, or the run has ended."""
        self._later = later
        self._on_change = on_change
        self._now = now
        self._open: dict[str, Ask] = {}
        self._waited = 0.0, 0.0
        """Seconds waited before, and the time of the clock since which somebody waits."""

    @property
    def waiting(self) -> tuple[Ask, ...]:
        """The open questions, oldest first."""
        return tuple(self._open.values())

    def find(self, part_id: str) -> Ask | None:
        """Return the open question of that part; None if there is none."""
        return self._open.get(part_id)

    def waited_s(self) -> float:
        """Return the seconds during which the run has waited for its reader."""
        waited_s, since = self._waited
        return waited_s + (self._now() - since if self._open else 0.0)

    def ask(
        self,
        question: object,
        *,
        options: object = None,
        schema: object = None,
        timeout: float | None = None,
        default: object = MISSING,
        step_id: str | None = None,
        about_part_id: str | None = None,
        detail: str | None = None,
        decline: str | None = None,
        on_end: OnEnd | None = None,
        before: Sequence[Event] = (),
    ) -> Ask:
        """Show a question and return it at once; see `Emitter.ask` for the arguments.

        `decline` is the label of a button beside a form, whose answer is None. `on_end` is called
        with the reply, on the thread that ends the question. It may be called
        before this returns. `before` are events that come before the question.

        Raises:
            UsageError: the options or the schema cannot be shown as a form, or `timeout` is not
                positive.
        """
        form = form_of(options, schema, decline)
        if timeout is not None and not convert.number("timeout", timeout) > 0:
            raise UsageError(f"timeout is a number of seconds above 0, not {timeout}.")
        start = AskStart(
            self._new_id("q"),
            capped(convert.message_text("question", question), QUESTION_CHARS),
            form.labels,
            form.fields,
            about_part_id,
            None if detail is None else capped(detail, DETAIL_CHARS),
            None if default is MISSING else _recordable(form, default),
            None if timeout is None else float(timeout),
            decline=decline,
            step_id=step_id,
        )
        ask = Ask(self, start, form, default, on_end)
        with self.lock:
            self.push([*before, start])
            if not self._open:
                self._waited = self._waited[0], self._now()
            self._open[ask.part_id] = ask
            self._on_change()
        if self.is_over():
            ask.close("stopped")  # the stop may have come between
        elif not self.present(ask):
            ask.close("headless")
        elif timeout is not None:
            self._later(f"ask {ask.part_id}", timeout, partial(ask.close, "timeout"))
        return ask

    def over(self, ask: Ask, end: Event) -> None:
        """Record the end of a question; called under the lock."""
        if len(self._open) == 1:
            self._waited = self.waited_s(), 0.0
        self._open.pop(ask.part_id, None)
        self.push([end])
        self._on_change()

    def close(self, outcome: AskOutcome) -> None:
        """Close all open questions without an answer."""
        for ask in self.waiting:
            ask.close(outcome)


def _nobody(_: Ask) -> bool:
    return False


def _recordable(form: Form, default: object) -> object:
    """Return the default as it is recorded: as an answer of the form if it is one."""
    try:
        return form.recorded(form.check(default))
    except UsageError:
        return convert.line_of(default) if default is not None else None


def _problem(error: Exception, form: Form) -> str:
    """Return what is wrong with an answer that the user's class has refused, in one sentence."""
    details = getattr(error, "errors", None)
    if callable(details):  # a `ValidationError` of pydantic
        try:
            first = details()[0]
            name = ".".join(map(str, first.get("loc", ())))
            titles = {one["name"]: str(one.get("title") or one["name"]) for one in form.fields}
            words = str(first["msg"]).removeprefix("Value error, ")
            return excerpt(f"{titles.get(name, name)}: {words}" if name else words)
        except Exception:
            pass  # details of another shape: the text of the error is shown
    return excerpt(text_of(error)) or type(error).__name__
