"""A budget: what is used, what it costs, and the stop when a bound is reached."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from streamwidget import Budget, UsageError, collect
from streamwidget.events import RunEnd, TextDelta, Usage
from streamwidget.phrases import money
from streamwidget.run import Run
from streamwidget.widget.port import Port
from streamwidget.widget.status import status_of
from unit.waiting import WAIT_S

PRICED = Budget(input_price=3.0, output_price=15.0, prompt="x" * 4000)


def spent(
    budget: Budget, counted: int, reported: tuple[int | None, int | None], *, over: bool
) -> object:
    calls = [] if reported == (None, None) else [Usage(*reported)]
    found = budget.spent(calls, counted_tokens=counted, elapsed_s=1, over=over)
    return found.input_tokens, found.output_tokens, found.cost, found.estimated


@pytest.mark.parametrize(
    ("counted", "reported", "over", "expected"),
    [
        (100, (None, None), False, (1000, 100, 0.0045, True)),
        (100, (2000, 1), False, (2000, 100, 0.0075, True)),  # from the start, now out of date
        (100, (2000, 120), False, (2000, 120, 0.0078, False)),
        (100, (2000, 90), True, (2000, 90, 0.00735, False)),
        (100, (None, 90), True, (1000, 90, 0.00435, True)),
    ],
)
def test_reported_tokens_win_at_the_end_and_counted_ones_before(
    counted: int, reported: tuple[int | None, int | None], over: bool, expected: tuple[object, ...]
) -> None:
    assert spent(PRICED, counted, reported, over=over) == pytest.approx(expected)


def test_cost_can_be_estimated_before_anything_is_asked() -> None:
    assert PRICED.estimate(1000) == pytest.approx(0.018)
    assert Budget().estimate(1000) is None


def endless() -> Iterator[str]:
    return (f"w{n} " for n in itertools.count())


def test_run_is_stopped_at_its_tokens_and_keeps_what_came() -> None:
    result = collect(endless(), budget=Budget(max_tokens=50), timeout=WAIT_S)
    assert result.status == "stopped"
    assert 50 <= result.token_count <= 51
    assert result.text.startswith("w0 w1 ")
    assert result.error is None


def test_run_is_stopped_at_its_cost() -> None:
    budget = Budget(max_cost=0.001, output_price=10.0)
    result = collect(endless(), budget=budget, timeout=WAIT_S)
    assert (result.status, result.token_count) == ("stopped", 100)


def test_run_is_stopped_at_its_time_although_nothing_comes() -> None:
    over = threading.Event()

    def silent() -> Iterator[str]:
        yield "first"
        over.wait(WAIT_S)

    result = collect(silent(), budget=Budget(max_time_s=0.2), timeout=WAIT_S)
    over.set()
    assert (result.status, result.text) == ("stopped", "first")


def test_reported_usage_counts_although_no_text_came() -> None:
    events = [Usage(10, 5000), TextDelta("t", "never"), RunEnd("complete")]
    assert collect(iter(events), budget=Budget(max_tokens=1000), timeout=WAIT_S).status == "stopped"


def test_a_status_without_prices_says_nothing_of_cost() -> None:
    status = status_of(Port(Run(), run_id="a.1", title=""))
    assert not {"cost", "cost_estimated", "currency"} & set(status)


def test_status_tells_cost_and_the_bound_that_is_nearest() -> None:
    run = Run(budget=Budget(max_tokens=10, max_time_s=1000, input_price=1.0, output_price=2.0))
    run.start("x")
    run.push([TextDelta("t", "a"), Usage(7, 5)])
    status = status_of(Port(run, run_id="a.1", title=""))
    assert status["budget"] == {"limit": 10, "used": 5, "unit": "tokens"}
    assert (status["cost"], status["currency"], status["cost_estimated"]) == (1.7e-05, "USD", False)
    assert (status["input_tokens"], status["output_tokens"]) == (7, 5)


def test_sentence_says_that_the_budget_stopped_it() -> None:
    run = Run(budget=Budget(max_tokens=1))
    run.start("x")
    run.push([TextDelta("t", "a")])
    run.producer_closed()
    assert run.summary == "Stopped by the budget of 1 token after 1 token; the source was closed."


@pytest.mark.parametrize(
    "make",
    [
        lambda: Budget(max_tokens=-1),
        lambda: Budget(max_cost=float("nan"), output_price=1.0),
        lambda: Budget(max_cost=1.0, currency="EUR"),
    ],
)
def test_budget_that_makes_no_sense_is_reported(make: object) -> None:
    with pytest.raises(UsageError, match="Budget"):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("amount", "currency", "is_round", "words"),
    [
        (0.0123, "USD", False, "$0.0123"),
        (0.5, "EUR", False, "€0.50"),
        (12, "CHF", False, "CHF\xa012.00"),
        (1234.5, "USD", False, "$1,234.50"),
        (0.0000066, "USD", False, "$0.0000066"),
        (0.00005, "USD", False, "$0.000050"),
        (0.0001, "USD", False, "$0.0001"),
        (1e-30, "USD", False, "$0.000000000000"),
        (0, "USD", False, "$0.00"),
        (0.01, "USD", True, "$0.01"),
        (0.5, "USD", True, "$0.50"),
        (0.0123, "USD", True, "$0.0123"),
    ],
)
def test_money_is_written_as_on_the_page(
    amount: float, currency: str, is_round: bool, words: str
) -> None:
    assert money(amount, currency, is_round=is_round) == words
