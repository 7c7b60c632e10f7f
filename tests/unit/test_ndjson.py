"""Lines of JSON: split at LF only, however the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.lines import LineDecoder
from streamwidget.errors import LimitError
from streamwidget.limits import Limits
from unit.feeding import drain, every_way, partitions

SMALL = Limits(record_bytes=5)

ROWS: dict[str, tuple[bytes, list[str]]] = {
    "lines": (b'{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']),
    "CR LF": (b"1\r\n2\r\n", ["1", "2"]),
    "one CR only": (b"1\r\r\n", ["1\r"]),
    "CR alone ends nothing": (b"1\r2\n", ["1\r2"]),
    "blank lines": (b"\n\r\n 1\n \n2\n\n", [" 1", "2"]),
    "last line without LF": (b"1\n2", ["1", "2"]),
    "last line with CR": (b"1\n2\r", ["1", "2"]),
    "BOM": (b"\xef\xbb\xbf1\n", ["1"]),
    "not line ends": (
        '"a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"\n'.encode(),
        ['"a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"'],
    ),
    "wide characters": ('"é中😀"\n'.encode(), ['"é中😀"']),
    "invalid UTF-8": (b'"a\xffb"\n"\xe4\xb8', ['"a\ufffdb"', '"\ufffd']),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("data", "lines"), ROWS.values(), ids=ROWS.keys())
def test_bytes_give_their_lines_however_cut(data: bytes, lines: list[str]) -> None:
    assert every_way(LineDecoder, data) == lines


def test_line_without_end_is_marked() -> None:
    for data, unterminated in ((b"1\n2", True), (b"1\n2\n", False), (b"1\n ", False)):
        decoder = LineDecoder()
        drain(decoder, [data])
        assert decoder.unterminated is unterminated, data


def test_line_is_given_when_its_end_arrives() -> None:
    assert LineDecoder().feed(b"1\n") == ["1"]


def test_replaced_bytes_are_counted_and_located_however_cut() -> None:
    data = '"\ufffd"\r\n'.encode() + b'\n1\n"a\xff\xfe"\n\xff'
    for pieces in partitions(data):
        decoder = LineDecoder()
        drain(decoder, pieces)
        assert decoder.replaced_count == 3
        assert decoder.first_replaced is not None
        assert decoder.first_replaced.offset_bytes == data.index(b"\xff")
        assert decoder.first_replaced.results_before == 2


@pytest.mark.parametrize("data", [b"12345\n", b"12345\r\n", b"\xef\xbb\xbf12345\r\n", b"12345"])
def test_bound_itself_is_allowed(data: bytes) -> None:
    assert every_way(lambda: LineDecoder(limits=SMALL), data) == ["12345"]


@pytest.mark.parametrize("data", [b"1\n123456\n2\n", b"1\n123456", b"1\n123456789"])
def test_longer_line_names_the_bound_after_what_came_before(data: bytes) -> None:
    for pieces in partitions(data):
        results, error = drain(LineDecoder(limits=SMALL), pieces)
        assert results == ["1"]
        assert isinstance(error, LimitError)
        assert error.bound == "record_bytes"


pieces = st.lists(
    st.sampled_from([b"\n", b"\r", b"a", b"\xff", b"\xef\xbb\xbf"]) | st.binary(max_size=4)
)


@given(pieces, st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_the_same_in_any_pieces(parts: list[bytes], limit: int) -> None:
    limits = Limits(record_bytes=limit)
    whole = drain(LineDecoder(limits=limits), [b"".join(parts)])
    cut = drain(LineDecoder(limits=limits), parts)
    assert cut[0] == whole[0]
    assert str(cut[1]) == str(whole[1])
