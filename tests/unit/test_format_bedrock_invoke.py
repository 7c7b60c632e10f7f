"""Bedrock's InvokeModelWithResponseStream: another vocabulary in base64 envelopes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from feeding import ids
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import outcome_of
from test_aws_event_stream import header, packed, sized

from streamwidget import collect
from streamwidget.decode.sniff import sniff
from streamwidget.events import Failure, RunEnd
from streamwidget.formats.pipeline import open_pipeline
from streamwidget.formats.registry import BY_NAME

VOCABULARY = BY_NAME["bedrock-invoke"]
METRICS = {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 9, "outputTokenCount": 4}}


def chunk(inner: dict[str, Any]) -> dict[str, Any]:
    return {"chunk": {"bytes": base64.b64encode(json.dumps(inner).encode()).decode(), "p": "ab"}}


def framed(inner: dict[str, Any]) -> bytes:
    headers = header(":event-type", 7, sized(b"chunk")) + header(
        ":message-type", 7, sized(b"event")
    )
    return packed(headers, json.dumps(chunk(inner)["chunk"]).encode())


def anthropic(text: str) -> list[dict[str, Any]]:
    message = {"id": "m", "role": "assistant", "content": [], "usage": {"input_tokens": 3}}
    block = {"type": "text", "text": ""}
    stop = {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}
    return [
        {"type": "message_start", "message": {"type": "message", **message}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", **stop},
        {"type": "message_stop", **METRICS},
    ]


CHAT = {
    "object": "chat.completion.chunk",
    "choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": "stop"}],
    **METRICS,
}
LLAMA = {"generation": "hi", "prompt_token_count": None, "stop_reason": None}
TITAN = {"outputText": "hi", "index": 0, "completionReason": "FINISH"}
NOVA = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "hi"}}},
    {"messageStop": {"stopReason": "end_turn"}},
    {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2}, "metrics": {}}, **METRICS},
]
DONE = {"outcome": "complete", "text": "hi"}
COUNTED = {"usage": {"input_tokens": 9, "output_tokens": 4}}
ROWS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "anthropic": (
        anthropic("hi"),
        {**DONE, "finish": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 2}},
    ),
    "chat completions": ([CHAT], {**DONE, "finish": "stop", **COUNTED}),
    "llama": (
        [LLAMA, {"generation": "", "stop_reason": "stop", **METRICS}],
        {**DONE, "finish": "stop", **COUNTED},
    ),
    "llama, cut": ([LLAMA], {"outcome": "cut", "text": "hi"}),
    "titan": ([{**TITAN, **METRICS}], {**DONE, "finish": "FINISH", **COUNTED}),
    "nova": (
        NOVA,
        {**DONE, "finish": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 2}},
    ),
    "mistral": (
        [{"outputs": [{"text": "h"}]}, {"outputs": [{"text": "i", "stop_reason": "stop"}]}],
        {**DONE, "finish": "stop"},
    ),
    "anthropic, cut": (
        anthropic("hi")[:3],
        {"outcome": "cut", "text": "hi", "usage": {"input_tokens": 3, "output_tokens": None}},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_inside_is_read_by_its_own_format(name: str) -> None:
    rows, expected = ROWS[name]
    assert outcome(VOCABULARY.make, *map(chunk, rows)) == expected


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("content_type", ["application/vnd.amazon.eventstream", None])
def test_frames_are_recognised_by_their_checksum_however_cut(
    name: str, content_type: str | None
) -> None:
    rows, expected = ROWS[name]
    data = b"".join(map(framed, rows))
    for size in (1, 7, len(data)):
        pipeline = open_pipeline(ids(), content_type=content_type)
        events = [
            e for at in range(0, len(data), size) for e in pipeline.feed(data[at : at + size])
        ]
        events += pipeline.flush()
        assert pipeline.format_name == "bedrock-invoke"
        assert outcome_of(events)["text"] == expected["text"]
        assert isinstance(events[-1], RunEnd)
        assert events[-1].outcome == expected["outcome"]


def test_zero_bytes_without_a_checksum_are_not_frames() -> None:
    assert sniff(b"\0" * 11, None) is None
    assert sniff(b"\0\0\0\1" * 3, None) == "text"
    assert sniff(b"\0\0", None, final=True) == "text"


def test_dicts_of_boto3_carry_the_bytes_plain() -> None:
    items = [{"chunk": {"bytes": json.dumps(row).encode()}} for row in anthropic("hi")]
    result = collect(items)
    assert (result.document.format, result.text) == ("bedrock-invoke", "hi")


def test_an_exception_is_a_failure_whatever_is_inside() -> None:
    busy = {"throttlingException": {"message": "Too many"}}
    for rows in (anthropic("hi")[:3], [LLAMA], []):
        events = events_of(VOCABULARY.make, *map(chunk, rows), busy)
        failures = of_kind(events, Failure)
        assert [(one.message, one.retryable) for one in failures] == [("Too many", True)]
        assert events[-1].outcome == "failed"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (chunk(LLAMA), True),
        ({"chunk": {"bytes": '{"generation": "hi"}'}}, True),
        ({"chunk": {"bytes": "aGk="}}, False),
        ({"chunk": {"bytes": "not base64"}}, False),
        ({"chunk": "text"}, False),
        ({**chunk(LLAMA), "more": 1}, False),
    ],
)
def test_one_record_is_recognised_by_the_json_in_its_bytes(row: Any, known: bool) -> None:
    assert VOCABULARY.recognises(record(row)) is known


SHAPES = [
    *map(chunk, [LLAMA, TITAN, CHAT, *NOVA, *anthropic("hi")]),
    {"chunk": {"bytes": "?"}},
    {"validationException": {"message": "no"}},
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(VOCABULARY.make, rows)
