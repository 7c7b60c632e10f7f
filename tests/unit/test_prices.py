"""The cost of a run: by model, with the cache of each provider; unknown without a price."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from streamwidget import Budget, Price, Prices, UsageError, collect
from streamwidget.events import TextDelta, ToolCallDelta, ToolCallEnd, Usage
from streamwidget.prices import Cost
from streamwidget.run.clock import Stats
from unit.waiting import WAIT_S

SONNET = Price(input=3.0, output=15.0, cached_input=0.3, cache_write=3.75)
OURS = Prices({"claude-sonnet-4": SONNET, "gpt-4o": Price(input=2.5, output=10.0)})


def sse(*rows: dict[str, object]) -> bytes:
    return "".join(f"data: {json.dumps(row)}\n\n" for row in rows).encode()


def anthropic() -> bytes:
    counts = {"input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 1}
    usage = {**counts, "cache_creation_input_tokens": 200}
    start = {"id": "m", "type": "message", "role": "assistant", "model": "claude-sonnet-4-20250514"}
    return sse(
        {"type": "message_start", "message": {**start, "content": [], "usage": usage}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "Hi"},
        },
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 50},
        },
        {"type": "message_stop"},
    )


def openai() -> bytes:
    head = {"id": "c", "object": "chat.completion.chunk", "model": "claude-sonnet-4"}
    delta = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}
    details = {"prompt_tokens_details": {"cached_tokens": 900}}
    counts = {"prompt_tokens": 1000, "completion_tokens": 50, **details}
    return sse({**head, "choices": [delta]}, {**head, "choices": [], "usage": counts}) + (
        b"data: [DONE]\n\n"
    )


def gemini() -> bytes:
    parts = {"content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP"}
    counts = {"promptTokenCount": 1000, "cachedContentTokenCount": 900, "candidatesTokenCount": 30}
    usage = {**counts, "thoughtsTokenCount": 20, "totalTokenCount": 1050}
    return sse(
        {"candidates": [parts], "usageMetadata": usage, "modelVersion": "claude-sonnet-4-001"}
    )


# uncached input, cached input and written input at their prices, then the output
CACHED = 100 * 3.0 + 900 * 0.3
PROVIDERS = {
    "anthropic": (anthropic(), CACHED + 200 * 3.75 + 50 * 15.0),
    "openai": (openai(), CACHED + 50 * 15.0),
    "gemini": (gemini(), CACHED + 50 * 15.0),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_cost_counts_the_cache_as_the_provider_means_it(provider: str) -> None:
    body, micros = PROVIDERS[provider]
    result = collect([body], content_type="text/event-stream", budget=Budget(prices=OURS))
    assert result.error is None
    assert result.cost == pytest.approx(micros / 1e6)


def test_bedrock_reports_its_cache_beside_the_input() -> None:
    metadata = {
        "metadata": {
            "usage": {
                "inputTokens": 100,
                "outputTokens": 50,
                "cacheReadInputTokens": 900,
                "cacheWriteInputTokens": 200,
            }
        }
    }
    records = [{"messageStart": {"role": "assistant"}}, {"messageStop": {"stopReason": "end_turn"}}]
    result = collect([*records, metadata], budget=Budget(prices=Prices({"*": SONNET})))
    assert result.cost == pytest.approx((CACHED + 200 * 3.75 + 50 * 15.0) / 1e6)


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("claude-sonnet-4", 18.0),
        ("claude-sonnet-4-20250514", 18.0),
        ("claude-sonnet-4@20250514", 18.0),
        ("anthropic/claude-sonnet-4-latest", 18.0),
        ("gpt-4o-2024-08-06", 12.5),
        ("gpt-4o-mini", None),
        ("gpt-4o-mini-2024-07-18", None),
        ("claude-sonnet-45", None),
        ("", None),
        (None, None),
    ],
)
def test_a_price_holds_for_the_dated_versions_of_its_model_only(
    model: str | None, cost: float | None
) -> None:
    found = OURS.cost(Usage(1_000_000, 1_000_000, model=model))
    assert (found and found.amount) == cost


def test_the_price_of_any_model_holds_for_the_others() -> None:
    prices = Prices({"*": Price(input=1.0), "a": Price(input=2.0)}, currency="EUR")
    usage = [Usage(1_000_000, 0, model=model) for model in ("a", "b", None)]
    assert [prices.cost(one) for one in usage] == [Cost(2, False), Cost(1, False), Cost(1, False)]
    assert Budget(prices=prices).currency == "EUR"


def test_a_missing_price_of_the_cache_is_an_estimate_and_any_other_is_unknown() -> None:
    usage = Usage(1_000_000, 0, model="gpt-4o", cached_input_tokens=500_000)
    assert OURS.cost(usage) == Cost(2.5, True)
    assert Prices({"*": Price(output=1.0)}).cost(Usage(5, 5)) is None
    assert Prices({"*": Price(output=1.0)}).cost(Usage(None, 1_000_000)) == Cost(1.0, False)


def test_calls_of_several_models_cost_what_each_of_them_costs() -> None:
    budget = Budget(prices=OURS)
    calls = [
        Usage(1_000_000, 0, "a", model="gpt-4o"),
        Usage(1_000_000, 0, "b", model="claude-sonnet-4"),
    ]
    assert budget.spent(calls, counted_tokens=0, elapsed_s=1, over=True).cost == 5.5
    calls.append(Usage(1, 1, "c", model="unheard-of"))
    assert budget.spent(calls, counted_tokens=0, elapsed_s=1, over=True).cost is None


def test_the_tokens_that_are_streaming_cost_what_the_last_model_costs() -> None:
    calls = [Usage(0, 100, "a", model="gpt-4o"), Usage(0, 1, "b", model="claude-sonnet-4")]
    spent = Budget(prices=OURS).spent(calls, counted_tokens=200, elapsed_s=1, over=False)
    assert (spent.output_tokens, spent.estimated) == (200, True)
    assert spent.cost == pytest.approx((100 * 10.0 + 100 * 15.0) / 1e6)


def test_genai_prices_knows_the_models_of_many_providers() -> None:
    pytest.importorskip("genai_prices")
    prices = Prices.from_genai_prices()
    usage = Usage(1_000, 1_000, model="gpt-4o-2024-08-06", cached_input_tokens=500)
    cost = prices.cost(usage)
    assert cost is not None
    assert cost.amount == pytest.approx((500 * 2.5 + 500 * 1.25 + 1000 * 10.0) / 1e6)
    assert prices.cost(Usage(1, 1, model="no such model")) is None
    assert prices.cost(Usage(1, 1)) is None


@pytest.mark.parametrize("count", [-(10**9), -1, 10**400])
def test_impossible_usage_does_not_switch_a_budget_off(count: int) -> None:
    def calls() -> Iterator[object]:
        yield Usage(count, count)
        for _ in range(10_000):
            yield TextDelta("t", "tok ")

    budget = Budget(max_tokens=100, max_cost=1.0, output_price=15.0)
    result = collect(calls(), budget=budget, timeout=WAIT_S)
    assert result.status == "stopped"
    assert result.token_count <= 101


@pytest.mark.parametrize("budget", [{"max_tokens": 100}, {"max_cost": 0.001, "output_price": 10.0}])
def test_arguments_of_tool_calls_count(budget: dict[str, float]) -> None:
    deltas = (ToolCallDelta("c", '"abc",') for _ in range(10_000))
    result = collect(deltas, budget=Budget(**budget), timeout=WAIT_S)  # type: ignore[arg-type]
    assert (result.status, result.token_count) == ("stopped", 100)


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ([TextDelta("t", "x" * 16)], 1),
        ([TextDelta("t", "x" * 17)], 5),
        ([TextDelta("t", "深度求索人工智能基础技术研究有限")], 12),
        ([ToolCallDelta("c", "{}"), ToolCallEnd("c", "{}")], 1),
        ([ToolCallEnd("c", "x" * 400)], 100),
        ([ToolCallEnd("c")], 0),
    ],
)
def test_long_deltas_count_by_their_size(events: list[TextDelta], count: int) -> None:
    stats = Stats()
    for event in events:
        stats.count(event)
    assert stats.token_count == count


@pytest.mark.parametrize(
    "options",
    [
        {"max_tokens": "5"},
        {"max_time_s": float("inf")},
        {"output_price": True},
        {"max_cost": 1.0, "currency": "EUR"},
        {"max_cost": 1.0, "input_price": 1.0},
        {"prices": OURS, "output_price": 1.0},
    ],
    ids=str,
)
def test_a_budget_that_makes_no_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="Budget: "):
        Budget(**options)  # type: ignore[arg-type]


def test_a_price_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Price: output must be a finite number >= 0, got -1\."):
        Price(output=-1)
