"""The AI SDK's old data stream: `code:json` lines in, canonical events out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from format_cases import ANY_JSON, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import cases, check

from streamwidget.events import Citation, Progress, StepEnd, StepStart, ToolResult, Unknown
from streamwidget.formats.ai_sdk_data import AISDKDataFormat, recognises

END = 'd:{"finishReason":"stop"}'
STOP = {"outcome": "complete", "finish": "stop"}
CALL = 'b:{"toolCallId":"k","toolName":"add"}'
WHOLE = '9:{"toolCallId":"k","toolName":"add","args":{"a":1}}'
ADD = {"name": "add", "arguments": {"a": 1}}
USED = '{"usage":{"promptTokens":3,"completionTokens":4}}'

TABLE = {
    "text": (['0:"Hel"', '0:"lo"', END], {**STOP, "text": "Hello"}),
    "reasoning and its signature": (
        ['g:"h"', 'j:{"signature":"x"}', END],
        {**STOP, "reasoning": "h"},
    ),
    "no end": (['0:"Hel"'], {"outcome": "cut", "text": "Hel"}),
    "an error": (
        ['3:"No"', 'd:{"finishReason":"error"}'],
        {"outcome": "failed", "error": "No", "finish": "error"},
    ),
    "a whole call": ([WHOLE, END], {**STOP, "tool_calls": [ADD]}),
    "a call in pieces": (
        [
            CALL,
            'c:{"toolCallId":"k","argsTextDelta":"{\\"a\\":"}',
            'c:{"toolCallId":"k","argsTextDelta":"1}"}',
        ],
        {"outcome": "cut", "tool_calls": [ADD]},
    ),
    "usage of the steps, not their total again": (
        [
            'f:{"messageId":"m"}',
            f"e:{USED}",
            'f:{"messageId":"n"}',
            f"e:{USED}",
            f"d:{USED}",
        ],
        {"outcome": "complete", "usage": {"input_tokens": 6, "output_tokens": 8}},
    ),
    "usage without steps": (
        [f"d:{USED}"],
        {"outcome": "complete", "usage": {"input_tokens": 3, "output_tokens": 4}},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_lines_amount_to_what_they_say(name: str) -> None:
    rows, expected_content = TABLE[name]
    assert outcome(AISDKDataFormat, *rows) == expected_content


def test_other_lines_are_shown_as_what_they_are() -> None:
    rows = [
        'f:{"messageId":"m"}',
        WHOLE,
        'a:{"toolCallId":"k","result":{"n":2}}',
        '2:[{"progress":0.5},{"city":"Bonn"}]',
        'h:{"sourceType":"url","id":"1","url":"https://a.example","title":"A"}',
        'e:{"finishReason":"stop"}',
        "z:1",
        "0:no json",
        "plain",
    ]
    events = events_of(AISDKDataFormat, *rows)
    assert of_kind(events, ToolResult) == [ToolResult("c1", '{"n": 2}')]
    assert of_kind(events, Progress) == [Progress("p1", 0.5, 1, step_id="s1")]
    assert of_kind(events, Citation) == [Citation("https://a.example", "A", "s1")]
    assert of_kind(events, StepStart) == [StepStart("s1", "Step 1")]
    assert of_kind(events, StepEnd) == [StepEnd("s1")]
    assert [one.name for one in of_kind(events, Unknown)] == ["data", "line", "line", "line"]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ('0:"a"', True),
        ('f:{"messageId":"m"}', True),
        ("2:[1]", True),
        ("0:a", False),
        ("2:{}", False),
        ("d:{}", False),
        ('"a"', False),
        ("12:30 is the time", False),
        ("", False),
    ],
)
def test_one_line_is_recognised_by_its_code_and_value(line: str, known: bool) -> None:
    assert recognises(record(line)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("ai_sdk_data"):
        check(AISDKDataFormat, path)


KEYS = st.sampled_from(
    [
        "toolCallId",
        "toolName",
        "args",
        "argsTextDelta",
        "result",
        "usage",
        "finishReason",
        "message",
    ]
)
VALUES = ANY_JSON | st.dictionaries(KEYS, ANY_JSON, max_size=4)
LINES = st.builds(
    lambda code, value: f"{code}:{json.dumps(value)}",
    st.sampled_from("0123489abcdefghijkx"),
    VALUES,
)


@given(st.lists(LINES | st.text(max_size=8), max_size=8))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(AISDKDataFormat, rows)
