"""The generic vocabulary and its detection: bytes in, canonical events out, however cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget import collect
from streamwidget.errors import LimitError, UsageError
from streamwidget.events import (
    Event,
    Failure,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    Unknown,
)
from streamwidget.formats.pipeline import Pipeline, open_pipeline
from streamwidget.limits import Limits
from unit.feeding import drain, every_way, ids, joined


def run(
    data: bytes, content_type: str | None = "text/event-stream", format: str = "auto"
) -> list[Event]:
    """The events of `data` after checking that every partition gives them."""
    return every_way(lambda: pipeline(content_type, format), data)


def pipeline(content_type: str | None = None, format: str = "auto", **limits: int) -> Pipeline:
    return open_pipeline(ids(), format=format, content_type=content_type, limits=Limits(**limits))


def sse(*records: Any) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(record).encode() for record in records)


def text(*deltas: str, part_id: str = "t1", step: str | None = None) -> list[Event]:
    return [
        TextStart(part_id, step),
        TextDelta(part_id, "".join(deltas)),
        TextEnd(part_id),
    ]


def thought(thought_text: str, step: str | None = None) -> list[Event]:
    return [ReasoningStart("r1", step), ReasoningDelta("r1", thought_text), ReasoningEnd("r1")]


def peer(message: str, code: str | None = None) -> Failure:
    return Failure(message, "provider", "ProviderError", code=code)


COMPLETE = RunEnd("complete")
START = {"type": "start"}
END = {"type": "end"}

RECORDS: dict[str, tuple[list[Any], list[Event]]] = {
    "the whole life": (
        [START, {"type": "thinking", "content": "Hm"}, {"type": "response", "content": "Yes"}, END],
        [*thought("Hm"), *text("Yes"), COMPLETE],
    ),
    "types of text": (
        [
            {"type": "text", "text": "a"},
            {"type": "token", "token": "b"},
            {"type": "delta", "delta": "c"},
            {"type": "message", "content": "d"},
            {"type": "response", "text": "e"},
        ],
        [*text("abcde"), COMPLETE],
    ),
    "text without a type": (
        [{"text": "a"}, {"content": "b"}, {"token": "c"}],
        [*text("abc"), COMPLETE],
    ),
    "empty deltas": ([{"text": ""}, {"text": "a"}, {"text": ""}], [*text("a"), COMPLETE]),
    "finish reason": (
        [{"type": "done", "finish_reason": "length"}],
        [RunEnd("complete", "length", raw_finish_reason="length")],
    ),
    "after the end": ([END, {"text": "late"}], [COMPLETE]),
    "error": (
        [START, {"text": "a"}, {"type": "error", "message": "Lost", "code": 7}],
        [*text("a")[:-1], peer("Lost", "7"), TextEnd("t1"), RunEnd("failed")],
    ),
    "error in an object": (
        [{"error": {"message": "Lost", "code": "x"}}],
        [peer("Lost", "x"), RunEnd("failed")],
    ),
    "error as text": ([{"error": "Lost"}], [peer("Lost"), RunEnd("failed")]),
    "no error": ([{"error": None, "text": "a"}], [*text("a"), COMPLETE]),
    "percent": (
        [{" progress": 0, "status": "Go"}, {"progress": 25, "status": "On"}],
        [Progress("p1", 0, 100, None, "Go"), Progress("p1", 25, 100, None, "On"), COMPLETE],
    ),
    "fractions": (
        [{"progress": 0.5}, {"progress": 1.0}],
        [Progress("p1", 0.5, 1), Progress("p1", 1, 1), COMPLETE],
    ),
    "counted": (
        [
            {"type": "progress", "completed": 1, "total": 3, "unit": "files", "message": "A"},
            {"type": "progress", "message": "B"},
            {"type": "progress", "id": "other", "current": 2},
        ],
        [
            Progress("p1", 1, 3, "files", "A"),
            Progress("p1", 1, 3, None, "B"),
            Progress("p2", 2, None),
            COMPLETE,
        ],
    ),
    "progress leaves the text open": (
        [{"text": "a"}, {"progress": 5}, {"text": "b"}],
        [
            TextStart("t1"),
            TextDelta("t1", "a"),
            Progress("p1", 5, 100),
            TextDelta("t1", "b"),
            TextEnd("t1"),
            COMPLETE,
        ],
    ),
    "steps nest": (
        [
            {"type": "step_start", "id": "a", "name": "A"},
            {"type": "step_start", "id": "b", "name": "B"},
            {"text": "in b"},
            {"type": "step_end", "id": "a"},
        ],
        [
            StepStart("s1", "A"),
            StepStart("s2", "B", "s1"),
            *text("in b", step="s2"),
            StepEnd("s2"),
            StepEnd("s1"),
            COMPLETE,
        ],
    ),
    "steps with parents": (
        [
            {"type": "step-start", "id": "a", "name": "A"},
            {"type": "step-start", "id": "b", "name": "B", "parent": None},
            {"type": "step-end", "id": "a", "status": "failed"},
            {"type": "step-end"},
            {"type": "step-end", "id": "a"},
        ],
        [
            StepStart("s1", "A"),
            StepStart("s2", "B"),
            StepEnd("s1", "failed"),
            StepEnd("s2"),
            Unknown("step-end", '{"type": "step-end", "id": "a"}'),
            COMPLETE,
        ],
    ),
    "steps one after the other": (
        [
            {"type": "step", "name": "A"},
            {"type": "step", "name": "B"},
            {"type": "step", "name": "B", "status": "done"},
        ],
        [StepStart("s1", "A"), StepEnd("s1"), StepStart("s2", "B"), StepEnd("s2"), COMPLETE],
    ),
    "reasoning closes text": (
        [{"text": "a"}, {"type": "thinking", "content": "hm"}, {"text": "b"}],
        [*text("a"), *thought("hm"), *text("b", part_id="t2"), COMPLETE],
    ),
    "tools are kept": (
        [{"text": "a"}, {"type": "tool_call", "tool": "find"}, {"text": "b"}],
        [
            *text("a")[:-1],
            Unknown("tool_call", '{"type": "tool_call", "tool": "find"}'),
            TextDelta("t1", "b"),
            TextEnd("t1"),
            COMPLETE,
        ],
    ),
    "a known type of another shape": (
        [{"type": "message", "content": [1]}],
        [Unknown("message", '{"type": "message", "content": [1]}'), COMPLETE],
    ),
    "notice": ([{"type": "warning", "message": "Slow"}], [Notice("Slow", "warning"), COMPLETE]),
    "declared an end, gave none": ([START, {"text": "a"}], [*text("a"), RunEnd("cut")]),
}


@pytest.mark.parametrize(("records", "events"), RECORDS.values(), ids=RECORDS.keys())
def test_records_mean_the_same_as_sse_and_as_lines(records: list[Any], events: list[Event]) -> None:
    assert run(sse(*records)) == events
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    assert run(lines, "application/x-ndjson") == events


def test_half_surrogates_are_joined_in_the_run() -> None:
    rows = sse({"text": "a\ud83d"}, {"text": "\ude00"}, {"text": "\ude00b\ud83d"})
    result = collect([rows], content_type="text/event-stream")
    assert result.text == "a😀\ufffdb\ufffd"


SSE_ROWS: dict[str, tuple[bytes, list[Event]]] = {
    "plain text": (b"data: Hello\n\ndata:  you\n\n", [*text("Hello you"), COMPLETE]),
    "lines of an event": (b"data: a\ndata: b\n\n", [*text("a\nb"), COMPLETE]),
    "tokens that are JSON": (
        b"data: 7\n\ndata: true\n\ndata: [1]\n\n",
        [*text("7true[1]"), COMPLETE],
    ),
    "a token like an object": (b"data: x =\n\ndata: {}\n\n", [*text("x ={}"), COMPLETE]),
    "JSON strings": (b'data: "a\\n"\n\ndata: "b"\n\n', [*text("a\nb"), COMPLETE]),
    "quotes in plain text": (b'data: a\n\ndata: "b"\n\n', [*text('a"b"'), COMPLETE]),
    "[DONE]": (b"data: a\n\ndata: [DONE]\n\ndata: b\n\n", [*text("a"), COMPLETE]),
    "event: done": (
        b"event: output\ndata: a\n\nevent: done\ndata: {}\n\n",
        [*text("a"), RunEnd("complete", "stop", raw_finish_reason="done")],
    ),
    "event: error": (b"event: error\ndata: Lost\n\n", [peer("Lost"), RunEnd("failed")]),
    "event: error with JSON": (
        b'event: error\ndata: {"detail": "Lost"}\n\n',
        [peer("Lost"), RunEnd("failed")],
    ),
    "event: thinking": (b"event: thinking\ndata: hm\n\n", [*thought("hm"), COMPLETE]),
    "name as the type": (
        b'event: thinking\ndata: {"content": "hm"}\n\n',
        [*thought("hm"), COMPLETE],
    ),
    "the type wins": (
        b'event: error\ndata: {"type": "text", "text": "a"}\n\n',
        [*text("a"), COMPLETE],
    ),
    "pings": (b"event: ping\ndata: 1\n\n: hi\n\ndata: a\n\n", [*text("a"), COMPLETE]),
    "unknown object": (b'event: cite\ndata: {"n": 1}\n\n', [Unknown("cite", '{"n": 1}'), COMPLETE]),
    "no events": (b": hello\n\n", [COMPLETE]),
}


@pytest.mark.parametrize(("data", "events"), SSE_ROWS.values(), ids=SSE_ROWS.keys())
def test_sse_gives_its_events_however_cut(data: bytes, events: list[Event]) -> None:
    assert run(data) == events


DETECTED: dict[str, tuple[bytes, str | None, str, list[Event]]] = {
    "SSE as text/plain": (b"data: a\n\ndata: b\n\n", "text/plain", "sse", [*text("ab"), COMPLETE]),
    "SSE by nothing": (
        b"\n: hi\r\nevent: x\r\ndata: a\r\n\r\n",
        None,
        "sse",
        [*text("a"), COMPLETE],
    ),
    "JSON lines by nothing": (
        b'{"text": "a"}\n{"text": "b"}\n',
        None,
        "ndjson",
        [*text("ab"), COMPLETE],
    ),
    "text": (b"Hello\nyou", "text/plain", "text", [*text("Hello\nyou"), COMPLETE]),
    "text like a field": (
        b"data: none\nSo it is.",
        "text/plain",
        "text",
        [*text("data: none\nSo it is."), COMPLETE],
    ),
    "text with a brace": (
        b"{not json}\nmore",
        "text/plain",
        "text",
        [*text("{not json}\nmore"), COMPLETE],
    ),
    "latin-1": (b"caf\xe9!", "text/plain; charset=iso-8859-1", "text", [*text("café!"), COMPLETE]),
    "error as JSON": (
        b'{"error": "No"}',
        "application/json",
        "ndjson",
        [peer("No"), RunEnd("failed")],
    ),
    "error in place of SSE": (
        b'{"error": "No"}',
        "text/event-stream",
        "ndjson",
        [peer("No"), RunEnd("failed")],
    ),
    "error in lines of JSON": (
        b'{\n "error": {\n "message": "No"}\n}\n',
        "text/event-stream",
        "json",
        [peer("No"), RunEnd("failed")],
    ),
    "array of JSON": (
        b'[{"text":"a"},\n{"text":"b"}]',
        "application/json",
        "json-array",
        [*text("ab"), COMPLETE],
    ),
    "half an array": (
        b'[{"text":"a"},',
        "application/json",
        "json-array",
        [*text("a"), RunEnd("cut")],
    ),
    "half a document": (
        b'{"text":\n"a",',
        "application/json",
        "json",
        [Unknown("half of a JSON document", '{"text":\n"a",'), RunEnd("cut")],
    ),
    "half a line": (
        b'{"text":"a"}\n{"text":',
        "application/jsonl",
        "ndjson",
        [*text("a")[:-1], Unknown("line", '{"text":'), TextEnd("t1"), RunEnd("cut")],
    ),
    "broken line": (
        b'{"text":"a"}\noops\n{"text":"b"}',
        "application/x-ndjson",
        "ndjson",
        [
            *text("a")[:-1],
            Unknown("line", "oops"),
            TextDelta("t1", "b"),
            TextEnd("t1"),
            COMPLETE,
        ],
    ),
    "BOM": (b"\xef\xbb\xbfdata: a\n\n", None, "sse", [*text("a"), COMPLETE]),
    "only blanks": (b"\n\n", None, "text", [*text("\n\n"), COMPLETE]),
}


@pytest.mark.parametrize(
    ("data", "content_type", "name", "events"), DETECTED.values(), ids=DETECTED.keys()
)
def test_format_is_detected_however_cut(
    data: bytes, content_type: str | None, name: str, events: list[Event]
) -> None:
    assert run(data, content_type) == events
    decoder = pipeline(content_type)
    drain(decoder, [data])
    assert decoder.format_name == name


def test_passed_format_wins_over_everything() -> None:
    assert run(b"data: a\n\n", "text/event-stream", "text") == [*text("data: a\n\n"), COMPLETE]
    assert run(b"data: a\n\n", "text/html", "sse") == [*text("a"), COMPLETE]
    with pytest.raises(UsageError, match="'sse'"):
        pipeline(format="grpc")


def test_text_is_not_held_back_by_detection() -> None:
    decoder = pipeline("text/plain")
    assert decoder.feed(b"H") == [TextStart("t1"), TextDelta("t1", "H")]
    assert decoder.format_name == "text"


def test_detection_holds_back_no_more_than_its_bound() -> None:
    decoder = pipeline(None)
    head = b"{" + b"x" * 70_000
    results, _ = drain(decoder, [head[i : i + 1000] for i in range(0, len(head), 1000)])
    assert joined(results) == [*text(head.decode()), COMPLETE]


def test_long_first_line_is_detected_the_same_however_cut() -> None:
    data = b'{"text": "' + b"x" * 70_000 + b'"}\n{"text": "y"}\n'
    whole, _ = drain(pipeline(None), [data])
    cut, _ = drain(pipeline(None), [data[i : i + 999] for i in range(0, len(data), 999)])
    assert joined(cut) == joined(whole)


@pytest.mark.parametrize(
    ("data", "content_type", "before"),
    [
        (b"data: a\n\n: \xff\n\ndata: b\xfe\n\n", "text/event-stream", "a"),
        (b'{"text":"a"}\n{"text":"b\xff"}\n', "application/x-ndjson", "a"),
        (b"a\xffb\xff", "text/plain", "a"),
        (b"data: a\n\n: \xff\n\n", "text/event-stream", "a"),
    ],
)
def test_first_invalid_byte_is_reported_once_where_it_is(
    data: bytes, content_type: str, before: str
) -> None:
    events = run(data, content_type)
    failures = [event for event in events if isinstance(event, Failure)]
    assert len(failures) == 1
    assert (failures[0].fault, failures[0].fatal) == ("decode", False)
    assert f"byte offset {data.index(0xFF)}" in failures[0].message
    assert events[events.index(failures[0]) - 1] == TextDelta("t1", before)
    assert events[-1] == COMPLETE


def test_long_error_is_quoted_short_and_kept_whole() -> None:
    (failure, _) = run(sse({"error": "x" * 5000}))
    assert isinstance(failure, Failure)
    assert len(failure.message) == 1000
    assert failure.detail == "x" * 5000


def test_events_before_a_passed_bound_are_kept() -> None:
    for content_type, data in (
        ("text/event-stream", b"data: a\n\ndata: 12345\n\n"),
        ("application/x-ndjson", b'{"text":1}\n{"text":"bb"}\n'),
    ):
        decoder = pipeline(content_type, record_bytes=10)
        events, error = drain(decoder, [data])
        assert events, content_type
        assert isinstance(error, LimitError)


HOSTILE = [
    b'data: {"progress": 1e999}\n\n',
    b'data: {"progress": NaN}\n\n',
    b'data: {"type": "progress", "completed": "3", "total": [1]}\n\n',
    b'data: {"type": "step_start", "id": {"a": 1}, "parent": [2]}\n\n',
    b'data: {"type": "step_start", "id": "a", "parent": "a"}\n\ndata: {"type":"step_end"}\n\n',
    b'data: {"type": {"a": 1}, "error": {"message": {"b": 2}}}\n\n',
    b'data: {"type": "step_start", "name": "\\ud800"}\n\n',
    b"data: " + b"[" * 100_000 + b"\n\n",
    b'data: {"a":' * 50_000 + b"\n\n",
    b'data: {"type": "error", "code": ["x"], "message": null}\n\n',
    b"data: " + b"9" * 10_000 + b"\n\n",
    b'data: {"n": ' + b"9" * 10_000 + b"}\n\n",
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_records_raise_nothing_and_can_be_sent_on(data: bytes) -> None:
    events, error = drain(pipeline("text/event-stream"), [data])
    assert error is None
    assert isinstance(events[-1], RunEnd)
    for event in events:
        json.dumps(repr(event)).encode()
        values = [getattr(event, name) for name in event.__slots__]
        json.dumps(values, allow_nan=False, ensure_ascii=False).encode()


WORDS = [
    *(
        b"data: ",
        b"event: ",
        b"done",
        b"error",
        b"\n",
        b"\n\n",
        b"\r",
        b"{",
        b"}",
        b'"',
        b":",
        b"[",
    ),
    *(b'{"type":"start"}', b'{"text":"a"}', b'{"progress":3}', b"[DONE]", b'{"error":"e"}'),
    *(b'{"type":"step","name":"x"}', b'"\\ud83d"', b"\xff", b"\xef\xbb\xbf", b"\xc3\xa9"),
]
pieces = st.lists(st.sampled_from(WORDS) | st.binary(max_size=4), max_size=30)
types = st.sampled_from(
    [None, "text/event-stream", "text/plain", "application/json", "application/x-ndjson"]
)


@given(pieces, types)
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_the_same_in_any_pieces(
    parts: list[bytes], content_type: str | None
) -> None:
    whole, error = drain(pipeline(content_type, record_bytes=50), [b"".join(parts)])
    cut, cut_error = drain(pipeline(content_type, record_bytes=50), parts)
    assert joined(cut) == joined(whole)
    assert str(cut_error) == str(error)
    ends = [event for event in whole if isinstance(event, RunEnd)]
    assert ends == whole[-1:] or error is not None
