"""A JSON text sequence: each text when it closes, however the bytes are cut."""

from __future__ import annotations

import json

import pytest
from feeding import drain, every_way, ids, partitions
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.json_sequence import JsonSequenceDecoder
from streamwidget.errors import LimitError
from streamwidget.events import RunEnd, TextDelta, Unknown
from streamwidget.formats.pipeline import open_pipeline
from streamwidget.limits import Limits

SMALL = Limits(record_bytes=5)

ROWS: dict[str, tuple[bytes, list[str]]] = {
    "two objects": (b'\x1e{"a":1}\n\x1e{"b":2}\n', ['{"a":1}', '{"b":2}']),
    "nothing": (b"", []),
    "nothing between two RS": (b"\x1e\x1e\n\x1e{}\n", ["{}"]),
    "over several lines": (b'\x1e{\n "a": [1,\n 2]\n}\n', ['{\n "a": [1,\n 2]\n}']),
    "brackets and escapes in strings": (b'\x1e"}\\"]"\n\x1e["\\\\"]\n', ['"}\\"]"', '["\\\\"]']),
    "scalars": (b"\x1e12\n\x1etrue\r\n\x1e null \n", ["12", "true", "null"]),
    "a number without its line end": (b"\x1e12", ["12"]),
    "cut by the next RS": (b'\x1e{"a":\x1e{"b":2}\n', ['{"a":', '{"b":2}']),
    "cut by the end": (b'\x1e{}\n\x1e{"a', ["{}", '{"a']),
    "before the first RS": (b'{"lost":1}\n\x1e{}\n', ["{}"]),
    "two in one text": (b"\x1e{}{}\n", ["{}", "{}"]),
    "wide characters": ('\x1e"é中😀\u2028"\n'.encode(), ['"é中😀\u2028"']),
    "invalid UTF-8": (b'\x1e"a\xffb"\n', ['"a\ufffdb"']),
}


@pytest.mark.parametrize(("data", "texts"), ROWS.values(), ids=ROWS)
def test_bytes_give_their_texts_however_cut(data: bytes, texts: list[str]) -> None:
    assert every_way(JsonSequenceDecoder, data) == texts


def test_text_is_given_when_it_closes_and_a_number_when_its_line_ends() -> None:
    decoder = JsonSequenceDecoder()
    assert decoder.feed(b'\x1e{"a":1}') == ['{"a":1}']
    assert decoder.feed(b"\n\x1e12") == []
    assert decoder.feed(b"3\n") == ["123"]


@pytest.mark.parametrize(
    ("data", "unterminated"),
    [(b"\x1e{}\n", False), (b"\x1e{}", False), (b"\x1e1\n", False), (b"\x1e1", True)]
    + [(b'\x1e{"a"', True), (b"\x1e", False), (b"", False)],
)
def test_text_that_is_not_closed_is_marked(data: bytes, unterminated: bool) -> None:
    for pieces in partitions(data):
        decoder = JsonSequenceDecoder()
        drain(decoder, pieces)
        assert decoder.unterminated is unterminated


@pytest.mark.parametrize(
    "data", [b'\x1e1\n\x1e"1234"\n', b"\x1e1\n\x1e[[],[]]", b"\x1e1\n\x1e123456"]
)
def test_longer_text_raises_after_those_before_it(data: bytes) -> None:
    for pieces in partitions(data):
        results, error = drain(JsonSequenceDecoder(limits=SMALL), pieces)
        assert results == ["1"]
        assert isinstance(error, LimitError)
        assert (error.bound, error.limit) == ("record_bytes", 5)


def test_replaced_bytes_are_located_however_cut() -> None:
    data = '\x1e"\ufffd"\n'.encode() + b'\x1e1\n\x1e"a\xff\xfe"\n'
    for pieces in partitions(data):
        decoder = JsonSequenceDecoder()
        drain(decoder, pieces)
        assert decoder.replaced_count == 2
        assert decoder.first_replaced is not None
        assert decoder.first_replaced.offset_bytes == data.index(b"\xff")
        assert decoder.first_replaced.results_before == 2


SEQUENCE = b'\x1e{"type":"text","content":"Hi"}\n\x1e{oops\n\x1e{"type":"end"}\n'


@pytest.mark.parametrize("content_type", ["application/json-seq", None])
def test_sequence_is_recognised_and_continues_after_a_broken_text(content_type: str | None) -> None:
    events = every_way(lambda: open_pipeline(ids(), content_type=content_type), SEQUENCE)
    texts = [event.text for event in events if isinstance(event, TextDelta)]
    assert texts == ["Hi"]
    assert [event.data for event in events if isinstance(event, Unknown)] == ["{oops"]
    assert isinstance(events[-1], RunEnd)
    assert events[-1].outcome == "complete"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]), st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_any_sequence_gives_its_texts(values: list[object], indent: int | None, size: int) -> None:
    texts = (json.dumps(value, indent=indent) for value in values)
    data = "".join(f"\x1e{text}\n" for text in texts).encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    found, error = drain(JsonSequenceDecoder(), pieces)
    assert error is None
    assert [json.loads(text) for text in found] == values


@given(st.binary(max_size=40) | st.text('\x1e[]{}",\\ 1a\n', max_size=40).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_survived_however_cut(data: bytes) -> None:
    every_way(JsonSequenceDecoder, data)
