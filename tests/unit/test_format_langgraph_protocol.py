"""LangGraph's event streaming protocol: channel events in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, document_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    AskStart,
    Progress,
    RunEnd,
    StepEnd,
    StepStart,
    ToolCallStart,
    ToolResult,
    Unknown,
)
from streamwidget.formats.langgraph_protocol import LangGraphProtocolFormat, recognises
from streamwidget.formats.questions import HINTS


def event(method: str, data: Any, *path: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "method": method,
        "params": {"namespace": list(path), "data": data},
        **more,
    }


def said(tag: str, *path: str, **fields: Any) -> dict[str, Any]:
    return event("messages", {"event": tag, **fields}, *path)


def delta(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return said("content-block-delta", index=index, delta={"type": kind, **fields})


def text(words: str, index: int = 0) -> dict[str, Any]:
    return delta("text-delta", index, text=words)


def block(args: str) -> dict[str, Any]:
    return delta(
        "block-delta", fields={"type": "tool_call_chunk", "name": "add", "id": "k", "args": args}
    )


def whole(index: int = 0, **content: Any) -> dict[str, Any]:
    return said("content-block-finish", index=index, content=content)


def finish(reason: str | None = None, **usage: int) -> dict[str, Any]:
    return said("message-finish", usage=usage, metadata={"finish_reason": reason})


def life(tag: str, *path: str, **more: Any) -> dict[str, Any]:
    return event(
        "lifecycle", {"event": tag, "graph_name": path[-1] if path else "g", **more}, *path
    )


def tools(tag: str, **more: Any) -> dict[str, Any]:
    return event("tools", {"event": tag, "tool_call_id": "k", "tool_name": "add", **more})


START = said("message-start", role="ai", id="m")
DONE = life("completed")
ADD = {"name": "add", "arguments": {"a": 1}}
COMPLETE = {"outcome": "complete"}

TABLE = {
    "text": (
        [START, text("Hel"), text("lo"), whole(type="text", text="Hello"), finish("stop"), DONE],
        {**COMPLETE, "finish": "stop", "text": "Hello"},
    ),
    "reasoning, then text under its index": (
        [START, delta("reasoning-delta", reasoning="h"), text("a"), DONE],
        {**COMPLETE, "reasoning": "h", "text": "a"},
    ),
    "no end": ([text("Hel")], {"outcome": "cut", "text": "Hel"}),
    "the end of a subgraph is not the end": (
        [text("a"), life("completed", "n:1")],
        {"outcome": "cut", "text": "a"},
    ),
    "a whole block without its deltas": (
        [
            whole(type="reasoning", reasoning="h"),
            whole(1, type="tool_call", name="add", args={"a": 1}),
            DONE,
        ],
        {"outcome": "complete", "reasoning": "h", "tool_calls": [ADD]},
    ),
    "arguments as increments": (
        [
            said(
                "content-block-start",
                index=0,
                content={"type": "tool_call_chunk", "name": "add", "args": ""},
            ),
            delta("tool-call-delta", args='{"a":'),
            delta("tool-call-delta", args="1}"),
            DONE,
        ],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "cumulative arguments beside the provider's own": (
        [
            block('{"a":'),
            delta("block-delta", fields={"type": "input_json_delta", "input": "1}"}),
            block('{"a":1}'),
            DONE,
        ],
        {**COMPLETE, "tool_calls": [ADD]},
    ),
    "usage: the last of a message, all messages": (
        [
            said("message-start", usage={"input_tokens": 5, "output_tokens": 1}),
            said("usage", usage={"input_tokens": 5, "output_tokens": 3}),
            finish(input_tokens=5, output_tokens=3),
            START,
            finish(input_tokens=1, output_tokens=1),
            DONE,
        ],
        {**COMPLETE, "usage": {"input_tokens": 6, "output_tokens": 4}},
    ),
    "a failed run": (
        [text("a"), life("failed", error="Boom")],
        {"outcome": "failed", "text": "a", "error": "Boom"},
    ),
    "an end that comes before the rest": ([DONE, text("a")], {**COMPLETE, "text": "a"}),
    "an event that comes twice": (
        [{**text("a"), "seq": 1}, {**text("a"), "seq": 1}, DONE],
        {**COMPLETE, "text": "a"},
    ),
    "an error of the connection": (
        [{"type": "error", "message": "No"}],
        {"outcome": "failed", "error": "No"},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_records_amount_to_what_they_say(name: str) -> None:
    rows, expected_content = TABLE[name]
    assert outcome(LangGraphProtocolFormat, *rows) == expected_content


def test_namespaces_are_steps() -> None:
    rows = [
        life("running"),
        life("started", "a:1"),
        life("started", "a:1", "b:2"),
        life("failed", "a:1", "b:2"),
    ]
    assert events_of(LangGraphProtocolFormat, *rows, life("completed", "a:1"))[:-1] == [
        StepStart("s1", "a:1"),
        StepStart("s2", "b:2", "s1"),
        StepEnd("s2", "failed"),
        StepEnd("s1"),
    ]


def test_a_result_comes_by_tools_and_by_the_tool_message() -> None:
    rows = [
        block("{}"),
        tools("tool-started", input="{}"),
        tools("tool-finished", output={"content": "2"}),
        said("message-start", "t:1", role="tool", tool_call_id="k"),
        said("content-block-delta", "t:1", delta={"type": "text-delta", "text": "2"}),
        said("message-finish", "t:1"),
    ]
    events = events_of(LangGraphProtocolFormat, *rows)
    assert of_kind(events, ToolResult) == [ToolResult("c1", "2"), ToolResult("c1", "2")]
    assert document_of(events).text == ""


def test_a_tool_that_no_model_called_is_shown() -> None:
    events = events_of(LangGraphProtocolFormat, tools("tool-error", input={"a": 1}, message="Boom"))
    assert of_kind(events, ToolCallStart) == [ToolCallStart("c1", "add", "k", True)]
    assert of_kind(events, ToolResult) == [ToolResult("c1", "Boom", True)]


def test_interrupts_custom_data_and_what_is_not_known() -> None:
    rows = [
        event("custom", {"payload": {"progress": 1, "total": 2}}),
        event("custom", {"name": "mood", "payload": "good"}),
        event("input.requested", {"payload": {"question": "Sure?"}}),
        event("values", {"messages": []}),
        event("novel", {}),
        {"type": "success", "id": 1},
        life("interrupted"),
    ]
    events = events_of(LangGraphProtocolFormat, *rows)
    assert events[:3] == [
        Progress("p1", 1, 2),
        Unknown("mood", "good"),
        AskStart("q1", "Sure?", hint=HINTS["langgraph"]),
    ]
    assert [one.name for one in of_kind(events, Unknown)] == ["mood", "novel"]
    assert events[-1] == RunEnd("complete")


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (text("a"), True),
        (DONE, True),
        ({"type": "event", "method": "values", "params": {}}, False),
        ({"type": "event", "params": {"namespace": [], "data": 1}}, False),
        ({"method": "values", "params": {"namespace": [], "data": 1}}, False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_envelope(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("langgraph_protocol"):
        check(LangGraphProtocolFormat, path)


SHAPES = [
    START,
    {**text("a"), "seq": 3},
    block("{"),
    delta("tool-call-delta", args="{", name="add", id="k"),
    whole(type="tool_call", id="k", name="add", args={"a": 1}),
    said("content-block-start", content={"type": "server_tool_call", "id": "k"}),
    finish("stop", input_tokens=1, output_tokens=2),
    said("message-start", role="tool", tool_call_id="k"),
    said("error", message="m"),
    tools("tool-finished", output={"content": "x"}),
    life("started", "a:1"),
    life("failed", error={"message": "m"}),
    event("custom", {"payload": {"progress": 1}}),
    {"type": "error", "message": "m"},
]


@given(any_rows(*SHAPES))
@settings(max_examples=200, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(LangGraphProtocolFormat, rows)
