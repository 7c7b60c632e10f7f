"""The AI SDK's UI message stream: its parts in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import (
    any_rows,
    document_of,
    events_of,
    of_kind,
    outcome,
    record,
    survives,
)
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    AskStart,
    Citation,
    Failure,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    Reset,
    RunEnd,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Unknown,
)
from streamwidget.formats.ai_sdk_ui import AISDKUIFormat, recognises
from streamwidget.formats.questions import HINTS

START_STEP, FINISH_STEP = {"type": "start-step"}, {"type": "finish-step"}
FINISH = {"type": "finish", "finishReason": "stop"}
STOP = {"outcome": "complete", "finish": "stop"}


def said(delta: str, id: str = "0", kind: str = "text") -> dict[str, Any]:
    return {"type": f"{kind}-delta", "id": id, "delta": delta}


def tool(phase: str, id: str = "k", **more: Any) -> dict[str, Any]:
    return {"type": f"tool-{phase}", "toolCallId": id, **more}


def data(value: Any, id: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "data-job", "data": value, **({"id": id} if id is not None else {}), **more}


ADD = tool("input-start", toolName="add")

TABLE = {
    "text": ([said("Hel"), said("lo"), FINISH], {**STOP, "text": "Hello"}),
    "no end": ([said("Hel")], {"outcome": "cut", "text": "Hel"}),
    "[DONE] stands for a finish": ([said("a"), "[DONE]"], {"outcome": "complete", "text": "a"}),
    "what comes after the end": ([FINISH, said("a")], STOP),
    "deltas make arguments": (
        [
            ADD,
            tool("input-delta", inputTextDelta='{"a":'),
            tool("input-delta", inputTextDelta="1}"),
        ],
        {"outcome": "cut", "tool_calls": [{"name": "add", "arguments": {"a": 1}}]},
    ),
    "the whole input is authoritative": (
        [
            tool("input-delta", inputTextDelta='{"a'),
            tool("input-available", toolName="add", input={"b": 2}),
            FINISH,
        ],
        {**STOP, "tool_calls": [{"name": "add", "arguments": {"b": 2}}]},
    ),
    "tools of the provider are not asked for": (
        [tool("input-available", toolName="search", input={}, providerExecuted=True), FINISH],
        STOP,
    ),
    "usage in the metadata, the last of it": (
        [
            {"type": "message-metadata", "messageMetadata": {"usage": {"inputTokens": 1}}},
            {**FINISH, "messageMetadata": {"usage": {"inputTokens": 7, "outputTokens": 9}}},
        ],
        {**STOP, "usage": {"input_tokens": 7, "output_tokens": 9}},
    ),
    "an error and the end after it": (
        [said("a"), {"type": "error", "errorText": "No"}, {**FINISH, "finishReason": "error"}],
        {"outcome": "failed", "text": "a", "error": "No", "finish": "error"},
    ),
    "an error and no end": (
        [{"type": "error", "errorText": "No"}],
        {"outcome": "failed", "error": "No"},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_records_amount_to_what_they_say(name: str) -> None:
    rows, expected_content = TABLE[name]
    assert outcome(AISDKUIFormat, *rows) == expected_content


def test_ids_are_unique_inside_a_step_only() -> None:
    rows = [START_STEP, said("a"), FINISH_STEP, START_STEP, said("b"), FINISH_STEP, FINISH]
    assert events_of(AISDKUIFormat, *rows) == [
        StepStart("s1", "Step 1"),
        TextStart("t1", "s1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        StepEnd("s1"),
        StepStart("s2", "Step 2"),
        TextStart("t2", "s2"),
        TextDelta("t2", "b"),
        TextEnd("t2"),
        StepEnd("s2"),
        RunEnd("complete", "stop", raw_finish_reason="stop"),
    ]


def test_reasoning_then_text_then_another_text_are_three_parts() -> None:
    rows = [said("h", kind="reasoning"), {"type": "reasoning-end", "id": "0"}, said("a")]
    rows += [{"type": "text-end", "id": "0"}, said("", "1"), said("b", "1")]
    assert events_of(AISDKUIFormat, *rows)[:-1] == [
        ReasoningStart("r1"),
        ReasoningDelta("r1", "h"),
        ReasoningEnd("r1"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        TextStart("t2"),
        TextDelta("t2", "b"),
        TextEnd("t2"),
    ]


def test_a_tool_call_has_its_results_preliminary_and_final() -> None:
    rows = [
        ADD,
        tool("input-delta", inputTextDelta="{}"),
        tool("output-available", output={"n": 1}, preliminary=True),
        tool("output-available", output=2),
        tool("output-error", "other", errorText="Boom"),
        tool("output-denied", "k"),
    ]
    assert events_of(AISDKUIFormat, *rows)[:-1] == [
        ToolCallStart("c1", "add", "k"),
        ToolCallDelta("c1", "{}"),
        ToolResult("c1", '{"n": 1}'),
        ToolResult("c1", "2"),
        ToolCallStart("c2", "", None, True),
        ToolResult("c2", "Boom", True),
        ToolResult("c1", "The call was denied.", True, is_denied=True),
    ]


def test_a_request_for_approval_is_a_question_about_its_call() -> None:
    rows = [ADD, {"type": "tool-approval-request", "approvalId": "a", "toolCallId": "k"}]
    assert of_kind(events_of(AISDKUIFormat, *rows), AskStart) == [
        AskStart(
            "q1",
            "Allow this call of add?",
            ("Approve", "Deny"),
            about_part_id="c1",
            hint=HINTS["ai-sdk"],
        )
    ]


def test_an_invalid_input_is_kept_and_its_error_shown() -> None:
    rows = [tool("input-error", toolName="add", input="{", errorText="Not JSON")]
    assert events_of(AISDKUIFormat, *rows)[:-1] == [
        ToolCallStart("c1", "add", "k"),
        ToolCallEnd("c1", "{"),
        ToolResult("c1", "Not JSON", True),
    ]


def test_half_an_emoji_waits_for_the_other_half() -> None:
    rows = [ADD, *(tool("input-delta", inputTextDelta=piece) for piece in ('"\ud83d', '\ude00"'))]
    assert document_of(events_of(AISDKUIFormat, *rows)).tool_calls[0].arguments == "\U0001f600"


def test_a_reset_discards_the_step_and_what_it_had() -> None:
    rows = [said("kept "), START_STEP, said("lost"), ADD, {"type": "reset-step"}, said("new"), ADD]
    events = events_of(AISDKUIFormat, *rows, FINISH)
    document = document_of(events)
    assert len(of_kind(events, Reset)) == 1
    assert document.text == "kept new"
    assert [call.tool_name for call in document.tool_calls] == ["add"]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([{"step": 0, "total": 3}, {"step": 3, "total": 3}], [(0, 3), (3, 3)]),
        ([{"progress": 0.5}, {"progress": 1}], [(0.5, 1), (1, 1)]),
        ([{"progress": 25}, {"percent": 100}], [(25, 100), (100, 100)]),
        ([{"completed": 4}], [(4, None)]),
    ],
)
def test_data_of_one_id_is_one_bar(values: list[Any], numbers: list[Any]) -> None:
    bars = of_kind(events_of(AISDKUIFormat, *(data(one, "j") for one in values)), Progress)
    assert [(bar.completed, bar.total) for bar in bars] == numbers
    assert {bar.part_id for bar in bars} == {"p1"}


def test_progress_keeps_its_words() -> None:
    row = data({"completed": 1, "total": 2, "label": "shard", "unit": "files"})
    assert events_of(AISDKUIFormat, row)[0] == Progress("p1", 1, 2, "files", "shard")


def test_other_data_shows_its_first_and_its_last_version() -> None:
    rows = [data({"city": city}, 1) for city in ("Bonn", "Köln", "Trier")]
    shown = of_kind(events_of(AISDKUIFormat, *rows, FINISH), Unknown)
    assert [("Bonn" in one.data, "Trier" in one.data) for one in shown] == [
        (True, False),
        (False, True),
    ]


def test_transient_data_is_a_notice_or_a_bar() -> None:
    rows = [
        data({"level": "warning", "text": "Slow"}, transient=True),
        data({"progress": 1, "total": 2}, transient=True),
        data("x", transient=True),
    ]
    assert events_of(AISDKUIFormat, *rows)[:-1] == [
        Notice("Slow", "warning"),
        Progress("p1", 1, 2),
        Notice("job: x"),
    ]


def test_sources_notices_and_files() -> None:
    rows = [
        {"type": "source-url", "sourceId": "1", "url": "https://a.example", "title": "A"},
        {"type": "source-document", "sourceId": "2", "filename": "b.pdf"},
        {"type": "file", "url": "https://a.example/f.png", "mediaType": "image/png"},
        {"type": "custom", "kind": "vendor.thing"},
        {"type": "abort", "reason": "out of time"},
    ]
    events = events_of(AISDKUIFormat, *rows)
    assert events[:2] == [Citation("https://a.example", "A"), Citation(None, "b.pdf")]
    assert [one.name for one in of_kind(events, Unknown)] == ["file"]
    assert of_kind(events, Notice)[0].message == "The server stopped the answer: out of time"
    assert events[-1] == RunEnd("cut", "other", raw_finish_reason="abort")


def test_an_overload_is_worth_another_try() -> None:
    events = events_of(AISDKUIFormat, {"type": "error", "errorText": "Overloaded"})
    assert events[0] == Failure("Overloaded", "provider", "ProviderError", retryable=True)


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (START_STEP, True),
        (said("a"), True),
        (data(1, "x"), True),
        ({"type": "start", "messageId": "m"}, True),
        ({"type": "start"}, False),
        (FINISH, False),
        ({"type": "text-delta", "text": "a"}, False),
        ({"type": "data-x", "value": 1}, False),
        ({"type": []}, False),
        ("[DONE]", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("ai_sdk_ui"):
        check(AISDKUIFormat, path)


SHAPES = [
    said("a"),
    said("h", "1", "reasoning"),
    START_STEP,
    FINISH_STEP,
    {"type": "reset-step"},
    ADD,
    tool("input-delta", inputTextDelta="{"),
    tool("input-available", toolName="add", input={"a": [1]}),
    tool("output-available", output={"a": 1}),
    tool("input-error", input=1, errorText="e"),
    data({"progress": 0.5, "total": 2, "label": "l"}, "j", transient=True),
    data({"x": 1}, 3),
    {"type": "source-url", "url": "u", "title": "t"},
    {"type": "error", "errorText": "e"},
    {**FINISH, "messageMetadata": {"usage": {"inputTokens": 1, "outputTokens": 2}}},
    {"type": "abort", "reason": "r"},
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(AISDKUIFormat, rows)
