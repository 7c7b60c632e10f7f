"""The end of a budget: the runs that share it are stopped, or wait while the reader is asked.

Calls come from the threads of several runs: nothing here takes the lock of another run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from ..budget import Budget, BudgetLimit, ledger_of, words_of
from ..catalogue import budget_words
from ..emit.asking import Ask, OnEnd, Reply
from ..events import Event, Notice
from .pausing import BUDGET, Gate
from .spending import Spending
from .states import StopCause
from .timers import timers

_SHARES = (0.5, 1.0)
"""The shares of a limit by which it can be raised."""


class Limited(Protocol):
    """The run that has a budget."""

    gate: Gate
    is_pausable: bool
    spending: Spending

    def push(self, events: Sequence[Event]) -> None:
        """Apply events in order, from any thread."""

    def request_stop(self, requested_s: float | None = None, *, by: StopCause) -> bool:
        """Ask the producer to stop."""

    def ask(self, question: str, options: object, *, default: object, on_end: OnEnd | None) -> Ask:
        """Show a question to the reader."""

    def watch_time(self) -> None:
        """Check the budget when its time may be used up."""


class AtLimit:
    """Decides for one run what happens at a limit; a member of its budget's ledger."""

    def __init__(self, run: Limited) -> None:
        self._run = run
        self._is_asking = False
        """True if the question is in the view of this run."""
        self._has_reported = False
        """True if the view says that another one asks."""

    def stop(self, limit: float, unit: str) -> None:
        """Stop the run, because of a limit."""
        self._run.request_stop(by=self._run.spending.cause(limit, unit))

    def hold(self) -> None:
        """Make the producer wait; one that cannot wait is stopped when it reaches the limit."""
        if self._run.is_pausable and not self._run.gate.is_held_by(BUDGET):
            self._run.gate.shut(BUDGET)
            self._report_wait_soon()

    def _report_wait_soon(self) -> None:
        # on a thread that holds no other run's lock
        timers().call_later(0, self._report_wait)

    def _report_wait(self) -> None:
        """Say that another view asks, unless this one does."""
        is_silent = self._is_asking or self._has_reported
        if self._run.gate.is_held_by(BUDGET) and not is_silent:
            self._has_reported = True
            self._run.push([Notice(budget_words("limit_elsewhere"), "warning")])

    def release(self) -> None:
        """Let the producer continue."""
        self._has_reported = False
        self._run.gate.open(BUDGET)

    def reached(self, budget: Budget, bound: BudgetLimit) -> None:
        """Stop the runs that the limit is for, or ask the reader."""
        if budget.on_limit == "stop":
            self._stop_all(budget, bound)
        elif not self._run.is_pausable:
            self.stop(bound.limit, bound.unit)
        elif not self._run.gate.is_held_by(BUDGET):
            self._ask(budget, bound)

    def _stop_all(self, budget: Budget, bound: BudgetLimit) -> None:
        if bound.unit != "s":  # the time is that of each run
            ledger_of(budget).stop_all(bound.limit, bound.unit)
        self.stop(bound.limit, bound.unit)

    def _ask(self, budget: Budget, bound: BudgetLimit) -> None:
        self._is_asking = True
        if bound.unit == "s":
            self.hold()
        elif not ledger_of(budget).hold_all(self):
            self._is_asking = False
            self._report_wait_soon()
            return
        amounts = [_step(bound, share) for share in _SHARES]
        steps = {_raise_words(amount, bound.unit): amount for amount in amounts}
        go_on, stop = budget_words("limit_none"), budget_words("limit_stop")
        name = "limit_shared" if self._run.spending.is_shared and bound.unit != "s" else "limit_own"
        ask = self._run.ask(
            budget_words(name, bound=words_of(bound.limit, bound.unit)),
            [*steps, go_on, stop],
            default=stop,
            on_end=partial(self._answered, budget, bound, {**steps, go_on: math.inf}),
        )
        if bound.unit != "s":
            ledger_of(budget).asked(ask.withdraw)

    def _answered(
        self, budget: Budget, bound: BudgetLimit, steps: dict[str, float], reply: Reply
    ) -> None:
        self._is_asking = False
        more = steps.get(str(reply.value), 0.0)
        is_over = reply.outcome in ("stopped", "withdrawn")  # another run may ask
        if more:
            self._run.spending.raise_limit(bound.unit, more)
        elif not is_over:
            self._stop_all(budget, bound)
        if bound.unit == "s":
            self.release()
            self._run.watch_time()
        else:
            ledger_of(budget).release_all()


def _step(bound: BudgetLimit, share: float) -> float:
    """Return by how much a limit can be raised; tokens are whole."""
    amount = bound.limit * share
    return max(1, math.ceil(amount)) if bound.unit == "tokens" else amount


def _raise_words(amount: float, unit: str) -> str:
    return budget_words("limit_raise", amount=words_of(amount, unit))
