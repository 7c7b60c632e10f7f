"""Gemini's responses, over SSE and as an array: records in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import (
    any_rows,
    document_of,
    end_of,
    events_of,
    of_kind,
    outcome,
    record,
    survives,
)
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import (
    Citation,
    Failure,
    Notice,
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
from streamwidget.formats.gemini import GeminiFormat, recognises


def said(*parts: Any, finish: Any = None, **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "gemini-x", **more}


def text(text: str) -> dict[str, Any]:
    return {"text": text}


def thought(text: str) -> dict[str, Any]:
    return {"text": text, "thought": True}


def call(**fields: Any) -> dict[str, Any]:
    return {"functionCall": fields}


def patch(path: str, *, more: bool = False, **value: Any) -> dict[str, Any]:
    return {"jsonPath": path, **value, **({"willContinue": True} if more else {})}


def patches(*patches: Any, more: bool = True) -> dict[str, Any]:
    return said(call(partialArgs=list(patches), **({"willContinue": True} if more else {})))


def used(**counts: int) -> dict[str, Any]:
    return {"usageMetadata": counts, "modelVersion": "gemini-x"}


STOP = said(finish="STOP")
COMPLETE = {"outcome": "complete", "finish": "STOP"}
BEGIN = said(call(name="add", willContinue=True))
CLOSE = said(call())
ERROR = {"error": {"code": 503, "message": "Busy", "status": "UNAVAILABLE"}}


def added(*patches_: Any) -> list[Any]:
    """A call to `add` in patches, and the end."""
    return [BEGIN, *(patches(one) for one in patches_), CLOSE, STOP]


def adds(**arguments: Any) -> dict[str, Any]:
    return {**COMPLETE, "tool_calls": [{"name": "add", "arguments": arguments}]}


TABLE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "text": ([said(text("Hel")), said(text("lo"), finish="STOP")], {**COMPLETE, "text": "Hello"}),
    "thoughts": (
        [said(thought("h"), text("a")), STOP],
        {**COMPLETE, "reasoning": "h", "text": "a"},
    ),
    "a finish reason on every record": (
        [said(text("a"), finish="STOP"), said(text("b"), finish="STOP")],
        {**COMPLETE, "text": "ab"},
    ),
    "the last finish reason counts": (
        [said(finish="STOP"), said(finish="FINISH_REASON_UNSPECIFIED"), said(finish="SAFETY")],
        {"outcome": "complete", "finish": "SAFETY"},
    ),
    "no finish reason: cut": ([said(text("a"))], {"outcome": "cut", "text": "a"}),
    "nothing at all: cut": ([], {"outcome": "cut"}),
    "another candidate is shown too": (
        [{"candidates": [{"index": 1, "content": {"parts": [text("x")]}}]}, STOP],
        {**COMPLETE, "text": "x"},
    ),
    "index 0 is left out": (
        [{"candidates": [{"content": {"parts": [text("a")]}, "finishReason": "STOP"}]}],
        {**COMPLETE, "text": "a"},
    ),
    "a whole call": ([said(call(name="add", args={"a": 1}), finish="STOP")], adds(a=1)),
    "a call without arguments": ([said(call(name="add"), finish="STOP")], adds()),
    "two whole calls": (
        [said(call(name="add", args={"a": 1}), call(name="now", args={})), STOP],
        {
            **COMPLETE,
            "tool_calls": [
                {"name": "add", "arguments": {"a": 1}},
                {"name": "now", "arguments": {}},
            ],
        },
    ),
    "a string that grows": (
        added(patch("$.a", stringValue='x"', more=True), patch("$.a", stringValue="y")),
        adds(a='x"y'),
    ),
    "a string that is said anew": (
        added(patch("$.a", stringValue="x"), patch("$.a", stringValue="y")),
        adds(a="y"),
    ),
    "values of all kinds": (
        added(
            patch("$.n", numberValue=1.5),
            patch("$.t", boolValue=True),
            patch("$.z", nullValue="NULL_VALUE"),
            patch("$.s", stringValue=""),
        ),
        adds(n=1.5, t=True, z=None, s=""),
    ),
    "inside objects and arrays": (
        added(
            patch("$.a[0].b", stringValue="x"),
            patch("$.a[0].c", numberValue=1),
            patch("$.a[1].b", stringValue="y"),
            patch("$['d e'][\"f\"]", boolValue=False),
        ),
        adds(a=[{"b": "x", "c": 1}, {"b": "y"}], **{"d e": {"f": False}}),
    ),
    "back to what was left": (
        added(patch("$.a.b", numberValue=1), patch("$.c", numberValue=2))[:-2]
        + [patches(patch("$.a.d", numberValue=3)), CLOSE, STOP],
        adds(a={"b": 1, "d": 3}, c=2),
    ),
    "patches that mean nothing": (
        added(
            patch("$", stringValue="x"),
            patch("a.b", stringValue="x"),
            patch("$.*[*]", stringValue="x"),
            patch("$[0]", stringValue="x"),
            patch("$.a", stringValue=3),
            patch("$.b"),
            {"jsonPath": 3},
        ),
        adds(),
    ),
    "an index far beyond the end appends": (
        added(patch("$.a[999999999]", numberValue=1)),
        adds(a=[1]),
    ),
    "the last patch ends the call": (
        [BEGIN, patches(patch("$.a", numberValue=1), more=False), CLOSE, STOP],
        adds(a=1),
    ),
    "the end of the call never comes": (
        [BEGIN, patches(patch("$.a", stringValue="x", more=True)), STOP],
        adds(a="x"),
    ),
    "the next call ends the one before": (
        [BEGIN, patches(patch("$.a", numberValue=1)), said(call(name="now")), STOP],
        {
            **COMPLETE,
            "tool_calls": [
                {"name": "add", "arguments": {"a": 1}},
                {"name": "now", "arguments": {}},
            ],
        },
    ),
    "the id repeats the name": (
        [
            said(call(name="add", id="x", willContinue=True)),
            said(call(name="add", id="x", partialArgs=[patch("$.a", numberValue=1)])),
            STOP,
        ],
        adds(a=1),
    ),
    "patches without a call": (
        [patches(patch("$.a", numberValue=1)), CLOSE, STOP],
        {**COMPLETE, "tool_calls": [{"name": "", "arguments": {"a": 1}}]},
    ),
    "whole arguments go on in patches": (
        [
            said(call(name="add", args={"a": {"b": 1}}, willContinue=True)),
            patches(patch("$.a.c", numberValue=2)),
            CLOSE,
            STOP,
        ],
        adds(a={"b": 1, "c": 2}),
    ),
    "tools of the provider are not asked for": (
        [said({"executableCode": {"language": "PYTHON", "code": "1"}}), STOP],
        COMPLETE,
    ),
    "usage: the last counts, thoughts are output": (
        [
            said(text("a"), usageMetadata={"promptTokenCount": 3, "thoughtsTokenCount": 2}),
            used(promptTokenCount=4),
            used(promptTokenCount=4, candidatesTokenCount=5, thoughtsTokenCount=6),
            STOP,
        ],
        {**COMPLETE, "text": "a", "usage": {"input_tokens": 4, "output_tokens": 11}},
    ),
    "a blocked prompt": (
        [{"promptFeedback": {"blockReason": "SAFETY"}}],
        {"outcome": "complete", "finish": "SAFETY"},
    ),
    "an error": (
        [said(text("a"), finish="STOP"), ERROR],
        {"outcome": "failed", "text": "a", "finish": "STOP", "error": "Busy"},
    ),
    "an error that is text": ([{"error": "Gone"}], {"outcome": "failed", "error": "Gone"}),
    "a marker of a proxy": ([STOP, "[DONE]"], COMPLETE),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any]) -> None:
    assert outcome(GeminiFormat, *rows) == wanted


def test_each_stretch_is_a_part_of_its_own() -> None:
    rows = [said(thought("h")), said(text("a"), call(name="f", id="x", args={"a": 1}))]
    assert events_of(GeminiFormat, *rows, said(text("b"), finish="STOP")) == [
        Usage(None, None, model="gemini-x"),
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
        RunEnd("complete", "stop", raw_finish_reason="STOP"),
    ]


def test_arguments_in_patches_are_seen_while_they_come() -> None:
    rows = added(
        patch("$.a[0].b", stringValue="x", more=True),
        patch("$.a[0].b", stringValue="y", more=True),
        patch("$.c", numberValue=1),
    )
    events = events_of(GeminiFormat, *rows)
    deltas = [event.arguments_text for event in of_kind(events, ToolCallDelta)]
    assert deltas == ['{"a": [{"b": "x', "y", '"}], "c": 1', "}"]
    assert of_kind(events, ToolCallEnd) == [ToolCallEnd("c1", "".join(deltas))]


def test_provider_runs_code_and_tells_the_result() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1/0", "id": "x"}}
    search = {"toolCall": {"toolType": "GOOGLE_SEARCH", "args": {"q": "a"}, "id": "y"}}
    failed = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "Oh", "id": "x"}}
    found = {"toolResponse": {"toolType": "GOOGLE_SEARCH", "response": {"n": 1}}}
    events = events_of(GeminiFormat, said(code, search, failed, found, finish="STOP"))
    assert events[:-1] == [
        Usage(None, None, model="gemini-x"),
        ToolCallStart("c1", "code_execution", "x", by_provider=True),
        ToolCallEnd("c1", '{"language": "PYTHON", "code": "1/0"}'),
        ToolCallStart("c2", "GOOGLE_SEARCH", "y", by_provider=True),
        ToolCallEnd("c2", '{"q": "a"}'),
        ToolResult("c1", "Oh", is_error=True),
        ToolResult("c2", '{"n": 1}'),
    ]


def test_result_without_a_call_is_shown() -> None:
    result = {"codeExecutionResult": {"outcome": 1, "output": "2"}}
    assert of_kind(events_of(GeminiFormat, said(result)), ToolResult) == [ToolResult("c1", "2")]


def test_sources_are_reported_once() -> None:
    chunks = [{"web": {"uri": "https://a.example", "title": "A"}}, {"maps": {"title": "B"}}]
    row = said(finish="STOP")
    row["candidates"][0]["groundingMetadata"] = {"groundingChunks": chunks}
    row["candidates"][0]["citationMetadata"] = {"citationSources": [{"uri": "https://c.example"}]}
    assert of_kind(events_of(GeminiFormat, row, row), Citation) == [
        Citation("https://a.example", "A"),
        Citation(None, "B"),
        Citation("https://c.example"),
    ]


def test_failure_keeps_the_words_of_the_peer() -> None:
    failure = of_kind(events_of(GeminiFormat, ERROR), Failure)
    assert failure == [Failure("Busy", "provider", "UNAVAILABLE", True, "503")]


def test_the_reader_learns_why_there_is_no_answer() -> None:
    blocked = {"promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "Not this."}}
    malformed = said(finish="MALFORMED_FUNCTION_CALL")
    malformed["candidates"][0]["finishMessage"] = "Bad call"
    events = events_of(GeminiFormat, blocked, blocked)
    assert of_kind(events, Notice) == [Notice("The prompt was blocked: Not this.", "warning")]
    assert end_of(events) == RunEnd("complete", "content-filter", raw_finish_reason="OTHER")
    events = events_of(GeminiFormat, malformed)
    assert of_kind(events, Notice) == [Notice("Bad call", "warning")]
    assert end_of(events).finish_reason == "error"


@pytest.mark.parametrize(
    ("finish", "reason", "raw"),
    [("STOP", "stop", "STOP"), ("MAX_TOKENS", "length", "MAX_TOKENS"), (1, "stop", "1")]
    + [(2, "length", "2"), (3, "content-filter", "3"), (6, "other", "6"), (0, None, None)],
)
def test_finish_reasons_are_words_or_numbers(finish: Any, reason: Any, raw: Any) -> None:
    end = end_of(events_of(GeminiFormat, said(finish=finish)))
    assert (end.finish_reason, end.raw_finish_reason) == (reason, raw)


def test_half_a_record_after_the_finish_reason_is_cut() -> None:
    assert end_of(events_of(GeminiFormat, STOP, half_record=True)).outcome == "cut"


def test_usage_that_did_not_change_is_not_repeated() -> None:
    rows = [used(promptTokenCount=1), used(promptTokenCount=1), used(trafficType=1)]
    assert of_kind(events_of(GeminiFormat, *rows), Usage) == [
        Usage(None, None, model="gemini-x"),
        Usage(1, None, model="gemini-x"),
    ]


def test_what_is_not_understood_is_shown() -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": "AA=="}, "thoughtSignature": "s"}
    rows = [said(image), said({"thoughtSignature": "s"}), {"hello": 1}, "plain words"]
    events = events_of(GeminiFormat, *rows)
    names = [event.name for event in of_kind(events, Unknown)]
    assert names == ["inlineData", "record", "record"]


def test_half_an_emoji_waits_for_the_other_half() -> None:
    rows = added(patch("$.a", stringValue="\ud83d", more=True), patch("$.a", stringValue="\ude00"))
    document = document_of(events_of(GeminiFormat, *rows))
    assert document.tool_calls[0].arguments == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (said(text("a")), True),
        ({"candidates": [{"content": {"parts": []}}]}, True),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, True),
        (used(promptTokenCount=1), True),
        ({"candidates": [{"content": "x"}]}, False),
        ({"candidates": "x", "modelVersion": "x"}, False),
        ({"usageMetadata": {}, "modelVersion": "x"}, False),
        (ERROR, False),
        ({"text": "x"}, False),
        ("[DONE]", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in [*cases("gemini_sse"), *cases("gemini_array")]:
        check(GeminiFormat, path)


SHAPES = [
    said(text("a"), thought("b"), finish="STOP", usageMetadata={"promptTokenCount": 1}),
    said(call(name="f", id="x", args={"a": 1})),
    BEGIN,
    patches(patch("$.a[0].b", stringValue="x", more=True), patch("$.a[1]", numberValue=1)),
    patches(patch("$.a.b", boolValue=True)),
    CLOSE,
    said({"executableCode": {"code": "1", "id": "x"}}, {"codeExecutionResult": {"id": "x"}}),
    {"candidates": [{"groundingMetadata": {"groundingChunks": [{"web": {"uri": "u"}}]}}]},
    {"promptFeedback": {"blockReason": "SAFETY"}},
    ERROR,
]


@given(any_rows(*SHAPES))
@settings(max_examples=200, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(GeminiFormat, rows)
