"""Server-sent events: a table of bytes and the events they give, however they are cut."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.sse import ServerSentEvent, SSEDecoder
from streamwidget.errors import LimitError
from streamwidget.limits import Limits
from unit.feeding import drain, every_way, partitions
from unit.waiting import measured_again

SHARED = Path(__file__).parents[3] / "shared/streams/sse_conformance/cases.json"
SMALL = Limits(record_bytes=10)


def event(data: str, name: str = "message", id: str = "") -> ServerSentEvent:
    return ServerSentEvent(name, data, id)


ROWS: dict[str, tuple[bytes, list[ServerSentEvent]]] = {
    "one line": (b"data: hello\n\n", [event("hello")]),
    "no space": (b"data:hello\n\n", [event("hello")]),
    "one space only is removed": (b"data:  two\n\n", [event(" two")]),
    "lines are joined": (b"data: a\ndata: b\n\n", [event("a\nb")]),
    "empty second line": (b"data: a\ndata: \n\n", [event("a\n")]),
    "empty name": (b"event: \ndata: a\n\n", [event("a")]),
    "name and two lines": (b"event: t\ndata: a\ndata: b\n\n", [event("a\nb", "t")]),
    "two names": (b"event: s\nevent: t\ndata: a\n\n", [event("a", "t")]),
    "no value": (b"data\ndata\n\n", [event("\n")]),
    "unfinished": (b"data: a\n\ndata: lost\n", [event("a")]),
    "CR": (b"data: a\rdata: b\r\r", [event("a\nb")]),
    "CR LF": (b"data: a\r\n\r\ndata: b\r\n\r\n", [event("a"), event("b")]),
    "LF CR": (b"data: a\n\rdata: b\n\r", [event("a"), event("b")]),
    "mixed ends": (b"data: a\rdata: b\r\ndata: c\n\ndata: d\r\r\n", [event("a\nb\nc"), event("d")]),
    "BOM": (b"\xef\xbb\xbfdata: x\n\n", [event("x")]),
    "second BOM": (b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\ndata: y\n\n", [event("y")]),
    "comments": (b": hi\n\ndata: a\n: in it\ndata: b\n\n:\n\n", [event("a\nb")]),
    "names": (b"event: t\ndata: a\n\ndata: b\n\n", [event("a", "t"), event("b")]),
    "name without data": (b"event: t\n\ndata: a\n\n", [event("a")]),
    "name last": (b"data: a\nevent: t\n\n", [event("a", "t")]),
    "id sticks": (b"id: 1\ndata: a\n\ndata: b\n\n", [event("a", id="1"), event("b", id="1")]),
    "id alone": (b"id: 7\n\ndata: a\n\n", [event("a", id="7")]),
    "id cleared": (b"id: 7\n\nid\ndata: a\n\n", [event("a")]),
    "id with NUL": (b"id: 7\n\nid: 8\0\ndata: a\n\n", [event("a", id="7")]),
    "unknown fields": (b"foo: a\nDATA: b\ndata : c\ndata: d\n\n", [event("d")]),
    "not a line end": (
        "data: a\u2028b\u0085c\x0bd\x1ce\n\n".encode(),
        [event("a\u2028b\x85c\x0bd\x1ce")],
    ),
    "blank lines": (b"\n\n\ndata: a\n\n\n\ndata: b\n\n\n", [event("a"), event("b")]),
    "wide characters": ("data: é中😀\n\n".encode(), [event("é中😀")]),
    "invalid UTF-8": (b"data: a\xffb\xe4\xb8\n\n", [event("a\ufffdb\ufffd")]),
    "JSON without a field": (b'data: a\n\n{\n "error": 1\n}\n\n', [event("a")]),
    "many": (b"data: a\n\n" * 5 + b"data: b\ndata: c\n\n", [event("a")] * 5 + [event("b\nc")]),
}


@pytest.mark.parametrize(("data", "events"), ROWS.values(), ids=ROWS.keys())
def test_bytes_give_their_events_however_cut(data: bytes, events: list[ServerSentEvent]) -> None:
    assert every_way(SSEDecoder, data) == events


def shared_cases() -> list[Any]:
    """The shared conformance cases where they are at hand; our own rows stand alone."""
    cases = json.loads(SHARED.read_text())["cases"] if SHARED.exists() else []
    return [pytest.param(case, id=f"{case['n']}-{case['name']}") for case in cases]


def shared_bytes(case: dict[str, Any]) -> bytes:
    if "input_base64" in case:
        return base64.b64decode(case["input_base64"])
    return str(case["input"]).encode()


if SHARED.exists():

    @pytest.mark.parametrize("case", shared_cases())
    def test_shared_case_holds_however_cut(case: dict[str, Any]) -> None:
        expected = [ServerSentEvent(e["event"], e["data"], e["id"]) for e in case["events"]]
        for pieces in partitions(shared_bytes(case)):
            decoder = SSEDecoder(case["start_last_event_id"])
            assert drain(decoder, pieces) == (expected, None)
            assert decoder.last_event_id == case["last_event_id"]
            assert decoder.reconnection_time_ms == case["retry"]


def test_event_is_given_when_its_blank_line_arrives() -> None:
    for end in (b"\n\n", b"\r\r", b"\r\n\r\n", b"\r\n\r"):
        assert SSEDecoder().feed(b"data: a" + end) == [event("a")], end


def test_id_counts_only_when_its_block_ends() -> None:
    decoder = SSEDecoder("old")
    decoder.feed(b"id: new\ndata: a\n")
    assert decoder.last_event_id == "old"
    decoder.feed(b"\n")
    assert decoder.last_event_id == "new"


@pytest.mark.parametrize(
    ("value", "time_ms"),
    [
        (b"1500", 1500),
        (b"007", 7),
        (b"+5", None),
        (b"1_0", None),
        (b"10 ", None),
        (b"", None),
        ("٤٢".encode(), None),
        (b"9" * 5000, None),
    ],
)
def test_retry_takes_ascii_digits_only(value: bytes, time_ms: int | None) -> None:
    decoder = SSEDecoder()
    decoder.feed(b"retry: " + value + b"\n")
    assert decoder.reconnection_time_ms == time_ms


def test_comments_are_counted_as_life() -> None:
    decoder = SSEDecoder()
    decoder.feed(b": a\n:\n\ndata: : b\n: c\n\n")
    assert decoder.comment_count == 3


def test_replaced_bytes_are_counted_and_located_however_cut() -> None:
    data = "data: \ufffd\n\n".encode() + b"data: a\xffb\xfe\n\ndata: \xff\n\n"
    for pieces in partitions(data):
        decoder = SSEDecoder()
        drain(decoder, pieces)
        assert decoder.replaced_count == 3
        assert decoder.first_replaced is not None
        assert decoder.first_replaced.offset_bytes == data.index(b"\xff")
        assert decoder.first_replaced.results_before == 1


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"data: 1234\n\n", [event("1234")]),  # ten bytes are allowed
        (b"\xef\xbb\xbfdata: 1234\n\n", [event("1234")]),
        (b"data: 123\ndata: 456\ndata: 78\n\n", [event("123\n456\n78")]),
    ],
)
def test_bound_itself_is_allowed(data: bytes, events: list[ServerSentEvent]) -> None:
    assert every_way(lambda: SSEDecoder(limits=SMALL), data) == events


@pytest.mark.parametrize(
    "data",
    [
        b"data: a\n\ndata: 12345\n\n",
        b"data: a\n\ndata: 1234567890",
        b"data: a\n\ndata: 123\ndata: 456\ndata: 789\n\n",
        b"data: a\n\n: a long comment\n",
        b"data: a\n\ndata: \xff\xff\n\n",  # six bytes once replaced
    ],
)
def test_longer_line_or_event_names_the_bound_after_what_came_before(data: bytes) -> None:
    for pieces in partitions(data):
        results, error = drain(SSEDecoder(limits=SMALL), pieces)
        assert results == [event("a")]
        assert isinstance(error, LimitError)
        assert error.bound == "record_bytes"
        assert error.limit == 10


def test_endless_comments_pass_no_bound() -> None:
    decoder = SSEDecoder(limits=SMALL)
    for _ in range(100):
        assert decoder.feed(b": ping\n") == []


@measured_again
def test_time_is_linear_in_the_bytes_however_small_the_pieces() -> None:
    def seconds(megabytes: int) -> float:
        data = b"data: " + b"x" * (megabytes << 20) + b"\n\n"
        decoder, start = SSEDecoder(), time.process_time()
        for i in range(0, len(data), 64):
            decoder.feed(data[i : i + 64])
        return time.process_time() - start

    # Quadratic would be 16 times as long; the factor leaves room for a busy machine.
    assert seconds(4) < 10 * max(min(seconds(1) for _ in range(3)), 0.005)


WORDS = [
    *(b"data", b"id", b"event", b"retry", b":", b" ", b"\n", b"\r", b"\n\n", b"a", b"7", b"\0"),
    *(b"\xef\xbb\xbf", b"\xff", b"\xe4\xb8", b"\xc3\xa9", b"\xf0\x9f\x98\x80"),
]
stream_bytes = st.lists(st.sampled_from(WORDS) | st.binary(max_size=4), max_size=40)


@given(stream_bytes, st.integers(5, 40))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_the_same_in_any_pieces(parts: list[bytes], limit: int) -> None:
    limits = Limits(record_bytes=limit)
    whole = drain(SSEDecoder(limits=limits), [b"".join(parts)])
    cut = drain(SSEDecoder(limits=limits), parts)
    assert cut[0] == whole[0]
    assert str(cut[1]) == str(whole[1])
