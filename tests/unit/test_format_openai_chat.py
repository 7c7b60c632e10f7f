"""Chat Completions in all its dialects: chunks in, canonical events out."""

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
from streamwidget.formats.openai_chat import OpenAIChatFormat, recognises

DONE = "[DONE]"


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "choices": [choice], **more}


def call(
    arguments: Any = None, name: Any = None, *, id: Any = None, index: Any = None
) -> dict[str, Any]:
    fields = {"id": id, "index": index, "function": {"name": name, "arguments": arguments}}
    return chunk(
        {"tool_calls": [{key: value for key, value in fields.items() if value is not None}]}
    )


STOP = chunk(finish="stop")
COMPLETE = {"outcome": "complete", "finish": "stop"}
ADD = {"name": "add", "arguments": {"a": 1}}
ADD_2 = {"name": "add", "arguments": {"a": 2}}

TABLE = {
    "text": (
        [chunk({"role": "assistant", "content": ""}), chunk({"content": "Hel"})]
        + [chunk({"content": "lo"}), STOP, DONE],
        {**COMPLETE, "text": "Hello"},
    ),
    "nothing after the marker counts": (
        [chunk({"content": "a"}), STOP, DONE, chunk({"content": "b"})],
        {**COMPLETE, "text": "a"},
    ),
    "a marker with something behind it": (
        [chunk({"content": "a"}), STOP, "[DONE] bye"],
        {**COMPLETE, "text": "a"},
    ),
    "a refusal is text": ([chunk({"refusal": "No."}), STOP, DONE], {**COMPLETE, "text": "No."}),
    "another choice is a text too": (
        [{"choices": [{"index": 1, "delta": {"content": "x"}}]}, chunk({"content": "a"}), DONE],
        {"outcome": "complete", "text": "xa"},
    ),
    "no finish reason and no marker: cut": (
        [chunk({"content": "a"})],
        {"outcome": "cut", "text": "a"},
    ),
    "a finish reason stands for the marker": ([chunk({"content": "a"}, "stop")], None),
    "the finish reason is repeated, usage too": (
        [chunk({"content": "a"}), STOP, chunk(finish="stop", usage={"prompt_tokens": 1})]
        + [chunk(usage={"prompt_tokens": 3, "completion_tokens": 4}), DONE],
        {**COMPLETE, "text": "a", "usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
    "usage without choices": (
        [STOP, {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}, DONE],
        {**COMPLETE, "usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
    "usage of Groq": (
        [
            chunk(finish="stop", x_groq={"usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
            DONE,
        ],
        {**COMPLETE, "usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
    "reasoning under two keys counts once": (
        [chunk({"reasoning": "hm", "reasoning_details": [{"text": "hm"}]}), STOP, DONE],
        {**COMPLETE, "reasoning": "hm"},
    ),
    "reasoning in the details only": (
        [chunk({"reasoning": None, "reasoning_details": [{"text": "h"}, {"summary": "m"}]})]
        + [STOP, DONE],
        {**COMPLETE, "reasoning": "hm"},
    ),
    "a list of parts": (
        [
            chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "h"}]}]}),
            chunk({"content": [{"type": "thinking", "thinking": "m"}]}),
            chunk({"content": [{"type": "text", "text": "a"}, {"type": "reference"}, "b"]}),
            STOP,
            DONE,
        ],
        {**COMPLETE, "text": "ab", "reasoning": "hm"},
    ),
    "older Completions": (
        [{"choices": [{"text": "a", "index": 0}]}, {"choices": [{"text": "b"}]}, STOP, DONE],
        {**COMPLETE, "text": "ab"},
    ),
    "a whole message where no delta came": (
        [{"object": "chat.completion", "choices": [{"message": {"content": "a"}}]}, STOP, DONE],
        {**COMPLETE, "text": "a"},
    ),
    "a whole message that repeats the deltas": (
        [chunk({"content": "a"}), {"choices": [{"message": {"content": "a"}}]}, STOP, DONE],
        {**COMPLETE, "text": "a"},
    ),
    "Azure begins without choices": (
        [{"choices": [], "prompt_filter_results": []}, chunk({"content": "a"}), STOP, DONE],
        {**COMPLETE, "text": "a"},
    ),
    "a call in pieces by its index": (
        [call("", "add", id="x", index=0), call('{"a"', index=0), call(": 1}", index=0), DONE],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "two calls whose pieces alternate": (
        [call("", "add", id="x", index=0), call("", "add", id="y", index=1)]
        + [call('{"a"', index=0), call('{"a": ', index=1), call(": 1}", index=0)]
        + [call("2}", index=1), DONE],
        {"outcome": "complete", "tool_calls": [ADD, ADD_2]},
    ),
    "the id is repeated": (
        [call('{"a"', "add", id="0", index=0), call(": 1}", id="0", index=0), DONE],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "an empty name comes later": (
        [call("", "add", id="x", index=0), call('{"a": 1}', "", index=0), DONE],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "the name comes later": (
        [call("", "", id="x", index=0), call('{"a": 1}', "add", index=0), DONE],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "all calls have index 0": (
        [call('{"a": 1}', "add", id="x", index=0), call('{"a": ', "add", id="y", index=0)]
        + [call("2}", index=0), DONE],
        {"outcome": "complete", "tool_calls": [ADD, ADD_2]},
    ),
    "no index: the id tells calls apart": (
        [call('{"a": 1}', "add", id="x"), call('{"a"', "add", id="y"), call(": 2}", id="y"), DONE],
        {"outcome": "complete", "tool_calls": [ADD, ADD_2]},
    ),
    "neither index nor id: a name begins a call": (
        [call('{"a": 1}', "add"), call('{"a"', "add"), call(": 2}"), DONE],
        {"outcome": "complete", "tool_calls": [ADD, ADD_2]},
    ),
    "arguments as an object": (
        [call({"a": 1}, "add", id="x", index=0), DONE],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "a call without arguments": (
        [call(name="now", id="x", index=0), DONE],
        {"outcome": "complete", "tool_calls": [{"name": "now", "arguments": {}}]},
    ),
    "a custom tool": (
        [chunk({"tool_calls": [{"index": 0, "custom": {"name": "sql", "input": "SELECT 1"}}]})]
        + [DONE],
        {"outcome": "complete", "tool_calls": [{"name": "sql", "arguments": "SELECT 1"}]},
    ),
    "the old function call": (
        [chunk({"function_call": {"name": "add", "arguments": '{"a"'}})]
        + [chunk({"function_call": {"arguments": ": 1}"}}), DONE],
        {"outcome": "complete", "tool_calls": [ADD]},
    ),
    "an error in a chunk, and the end after it": (
        [chunk({"content": "a"}), {"error": {"message": "Gone", "code": 502}}, DONE],
        {"outcome": "failed", "text": "a", "error": "Gone"},
    ),
    "an error in a named event": (
        [("error", {"error": {"message": "Gone"}})],
        {"outcome": "failed", "error": "Gone"},
    ),
    "an error in the choice and in the chunk is one": (
        [{"choices": [{"error": {"message": "x"}}], "error": {"message": "Gone"}}],
        {"outcome": "failed", "error": "Gone"},
    ),
    "an error after the finish reason": (
        [chunk({"content": "a"}, "stop"), {"error": {"message": "Gone"}}],
        {"outcome": "failed", "text": "a", "finish": "stop", "error": "Gone"},
    ),
    "an empty error is none": ([chunk({"content": "a"}, error=None), STOP], None),
    "records that keep the connection alive": (
        [{"type": "ping"}, ("ping", "{}"), STOP, DONE],
        COMPLETE,
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Any], wanted: dict[str, Any] | None) -> None:
    assert outcome(OpenAIChatFormat, *rows) == (wanted or {**COMPLETE, "text": "a"})


def test_each_stretch_is_a_part_of_its_own() -> None:
    rows = [chunk({"reasoning": "h"}), chunk({"content": "a"}), call("{}", "f", id="x", index=0)]
    assert events_of(OpenAIChatFormat, *rows, chunk({"content": "b"}), STOP, DONE) == [
        ReasoningStart("r1"),
        ReasoningDelta("r1", "h"),
        ReasoningEnd("r1"),
        TextStart("t1"),
        TextDelta("t1", "a"),
        TextEnd("t1"),
        ToolCallStart("c1", "f", "x"),
        ToolCallDelta("c1", "{}"),
        TextStart("t2"),
        TextDelta("t2", "b"),
        ToolCallEnd("c1"),
        TextEnd("t2"),
        RunEnd("complete", "stop", raw_finish_reason="stop"),
    ]


def test_a_failure_keeps_the_words_of_the_peer() -> None:
    error = {"message": "Busy", "type": "rate_limit_error", "code": 429}
    failure = of_kind(events_of(OpenAIChatFormat, {"error": error}), Failure)
    assert failure == [Failure("Busy", "provider", "rate_limit_error", True, "429")]


def test_a_cut_call_has_no_end_but_a_finished_one_has() -> None:
    half = call('{"a"', "add", id="x", index=0)
    assert not of_kind(events_of(OpenAIChatFormat, half), ToolCallEnd)
    ends = of_kind(events_of(OpenAIChatFormat, half, chunk(finish="tool_calls")), ToolCallEnd)
    assert ends == [ToolCallEnd("c1")]


def test_half_a_record_after_the_finish_reason_is_cut() -> None:
    assert end_of(events_of(OpenAIChatFormat, STOP, half_record=True)).outcome == "cut"


def test_sources_are_reported_once() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
    rows = [chunk({"annotations": [note]}), chunk({"annotations": [note]})]
    more = chunk(citations=["https://b.example"])
    assert of_kind(events_of(OpenAIChatFormat, *rows, more, more, DONE), Citation) == [
        Citation("https://a.example", "A"),
        Citation("https://b.example"),
    ]


def test_what_is_not_understood_is_shown() -> None:
    rows = [
        {"hello": 1},
        "plain words",
        chunk({"content": [{"type": "image_url", "image_url": "x"}]}),
    ]
    names = [event.name for event in of_kind(events_of(OpenAIChatFormat, *rows), Unknown)]
    assert names == ["record", "record", "image_url"]


def test_half_an_emoji_waits_for_the_other_half() -> None:
    rows = [call('{"a": "\ud83d', "f", id="x", index=0), call('\ude00"}', index=0), DONE]
    document = document_of(events_of(OpenAIChatFormat, *rows))
    assert document.tool_calls[0].arguments == {"a": "\U0001f600"}


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (STOP, True),
        ({"choices": [], "prompt_filter_results": []}, True),
        ({"object": "text_completion", "choices": [{"index": 0, "delta": {}}]}, True),
        ({"object": [], "choices": []}, False),
        ({"choices": [{"delta": "x"}]}, False),
        ({"choices": "x", "object": "chat.completion.chunk"}, False),
        ({"content": "x"}, False),
        ("[DONE]", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in [*cases("openai_chat"), *cases("mistral"), *cases("tgi")]:
        if path.parent.name != "tgi" or path.name.startswith("chat-"):
            check(OpenAIChatFormat, path)


SHAPES = [
    chunk({"content": "a", "reasoning": "b"}, "stop", usage={"prompt_tokens": 1}),
    chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "h"}]}]}),
    call("{}", "f", id="x", index=0),
    {"error": {"message": "x", "code": 1, "metadata": {"raw": "y"}}},
    chunk({"annotations": [{"url_citation": {"url": "u"}}]}, citations=["u"]),
    DONE,
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(OpenAIChatFormat, rows)
