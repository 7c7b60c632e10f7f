"""Bedrock's ConverseStream, as dicts and as frames: records in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from feeding import ids
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import STREAMS, cases, check

from streamwidget.decode.aws import EventStreamFrame
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
from streamwidget.formats.bedrock import BedrockFormat, recognises, record_of_frame


def delta(index: int = 0, **delta: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta, "p": "abc"}}


def text(text: str, index: int = 0) -> dict[str, Any]:
    return delta(index, text=text)


def thought(text: str) -> dict[str, Any]:
    return delta(reasoningContent={"text": text})


def start(index: int = 0, **start: Any) -> dict[str, Any]:
    return {"contentBlockStart": {"contentBlockIndex": index, "start": start}}


def call(name: str, index: int = 0, id: str = "x", **fields: Any) -> dict[str, Any]:
    return start(index, toolUse={"toolUseId": id, "name": name, **fields})


def grow(arguments: str, index: int = 0) -> dict[str, Any]:
    return delta(index, toolUse={"input": arguments})


def stop(index: int = 0) -> dict[str, Any]:
    return {"contentBlockStop": {"contentBlockIndex": index}}


def end(reason: str = "end_turn") -> dict[str, Any]:
    return {"messageStop": {"stopReason": reason}}


BEGIN = {"messageStart": {"role": "assistant", "p": "abc"}}
META = {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 4}, "metrics": {}}}
BUSY = {"throttlingException": {"message": "Busy"}}
COMPLETE = {"outcome": "complete", "finish": "end_turn"}
USED = {"usage": {"input_tokens": 3, "output_tokens": 4}}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "text": (
        [BEGIN, text("Hel"), text("lo"), stop(), end(), META],
        {**COMPLETE, **USED, "text": "Hello"},
    ),
    "reasoning": (
        [thought("h"), thought("m"), delta(reasoningContent={"signature": "x"})]
        + [delta(reasoningContent={"redactedContent": "x"}), stop(), text("a", 1), end(), META],
        {**COMPLETE, **USED, "reasoning": "hm", "text": "a"},
    ),
    "a call in pieces": (
        [call("add"), grow(""), grow('{"a"'), grow(": 1}"), stop(), end("tool_use")],
        {"outcome": "complete", "finish": "tool_use", "tool_calls": [ADD]},
    ),
    "two calls": (
        [call("add"), grow('{"a": 1}'), call("now", 1, "y"), stop(), stop(1), end()],
        {**COMPLETE, "tool_calls": [ADD, {"name": "now", "arguments": {}}]},
    ),
    "a call without a start": (
        [grow('{"a": 1}', 2), stop(2), end()],
        {**COMPLETE, "tool_calls": [{"name": "", "arguments": {"a": 1}}]},
    ),
    "a tool of the provider is not asked for": (
        [call("search", type="server_tool_use"), grow("{}"), stop(), end()],
        COMPLETE,
    ),
    "metadata may be missing": ([text("a"), end()], {**COMPLETE, "text": "a"}),
    "metadata before the end does not end it": (
        [META, text("a"), end()],
        {**COMPLETE, **USED, "text": "a"},
    ),
    "no end: cut": ([text("a"), stop()], {"outcome": "cut", "text": "a"}),
    "a guardrail": (
        [text("No."), end("guardrail_intervened"), META],
        {"outcome": "complete", "finish": "guardrail_intervened", **USED, "text": "No."},
    ),
    "an exception": (
        [text("a"), {"modelStreamErrorException": {"message": "Gone", "originalStatusCode": 1}}],
        {"outcome": "failed", "text": "a", "error": "Gone"},
    ),
    "several events in one record": (
        [{**BEGIN, **text("a"), **end(), **META, "contentBlockStop": {}}],
        {**COMPLETE, **USED, "text": "a"},
    ),
    "nothing after the end counts": ([end(), META, text("a")], {**COMPLETE, **USED}),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(BedrockFormat, *rows) == wanted


def test_each_stretch_is_a_part_of_its_own() -> None:
    rows = [thought("h"), stop(), text("a", 1), stop(1), call("f", 2), grow("{}", 2), stop(2)]
    assert events_of(BedrockFormat, *rows, text("b", 3), end()) == [
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
        RunEnd("complete", "stop", raw_finish_reason="end_turn"),
    ]


def test_provider_runs_tools_and_tells_the_result() -> None:
    rows = [
        call("search", type="server_tool_use"),
        stop(),
        start(1, toolResult={"toolUseId": "x", "type": "web"}),
        delta(1, toolResult=[{"text": "a"}, {"json": {"n": 1}}]),
        delta(1, toolResult=[{"text": "b"}]),
        stop(1),
        start(2, toolResult={"toolUseId": "y", "status": "error"}),
        stop(2),
    ]
    assert events_of(BedrockFormat, *rows, end())[:-1] == [
        ToolCallStart("c1", "search", "x", by_provider=True),
        ToolCallEnd("c1"),
        ToolResult("c1", 'a{"n": 1}b'),
        ToolCallStart("c2", "", None, True),
        ToolResult("c2", "", is_error=True),
    ]


def test_cut_call_has_no_end_but_a_finished_one_has() -> None:
    half = [call("f"), grow('{"a"')]
    assert not of_kind(events_of(BedrockFormat, *half), ToolCallEnd)
    assert of_kind(events_of(BedrockFormat, *half, end()), ToolCallEnd) == [ToolCallEnd("c1")]


def test_sources_are_reported_once() -> None:
    web = {"title": "A", "location": {"web": {"url": "https://a.example"}}}
    rows = [delta(citation=web), delta(citation=web), delta(citation={"source": "b.pdf"})]
    assert of_kind(events_of(BedrockFormat, *rows), Citation) == [
        Citation("https://a.example", "A"),
        Citation(None, "b.pdf"),
    ]


@pytest.mark.parametrize(
    ("name", "retryable"),
    [
        ("throttlingException", True),
        ("internalServerException", True),
        ("serviceUnavailableException", True),
        ("modelStreamErrorException", True),
        ("validationException", False),
    ],
)
def test_exceptions_are_failures(name: str, retryable: bool) -> None:
    failure = of_kind(events_of(BedrockFormat, {name: {"message": "Oh"}}), Failure)
    assert failure == [Failure("Oh", "provider", name, retryable, name)]


def test_frames_are_records_of_one_member() -> None:
    event = {":message-type": "event", ":event-type": "messageStop"}
    exception = {":message-type": "exception", ":exception-type": "validationException"}
    error = {":message-type": "error", ":error-code": "500", ":error-message": "Gone"}
    assert record_of_frame(EventStreamFrame(event, b'{"stopReason": "x"}')).value == end("x")
    rows = [
        record_of_frame(EventStreamFrame(exception, b'{"message": "Oh"}')),
        record_of_frame(EventStreamFrame(error, b"")),
        record_of_frame(EventStreamFrame({}, b"\xff")),
    ]
    assert rows[0].data == '{"validationException": {"message": "Oh"}}'
    format_ = BedrockFormat(ids())
    assert [event for row in rows for event in format_.feed(row)] == [
        Failure("Oh", "provider", "validationException", False, "validationException"),
        Failure("Gone", "provider", "connectionException", True, "500"),
        Unknown("frame", "\ufffd"),
    ]


def test_what_is_not_understood_is_shown() -> None:
    rows = [{"hello": {}}, start(image={"format": "png"}), delta(image={"x": 1}), "plain words"]
    events = of_kind(events_of(BedrockFormat, *rows, {"p": "abc"}), Unknown)
    assert [event.name for event in events] == ["hello", "image", "image", "record"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (BEGIN, True),
        (text("a"), True),
        (call("f"), True),
        (stop(), True),
        (end(), True),
        (META, True),
        (BUSY, True),
        ({**BEGIN, "more": 1}, False),
        ({"messageStart": "x"}, False),
        ({"metadata": {"usage": {}}}, False),
        ({"contentBlockDelta": {"delta": {}}}, False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    decoded = sorted((STREAMS / "bedrock_converse").glob("*.decoded.ndjson"))
    for path in [*cases("bedrock_converse"), *decoded]:
        check(BedrockFormat, path)


SHAPES = [
    BEGIN,
    text("a"),
    thought("h"),
    call("f", type="server_tool_use"),
    grow("{}"),
    start(toolResult={"toolUseId": "x", "status": "error"}),
    delta(toolResult=[{"text": "a"}, {"json": 1}], citation={"title": "a"}, image={}),
    stop(),
    end(),
    META,
    BUSY,
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(BedrockFormat, rows)
