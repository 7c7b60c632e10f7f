"""A budget that several runs share: what all of them use, who is stopped, and the notice before."""

from __future__ import annotations

import copy
import itertools
import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget import Budget, Chat, StreamView, UsageError, collect
from streamwidget.events import Notice, TextDelta, Usage
from streamwidget.ledger import Ledger, Spent
from streamwidget.run import Run
from streamwidget.widget.port import Port
from streamwidget.widget.status import status_of
from unit.waiting import WAIT_S


class Clock:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def started(budget: Budget, clock: Clock | None = None) -> Run:
    run = Run(budget=budget) if clock is None else Run(budget=budget, now=clock)
    run.start("x")
    return run


def budget_of(run: Run) -> object:
    return status_of(Port(run, run_id="a.1", title=""))["budget"]


def notices(run: Run) -> list[str]:
    return [event.message for event in run.events.copy().read(0)[0] if isinstance(event, Notice)]


def text(count: int) -> list[TextDelta]:
    return [TextDelta("t", "a") for _ in range(count)]


def test_runs_of_one_budget_count_together() -> None:
    budget = Budget(max_tokens=100)
    first, second = started(budget), started(budget)
    first.push(text(30))
    second.push(text(20))
    expected = {"limit": 100, "used": 50, "unit": "tokens", "shared": True}
    assert budget_of(first) == budget_of(second) == expected
    assert budget.used().output_tokens == 50


def test_the_limit_stops_all_live_runs_and_each_says_why() -> None:
    budget = Budget(max_tokens=50)
    first, second, third = (started(budget) for _ in range(3))
    first.push(text(20))
    third.push(text(10))
    third.producer_closed()
    assert not first.stop_requested()
    second.push(text(20))
    for run in (first, second):
        run.producer_closed()
        assert run.status == "stopped"
    assert first.summary is not None
    assert first.summary.startswith("Stopped by the shared budget of 50 tokens after 20 tokens;")
    assert third.status == "finished"


def test_what_an_ended_run_has_used_is_not_given_back() -> None:
    budget = Budget(max_tokens=50)
    for _ in range(2):
        run = started(budget)
        run.push(text(20))
        run.producer_closed()
    assert budget.used().output_tokens == 40
    result = collect(("a" for _ in itertools.count()), budget=budget, timeout=WAIT_S)
    assert (result.status, result.token_count) == ("stopped", 10)


def test_reported_tokens_replace_counted_ones_at_the_end() -> None:
    budget = Budget(max_tokens=1000)
    run = started(budget)
    run.push([*text(20), Usage(5, 12)])
    assert budget.used().output_tokens == 20
    run.producer_closed()
    assert budget.used().output_tokens == 12


def test_a_run_whose_budget_is_used_up_opens_nothing() -> None:
    budget, opened = Budget(max_tokens=5), threading.Event()
    collect(iter("abcdefgh"), budget=budget, timeout=WAIT_S)

    def answer() -> Iterator[str]:
        opened.set()
        yield "text"

    result = collect(answer, budget=budget, timeout=WAIT_S)
    assert (result.status, result.text) == ("stopped", "")
    assert not opened.is_set()
    assert result.summary is not None
    assert "the shared budget of 5 tokens" in result.summary


def test_reset_counts_from_zero_also_for_a_live_run() -> None:
    budget = Budget(max_tokens=50)
    run = started(budget)
    run.push(text(40))
    budget.reset()
    run.push(text(30))
    assert budget.used().output_tokens == 30
    assert not run.stop_requested()
    run.producer_closed()
    assert budget.used().output_tokens == 30


def test_the_time_is_that_of_each_run() -> None:
    clock = Clock()
    budget = Budget(max_time_s=10)
    first = started(budget, clock)
    clock.now_s = 8
    second = started(budget, clock)
    clock.now_s = 12
    second.push(text(1))
    first.push(text(1))
    assert first.stop_requested()
    assert not second.stop_requested()
    assert first.stopped_by.code == "budget"


