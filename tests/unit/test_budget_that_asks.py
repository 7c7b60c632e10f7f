"""A budget that asks at its limit: who waits, and what each answer does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from streamwidget import Ask, Budget, Emitter, UsageError, collect
from streamwidget.events import AskEnd, AskStart, Notice
from streamwidget.run import Run
from streamwidget.run.drive import drive
from streamwidget.run.pausing import BUDGET
from streamwidget.sources.resolve import resolve
from unit.waiting import WAIT_S, until

CONTINUE, STOP = "Continue without a limit", "Stop"


class Reader:
    """Sees the questions of runs as a page does, and answers when a test says so."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self._came = threading.Semaphore(0)

    def present(self, ask: Ask) -> bool:
        self.asks.append(ask)
        self._came.release()
        return True

    def next(self) -> Ask:
        assert self._came.acquire(timeout=WAIT_S)
        return self.asks[-1]


def started(source: object, budget: Budget, reader: Reader) -> Run:
    run = Run(budget=budget)
    run.asks.present = reader.present
    drive(run, resolve(source))
    return run


def ended(run: Run) -> Run:
    assert run.finished.wait(WAIT_S)
    return run


def words(count: int = 10_000) -> Iterator[str]:
    return (f"w{n} " for n in range(count))


async def words_async() -> AsyncIterator[str]:
    for word in words():
        yield word


def job(emit: Emitter) -> None:
    for word in words():
        emit.text(word)


SOURCES: list[Callable[[], object]] = [words, words_async, lambda: job]


@pytest.mark.parametrize("make", SOURCES, ids=["generator", "asynchronous", "function"])
def test_the_producer_waits_at_the_limit_until_the_answer(make: Callable[[], object]) -> None:
    reader = Reader()
    run = started(make(), Budget(max_tokens=50, on_limit="ask"), reader)
    ask = reader.next()
    assert ask.question == "The budget of 50 tokens is used up."
    assert ask.options == ("Raise by 25 tokens", "Raise by 50 tokens", CONTINUE, STOP)
    assert run.token_count <= 51
    assert not run.stop_requested()
    ask.answer(STOP)
    ended(run)
    assert (run.status, run.stopped_by.code) == ("stopped", "budget")
    assert run.token_count <= 52


def test_a_limit_that_was_raised_is_asked_about_again() -> None:
    reader = Reader()
    run = started(words(), Budget(max_tokens=50, on_limit="ask"), reader)
    reader.next().answer("Raise by 25 tokens")
    ask = reader.next()
    assert ask.question == "The budget of 75 tokens is used up."
    assert 75 <= run.token_count <= 77
    ask.answer(STOP)
    assert ended(run).summary is not None
    assert "the budget of 75 tokens" in str(run.summary)


def test_a_limit_that_was_removed_is_not_asked_about_again() -> None:
    reader = Reader()
    run = started(words(500), Budget(max_tokens=50, on_limit="ask"), reader)
    reader.next().answer(CONTINUE)
    assert ended(run).status == "finished"
    assert (run.token_count, len(reader.asks)) == (500, 1)


def test_nobody_who_could_answer_means_stop() -> None:
    result = collect(words(), budget=Budget(max_tokens=50, on_limit="ask"), timeout=WAIT_S)
    assert (result.status, result.token_count) == ("stopped", 50)
    ends = [event for event in result.events if isinstance(event, AskEnd)]
    assert [(end.outcome, end.answer) for end in ends] == [("headless", STOP)]


def test_a_stop_ends_the_wait() -> None:
    reader = Reader()
    run = started(words(), Budget(max_tokens=50, on_limit="ask"), reader)
    ask = reader.next()
    run.request_stop()
    assert (ended(run).status, run.stopped_by.code) == ("stopped", "reader")
    assert not ask.answer(CONTINUE)


def test_runs_that_share_a_budget_wait_for_one_answer() -> None:
    reader = Reader()
    budget = Budget(max_tokens=200, on_limit="ask")
    runs = [started(make(), budget, reader) for make in (*SOURCES, *SOURCES)]
    ask = reader.next()
    until(lambda: all(run.gate.is_shut for run in runs))
    ask.answer("Raise by 200 tokens")
    again = reader.next()
    assert again.question == "The shared budget of 400 tokens is used up."
    again.answer(STOP)
    assert {ended(run).status for run in runs} == {"stopped"}
    assert len(reader.asks) == 2
    assert budget.used().output_tokens <= 400 + 2 * len(runs)


def test_runs_that_wait_say_that_another_view_asks() -> None:
    reader = Reader()
    budget = Budget(max_tokens=100, on_limit="ask")
    runs = [started(words(), budget, reader) for _ in range(3)]
    ask = reader.next()

    def messages(run: Run) -> list[str]:
        return [event.message for event in run.result().events if isinstance(event, Notice)]

    waiting = [run for run in runs if ask not in run.asks.waiting]
    until(lambda: all(messages(run) for run in waiting))
    ask.answer(STOP)
    for run in runs:
        ended(run)
        expected = ["The shared budget is used up. Another view asks how to continue."]
        assert messages(run) == (expected if run in waiting else [])


