"""Cohere's chat events, version 2: records in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    Citation,
    Failure,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Unknown,
)
from streamwidget.formats.cohere import CohereFormat, recognises


def event(kind: str, index: int | None = 0, **message: Any) -> dict[str, Any]:
    fields = {"type": kind, "delta": {"message": message}}
    return fields if index is None else {**fields, "index": index}


def text(text: str, kind: str = "text") -> dict[str, Any]:
    return event("content-delta", content={kind: text})


def plan(text: str) -> dict[str, Any]:
    return event("tool-plan-delta", None, tool_plan=text)


def start(name: str, index: int = 0, id: str = "x", arguments: str = "") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return event("tool-call-start", index, tool_calls={"id": id, "function": function})


def grow(arguments: str, index: int = 0) -> dict[str, Any]:
    return event("tool-call-delta", index, tool_calls={"function": {"arguments": arguments}})


def stop(index: int = 0) -> dict[str, Any]:
    return {"type": "tool-call-end", "index": index}


def end(reason: str = "COMPLETE", **delta: Any) -> dict[str, Any]:
    return {"type": "message-end", "delta": {"finish_reason": reason, **delta}}


def cited(*sources: Any) -> dict[str, Any]:
    return event("citation-start", citations={"text": "a", "sources": list(sources)})


BEGIN = event("message-start", None, role="assistant", content=[])
OPEN = event("content-start", content={"type": "text", "text": ""})
CLOSE = {"type": "content-end", "index": 0}
COMPLETE = {"outcome": "complete", "finish": "COMPLETE"}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "text": (
        [BEGIN, OPEN, text("Hel"), text("lo"), CLOSE, end(), "[DONE]"],
        {**COMPLETE, "text": "Hello"},
    ),
    "thinking": (
        [text("h", "thinking"), text("m", "thinking"), text("a"), end()],
        {**COMPLETE, "reasoning": "hm", "text": "a"},
    ),
    "a plan is reasoning": ([plan("h"), plan("m"), end()], {**COMPLETE, "reasoning": "hm"}),
    "a call in pieces": (
        [start("add"), grow('{\n  "a"'), grow(": 1\n}"), stop(), end("TOOL_CALL")],
        {"outcome": "complete", "finish": "TOOL_CALL", "tool_calls": [ADD]},
    ),
    "two calls": (
        [start("add"), start("now", 1), grow('{"a": 1}'), stop(), stop(1), end()],
        {**COMPLETE, "tool_calls": [ADD, {"name": "now", "arguments": {}}]},
    ),
    "a call that starts whole": (
        [start("add", arguments='{"a": 1}'), end()],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "a call without a start": (
        [grow('{"a": 1}', 3), end()],
        {**COMPLETE, "tool_calls": [{"name": "", "arguments": {"a": 1}}]},
    ),
    "usage is of tokens, not of what is billed": (
        [
            end(
                usage={
                    "billed_units": {"input_tokens": 1, "output_tokens": 2},
                    "tokens": {"input_tokens": 3.0, "output_tokens": 4},
                }
            )
        ],
        {**COMPLETE, "usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
    "an error at the end": (
        [text("a"), end("ERROR", error="Gone", error_type="X")],
        {"outcome": "failed", "finish": "ERROR", "text": "a", "error": "Gone"},
    ),
    "an error without words": (
        [end("TIMEOUT")],
        {"outcome": "failed", "finish": "TIMEOUT", "error": "The model stopped: TIMEOUT."},
    ),
    "no end: cut": ([text("a")], {"outcome": "cut", "text": "a"}),
    "the last marker alone": ([text("a"), "[DONE]"], {"outcome": "complete", "text": "a"}),
    "nothing after the end counts": ([end(), text("a")], COMPLETE),
    "the event's name stands for the type": (
        [("content-delta", {"delta": {"message": {"content": {"text": "a"}}}}), end()],
        {**COMPLETE, "text": "a"},
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(CohereFormat, *rows) == wanted


def test_each_stretch_is_a_part_of_its_own() -> None:
    rows = [plan("h"), text("a"), start("f"), grow("{}"), stop(), text("b"), end()]
    assert events_of(CohereFormat, *rows) == [
        ReasoningStart("r1"),
        ReasoningDelta("r1", "h"),
        ReasoningEnd("r1"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        ToolCallStart("c1", "f", "x"),
        ToolCallDelta("c1", "{}"),
        ToolCallEnd("c1"),
        TextStart("t2"),
        TextDelta("t2", "b"),
        TextEnd("t2"),
        RunEnd("complete", "stop", raw_finish_reason="COMPLETE"),
    ]


def test_cut_call_has_no_end_but_a_finished_one_has() -> None:
    half = [start("f"), grow('{"a"')]
    assert not of_kind(events_of(CohereFormat, *half), ToolCallEnd)
    assert of_kind(events_of(CohereFormat, *half, end()), ToolCallEnd) == [ToolCallEnd("c1")]


def test_sources_are_reported_once() -> None:
    document = {"type": "document", "id": "d:0", "document": {"title": "A", "text": "long"}}
    tool = {"type": "tool", "id": "t:0", "tool_output": {"url": "https://b.example"}}
    rows = [cited(document, tool), cited(document), {"type": "citation-end", "index": 0}, end()]
    assert of_kind(events_of(CohereFormat, *rows), Citation) == [
        Citation(None, "A"),
        Citation("https://b.example", "t:0"),
    ]


def test_failure_keeps_the_words_of_the_peer() -> None:
    rows = [end("ERROR", error="Busy", error_type="OVERLOADED")]
    failure = of_kind(events_of(CohereFormat, *rows), Failure)
    assert failure == [Failure("Busy", "provider", "OVERLOADED", True)]


def test_what_is_not_understood_is_shown() -> None:
    rows = [{"type": "hello"}, {"x": 1}, "plain words", {"type": "debug"}, end()]
    names = [event.name for event in of_kind(events_of(CohereFormat, *rows), Unknown)]
    assert names == ["hello", "record", "record"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (BEGIN, True),
        (OPEN, True),
        (text("a"), True),
        (plan("a"), True),
        (start("f"), True),
        (end(), True),
        (CLOSE, False),
        ({"type": "message-start", "message": {"role": "assistant"}}, False),
        ({"type": "content-delta", "delta": "a"}, False),
        ({"type": "message-end", "delta": {"finish_reason": 3}}, False),
        ({"type": ["message-end"]}, False),
        ("[DONE]", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("cohere_v2"):
        check(CohereFormat, path)


SHAPES = [
    BEGIN,
    event("content-delta", content={"text": "a", "thinking": "b"}),
    plan("a"),
    start("f", arguments="{}"),
    grow("{}"),
    stop(),
    cited({"id": "d", "document": {"title": "A", "url": "u"}}),
    end("ERROR", error="x", usage={"tokens": {"input_tokens": 1, "output_tokens": 2}}),
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(CohereFormat, rows)
