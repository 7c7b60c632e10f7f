"""AG-UI: its events in, canonical events out."""

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
    Failure,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
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
from streamwidget.formats.ag_ui import AGUIFormat, recognises
from streamwidget.formats.questions import HINTS

STARTED = {"type": "RUN_STARTED", "threadId": "t", "runId": "r"}
SUCCESS = {"type": "RUN_FINISHED", "outcome": {"type": "success"}}
COMPLETE = {"outcome": "complete", "finish": "success"}


def content(delta: str, id: str | None = "m", kind: str = "TEXT_MESSAGE_CONTENT") -> dict[str, Any]:
    return {"type": kind, "messageId": id, "delta": delta}


def start(id: str, role: str = "assistant") -> dict[str, Any]:
    return {"type": "TEXT_MESSAGE_START", "messageId": id, "role": role}


def call(phase: str, id: str | None = "k", **more: Any) -> dict[str, Any]:
    return {"type": f"TOOL_CALL_{phase}", "toolCallId": id, **more}


def finished(**outcome_of_run: Any) -> dict[str, Any]:
    return {"type": "RUN_FINISHED", "outcome": outcome_of_run}


ADD = {"name": "add", "arguments": {"a": 1}}

TABLE = {
    "text": ([STARTED, content("Hel"), content("lo"), SUCCESS], {**COMPLETE, "text": "Hello"}),
    "chunks go on with the last message": (
        [
            content("Hel", kind="TEXT_MESSAGE_CHUNK"),
            content("lo", None, "TEXT_MESSAGE_CHUNK"),
            SUCCESS,
        ],
        {**COMPLETE, "text": "Hello"},
    ),
    "no end": ([content("Hel")], {"outcome": "cut", "text": "Hel"}),
    "an end without an outcome": ([{"type": "RUN_FINISHED"}], {"outcome": "complete"}),
    "an error is an end": (
        [content("Hel"), {"type": "RUN_ERROR", "message": "No", "code": "E1"}, content("lo")],
        {"outcome": "failed", "text": "Hel", "error": "No"},
    ),
    "only the assistant's text": (
        [start("u", "user"), content("Why?", "u"), start("m"), content("So."), SUCCESS],
        {**COMPLETE, "text": "So."},
    ),
    "usage of several models adds up": (
        [{**SUCCESS, "usage": [{"inputTokens": 1, "outputTokens": 2}, {"inputTokens": 3}]}],
        {**COMPLETE, "usage": {"input_tokens": 4, "output_tokens": 2}},
    ),
    "a call in chunks": (
        [
            call("CHUNK", toolCallName="add", delta='{"a":'),
            call("CHUNK", None, delta="1}"),
            SUCCESS,
        ],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "a snapshot of what was not said": (
        [
            content("Hi"),
            {
                "type": "MESSAGES_SNAPSHOT",
                "messages": [
                    {"id": "0", "role": "assistant", "content": "Earlier"},
                    {"id": "u", "role": "user", "content": "Why?"},
                    {"id": "m", "role": "assistant", "content": "Hi"},
                    {
                        "id": "n",
                        "role": "assistant",
                        "content": " there",
                        "toolCalls": [
                            {"id": "k", "function": {"name": "add", "arguments": '{"a":1}'}}
                        ],
                    },
                ],
            },
            SUCCESS,
        ],
        {**COMPLETE, "text": "Hi there", "tool_calls": [ADD]},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_records_amount_to_what_they_say(name: str) -> None:
    rows, expected_content = TABLE[name]
    assert outcome(AGUIFormat, *rows) == expected_content


@pytest.mark.parametrize(
    "kind",
    ["REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_CHUNK", "THINKING_TEXT_MESSAGE_CONTENT"],
)
def test_reasoning_of_all_versions_then_text(kind: str) -> None:
    end = {"type": kind.replace("CONTENT", "END").replace("CHUNK", "END"), "messageId": "m"}
    rows = [content("h", kind=kind), end, content("a", "x")]
    rows += [{"type": "TEXT_MESSAGE_END", "messageId": "x"}, start("y"), content("b", "y")]
    assert events_of(AGUIFormat, *rows)[:-1] == [
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


def test_a_tool_call_from_start_to_result() -> None:
    rows = [
        call("START", toolCallName="add"),
        call("ARGS", delta=""),
        call("ARGS", delta="{}"),
        call("END"),
        call("RESULT", content="2"),
        call("RESULT", "elsewhere", content=[{"type": "text"}]),
    ]
    assert events_of(AGUIFormat, *rows)[:-1] == [
        ToolCallStart("c1", "add", "k"),
        ToolCallDelta("c1", "{}"),
        ToolCallEnd("c1"),
        ToolResult("c1", "2"),
        ToolCallStart("c2", "", None, True),
        ToolResult("c2", '[{"type": "text"}]'),
    ]


def test_steps_nest_and_a_subagent_may_fail_alone() -> None:
    rows = [
        {"type": "STEP_STARTED", "stepName": "plan"},
        {"type": "SUBAGENT_STARTED", "subagentRunId": "s", "agentName": "helper"},
        {"type": "SUBAGENT_ERROR", "subagentRunId": "s", "message": "Lost"},
        {"type": "STEP_FINISHED", "stepName": "plan"},
        SUCCESS,
    ]
    events = events_of(AGUIFormat, *rows)
    assert events[:-1] == [
        StepStart("s1", "plan"),
        StepStart("s2", "helper", "s1"),
        StepEnd("s2", "failed"),
        Notice("Lost", "warning"),
        StepEnd("s1"),
    ]
    assert document_of(events).run["status"] == "finished"


def test_interrupts_are_reported_and_cancelling_is() -> None:
    asked = finished(type="interrupt", interrupts=[{"message": "May I?"}, {"reason": "tool_call"}])
    assert of_kind(events_of(AGUIFormat, asked), AskStart) == [
        AskStart("q1", "May I?", hint=HINTS["ag-ui"]),
        AskStart("q2", "tool_call", hint=HINTS["ag-ui"]),
    ]
    assert outcome(AGUIFormat, asked) == {"outcome": "complete", "finish": "interrupt"}
    cancelled = finished(type="cancelled")
    assert of_kind(events_of(AGUIFormat, cancelled), Notice)
    assert outcome(AGUIFormat, cancelled) == {"outcome": "cut", "finish": "cancelled"}


def test_activities_are_progress_and_deltas_move_them() -> None:
    rows = [
        {"type": "ACTIVITY_SNAPSHOT", "messageId": "a", "content": {"progress": 1, "total": 3}},
        {
            "type": "ACTIVITY_DELTA",
            "messageId": "a",
            "patch": [{"op": "replace", "path": "/progress", "value": 2}],
        },
        {
            "type": "ACTIVITY_SNAPSHOT",
            "messageId": "b",
            "activityType": "PLAN",
            "content": {"x": 1},
        },
        {"type": "CUSTOM", "name": "load", "value": {"percent": 5}},
        {"type": "CUSTOM", "name": "mood", "value": "good"},
        {"type": "STATE_SNAPSHOT", "snapshot": {"a": 1}},
        {"type": "STATE_DELTA", "delta": []},
        {"type": "RAW", "event": {}},
        {"type": "NEWER", "a": 1},
    ]
    assert events_of(AGUIFormat, *rows)[:-1] == [
        Progress("p1", 1, 3),
        Progress("p1", 2, 3),
        Unknown("PLAN", '{"x": 1}'),
        Progress("p2", 5, 100),
        Unknown("mood", "good"),
        Unknown("STATE_SNAPSHOT", '{"a": 1}'),
        Unknown("NEWER", '{"type": "NEWER", "a": 1}'),
    ]


def test_an_error_keeps_its_code() -> None:
    events = events_of(AGUIFormat, {"type": "RUN_ERROR", "message": "No", "code": "rate_limited"})
    assert events[0] == Failure(
        "No", "provider", "ProviderError", retryable=True, code="rate_limited"
    )


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (STARTED, True),
        (content("a"), True),
        (call("START"), True),
        ({"type": "RUN_STARTED"}, False),
        ({"type": "CUSTOM", "name": "x"}, False),
        ({"type": {}}, False),
        ("RUN_STARTED", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("ag_ui"):
        check(AGUIFormat, path)


SHAPES = [
    STARTED,
    content("a"),
    content("h", "i", "REASONING_MESSAGE_CHUNK"),
    start("m", "user"),
    call("START", toolCallName="add"),
    call("CHUNK", None, toolCallName="add", delta="{"),
    call("END"),
    call("RESULT", content="x"),
    {"type": "STEP_STARTED", "stepName": "s"},
    {"type": "STEP_FINISHED", "stepName": "s"},
    {"type": "SUBAGENT_STARTED", "subagentRunId": "s", "name": "n"},
    {"type": "ACTIVITY_SNAPSHOT", "messageId": "a", "content": {"progress": 1}},
    {
        "type": "ACTIVITY_DELTA",
        "messageId": "a",
        "patch": [{"op": "add", "path": "/a", "value": 1}],
    },
    {
        "type": "MESSAGES_SNAPSHOT",
        "messages": [{"id": "q", "role": "assistant", "content": "x", "toolCalls": [{"id": "k"}]}],
    },
    {**finished(type="interrupt", interrupts=[{"message": "m"}]), "usage": [{"inputTokens": 1}]},
    {"type": "RUN_ERROR", "message": "m", "code": "c"},
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(AGUIFormat, rows)
