"""Text Generation Inference, `/generate_stream`: tokens in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import Failure, RunEnd, TextDelta, TextEnd, TextStart, Unknown
from streamwidget.formats.tgi import TGIFormat, recognises


def token(text: str, *, special: bool = False, whole: Any = None, **details: Any) -> dict[str, Any]:
    return {
        "index": 1,
        "token": {"id": 1, "text": text, "logprob": -0.1, "special": special},
        "generated_text": whole,
        "details": details or None,
    }


END = token("</s>", special=True, whole="Prompt. Hello")
DETAILS = {"finish_reason": "length", "generated_tokens": 4, "input_length": 3}
ERROR = {"error": "Too long", "error_type": "validation"}

TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "text": ([token("Hel"), token("lo"), END], {"outcome": "complete", "text": "Hello"}),
    "the last token is text too": (
        [token("Hel"), token("lo", whole="Hello")],
        {"outcome": "complete", "text": "Hello"},
    ),
    "details": (
        [token("a"), token("b", whole="ab", **DETAILS)],
        {
            "outcome": "complete",
            "finish": "length",
            "text": "ab",
            "usage": {"input_tokens": 3, "output_tokens": 4},
        },
    ),
    "nothing but the whole": ([{"generated_text": "ab"}], {"outcome": "complete", "text": "ab"}),
    "the whole is empty": ([token("", whole="")], {"outcome": "complete"}),
    "nothing after the end counts": ([token("a"), END, token("b")], {"text": "a"}),
    "no end: cut": ([token("a")], {"outcome": "cut", "text": "a"}),
    "an error": ([token("a"), ERROR], {"outcome": "failed", "text": "a", "error": "Too long"}),
    "the marker of a proxy": ([token("a"), "[DONE]"], {"outcome": "complete", "text": "a"}),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(TGIFormat, *rows) == {"outcome": "complete", **wanted}


def test_tokens_are_deltas_of_one_part() -> None:
    assert events_of(TGIFormat, token("a"), token("b"), END) == [
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextDelta("t1", "b"),
        TextEnd("t1"),
        RunEnd("complete"),
    ]


@pytest.mark.parametrize(
    ("kind", "retryable"), [("overloaded", True), ("validation", False), ("generation", False)]
)
def test_failure_keeps_the_words_of_the_peer(kind: str, retryable: bool) -> None:
    failure = of_kind(events_of(TGIFormat, {"error": "Oh", "error_type": kind}), Failure)
    assert failure == [Failure("Oh", "provider", kind, retryable)]


def test_what_is_not_understood_is_shown() -> None:
    rows = [{"hello": 1}, "plain words", "[1]"]
    events = of_kind(events_of(TGIFormat, *rows), Unknown)
    assert [event.data for event in events] == ['{"hello": 1}', "plain words", "[1]"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (token("a"), True),
        (END, True),
        (ERROR, True),
        ({"token": {"text": "a", "special": False}}, False),
        ({"token": "a", "generated_text": None}, False),
        ({"error": "x", "error_type": "other"}, False),
        ({"error": "x", "error_type": ["validation"]}, False),
        ({"error": "x"}, False),
        ({"token": "a"}, False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("tgi"):
        if not path.name.startswith("chat-"):
            check(TGIFormat, path)


SHAPES = [token("a"), token("b", whole="ab", **DETAILS), END, ERROR]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(TGIFormat, rows)
