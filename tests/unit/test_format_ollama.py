"""Ollama's lines for chat, generate and pull: records in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    Failure,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallEnd,
    ToolCallStart,
    Unknown,
    Usage,
)
from streamwidget.formats.ollama import OllamaFormat, recognises


def line(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": False, **fields}


def chat(content: str = "", **message: Any) -> dict[str, Any]:
    return line(message={"role": "assistant", "content": content, **message})


def call(name: str, arguments: Any, **fields: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **fields}


def layer(digest: str, total: int, completed: int | None = None) -> dict[str, Any]:
    layer_fields = {"status": f"pulling {digest}", "digest": f"sha256:{digest}", "total": total}
    return layer_fields if completed is None else {**layer_fields, "completed": completed}


DONE = line(message={"role": "assistant", "content": ""}, done=True, done_reason="stop")
COMPLETE = {"outcome": "complete", "finish": "stop"}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "chat": ([chat("Hel"), chat("lo"), DONE], {**COMPLETE, "text": "Hello"}),
    "generate": (
        [line(response="Hel"), line(response="lo"), line(response="", done=True)],
        {"outcome": "complete", "text": "Hello"},
    ),
    "thinking": (
        [chat(thinking="h"), line(response="", thinking="m"), chat("a"), DONE],
        {**COMPLETE, "reasoning": "hm", "text": "a"},
    ),
    "usage": (
        [{**DONE, "prompt_eval_count": 3, "eval_count": 4}],
        {**COMPLETE, "usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
    "usage of a cached prompt": (
        [{**DONE, "eval_count": 4, "context": [1, 2]}],
        {**COMPLETE, "usage": {"input_tokens": None, "output_tokens": 4}},
    ),
    "text in the last line": ([chat("a") | {"done": True}], {"outcome": "complete", "text": "a"}),
    "calls": (
        [chat(tool_calls=[call("add", {"a": 1}), call("now", {})]), DONE],
        {**COMPLETE, "tool_calls": [ADD, {"name": "now", "arguments": {}}]},
    ),
    "a call without arguments": (
        [chat(tool_calls=[call("now", None)]), DONE],
        {**COMPLETE, "tool_calls": [{"name": "now", "arguments": {}}]},
    ),
    "arguments as text": (
        [chat(tool_calls=[call("add", '{"a": 1}')]), DONE],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "a model is loaded": (
        [line(response="", done=True, done_reason="load")],
        {"outcome": "complete", "finish": "load"},
    ),
    "no last line: cut": ([chat("a")], {"outcome": "cut", "text": "a"}),
    "an error ends it": (
        [chat("a"), {"error": "Gone"}],
        {"outcome": "failed", "text": "a", "error": "Gone"},
    ),
    "nothing after the last line counts": ([DONE, chat("a")], COMPLETE),
    "pull": (
        [{"status": "pulling manifest"}, layer("a", 10, 5), {"status": "success"}],
        {"outcome": "complete", "finish": "success"},
    ),
    "a cut pull": ([layer("a", 10, 5)], {"outcome": "cut"}),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(OllamaFormat, *rows) == wanted


def test_each_stretch_is_a_part_of_its_own() -> None:
    rows = [chat("a", thinking="h"), chat(tool_calls=[call("f", {"a": 1}, id="x")]), chat("b")]
    assert events_of(OllamaFormat, *rows, DONE) == [
        Usage(None, None, model="m"),
        ReasoningStart("r1"),
        ReasoningDelta("r1", "h"),
        ReasoningEnd("r1"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        ToolCallStart("c1", "f", "x"),
        ToolCallEnd("c1", '{"a": 1}'),
        TextStart("t2"),
        TextDelta("t2", "b"),
        TextEnd("t2"),
        RunEnd("complete", "stop", raw_finish_reason="stop"),
    ]


def test_each_layer_of_a_pull_has_its_own_progress() -> None:
    rows = [
        {"status": "pulling manifest"},
        {"status": "pulling manifest"},
        layer("a", 10),
        layer("b", 4, 1),
        layer("a", 10, 10),
        {"status": "verifying"},
        {"status": "success"},
    ]
    assert events_of(OllamaFormat, *rows) == [
        StepStart("s1", "pulling manifest"),
        StepEnd("s1"),
        Progress("p1", 0, 10, "bytes", "pulling a"),
        Progress("p2", 1, 4, "bytes", "pulling b"),
        Progress("p1", 10, 10, "bytes", "pulling a"),
        StepStart("s2", "verifying"),
        StepEnd("s2"),
        RunEnd("complete", "stop", raw_finish_reason="success"),
    ]


def test_success_alone_is_not_progress() -> None:
    assert events_of(OllamaFormat, {"status": "success"})[:-1] == []


def test_failure_keeps_the_words_of_the_peer() -> None:
    failure = of_kind(events_of(OllamaFormat, {"error": "Gone", "status_code": 503}), Failure)
    assert failure == [Failure("Gone", "provider", "ProviderError", True, "503")]


def test_what_is_not_understood_is_shown() -> None:
    rows = [{"hello": 1}, "plain words", "[1]"]
    events = of_kind(events_of(OllamaFormat, *rows), Unknown)
    assert [event.data for event in events] == ['{"hello": 1}', "plain words", "[1]"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (chat("a"), True),
        (line(response="a"), True),
        (DONE, True),
        ({"status": "pulling manifest"}, True),
        (layer("a", 10), True),
        ({"done": False, "response": "a"}, False),
        ({"status": "pulling manifest", "more": 1}, False),
        ({"status": "success"}, False),
        ({"digest": "sha256:a", "total": "x", "status": "y"}, False),
        ({"error": "x"}, False),
        (line(), False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("ollama"):
        check(OllamaFormat, path)


SHAPES = [
    chat("a", thinking="b", tool_calls=[call("f", {"a": 1}, id="x")]),
    line(response="a", thinking="b"),
    {**DONE, "prompt_eval_count": 1, "eval_count": 2},
    layer("a", 10, 5),
    {"status": "x"},
    {"status": "success"},
    {"error": "x"},
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(OllamaFormat, rows)
