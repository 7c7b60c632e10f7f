"""A streamed JSON array: each element when it closes, however the bytes are cut."""

from __future__ import annotations

import json

import pytest
from feeding import drain, every_way, partitions
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.json_array import JsonArrayDecoder
from streamwidget.errors import LimitError
from streamwidget.limits import Limits

SMALL = Limits(record_bytes=5)

ROWS: dict[str, tuple[bytes, list[str]]] = {
    "as Gemini sends it": (b'[{"a": 1}\n,\r\n{"b": [2]}\n]\n', ['{"a": 1}', '{"b": [2]}']),
    "in one line": (b"[{},{}]", ["{}", "{}"]),
    "nested": (b'[[1,[2]],{"a":{"b":[]}}]', ["[1,[2]]", '{"a":{"b":[]}}']),
    "brackets in strings": (b'[{"a":"}]{["},"]"]', ['{"a":"}]{["}', '"]"']),
    "escapes": (rb'["\"","\\",{"\"]":"\\"}]', [r'"\""', r'"\\"', r'{"\"]":"\\"}']),
    "scalars": (b'[1, -2.5e3 ,true,null , "x"]', ["1", "-2.5e3", "true", "null", '"x"']),
    "blanks and commas": (b" [ ,, \t1\r\n,2,]\r\n", ["1", "2"]),
    "empty": (b"[]", []),
    "nothing": (b"", []),
    "BOM": (b"\xef\xbb\xbf[1]", ["1"]),
    "BOM only": (b"\xef\xbb\xbf", []),
    "an object in place of the array": (b'{"error": {}}', ['{"error": {}}']),
    "objects behind the array": (b'[1]\n{"error": [{}]}\n[2]', ["1", '{"error": [{}]}', "2"]),
    "garbage behind the array": (b"[1]\nupstream, gone ]\nbye", ["1", "upstream, gone ]", "bye"]),
    "garbage inside": (b'[1, oops{"a":1}, }]', ["1", "oops", '{"a":1}', "}"]),
    "brackets that do not match": (b'[{"a":1],{}]', ['{"a":1]', "{}"]),
    "wide characters": ('["é中😀\u2028"]'.encode(), ['"é中😀\u2028"']),
    "invalid UTF-8": (b'["a\xffb"]', ['"a\ufffdb"']),
    "unfinished": (b'[1,{"a": "x', ["1", '{"a": "x']),
    "unfinished after an escape": (b'["\\', ['"\\']),
    "not closed": (b"[1,2", ["1", "2"]),
}


@pytest.mark.parametrize(("data", "elements"), ROWS.values(), ids=ROWS)
def test_bytes_give_their_elements_however_cut(data: bytes, elements: list[str]) -> None:
    assert every_way(JsonArrayDecoder, data) == elements


@pytest.mark.parametrize(
    ("data", "unterminated"),
    [(b"[1]", False), (b"[1", True), (b"[", True), (b'[{"a"', True), (b"", False)]
    + [(b'{"a"', True), (b"{}", False), (b"oops", False), (b'[1]"x', True)],
)
def test_array_that_is_not_closed_is_marked(data: bytes, unterminated: bool) -> None:
    for pieces in partitions(data):
        decoder = JsonArrayDecoder()
        drain(decoder, pieces)
        assert decoder.unterminated is unterminated


def test_element_is_given_when_it_closes() -> None:
    decoder = JsonArrayDecoder()
    assert decoder.feed(b'[{"a":1}') == ['{"a":1}']
    assert decoder.feed(b'\n,{"b":') == []
    assert decoder.feed(b'2}, "x" ') == ['{"b":2}', '"x"']


def test_replaced_bytes_are_counted_and_located_however_cut() -> None:
    data = '["\ufffd",'.encode() + b'1,"a\xff\xfe",\n"\xff"]'
    for pieces in partitions(data):
        decoder = JsonArrayDecoder()
        drain(decoder, pieces)
        assert decoder.replaced_count == 3
        assert decoder.first_replaced is not None
        assert decoder.first_replaced.offset_bytes == data.index(b"\xff")
        assert decoder.first_replaced.results_before == 2


@pytest.mark.parametrize("data", [b'[1,"1234"]', b"[1,[[],[]]]", b"[1,123456]", b'[1,"123456789'])
def test_longer_element_raises_after_those_before_it(data: bytes) -> None:
    for pieces in partitions(data):
        results, error = drain(JsonArrayDecoder(limits=SMALL), pieces)
        assert results == ["1"]
        assert isinstance(error, LimitError)
        assert (error.bound, error.limit) == ("record_bytes", 5)


def test_elements_of_the_limit_pass() -> None:
    data = b'["123",12345,[1,2]]'
    assert every_way(lambda: JsonArrayDecoder(limits=SMALL), data) == ['"123"', "12345", "[1,2]"]


def test_work_is_linear_in_small_pieces() -> None:
    """No byte is kept twice: what is held is the element, in the pieces that it came in."""
    decoder = JsonArrayDecoder()
    decoder.feed(b'[{"a":"')
    for _ in range(1000):
        decoder.feed(b"x" * 16)
    assert sum(map(len, decoder._pieces)) == 16_000 + len('{"a":"')
    assert decoder.feed(b'"}') == ['{"a":"' + "x" * 16_000 + '"}']
    assert decoder._pieces == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]), st.integers(1, 7))
@settings(max_examples=150, deadline=None)
def test_any_array_gives_its_elements(values: list[object], indent: int | None, size: int) -> None:
    data = json.dumps(values, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    elements, error = drain(JsonArrayDecoder(), pieces)
    assert error is None
    assert [json.loads(element) for element in elements] == values


@given(st.binary(max_size=40) | st.text('[]{}",\\ 1a\n', max_size=40).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_survived_however_cut(data: bytes) -> None:
    every_way(JsonArrayDecoder, data)