def test_another_run_asks_if_the_one_that_asked_is_stopped() -> None:
    reader = Reader()
    budget = Budget(max_tokens=100, on_limit="ask")
    runs = [started(words(), budget, reader) for _ in range(3)]
    first = reader.next()
    asking = next(run for run in runs if first in run.asks.waiting)
    asking.request_stop()
    second = reader.next()
    assert second not in asking.asks.waiting
    second.answer(STOP)
    assert {ended(run).status for run in runs} == {"stopped"}


@pytest.mark.parametrize("make", SOURCES, ids=["generator", "asynchronous", "function"])
def test_a_reset_closes_the_question_and_lets_all_runs_go_on(make: Callable[[], object]) -> None:
    reader, budget = Reader(), Budget(max_tokens=50, on_limit="ask")
    first, second = started(make(), budget, reader), started(make(), budget, reader)
    ask = reader.next()
    until(lambda: all(run.gate.is_held_by(BUDGET) for run in (first, second)))
    before = [run.token_count for run in (first, second)]
    budget.reset()
    again = reader.next()  # the new count reaches the limit too
    assert again is not ask
    until(lambda: sum(run.token_count for run in (first, second)) >= sum(before) + 49)
    assert ask.reply is not None
    assert (ask.reply.outcome, ask.answer(STOP)) == ("withdrawn", False)
    ends = [event for run in (first, second) for event in run.result().events]
    closed = [(e.outcome, e.answer, e.by_default) for e in ends if isinstance(e, AskEnd)]
    assert closed == [("withdrawn", None, False)], "the default is not shown as what happened"
    again.answer(STOP)
    assert {ended(run).status for run in (first, second)} == {"stopped"}


def test_a_reset_while_the_question_is_on_its_way_closes_it() -> None:
    reader, budget = Reader(), Budget(max_tokens=50, on_limit="ask")
    present = reader.present

    def reset(ask: Ask) -> bool:
        if not reader.asks:
            budget.reset()
        return present(ask)

    reader.present = reset  # type: ignore[method-assign]
    run = started(words(), budget, reader)
    for _ in range(2):
        last = reader.next()
    first = reader.asks[0].reply
    assert first is not None
    assert first.outcome == "withdrawn"
    last.answer(STOP)
    assert ended(run).status == "stopped"


def test_the_time_of_the_question_does_not_count() -> None:
    over = threading.Event()

    def silent() -> Iterator[str]:
        yield "first"
        over.wait(WAIT_S)
        yield "last"

    reader = Reader()
    run = started(silent(), Budget(max_time_s=0.2, on_limit="ask"), reader)
    ask = reader.next()
    assert ask.question == "The budget of 0.2 s is used up."
    over.set()
    ask.answer(CONTINUE)
    assert ended(run).status == "finished"


def test_a_used_up_budget_asks_before_anything_is_opened() -> None:
    reader, opened = Reader(), threading.Event()
    budget = Budget(max_tokens=5, on_limit="ask")
    first = started(words(), budget, reader)
    reader.next().answer(STOP)
    ended(first)

    def answer() -> Iterator[str]:
        opened.set()
        yield "text"

    run = started(answer, budget, reader)
    ask = reader.next()
    assert not opened.is_set()
    ask.answer(CONTINUE)
    assert ended(run).status == "finished"
    assert opened.is_set()


def test_a_source_that_cannot_wait_is_stopped() -> None:
    async def coroutine(emit: Emitter) -> None:
        for word in words():
            emit.text(word)
            await asyncio.sleep(0)

    reader = Reader()
    run = started(coroutine, Budget(max_tokens=20, on_limit="ask"), reader)
    assert (ended(run).status, run.stopped_by.code) == ("stopped", "budget")
    assert reader.asks == []


def test_pause_and_the_question_hold_the_run_independently() -> None:
    reader = Reader()
    run = started(words(), Budget(max_tokens=50, on_limit="ask"), reader)
    ask = reader.next()
    until(lambda: run.status == "streaming")
    run.pause()
    ask.answer(CONTINUE)
    assert run.gate.is_shut
    run.resume()
    assert ended(run).status == "finished"


def test_the_question_is_an_event_of_the_run() -> None:
    result = collect(words(), budget=Budget(max_tokens=50, on_limit="ask"), timeout=WAIT_S)
    assert [type(e) for e in result.events if isinstance(e, (AskStart, AskEnd))] == [
        AskStart,
        AskEnd,
    ]


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(UsageError, match="on_limit"):
        Budget(max_tokens=1, on_limit="maybe")  # type: ignore[arg-type]
