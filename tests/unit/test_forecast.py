"""The estimate of a model call from its request, and prices that are looked up by model."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from streamwidget import Budget, Price, Prices, StreamView, collect, http
from streamwidget.demo.serve import DemoServer
from streamwidget.events import Event, Notice, RunEnd, TextDelta, Usage
from streamwidget.formats.forecast import Forecast, forecast_of
from streamwidget.io.request import HttpRequest
from streamwidget.prices import library_prices
from streamwidget.run import Run
from streamwidget.run.spending import Spending
from streamwidget.widget.status import status_of
from unit.waiting import WAIT_S

TEXT = "x" * 400
PRICES = Prices({"m-1": Price(input=1.0, output=10.0)})


@pytest.mark.parametrize(
    ("body", "url", "expected"),
    [
        (
            {"model": "m-1", "messages": [{"role": "user", "content": TEXT}], "max_tokens": 500},
            "",
            Forecast("m-1", 100, 500),
        ),
        (
            {
                "model": "m-1",
                "system": TEXT,
                "messages": [{"role": "user", "content": [{"type": "text", "text": TEXT}]}],
            },
            "",
            Forecast("m-1", 200, None),
        ),
        (
            {"contents": [{"parts": [{"text": TEXT}]}], "generationConfig": {"maxOutputTokens": 9}},
            "https://api.example/v1beta/models/g-2.5:streamGenerateContent?alt=sse",
            Forecast("g-2.5", 100, 9),
        ),
        (
            {"messages": [{"content": [{"text": TEXT}]}], "inferenceConfig": {"maxTokens": 7}},
            "https://bedrock.example/model/anthropic.c-1%3A0/converse-stream",
            Forecast("anthropic.c-1:0", 100, 7),
        ),
        ({"model": "l", "prompt": TEXT, "options": {"num_predict": 5}}, "", Forecast("l", 100, 5)),
        ({"model": "l", "prompt": TEXT, "max_tokens": -1}, "", Forecast("l", 100, None)),
        ({"model": "m", "input": TEXT, "max_output_tokens": 5, "n": 3}, "", Forecast("m", 100, 15)),
        (
            {
                "model": "m",
                "messages": [{"content": [{"type": "image", "source": {"data": TEXT * 99}}]}],
            },
            "",
            Forecast("m", 0, None),
        ),
        ({"query": TEXT}, "", None),
        ([TEXT], "", None),
        (None, "", None),
    ],
)
def test_a_request_says_what_it_may_cost(body: object, url: str, expected: object) -> None:
    assert forecast_of(body, url) == expected


def test_a_request_that_is_nested_too_deep_ends() -> None:
    deep: object = TEXT
    for _ in range(5000):
        deep = [deep]
    assert forecast_of({"messages": deep}) == Forecast(None, 0, None)


@pytest.mark.parametrize("content", [b"\x00", b"no json", b'"text"', "[" * 100_000])
def test_a_body_that_is_not_json_says_nothing(content: object) -> None:
    request = HttpRequest("POST", "https://h.example/", {"content": content})
    assert forecast_of(request.json_body()) is None


def test_bodies_are_read_however_they_were_passed() -> None:
    body = {"model": "m-1", "messages": [{"content": TEXT}]}
    ready = httpx.Request("POST", "https://h.example/", json=body)
    for request in (
        HttpRequest("POST", "https://h.example/", {"json": body}),
        HttpRequest("POST", "https://h.example/", {"content": json.dumps(body)}),
        HttpRequest("POST", "https://h.example/", ready=ready),
    ):
        assert request.json_body() == body


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:11434/api/chat", True),
        ("http://localhost/", True),
        ("http://[::1]/", True),
        ("http://10.1.2.3/", True),
        ("http://gpu-box:8000/v1", True),
        ("https://api.openai.com/v1/chat/completions", False),
        ("https://8.8.8.8/", False),
    ],
)
def test_a_server_in_the_private_network_is_local(url: str, is_local: bool) -> None:
    assert HttpRequest("GET", url).is_local is is_local


def test_the_status_has_the_estimate_and_the_end_has_both(server: DemoServer) -> None:
    body = {"model": "m-1", "messages": [{"role": "user", "content": TEXT}], "max_tokens": 500}
    view = StreamView(http(f"{server.address}/tokens?n=5", json=body), budget=Budget(prices=PRICES))
    view.wait(WAIT_S)
    facts = status_of(view._port)["estimate"]
    assert facts == {"input_tokens": 100, "output_tokens": 500, "cost": 0.0051, "currency": "USD"}


def spending(
    model: str | None, *, is_local: bool = False, budget: Budget | None = None
) -> Spending:
    found = Spending("r", budget, lambda: None)
    found.expect(Forecast(model, 1000, 1000), is_local=is_local)
    found.look_up_prices([], wait=True)
    return found


def test_prices_are_looked_up_by_model() -> None:
    pytest.importorskip("genai_prices")
    assert spending("gpt-4o").expected_cost() == pytest.approx(0.0125)


def test_prices_of_the_caller_come_first() -> None:
    own = Budget(prices=Prices({"gpt-4o": Price(input=1.0, output=1.0)}))
    assert spending("gpt-4o", budget=own).expected_cost() == pytest.approx(0.002)


@pytest.mark.parametrize("model", ["llama3.2", "my-own-model", None])
def test_an_unknown_model_has_no_price(model: str | None) -> None:
    assert spending(model).expected_cost() is None


def test_a_local_server_has_not_the_prices_of_a_provider() -> None:
    assert spending("gpt-4o", is_local=True).expected_cost() is None


def test_the_cost_of_a_run_without_a_budget_is_known_from_its_model() -> None:
    pytest.importorskip("genai_prices")
    events = [TextDelta("t", "hello"), Usage(1000, 1000, model="gpt-4o"), RunEnd("complete")]
    result = collect(iter(events), timeout=WAIT_S)
    assert result.cost == pytest.approx(0.0125)


def test_prices_that_are_loaded_on_a_thread_are_reported() -> None:
    pytest.importorskip("genai_prices")
    library_prices.cache_clear()
    loaded = threading.Event()
    found = Spending("r", None, loaded.set)
    found.expect(Forecast("gpt-4o", 1000, 1000), is_local=False)
    found.look_up_prices([], wait=False)
    assert loaded.wait(WAIT_S)
    assert found.expected_cost() == pytest.approx(0.0125)


def test_a_limit_of_money_that_cannot_be_kept_is_reported_once() -> None:
    run = Run(budget=Budget(max_cost=0.5, prices=PRICES))
    run.start("x")
    for _ in range(3):
        run.push([TextDelta("t", "a"), Usage(1, 1, model="other")])
    notices = [event.message for event in run.events.copy().read(0)[0] if isinstance(event, Notice)]
    assert notices == [
        "The price of other is unknown, so the limit of $0.50 cannot be kept. "
        "Pass prices=Prices(...)."
    ]


def test_a_limit_of_money_is_kept_with_prices_that_are_looked_up() -> None:
    pytest.importorskip("genai_prices")
    read: list[int] = []

    def stream() -> Iterator[Event]:
        for count in range(1000, 100_000, 1000):
            read.append(count)
            yield TextDelta("t", "a")
            yield Usage(0, count, model="gpt-4o")  # 10 USD for 1,000,000 tokens

    budget = Budget(max_cost=0.05)
    result = collect(stream(), budget=budget, timeout=WAIT_S)
    assert (result.status, read[-1]) == ("stopped", 5000)
    assert result.cost == budget.used().cost == pytest.approx(0.05)
