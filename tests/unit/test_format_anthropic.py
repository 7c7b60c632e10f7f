"""Anthropic Messages: events in, canonical events out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from format_cases import any_rows, document_of, events_of, of_kind, outcome, record, survives
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
from streamwidget.formats.anthropic import AnthropicFormat, recognises

Row = dict[str, Any]


def start(given: Any = 3, made: Any = 1) -> Row:
    usage = {"input_tokens": given, "output_tokens": made}
    return {"type": "message_start", "message": {"type": "message", "id": "m", "usage": usage}}


def block(at: int, kind: str, **fields: Any) -> Row:
    content = {"type": kind, **fields}
    return {"type": "content_block_start", "index": at, "content_block": content}


def delta(at: int, kind: str, **fields: Any) -> Row:
    return {"type": "content_block_delta", "index": at, "delta": {"type": kind, **fields}}


def text_delta(text: str, at: int = 0) -> Row:
    return delta(at, "text_delta", text=text)


def arguments(text: str, at: int = 0) -> Row:
    return delta(at, "input_json_delta", partial_json=text)


def stop(at: int = 0) -> Row:
    return {"type": "content_block_stop", "index": at}


def over(reason: Any = "end_turn", **usage: Any) -> Row:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


PING = {"type": "ping"}
STOP = {"type": "message_stop"}
TOOL = block(0, "tool_use", id="x", name="add", input={})
END = {
    "outcome": "complete",
    "finish": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 9},
}
ADD = {"name": "add", "arguments": {"a": 1}}


def whole(*rows: Any) -> list[Any]:
    return [start(), *rows, over(output_tokens=9), STOP]


TABLE = {
    "text": (
        whole(block(0, "text", text=""), PING, text_delta("H"), text_delta("i"), stop()),
        {"text": "Hi"},
    ),
    "text that the start of a block brings": (
        whole(block(0, "text", text="H"), text_delta("i"), stop()),
        {"text": "Hi"},
    ),
    "a delta without a start, and no number": (
        whole({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hi"}}),
        {"text": "Hi"},
    ),
    "thinking; signatures and sealed blocks say nothing": (
        whole(
            block(0, "thinking", thinking="", signature=""),
            delta(0, "thinking_delta", thinking="hm"),
            delta(0, "signature_delta", signature="abc"),
            stop(),
            block(1, "redacted_thinking", data="abc"),
            stop(1),
            block(2, "text", text=""),
            text_delta("a", 2),
        ),
        {"text": "a", "reasoning": "hm"},
    ),
    "a tool call in pieces": (
        whole(TOOL, arguments(""), arguments('{"a"'), arguments(": 1}"), stop()),
        {"tool_calls": [ADD]},
    ),
    "a tool call that is whole at its start": (
        whole(block(0, "tool_use", id="x", name="add", input={"a": 1}), stop()),
        {"tool_calls": [ADD]},
    ),
    "pieces win over the start": (
        whole(block(0, "tool_use", name="add", input={"a": 2}), arguments('{"a": 1}'), stop()),
        {"tool_calls": [ADD]},
    ),
    "a tool call without arguments and without an end": (
        whole(block(0, "tool_use", id="x", name="now", input={})),
        {"tool_calls": [{"name": "now", "arguments": {}}]},
    ),
    "two tools at once": (
        whole(
            TOOL,
            block(1, "tool_use", id="y", name="add", input={}),
            arguments('{"a": ', 0),
            arguments('{"a": 1}', 1),
            arguments("1}", 0),
        ),
        {"tool_calls": [ADD, ADD]},
    ),
    "tools of the provider are not ours to call": (
        whole(block(0, "server_tool_use", id="x", name="web_search"), stop()),
        {},
    ),
    "the last usage counts": (
        [start(), over(None, input_tokens=3, output_tokens=5), *whole()[1:]],
        {},
    ),
    "two starts": (
        [start(1, 1), *whole(block(0, "text", text=""), text_delta("a"))],
        {"text": "a"},
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_a_whole_message_amounts_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(AnthropicFormat, *rows) == {**END, **wanted}


ENDS = {
    "no message_stop: cut": (
        [start(None, None), text_delta("a"), over()],
        {"outcome": "cut", "text": "a", "finish": "end_turn"},
    ),
    "an error": (
        [text_delta("a"), ("error", {"type": "error", "error": {"message": "Overloaded"}})],
        {"outcome": "failed", "text": "a", "error": "Overloaded"},
    ),
    "an error and then the end": (
        [{"type": "error", "error": {"message": "Gone"}}, STOP],
        {"outcome": "failed", "error": "Gone"},
    ),
    "an error in words": (
        [("error", "Bad Gateway")],
        {"outcome": "failed", "error": "Bad Gateway"},
    ),
    "nothing after the end counts": ([STOP, text_delta("a"), STOP], {"outcome": "complete"}),
    "the marker of another dialect": (
        [text_delta("a"), "[DONE]"],
        {"outcome": "complete", "text": "a"},
    ),
    "a call that was cut stays as it is": (
        [TOOL, arguments('{"a"')],
        {"outcome": "cut", "tool_calls": [{"name": "add", "arguments": '{"a"'}]},
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), ENDS.values(), ids=ENDS)
def test_the_end(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(AnthropicFormat, *rows) == wanted


def test_each_block_is_a_part_of_its_own() -> None:
    rows = [
        block(0, "thinking", thinking="h"),
        stop(0),
        block(1, "text", text="a"),
        stop(1),
        block(2, "text", text="b"),
        stop(2),
        block(3, "tool_use", id="x", name="add", input={}),
        arguments("{}", 3),
        stop(3),
        over("tool_use"),
        STOP,
    ]
    assert events_of(AnthropicFormat, *rows) == [
        ReasoningStart("r1"),
        ReasoningDelta("r1", "h"),
        ReasoningEnd("r1"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        TextStart("t2"),
        TextDelta("t2", "b"),
        TextEnd("t2"),
        ToolCallStart("c1", "add", "x"),
        ToolCallDelta("c1", "{}"),
        ToolCallEnd("c1"),
        RunEnd("complete", "tool-calls", raw_finish_reason="tool_use"),
    ]


def test_results_belong_to_their_calls_and_hide_what_is_sealed() -> None:
    found = [{"title": "A", "encrypted_content": "zzz"}]
    failed = {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    rows = [
        block(0, "server_tool_use", id="x", name="web_search", input={"query": "q"}),
        stop(0),
        block(1, "web_search_tool_result", tool_use_id="x", content=found),
        block(2, "web_search_tool_result", tool_use_id="y", content=failed),
        block(3, "mcp_tool_result", tool_use_id="x", content=[], is_error=True),
    ]
    events = events_of(AnthropicFormat, *rows, STOP)
    assert of_kind(events, ToolCallStart) == [
        ToolCallStart("c1", "web_search", "x", True),
        ToolCallStart("c2", "", None, True),  # a call that was made elsewhere
    ]
    assert of_kind(events, ToolCallEnd) == [ToolCallEnd("c1", '{"query": "q"}')]
    assert of_kind(events, ToolResult) == [
        ToolResult("c1", '[{"title": "A"}]'),
        ToolResult("c2", json.dumps(failed), is_error=True),
        ToolResult("c1", "[]", is_error=True),
    ]
    assert document_of(events).tool_calls == []


def test_a_source_is_reported_once() -> None:
    note = {"type": "web_search_result_location", "url": "https://a.example", "title": "A"}
    cited = delta(0, "citations_delta", citation=note)
    page = block(1, "text", text="", citations=[{"type": "page_location", "document_title": "B"}])
    events = events_of(AnthropicFormat, cited, cited, page, STOP)
    assert of_kind(events, Citation) == [Citation("https://a.example", "A"), Citation(None, "B")]


@pytest.mark.parametrize(
    ("kind", "retryable"),
    [("overloaded_error", True), ("rate_limit_error", True), ("invalid_request_error", False)],
)
def test_a_failure_says_whether_trying_again_may_help(kind: str, retryable: bool) -> None:
    row = {"type": "error", "error": {"type": kind, "message": "No"}}
    failures = of_kind(events_of(AnthropicFormat, row), Failure)
    assert failures == [Failure("No", "provider", kind, retryable)]


def test_what_is_not_understood_is_shown() -> None:
    rows = [
        {"type": "new_event"},
        block(0, "hologram", signature="s"),
        delta(0, "new_delta"),
        "words",
    ]
    unknown = of_kind(events_of(AnthropicFormat, *rows, STOP), Unknown)
    assert [event.name for event in unknown] == ["new_event", "hologram", "new_delta", "record"]
    assert unknown[1].data == '{"type": "hologram"}'


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (start(), True),
        (block(0, "text", text=""), True),
        (text_delta("a"), True),
        (over(), True),
        (PING, False),
        (STOP, False),
        ({"type": "message_start"}, False),
        ({"type": "content_block_delta", "delta": "a"}, False),
        ({"type": "error", "error": {"message": "x"}}, False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Row, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("anthropic"):
        check(AnthropicFormat, path)


SHAPES = [
    start(),
    block(0, "tool_use", id="x", name="f", input={"a": 1}),
    block(0, "web_search_tool_result", tool_use_id="x", content=[{"encrypted_content": "z"}]),
    text_delta("a"),
    arguments("{"),
    delta(0, "citations_delta", citation={"url": "u"}),
    stop(),
    over(output_tokens=1),
    {"type": "error", "error": {"type": "overloaded_error", "message": "x"}},
    STOP,
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(AnthropicFormat, rows)