def test_threads_lose_no_token() -> None:
    budget = Budget(max_tokens=10_000)
    runs = [started(budget) for _ in range(8)]

    def feed(run: Run) -> None:
        for _ in range(200):
            run.push(text(1))
        run.producer_closed()

    threads = [threading.Thread(target=feed, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert budget.used().output_tokens == 1600


def test_views_share_a_budget_within_one_token_each() -> None:
    budget = Budget(max_tokens=300)
    views = [StreamView(("a" for _ in itertools.count()), budget=budget) for _ in range(4)]
    for view in views:
        view.wait(WAIT_S)
    assert {view.status for view in views} == {"stopped"}
    assert 300 <= budget.used().output_tokens <= 300 + 2 * len(views)
    assert budget.used().output_tokens == sum(view.token_count for view in views)


def test_the_answers_of_a_chat_count_together() -> None:
    asked: list[str] = []

    def answer(message: str) -> Iterator[str]:
        asked.append(message)
        return iter("abcdefgh")

    budget = Budget(max_tokens=12)
    chat = Chat(answer, budget=budget)
    results = [chat.ask(f"question {n}").wait(WAIT_S) for n in range(3)]
    assert [result.status for result in results] == ["finished", "stopped", "stopped"]
    assert [result.token_count for result in results] == [8, 4, 0]
    assert "the shared budget of 12 tokens" in str(results[2].summary)
    budget.reset()
    assert chat.ask("again").wait(WAIT_S).status == "finished"
    chat.close()


def test_a_notice_says_how_long_the_rest_lasts() -> None:
    clock = Clock()
    run = started(Budget(max_tokens=1000, soft=0.8), clock)
    clock.now_s = 100.0
    run.push(text(790))
    assert notices(run) == []
    run.push(text(10))
    run.push(text(10))
    assert notices(run) == [
        "80% of the budget of 1,000 tokens is used. "
        "At this rate, the limit is reached in about 25 s."
    ]


def test_the_rate_is_that_of_all_live_runs() -> None:
    clock = Clock()
    budget = Budget(max_cost=1.0, output_price=1000.0, soft=0.5)
    first, second = started(budget, clock), started(budget, clock)
    clock.now_s = 10.0
    first.push(text(200))
    second.push(text(300))
    assert notices(first) == []
    assert notices(second) == [
        "50% of the budget of $1.00 is used. At this rate, the limit is reached in about 10 s."
    ]
    first.push(text(1))
    assert len(notices(first)) == 1


def test_the_notice_of_a_time_needs_no_event() -> None:
    over = threading.Event()

    def silent() -> Iterator[str]:
        yield "first"
        over.wait(WAIT_S)

    view = StreamView(silent(), budget=Budget(max_time_s=1.0, soft=0.3))
    view.wait(WAIT_S)
    over.set()
    assert [part for part in view.document.parts if part.kind == "notice"]
    assert view.status == "stopped"


@pytest.mark.parametrize("soft", [0, 1, 1.5, -0.1, "much"])
def test_a_share_that_makes_no_sense_is_refused(soft: object) -> None:
    with pytest.raises(UsageError, match="soft"):
        Budget(max_tokens=1, soft=soft)  # type: ignore[arg-type]


def test_copies_count_for_themselves() -> None:
    budget = Budget(max_tokens=50)
    started(budget).push(text(10))
    for twin in (copy.deepcopy(budget), pickle.loads(pickle.dumps(budget))):
        assert twin == budget
        assert twin.used().output_tokens == 0


class Deaf:
    """A run that need not do anything."""

    def stop(self, limit: float, unit: str) -> None: ...
    def hold(self) -> None: ...
    def release(self) -> None: ...


amounts = st.builds(
    Spent,
    st.none() | st.integers(0, 9),
    st.integers(0, 9),
    st.just(1.0),
    st.none() | st.integers(0, 64).map(lambda cost: cost / 64),
    st.booleans(),
    st.just("USD"),
)


@given(st.lists(st.tuples(st.sampled_from("oncr"), st.integers(0, 3), amounts), max_size=40))
def test_a_run_gets_the_sum_of_all_whatever_happened_before(
    acts: list[tuple[str, int, Spent]],
) -> None:
    ledger, live, count = Ledger(), [], 0
    for act, place, spent in acts:
        if act == "o":
            live.append(str(count := count + 1))
            ledger.open(live[-1], Deaf())
        elif act == "r":
            ledger.reset()
        elif live and act == "n":
            together = ledger.note(live[place % len(live)], spent)
            assert replace(together, elapsed_s=0, currency=None) == replace(
                ledger.total(), elapsed_s=0, currency=None
            )
        elif live:
            ledger.close(live.pop(place % len(live)), spent)
