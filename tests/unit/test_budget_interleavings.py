"""Runs of one budget that asks, in any order of events, answers, stops and pauses: all of them end.

One thread feeds the runs by hand, so each order is a sequence that Hypothesis can shorten.
"""

from __future__ import annotations

import threading

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streamwidget import Ask, Budget
from streamwidget.events import AskEnd, AskStart, TextDelta
from streamwidget.run import Run
from streamwidget.run.pausing import BUDGET
from unit.waiting import WAIT_S, until

LIMIT = 4
RAISE, DOUBLE, CONTINUE, STOP = range(4)


class SharedBudget(RuleBasedStateMachine):
    """Up to six runs that share a limit of four tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = Budget(max_tokens=LIMIT, on_limit="ask")
        self.runs: list[Run] = []
        self.asks: list[Ask] = []

    @property
    def live(self) -> list[Run]:
        return [run for run in self.runs if not run.stop_requested()]

    @property
    def open_asks(self) -> list[Ask]:
        return [ask for run in self.runs for ask in run.asks.waiting]

    def present(self, ask: Ask) -> bool:
        self.asks.append(ask)
        return True

    @initialize()
    def begin_three(self) -> None:
        for _ in range(3):
            self.begin()

    @precondition(lambda self: len(self.runs) < 6)
    @rule()
    def begin(self) -> None:
        run = Run(budget=self.budget)
        run.asks.present = self.present
        run.is_pausable = True
        run.start("x")
        run.check_budget()
        self.runs.append(run)

    @rule(which=st.integers(0, 3), count=st.integers(1, 6), again=st.booleans())
    def feed(self, which: int, count: int, again: bool) -> None:
        """A producer that waits at its gate sends nothing."""
        for run in self.live[which : which + 1 + again]:
            if not run.gate.is_shut:
                run.push([TextDelta("t", "a")] * count)

    @rule(answer=st.sampled_from([RAISE, RAISE, DOUBLE, CONTINUE, STOP]))
    def reply(self, answer: int) -> None:
        for ask in self.open_asks:
            event(f"answered {answer}")
            assert ask.answer(ask.options[answer])
            assert not ask.answer(ask.options[STOP])

    @rule(which=st.integers(0, 15))  # seldom: a number above those of the runs does nothing
    def stop(self, which: int) -> None:
        if which < len(self.live):
            run = self.live[which]
            is_asking = bool(run.asks.waiting)
            event(f"stopped while {'asking' if is_asking else 'running'}")
            run.request_stop()
            if is_asking:  # the timers' thread closes the question, and lets the others continue
                until(lambda: not any(each.gate.is_held_by(BUDGET) for each in self.runs))
            run.producer_closed()

    @rule(which=st.integers(0, 15))
    def finish(self, which: int) -> None:
        if which < len(self.live) and not self.live[which].gate.is_shut:
            self.live[which].producer_closed()

    @rule(which=st.integers(0, 3), is_on=st.booleans())
    def pause(self, which: int, is_on: bool) -> None:
        if which < len(self.live):
            self.live[which].pause() if is_on else self.live[which].resume()

    @invariant()
    def one_question_at_most_is_open(self) -> None:
        assert len(self.open_asks) <= 1

    @invariant()
    def a_run_waits_for_the_budget_only_while_a_question_is_open(self) -> None:
        held = [run for run in self.live if run.gate.is_held_by(BUDGET)]
        assert not held or self.open_asks

    @invariant()
    def the_sum_is_that_of_the_runs(self) -> None:
        assert self.budget.used().output_tokens == sum(run.token_count for run in self.runs)

    def teardown(self) -> None:
        for run in self.live:
            run.request_stop()
        for run in self.runs:
            run.producer_closed()
            assert run.finished.wait(WAIT_S)
            events = [*run.result().events]
            starts = [event.part_id for event in events if isinstance(event, AskStart)]
            ends = [event.part_id for event in events if isinstance(event, AskEnd)]
            assert sorted(starts) == sorted(ends)
        assert threading.active_count() < 100


SharedBudget.TestCase.settings = settings(
    max_examples=200, stateful_step_count=30, deadline=None, derandomize=True
)
TestSharedBudget = SharedBudget.TestCase
