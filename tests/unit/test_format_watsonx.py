"""watsonx.ai, `text/generation_stream`: results in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    Failure,
    Notice,
    RunEnd,
    TextDelta,
    TextEnd,
    TextStart,
    Unknown,
    Usage,
)
from streamwidget.formats.watsonx import WatsonxFormat, recognises


def result(
    text: str = "", made: int | None = None, given: int = 0, stop: str = "not_finished"
) -> dict[str, Any]:
    fields = {"generated_text": text, "input_token_count": given, "stop_reason": stop}
    counted = {} if made is None else {"generated_token_count": made}
    return {"model_id": "m", "results": [{**fields, **counted}]}


def warned(*messages: str) -> dict[str, Any]:
    return {"system": {"warnings": [{"message": one, "id": "x"} for one in messages]}}


END = result(stop="eos_token")
ERROR = {"errors": [{"code": "rate_limit", "message": "Busy"}], "status_code": 429}
COMPLETE = {"outcome": "complete", "finish": "eos_token"}

TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "text": ([result("Hel"), result("lo"), END], {**COMPLETE, "text": "Hello"}),
    "text in the last record": (
        [result("a"), result("b", stop="max_tokens")],
        {"outcome": "complete", "finish": "max_tokens", "text": "ab"},
    ),
    "usage: the input is told once, the output grows": (
        [result(made=0, given=8), result("a", 1), result("b", 2, stop="eos_token")],
        {**COMPLETE, "text": "ab", "usage": {"input_tokens": 8, "output_tokens": 2}},
    ),
    "no stop reason: cut": ([result("a")], {"outcome": "cut", "text": "a"}),
    "nothing after the end counts": ([END, result("a")], COMPLETE),
    "an error": ([result("a"), ERROR], {"outcome": "failed", "text": "a", "error": "Busy"}),
    "an error of another shape": (
        [{"error": {"message": "Gone"}}],
        {"outcome": "failed", "error": "Gone"},
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(WatsonxFormat, *rows) == wanted


def test_results_are_deltas_of_one_part() -> None:
    assert events_of(WatsonxFormat, result("a"), result("b"), END) == [
        Usage(None, None, model="m"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextDelta("t1", "b"),
        TextEnd("t1"),
        RunEnd("complete", "stop", raw_finish_reason="eos_token"),
    ]


def test_warnings_are_reported_once() -> None:
    rows = [{**result("a"), **warned("Old model", "Slow")}, warned("Old model"), END]
    assert of_kind(events_of(WatsonxFormat, *rows), Notice) == [
        Notice("Old model", "warning"),
        Notice("Slow", "warning"),
    ]


def test_failure_keeps_the_words_of_the_peer() -> None:
    failure = of_kind(events_of(WatsonxFormat, ERROR), Failure)
    assert failure == [Failure("Busy", "provider", "ProviderError", True, "rate_limit")]


def test_what_is_not_understood_is_shown() -> None:
    rows = [{"hello": 1}, "plain words", "[1]"]
    events = of_kind(events_of(WatsonxFormat, *rows), Unknown)
    assert [event.data for event in events] == ['{"hello": 1}', "plain words", "[1]"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (result("a"), True),
        (END, True),
        ({"results": result("a")["results"]}, False),
        ({"model_id": "m", "results": [{"generated_text": "a"}]}, False),
        ({"model_id": "m", "results": "x"}, False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("generic_sse"):
        if path.name.startswith("watsonx"):
            check(WatsonxFormat, path)


SHAPES = [result("a", 1, 2), END, {**result("a"), **warned("x")}, ERROR]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(WatsonxFormat, rows)
