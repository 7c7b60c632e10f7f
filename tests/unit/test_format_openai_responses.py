"""OpenAI Responses and Open Responses: events in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, end_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    Citation,
    Event,
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
    Usage,
)
from streamwidget.formats.openai_responses import OpenAIResponsesFormat, recognises

Row = dict[str, Any]


def event(name: str, /, **fields: Any) -> Row:
    return {"type": f"response.{name}", **fields}


def lifecycle(name: str, /, **response: Any) -> Row:
    return event(name, response={"id": "resp_1", "object": "response", "status": name, **response})


def delta(name: str, more: str, at: int = 0, **fields: Any) -> Row:
    return event(f"{name}.delta", output_index=at, item_id=f"i{at}", delta=more, **fields)


def added(at: int, kind: str, /, **item: Any) -> Row:
    return event("output_item.added", output_index=at, item={"type": kind, "id": f"i{at}", **item})


def done(at: int, kind: str, /, **item: Any) -> Row:
    return event("output_item.done", output_index=at, item={"type": kind, "id": f"i{at}", **item})


CREATED = lifecycle("created", status="in_progress")
COMPLETED = lifecycle("completed", usage={"input_tokens": 3, "output_tokens": 4})
END = {
    "outcome": "complete",
    "finish": "completed",
    "usage": {"input_tokens": 3, "output_tokens": 4},
}
ADD = {"name": "add", "arguments": {"a": 1}}
MESSAGE = {"content": [{"type": "output_text", "text": "ab"}]}

TABLE = {
    "text, and its repeats": (
        [
            CREATED,
            lifecycle("in_progress"),
            added(0, "message", content=[]),
            event("content_part.added", output_index=0, content_index=0, part={"text": ""}),
            delta("output_text", "a", content_index=0),
            delta("output_text", "b", content_index=0),
            event("output_text.done", output_index=0, content_index=0, text="ab"),
            event("content_part.done", output_index=0, content_index=0, part={"text": "ab"}),
            done(0, "message", **MESSAGE),
            lifecycle("completed", output=[{"type": "message", **MESSAGE}]),
        ],
        {"outcome": "complete", "finish": "completed", "text": "ab"},
    ),
    "nothing after the terminal event counts": (
        [CREATED, COMPLETED, delta("output_text", "x"), "[DONE]"],
        END,
    ),
    "the terminal event alone brings the whole output": (
        [lifecycle("completed", output=[{"type": "message", **MESSAGE}])],
        {"outcome": "complete", "finish": "completed", "text": "ab"},
    ),
    "an item that is only done": ([CREATED, done(0, "message", **MESSAGE), COMPLETED], None),
    "a text that is only done": (
        [CREATED, event("output_text.done", output_index=0, content_index=0, text="ab"), COMPLETED],
        None,
    ),
    "a resumed stream begins with deltas": (
        [delta("output_text", "b"), done(0, "message", **MESSAGE), COMPLETED],
        {**END, "text": "b"},
    ),
    "a refusal is text": ([CREATED, delta("refusal", "No."), COMPLETED], {**END, "text": "No."}),
    "reasoning, raw and as a summary": (
        [
            delta("reasoning_summary_text", "h", summary_index=0),
            delta("reasoning_text", "m", content_index=0),
            done(0, "reasoning", summary=[{"text": "h"}], content=[{"text": "m"}]),
            COMPLETED,
        ],
        {**END, "reasoning": "hm"},
    ),
    "a function call": (
        [
            added(0, "function_call", call_id="x", name="add", arguments=""),
            delta("function_call_arguments", '{"a"'),
            delta("function_call_arguments", ": 1}"),
            event("function_call_arguments.done", output_index=0, arguments='{"a": 1}'),
            done(0, "function_call", call_id="x", name="add", arguments='{"a": 1}'),
            COMPLETED,
        ],
        {**END, "tool_calls": [ADD]},
    ),
    "ids that change under way": (
        [
            added(0, "function_call", call_id="x", name="add", arguments=""),
            delta("function_call_arguments", '{"a": 1}') | {"item_id": "other"},
            done(0, "function_call", call_id="x", name="add", arguments='{"a": 1}') | {"id": "y"},
            COMPLETED,
        ],
        {**END, "tool_calls": [ADD]},
    ),
    "whole arguments correct the pieces": (
        [
            added(0, "function_call", call_id="x", name="add"),
            delta("function_call_arguments", '{"a": 2'),
            done(0, "function_call", call_id="x", name="add", arguments='{"a": 1}'),
            COMPLETED,
        ],
        {**END, "tool_calls": [ADD]},
    ),
    "without an output index the item's id counts": (
        [
            event("output_item.added", item={"type": "function_call", "id": "i", "name": "add"}),
            event("function_call_arguments.delta", item_id="i", delta='{"a": 1}'),
            COMPLETED,
        ],
        {**END, "tool_calls": [ADD]},
    ),
    "a custom tool takes free text": (
        [
            added(0, "custom_tool_call", call_id="x", name="sql", input=""),
            delta("custom_tool_call_input", "SELECT 1"),
            event("custom_tool_call_input.done", output_index=0, input="SELECT 1"),
            COMPLETED,
        ],
        {**END, "tool_calls": [{"name": "sql", "arguments": "SELECT 1"}]},
    ),
    "tools of the provider are not ours to call": (
        [
            added(0, "web_search_call", action={"query": "q"}),
            event("web_search_call.searching", output_index=0),
            done(0, "web_search_call", action={"query": "q"}),
            done(1, "shell_call", action={}, environment={"type": "container_reference"}),
            COMPLETED,
        ],
        END,
    ),
    "incomplete is an end": (
        [delta("output_text", "a"), lifecycle("incomplete", incomplete_details={"reason": "x"})],
        {"outcome": "complete", "finish": "incomplete", "text": "a"},
    ),
    "an error, told twice": (
        [
            CREATED,
            {"type": "error", "error": {"message": "Gone", "code": "c"}},
            lifecycle("failed", error={"message": "Gone", "code": "c"}),
        ],
        {"outcome": "failed", "finish": "failed", "error": "Gone"},
    ),
    "a flat error and no more": (
        [CREATED, {"type": "error", "message": "Gone", "code": "c"}],
        {"outcome": "failed", "error": "Gone"},
    ),
    "failed without a reason": (
        [lifecycle("failed")],
        {"outcome": "failed", "finish": "failed", "error": "The response has failed."},
    ),
    "no terminal event: cut": (
        [CREATED, delta("output_text", "a")],
        {"outcome": "cut", "text": "a"},
    ),
    "the marker of another dialect": (
        [CREATED, delta("output_text", "a"), "[DONE]"],
        {"outcome": "complete", "text": "a"},
    ),
    "the name of the event stands for a type": (
        [("response.output_text.delta", {"output_index": 0, "delta": "ab"}), COMPLETED],
        None,
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any] | None) -> None:
    assert outcome(OpenAIResponsesFormat, *rows) == (wanted or {**END, "text": "ab"})


def test_each_item_is_a_part_of_its_own() -> None:
    rows = [
        delta("reasoning_summary_text", "h", summary_index=0),
        event("reasoning_summary_part.added", output_index=0, summary_index=1),
        delta("reasoning_summary_text", "m", summary_index=1),
        event("reasoning_summary_part.done", output_index=0, summary_index=1),
        added(1, "function_call", call_id="x", name="f", arguments=""),
        delta("function_call_arguments", "{}", 1),
        done(1, "function_call", call_id="x", name="f", arguments="{}"),
        delta("output_text", "a", 2),
        COMPLETED,
    ]
    assert events_of(OpenAIResponsesFormat, *rows) == [
        ReasoningStart("r1"),
        ReasoningDelta("r1", "h"),
        ReasoningEnd("r1"),
        ReasoningStart("r2"),
        ReasoningDelta("r2", "m"),
        ReasoningEnd("r2"),
        ToolCallStart("c1", "f", "x"),
        ToolCallDelta("c1", "{}"),
        ToolCallEnd("c1", "{}"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        Usage(3, 4, call="response 1"),
        RunEnd("complete", "stop", raw_finish_reason="completed"),
    ]


ITEMS: list[tuple[Row, list[Event]]] = [
    (
        done(0, "mcp_call", name="ask", arguments='{"q": 1}', output="42"),
        [
            ToolCallStart("c1", "ask", "i0", by_provider=True),
            ToolCallEnd("c1", '{"q": 1}'),
            ToolResult("c1", "42"),
        ],
    ),
    (
        done(0, "mcp_call", name="ask", arguments="", error={"message": "No"}),
        [
            ToolCallStart("c1", "ask", "i0", by_provider=True),
            ToolCallEnd("c1"),
            ToolResult("c1", "No", is_error=True),
        ],
    ),
    (
        done(0, "code_interpreter_call", code="1 + 1", outputs=[{"type": "logs", "logs": "2"}]),
        [
            ToolCallStart("c1", "code_interpreter", "i0", by_provider=True),
            ToolCallEnd("c1", "1 + 1"),
            ToolResult("c1", "2"),
        ],
    ),
    (
        done(0, "file_search_call", queries=["q"], results=[{"filename": "f"}]),
        [
            ToolCallStart("c1", "file_search", "i0", by_provider=True),
            ToolCallEnd("c1", '{"queries": ["q"]}'),
            ToolResult("c1", '[{"filename": "f"}]'),
        ],
    ),
    (
        done(0, "image_generation_call", result="aaaa"),
        [
            ToolCallStart("c1", "image_generation", "i0", by_provider=True),
            ToolCallEnd("c1"),
            ToolResult("c1", "An image of 4 base64 characters."),
        ],
    ),
    (
        done(0, "web_search_call", status="failed", action={"query": "q"}),
        [
            ToolCallStart("c1", "web_search", "i0", by_provider=True),
            ToolCallEnd("c1", '{"query": "q"}'),
            ToolResult("c1", "failed", is_error=True),
        ],
    ),
    (
        done(0, "local_shell_call", call_id="x", action={"command": ["ls"]}),
        [
            ToolCallStart("c1", "local_shell", "x"),
            ToolCallEnd("c1", '{"command": ["ls"]}'),
        ],
    ),
    (
        done(0, "shell_call_output", call_id="x", output="ok"),
        [ToolCallStart("c1", "", None, True), ToolResult("c1", "ok")],
    ),
    (done(0, "mcp_list_tools", tools=[]), []),
    (done(0, "hologram", id="i"), [Unknown("hologram", '{"type": "hologram", "id": "i"}')]),
]


@pytest.mark.parametrize(("row", "wanted"), ITEMS)
def test_an_item_becomes(row: Row, wanted: list[Event]) -> None:
    events = events_of(OpenAIResponsesFormat, row, lifecycle("completed"))
    assert events == [*wanted, RunEnd("complete", "stop", raw_finish_reason="completed")]


def test_a_source_is_reported_once() -> None:
    note = {"type": "url_citation", "url": "https://a.example", "title": "A"}
    part = {"text": "a", "annotations": [note, {"type": "file_citation", "filename": "f"}]}
    rows = [
        event("output_text.annotation.added", annotation=note),
        done(0, "message", content=[part]),
    ]
    cited = of_kind(events_of(OpenAIResponsesFormat, *rows, COMPLETED), Citation)
    assert cited == [Citation("https://a.example", "A"), Citation(None, "f")]


@pytest.mark.parametrize(
    ("reason", "meaning"),
    [("max_output_tokens", "length"), ("content_filter", "content-filter"), (None, "length")],
)
def test_why_a_response_is_incomplete(reason: str | None, meaning: str) -> None:
    row = lifecycle("incomplete", incomplete_details=reason and {"reason": reason})
    end = end_of(events_of(OpenAIResponsesFormat, row))
    assert end == RunEnd("complete", meaning, raw_finish_reason="incomplete")


def test_a_failure_says_whether_trying_again_may_help() -> None:
    row = {"type": "error", "error": {"type": "server_error", "code": "500", "message": "Oops"}}
    failures = of_kind(events_of(OpenAIResponsesFormat, row), Failure)
    assert failures == [Failure("Oops", "provider", "server_error", True, "500")]


def test_only_what_may_matter_to_a_reader_is_unknown() -> None:
    rows = [{"type": "keepalive"}, event("image_generation_call.partial_image"), event("new.delta")]
    names = [event.name for event in of_kind(events_of(OpenAIResponsesFormat, *rows), Unknown)]
    assert names == ["response.new.delta"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (CREATED, True),
        (COMPLETED, True),
        (delta("output_text", "a"), True),
        (added(0, "message"), True),
        (event("created"), False),
        (event("output_text.delta", delta="a"), False),
        (delta("output_text", "a") | {"event_id": "e"}, False),
        (event("created", response={"object": "realtime.response"}), False),
        ({"type": "response", "content": "a"}, False),
        ({"type": "error", "message": "a"}, False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Row, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in [*cases("openai_responses"), *cases("open_responses")]:
        check(OpenAIResponsesFormat, path)


SHAPES = [
    CREATED,
    COMPLETED,
    lifecycle("failed", error={"message": "x"}),
    lifecycle("completed", output=[{"type": "message", **MESSAGE}]),
    delta("output_text", "a"),
    delta("function_call_arguments", "{"),
    event("function_call_arguments.done", output_index=0, arguments="{}", name="f"),
    {"type": "error", "error": {"message": "x"}},
    *(row for row, _ in ITEMS),
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(OpenAIResponsesFormat, rows)
