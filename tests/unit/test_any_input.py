"""Whatever comes, over the whole registry: documented errors only, and no buffer beyond its bound.

Records are those of real servers with members left out, replaced by other types or nested deeply,
and any bytes at all, in any pieces.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dialect import Dialect
from dialects import DIALECTS
from feeding import Feedable, drain, ids
from format_cases import any_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.aws import EventStreamDecoder
from streamwidget.decode.json_array import JsonArrayDecoder
from streamwidget.decode.json_sequence import JsonSequenceDecoder
from streamwidget.decode.lines import LineDecoder
from streamwidget.decode.sniff import SNIFF_BYTES
from streamwidget.decode.sse import STRAY_CHARS, SSEDecoder
from streamwidget.decode.text_decoder import TextDecoder
from streamwidget.document import Document
from streamwidget.errors import DecodeError, LimitError
from streamwidget.events import RunEnd
from streamwidget.formats.pipeline import FORMATS, Pipeline, open_pipeline, records_pipeline
from streamwidget.formats.registry import BY_NAME
from streamwidget.limits import Limits

SMALL = Limits(record_bytes=2000)
DECODERS: dict[str, Callable[[], Feedable]] = {
    "sse": lambda: SSEDecoder(limits=SMALL),
    "ndjson": lambda: LineDecoder(limits=SMALL),
    "json-array": lambda: JsonArrayDecoder(limits=SMALL),
    "json-seq": lambda: JsonSequenceDecoder(limits=SMALL),
    "aws-event-stream": lambda: EventStreamDecoder(limits=SMALL),
    "text": TextDecoder,
}
CONTENT_TYPES = (
    "", "text/event-stream", "application/json", "application/x-ndjson", "application/json-seq",
    "application/vnd.amazon.eventstream", "text/plain; charset=utf-16", "text/html", "x;charset=",
)  # fmt: skip
DEEP = 100_000
TOKENS = (
    b"data", b"event", b"id", b"retry", b":", b" ", b"\n", b"\r", b"\r\n", b"\0", b"\x1e", b"\xff",
    b"\xef\xbb\xbf", b"[DONE]", b'"', b"{", b"}", b"[", b"]", b",", b"\\", b"\\u", b"d83d", b"0:",
    b"9" * 5000, b"1e999", b"NaN", b"null", b'"type"', b'"error"', b"\xf0\x9f\xa6", b"\x86",
    b"[" * DEEP, b'{"a":' * DEEP, b'data: {"choices": [{"delta": {"content": ',
)  # fmt: skip
ANY_BYTES = st.lists(st.sampled_from(TOKENS) | st.binary(max_size=8), max_size=40).map(b"".join)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(ends)]


CUTS = st.lists(st.integers(0, 10**6), max_size=6)


@given(ANY_BYTES, CUTS)
@pytest.mark.parametrize("name", DECODERS)
def test_any_bytes_give_a_decoder_results_or_a_documented_error(
    name: str, data: bytes, places: list[int]
) -> None:
    _, error = drain(DECODERS[name](), cut(data, places))
    assert error is None or isinstance(error, (LimitError, DecodeError))


def read(pipeline: Pipeline, pieces: list[bytes]) -> None:
    """Holds a pipeline to events that a document and a page can take, and to one end."""
    events, error = drain(pipeline, pieces)
    assert error is None or isinstance(error, (LimitError, DecodeError))
    assert error or sum(isinstance(event, RunEnd) for event in events) == 1
    document = Document()
    ops = [op for event in events for op in document.apply(event)]
    json.dumps([ops, document.snapshot()], allow_nan=False)


@settings(max_examples=20)
@given(ANY_BYTES, CUTS, st.sampled_from(CONTENT_TYPES), st.booleans())
@pytest.mark.parametrize("format_name", FORMATS)
def test_any_bytes_give_events_or_a_documented_error(
    format_name: str, data: bytes, places: list[int], content_type: str, is_small: bool
) -> None:
    limits = SMALL if is_small else Limits()
    pipeline = open_pipeline(ids(), format=format_name, content_type=content_type, limits=limits)
    read(pipeline, cut(data, places))


@settings(max_examples=15)
@given(st.data())
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())
def test_changed_records_give_events(dialect: Dialect, data: st.DataObject) -> None:
    plain = [row[1] if isinstance(row, tuple) else row for row in dialect.rows]
    rows = [*dialect.rows[:1], *data.draw(any_rows(*plain))]
    changed = Dialect(dialect.format, rows, {}, dialect.lines)
    name = data.draw(st.sampled_from([dialect.format, "auto"]))
    pipeline = open_pipeline(ids(), format=name, content_type=changed.content_type)
    read(pipeline, cut(changed.body, data.draw(CUTS)))


def deepened(value: Any, deep: str) -> Iterator[str]:
    """The JSON of `value` with `deep` in place of each of its members."""
    if isinstance(value, dict):
        for key in value:
            holder = json.dumps({**value, key: "@"}).split('"@"')
            yield deep.join(holder)
            yield from (inner.join(holder) for inner in deepened(value[key], deep))
    elif isinstance(value, list) and value:
        yield from (f"[{inner}]" for inner in deepened(value[0], deep))


@pytest.mark.parametrize("depth", [985, 5000])  # the first is parsed, and hardly more
@pytest.mark.parametrize("format_name", {d.format: 0 for d in DIALECTS.values()})
def test_deeply_nested_members_give_events(format_name: str, depth: int) -> None:
    deep = '{"a":[' * (depth // 2) + "]}" * (depth // 2)
    for dialect in DIALECTS.values():
        if dialect.format != format_name:
            continue
        for row in dialect.rows:
            for nested in deepened(row[1] if isinstance(row, tuple) else row, deep):
                rows = [*dialect.rows[:2], (row[0], nested) if isinstance(row, tuple) else nested]
                body = Dialect(format_name, rows, {}, dialect.lines).body
                read(open_pipeline(ids(), format=format_name), [body])
                pipeline = open_pipeline(ids(), content_type=dialect.content_type)
                pipeline.feed(body)
                pipeline.outcome()  # which must not follow the nesting


@pytest.mark.parametrize("name", BY_NAME)
def test_values_that_cannot_be_written_give_events(name: str) -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    keys = {1: object(), ("a",): 2, None: 3}
    for value in (endless, deep, float("nan"), keys, {"type": deep}, {"error": keys}, {"a": keys}):
        pipeline = records_pipeline(ids(), format=name)
        events = [*pipeline.feed(value), *pipeline.flush()]
        assert sum(isinstance(event, RunEnd) for event in events) == 1


def test_every_vocabulary_has_changed_records() -> None:
    assert {dialect.format for dialect in DIALECTS.values()} >= set(BY_NAME)


# --- bounds


def held(value: object, seen: set[int]) -> int:
    """Bytes and characters that an object keeps, through all that it has."""
    if id(value) in seen or isinstance(value, type):
        return 0
    seen.add(id(value))
    if isinstance(value, (bytes, bytearray, str)):
        return len(value)
    if isinstance(value, dict):
        return sum(held(key, seen) + held(one, seen) for key, one in value.items())
    if isinstance(value, (list, tuple, set)):
        return sum(held(one, seen) for one in value)
    slots = [name for c in type(value).__mro__ for name in getattr(c, "__slots__", ())]
    kept = [getattr(value, name, None) for name in slots]
    return held([*kept, *getattr(value, "__dict__", {}).values()], seen)


BOUND = 300_000
PIECE = 4096
ROOM = Limits(record_bytes=BOUND)
UNENDING: dict[str, tuple[str, bytes, bytes]] = {
    "a line of an event": ("sse", b"data: ", b"x"),
    "data of an event": ("sse", b"", b"data: x\n"),
    "no field": ("sse", b"data: x\n\n", b"stray\n"),
    "a comment": ("sse", b"", b": x"),
    "an id": ("sse", b"id: ", b"x"),
    "names of an event": ("sse", b"", b"event: x\n"),
    "a line": ("ndjson", b"{", b" "),
    "blank lines": ("ndjson", b"", b" \n"),
    "an element": ("json-array", b"[", b"["),
    "a string": ("json-array", b'["', b"x"),
    "commas": ("json-array", b"[", b", "),
    "a word": ("json-array", b"[", b"t"),
    "a text": ("json-seq", b"\x1e", b'{"a":'),
    "separators": ("json-seq", b"", b"\x1e"),
    "no text": ("json-seq", b"", b"x"),
    "a document": ("json", b"{", b" "),
    "a head": ("auto", b"", b" "),
    "a head of JSON": ("auto", b"{", b" "),
    "a head of codes": ("auto", b'0:"', b"x"),
    "a head of a field": ("auto", b"data", b"a"),
    "codes": ("ai-sdk-data", b'0:"', b"x"),
}


@pytest.mark.parametrize(("format_name", "head", "more"), UNENDING.values(), ids=UNENDING.keys())
def test_what_never_ends_is_not_kept_beyond_the_bound(
    format_name: str, head: bytes, more: bytes
) -> None:
    pipeline = open_pipeline(ids(), format=format_name, limits=ROOM)
    pieces = [head, *[more * (PIECE // len(more))] * (4 * BOUND // PIECE)]
    most = 0

    def watched() -> Iterator[bytes]:
        nonlocal most
        for piece in pieces:
            yield piece
            most = max(most, held(pipeline.__dict__, set()))

    _, error = drain(pipeline, watched())
    assert error is None or getattr(error, "bound", "") == "record_bytes"
    assert most <= BOUND + 2 * PIECE + max(SNIFF_BYTES, STRAY_CHARS)


def test_a_frame_that_says_it_is_long_is_not_waited_for() -> None:
    frames = EventStreamDecoder(limits=ROOM)
    whole = b"\x00\xff\xff\xff" + b"\x00" * 8
    _, error = drain(frames, [whole, *[b"x" * PIECE] * 100])
    assert isinstance(error, (LimitError, DecodeError))
    assert held(frames.__dict__, set()) <= BOUND + 2 * PIECE
