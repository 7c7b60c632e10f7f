"""Bytes to text: characters are whole however the bytes are cut, and nothing else is held back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.text_decoder import TextDecoder
from unit.feeding import drain, partitions

ROWS: dict[str, tuple[str, bytes, str]] = {
    "ASCII": ("utf-8", b"hello", "hello"),
    "wide characters": ("utf-8", "é中😀".encode(), "é中😀"),
    "BOM": ("utf-8", b"\xef\xbb\xbfa\xef\xbb\xbf", "a\ufeff"),
    "half a BOM": ("utf-8", b"\xef\xbb", "\ufffd"),
    "invalid": ("utf-8", b"a\xffb\xe4\xb8c", "a\ufffdb\ufffdc"),
    "cut at the end": ("utf-8", b"a\xf0\x9f\x98", "a\ufffd"),
    "latin-1": ("ISO-8859-1", b"caf\xe9", "café"),
    "utf-16": ("utf-16", "aé😀".encode("utf-16"), "aé😀"),
    "shift-jis": ("shift_jis", "中文".encode("shift_jis"), "中文"),
    "unknown charset": ("x-nonsense", "é".encode(), "é"),
    "no text encoding": ("base64", b"YQ==", "YQ=="),
    "ASCII that is not": ("us-ascii", "é".encode(), "é"),
}


@pytest.mark.parametrize(("charset", "data", "text"), ROWS.values(), ids=ROWS.keys())
def test_bytes_give_their_text_however_cut(charset: str, data: bytes, text: str) -> None:
    for pieces in partitions(data):
        results, error = drain(TextDecoder(charset), pieces)
        assert ("".join(results), error) == (text, None)


def test_whole_characters_are_given_at_once() -> None:
    decoder = TextDecoder()
    assert decoder.feed(b"a\xc3") == ["a"]
    assert decoder.feed(b"\xa9b") == ["éb"]


def test_replaced_bytes_are_counted_and_located_however_cut() -> None:
    data = b"\xef\xbb\xbf" + "é\ufffd".encode() + b"a\xff\xc3"
    for pieces in partitions(data):
        decoder = TextDecoder()
        drain(decoder, pieces)
        assert decoder.replaced_count == 2
        assert decoder.first_replaced is not None
        assert decoder.first_replaced.offset_bytes == data.index(b"\xff")
        assert decoder.first_replaced.results_before == 3


def test_other_encodings_do_not_tell_where() -> None:
    decoder = TextDecoder("utf-16-le")
    drain(decoder, [b"a\0\0\xd8b\0"])
    assert decoder.replaced_count == 1
    assert decoder.first_replaced is not None
    assert decoder.first_replaced.offset_bytes is None


@given(st.lists(st.binary(max_size=5)), st.sampled_from(["utf-8", "utf-16", "gb18030", "latin-1"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_the_same_in_any_pieces(parts: list[bytes], charset: str) -> None:
    whole, cut = TextDecoder(charset), TextDecoder(charset)
    assert "".join(drain(cut, parts)[0]) == "".join(drain(whole, [b"".join(parts)])[0])
    assert cut.replaced_count == whole.replaced_count
    assert cut.first_replaced == whole.first_replaced
