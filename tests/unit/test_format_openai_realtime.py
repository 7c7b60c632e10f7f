"""OpenAI Realtime and Azure Voice Live: messages of a session in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, end_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import RunEnd, ToolResult, Unknown
from streamwidget.formats.openai_realtime import OpenAIRealtimeFormat, recognises

Row = dict[str, Any]


def message(type: str, **fields: Any) -> Row:
    return {"type": type, "event_id": "e", **fields}


def response(name: str, id: str = "r", **fields: Any) -> Row:
    whole_response = {"object": "realtime.response", "id": id, **fields}
    return message(f"response.{name}", response=whole_response)


def done(id: str = "r", status: str = "completed", **fields: Any) -> Row:
    usage = {"input_tokens": 3, "output_tokens": 4}
    return response("done", id, status=status, usage=usage, **fields)


def said(text: str, name: str = "output_text") -> Row:
    place = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    return message(f"response.{name}.delta", **place, delta=text)


def result(name: str) -> Row:
    item = {"type": "function_call_output", "call_id": "x", "output": "2"}
    return message(f"conversation.item.{name}", item=item)


SESSION = message("session.created", session={"id": "s"})
CALL = {"type": "function_call", "id": "i", "call_id": "x", "name": "add", "arguments": ""}
CALLED = message("response.output_item.added", response_id="r", output_index=0, item=CALL)
ARGUMENTS = message(
    "response.function_call_arguments.done",
    response_id="r",
    output_index=0,
    call_id="x",
    arguments='{"a": 1}',
)
END = {
    "outcome": "complete",
    "finish": "completed",
    "usage": {"input_tokens": 3, "output_tokens": 4},
}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE = {
    "text": ([SESSION, response("created"), said("H"), said("i"), done()], {**END, "text": "Hi"}),
    "text of the older interface": ([response("created"), said("a", "text"), done()], None),
    "what is spoken": ([response("created"), said("a", "output_audio_transcript"), done()], None),
    "the user's own words are not text": (
        [
            message(
                "conversation.item.added", item={"type": "message", "content": [{"text": "x"}]}
            ),
            message("conversation.item.input_audio_transcription.completed", transcript="x"),
            response("created"),
            said("a"),
            done(),
        ],
        None,
    ),
    "a tool's round": (
        [response("created", "1"), CALLED, ARGUMENTS, done("1"), result("added"), result("done")]
        + [response("created", "2"), said("a"), done("2")],
        {
            **END,
            "text": "a",
            "tool_calls": [ADD],
            "usage": {"input_tokens": 6, "output_tokens": 8},
        },
    ),
    "a response under way: cut": (
        [response("created"), said("a")],
        {"outcome": "cut", "text": "a"},
    ),
    "a second response under way: cut": (
        [response("created", "1"), done("1"), response("created", "2"), said("a")],
        {**END, "outcome": "cut", "text": "a"},
    ),
    "a session without a response: cut": ([SESSION], {"outcome": "cut"}),
    "an error does not end the session": (
        [
            message("error", error={"message": "No such item"}),
            response("created"),
            said("a"),
            done(),
        ],
        {**END, "outcome": "failed", "text": "a", "error": "No such item"},
    ),
    "a response that failed": (
        [response("created"), done(status="failed", status_details={"error": {"message": "Gone"}})],
        {**END, "outcome": "failed", "finish": "failed", "error": "Gone"},
    ),
}


@pytest.mark.parametrize(("rows", "wanted"), TABLE.values(), ids=TABLE)
def test_rows_amount_to(rows: list[Row], wanted: dict[str, Any] | None) -> None:
    assert outcome(OpenAIRealtimeFormat, *rows) == (wanted or {**END, "text": "a"})


def test_the_clients_result_belongs_to_the_call() -> None:
    rows = [response("created"), CALLED, ARGUMENTS, done(), result("added"), result("done")]
    assert of_kind(events_of(OpenAIRealtimeFormat, *rows), ToolResult) == [ToolResult("c1", "2")]


def test_an_incomplete_response_says_why() -> None:
    row = done(status="incomplete", status_details={"reason": "content_filter"})
    end = end_of(events_of(OpenAIRealtimeFormat, row))
    assert end == RunEnd("complete", "content-filter", raw_finish_reason="incomplete")


def test_only_what_may_matter_to_a_reader_is_unknown() -> None:
    quiet = [message("rate_limits.updated"), message("response.output_audio.delta", delta="AAAA")]
    events = events_of(OpenAIRealtimeFormat, *quiet, message("hologram.delta"), "words")
    assert [event.name for event in of_kind(events, Unknown)] == ["hologram.delta", "record"]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (SESSION, True),
        (response("created"), True),
        (said("a"), True),
        (message("session.created"), False),
        (message("response.created", response={"object": "response"}), False),
        ({**said("a"), "event_id": None}, False),
        ({"type": "error", "event_id": "e"}, False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Row, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("openai_realtime_ws"):
        check(OpenAIRealtimeFormat, path)


SHAPES = [SESSION, response("created"), said("a"), CALLED, ARGUMENTS, done(), result("added")]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(OpenAIRealtimeFormat, rows)
