"""The Agents SDK's events: dicts in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, end_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    RunEnd,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Unknown,
    Usage,
)
from streamwidget.formats.openai_agents import OpenAIAgentsFormat, recognises

Row = dict[str, Any]


def raw(name: str, **data: Any) -> Row:
    return {"type": "raw_response_event", "data": {"type": f"response.{name}", **data}}


def created(id: str = "r") -> Row:
    return raw("created", response={"id": id})


def completed(given: int, made: int, id: str = "r") -> Row:
    usage = {"input_tokens": given, "output_tokens": made}
    return raw("completed", response={"id": id, "status": "completed", "usage": usage})


def text_delta(text: str) -> Row:
    return raw("output_text.delta", output_index=0, delta=text)


def item(name: str, raw_item: Any, **more: Any) -> Row:
    return {"type": "run_item_stream_event", "name": name, "item": {"raw_item": raw_item, **more}}


def agent(name: str) -> Row:
    return {"type": "agent_updated_stream_event", "new_agent": {"name": name}}


CALL = {"type": "function_call", "id": "i", "call_id": "x", "name": "add", "arguments": '{"a": 1}'}
MESSAGE = {"type": "message", "id": "m", "content": [{"text": "Hi"}]}
COMPLETE = {"outcome": "complete", "finish": "completed"}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE = {
    "text, and the message that repeats it": (
        [
            agent("A"),
            created(),
            text_delta("Hi"),
            completed(1, 2),
            item("message_output_created", MESSAGE),
        ],
        {**COMPLETE, "text": "Hi", "usage": {"input_tokens": 1, "output_tokens": 2}},
    ),
    "usage adds up, even where all responses have one id": (
        [
            created(),
            text_delta("a"),
            completed(1, 2),
            created(),
            text_delta("b"),
            completed(10, 20),
        ],
        {**COMPLETE, "text": "ab", "usage": {"input_tokens": 11, "output_tokens": 22}},
    ),
    "a terminal event that comes twice counts once": (
        [created(), text_delta("a"), completed(1, 2), completed(1, 2)],
        {**COMPLETE, "text": "a", "usage": {"input_tokens": 1, "output_tokens": 2}},
    ),
    "numbers begin anew in each response": (
        [created("1"), raw("output_item.added", output_index=0, item=CALL), completed(1, 2, "1")]
        + [created("2"), text_delta("a"), completed(10, 20, "2")],
        {
            **COMPLETE,
            "text": "a",
            "tool_calls": [{"name": "add", "arguments": {}}],
            "usage": {"input_tokens": 11, "output_tokens": 22},
        },
    ),
    "a call without raw events": (
        [item("tool_called", CALL), item("tool_output", {"call_id": "x"}, output=2)],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "a message without raw events": (
        [item("message_output_created", MESSAGE)],
        {"outcome": "complete", "text": "Hi"},
    ),
    "a response that has not ended: cut": (
        [created(), text_delta("a")],
        {"outcome": "cut", "text": "a"},
    ),
    "a failure": (
        [created(), raw("failed", response={"status": "failed", "error": {"message": "Gone"}})],
        {"outcome": "failed", "finish": "failed", "error": "Gone"},
    ),
    "nothing at all": ([], {"outcome": "complete"}),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Row], wanted: dict[str, Any]) -> None:
    assert outcome(OpenAIAgentsFormat, *rows) == wanted


def test_each_agent_is_a_step() -> None:
    rows = [
        agent("A"),
        created("1"),
        raw("output_item.done", output_index=0, item=CALL),
        completed(1, 2, "1"),
        item("handoff_requested", CALL),
        item("handoff_occured", {"call_id": "x", "output": "B"}),
        agent("B"),
        created("2"),
        text_delta("Hi"),
        completed(3, 4, "2"),
    ]
    assert events_of(OpenAIAgentsFormat, *rows) == [
        StepStart("s1", "A"),
        ToolCallStart("c1", "add", "x", step_id="s1"),
        ToolCallEnd("c1", '{"a": 1}'),
        Usage(1, 2, call="response 1"),
        ToolResult("c1", "B"),
        StepEnd("s1"),
        StepStart("s2", "B"),
        TextStart("t1", "s2"),
        TextDelta("t1", "Hi"),
        TextEnd("t1"),
        Usage(3, 4, call="response 2"),
        StepEnd("s2"),
        RunEnd("complete", "stop", raw_finish_reason="completed"),
    ]


def test_half_a_record_is_cut() -> None:
    events = events_of(OpenAIAgentsFormat, created(), completed(1, 2), half_record=True)
    assert end_of(events).outcome == "cut"


def test_what_is_not_understood_is_shown() -> None:
    rows = [
        {"type": "new_stream_event"},
        item("dreamt", {}),
        raw("new.delta"),
        item("mcp_list_tools", 1),
    ]
    names = [event.name for event in of_kind(events_of(OpenAIAgentsFormat, *rows), Unknown)]
    assert names == ["new_stream_event", "run_item_stream_event", "raw_response_event"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (agent("A"), True),
        (created(), True),
        (item("tool_called", {}), True),
        ({"type": "raw_response_event", "data": "x"}, False),
        ({"type": "run_item_stream_event"}, False),
        ({"type": "agent_updated_stream_event"}, False),
        ({"type": "response.created"}, False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Row, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("openai_agents"):
        check(OpenAIAgentsFormat, path)


SHAPES = [
    agent("A"),
    created(),
    completed(1, 2),
    text_delta("a"),
    raw("output_item.done", output_index=0, item=CALL),
    item("tool_called", CALL),
    item("tool_output", {"call_id": "x", "output": "1"}),
    item("message_output_created", MESSAGE),
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(OpenAIAgentsFormat, rows)
