"""Gemini Interactions, both revisions: events in, canonical events out."""

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
    ToolResult,
    Unknown,
)
from streamwidget.formats.gemini_interactions import GeminiInteractionsFormat, recognises


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"event_type": kind, **fields}


def start(kind: str, index: int = 0, **step: Any) -> dict[str, Any]:
    return event("step.start", index=index, step={"type": kind, **step})


def delta(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return event("step.delta", index=index, delta={"type": kind, **fields})


def stop(index: int = 0) -> dict[str, Any]:
    return event("step.stop", index=index)


def done(status: str = "completed", **interaction: Any) -> dict[str, Any]:
    return event("interaction.completed", interaction={"status": status, **interaction})


def usage(given: int, made: int, thought: int) -> dict[str, Any]:
    return {
        "total_input_tokens": given,
        "total_output_tokens": made,
        "total_thought_tokens": thought,
    }


CREATED = event("interaction.created", interaction={"id": "x", "status": "in_progress"})
UPDATE = event("interaction.status_update", interaction_id="x", status="in_progress")
HM = delta("thought_summary", content={"type": "text", "text": "hm"})
ERROR = event("error", error={"code": "resource_exhausted", "message": "Busy"})
COMPLETE = {"outcome": "complete", "finish": "completed"}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "a whole life": (
        [CREATED, UPDATE, start("thought"), HM, stop(), start("model_output", 1)]
        + [delta("text", 1, text="Hel"), delta("text", 1, text="lo"), stop(1), done()]
        + [("done", "[DONE]")],
        {**COMPLETE, "text": "Hello", "reasoning": "hm"},
    ),
    "signatures are not shown": (
        [event("step.delta", index=0, delta={"signature": "x"})]
        + [delta("thought_signature", signature="x"), done()],
        COMPLETE,
    ),
    "a call in pieces": (
        [start("function_call", id="x", name="add", arguments={})]
        + [delta("arguments_delta", arguments='{"a"')]
        + [delta("arguments_delta", arguments=": 1}"), stop(), done("requires_action")],
        {"outcome": "complete", "finish": "requires_action", "tool_calls": [ADD]},
    ),
    "a call that starts whole": (
        [start("function_call", id="x", name="add", arguments={"a": 1}), stop(), done()],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "a call that never stops": (
        [start("function_call", id="x", name="add", arguments={"a": 1}), done()],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "a call without arguments": (
        [start("function_call", id="x", name="now"), stop(), done()],
        {**COMPLETE, "tool_calls": [{"name": "now", "arguments": {}}]},
    ),
    "two calls": (
        [start("function_call", 1, name="add"), start("function_call", 2, name="now")]
        + [delta("arguments_delta", 1, arguments='{"a": 1}'), stop(1), stop(2), done()],
        {**COMPLETE, "tool_calls": [ADD, {"name": "now", "arguments": {}}]},
    ),
    "the older revision": (
        [event("interaction.start", interaction={"id": "x"})]
        + [event("content.start", index=0, content={"type": "thought"})]
        + [event("content.delta", index=0, delta=HM["delta"]), event("content.stop", index=0)]
        + [event("content.delta", index=1, delta={"type": "text", "text": "a"})]
        + [event("content.start", index=2, content={"type": "function_call"})]
        + [
            event(
                "content.delta",
                index=2,
                delta={"type": "function_call", "id": "x", "name": "add", "arguments": {"a": 1}},
            )
        ]
        + [event("content.stop", index=2)]
        + [event("interaction.complete", interaction={"status": "completed"})],
        {**COMPLETE, "text": "a", "reasoning": "hm", "tool_calls": [ADD]},
    ),
    "a step that begins with what it says": (
        [start("thought", summary=[{"type": "text", "text": "hm"}])]
        + [start("model_output", 1, content=[{"type": "text", "text": "a"}]), done()],
        {**COMPLETE, "text": "a", "reasoning": "hm"},
    ),
    "usage: the last counts, thoughts are output": (
        [{**CREATED, "metadata": {"usage": usage(5, 0, 1)}}, done(usage=usage(5, 6, 7))],
        {**COMPLETE, "usage": {"input_tokens": 5, "output_tokens": 13}},
    ),
    "no end marker: cut": ([delta("text", text="a")], {"outcome": "cut", "text": "a"}),
    "the last marker alone": (
        [delta("text", text="a"), ("done", "[DONE]")],
        {"outcome": "complete", "text": "a"},
    ),
    "nothing after the end counts": ([done(), delta("text", text="a")], COMPLETE),
    "incomplete": ([done("incomplete")], {"outcome": "complete", "finish": "incomplete"}),
    "an error": (
        [delta("text", text="a"), ERROR, ("done", "[DONE]")],
        {"outcome": "failed", "text": "a", "error": "Busy"},
    ),
    "a failed interaction": (
        [done("failed", error={"message": "Gone"})],
        {"outcome": "failed", "finish": "failed", "error": "Gone"},
    ),
    "the event's name stands for the type": (
        [("step.delta", {"index": 0, "delta": {"type": "text", "text": "a"}}), done()],
        {**COMPLETE, "text": "a"},
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(GeminiInteractionsFormat, *rows) == wanted


def test_each_stretch_is_a_part_of_its_own() -> None:
    rows = [HM, delta("text", 1, text="a"), start("function_call", 2, id="x", name="f")]
    rows += [delta("arguments_delta", 2, arguments="{}"), stop(2), delta("text", 3, text="b")]
    assert events_of(GeminiInteractionsFormat, *rows, done()) == [
        ReasoningStart("r1"),
        ReasoningDelta("r1", "hm"),
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
        RunEnd("complete", "stop", raw_finish_reason="completed"),
    ]


def test_provider_runs_tools_and_tells_the_result() -> None:
    rows = [
        start("google_search_call", id="x"),
        delta("google_search_call", arguments={"queries": ["a"]}),
        stop(),
        start("google_search_result", 1, call_id="x"),
        delta("google_search_result", 1, result=[{"n": 1}]),
        stop(1),
        start("mcp_server_tool_result", 2, call_id="y", result="Oh", is_error=True),
    ]
    assert events_of(GeminiInteractionsFormat, *rows, done())[:-1] == [
        ToolCallStart("c1", "google_search", "x", by_provider=True),
        ToolCallEnd("c1", '{"queries": ["a"]}'),
        ToolResult("c1", '[{"n": 1}]'),
        ToolCallStart("c2", "", None, True),
        ToolResult("c2", "Oh", is_error=True),
    ]


def test_cut_call_has_no_end() -> None:
    rows = [start("function_call", name="f"), delta("arguments_delta", arguments='{"a"')]
    assert not of_kind(events_of(GeminiInteractionsFormat, *rows), ToolCallEnd)


def test_sources_are_reported_once() -> None:
    notes = [
        {"type": "url_citation", "url": "https://a.example", "title": "A"},
        {"type": "file_citation", "file_name": "b.txt"},
    ]
    rows = [delta("text_annotation_delta", annotations=notes)]
    rows += [delta("text_annotation", annotations=notes), done()]
    assert of_kind(events_of(GeminiInteractionsFormat, *rows), Citation) == [
        Citation("https://a.example", "A"),
        Citation(None, "b.txt"),
    ]


def test_failure_keeps_the_words_of_the_peer() -> None:
    error = {"code": "unavailable", "message": "Busy"}
    rows = [event("error", error=error)]
    failure = of_kind(events_of(GeminiInteractionsFormat, *rows), Failure)
    assert failure == [Failure("Busy", "provider", "unavailable", True, "unavailable")]


def test_what_is_not_understood_is_shown() -> None:
    rows = [delta("image", data="AA=="), event("hello"), {"x": 1}, "plain words", done()]
    names = [e.name for e in of_kind(events_of(GeminiInteractionsFormat, *rows), Unknown)]
    assert names == ["image", "hello", "record", "record"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (CREATED, True),
        (UPDATE, True),
        (start("thought"), True),
        (delta("text", text="a"), True),
        (done(), True),
        (event("step.start", step="x"), False),
        (event("text-generation", text="x"), False),
        (event("interaction.status_update", status="x"), False),
        (ERROR, False),
        ({"event_type": ["step.start"], "step": {}}, False),
        ("[DONE]", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("gemini_interactions"):
        check(GeminiInteractionsFormat, path)


SHAPES = [
    {**CREATED, "metadata": {"usage": usage(1, 2, 3)}},
    HM,
    delta("text", text="a", annotations=[{"url": "u", "title": "t"}]),
    start("function_call", id="x", name="f", arguments={"a": 1}),
    delta("arguments_delta", arguments="{}"),
    start("model_output", content=[{"type": "text", "text": "a"}]),
    start("code_execution_result", call_id="x", result="1"),
    stop(),
    ERROR,
    done(usage=usage(1, 2, 3)),
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(GeminiInteractionsFormat, rows)
