"""Half-arrived JSON: each row is a text and what it says; every cut of it gives the same."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget.document.partial_json import DEPTH, PartialJson
from unit.waiting import measured_again

TABLE: list[tuple[str, Any, tuple[object, ...] | None]] = [
    ("", None, None),
    ("  \n", None, None),
    ("{", {}, None),
    ('{"a', {}, None),
    ('{"a"', {}, None),
    ('{"a":', {}, None),
    ('{"a": "', {"a": ""}, ("a",)),
    ('{"a": "one', {"a": "one"}, ("a",)),
    ('{"a": "one"', {"a": "one"}, None),
    ('{"a": "one", "b": [', {"a": "one", "b": []}, None),
    ('{"b": [1', {"b": [1]}, ("b", 0)),
    ('{"b": [1, 2.', {"b": [1, 2]}, ("b", 1)),
    ('{"b": [1, 2.5e', {"b": [1, 2.5]}, ("b", 1)),
    ('{"b": [1, -', {"b": [1]}, None),
    ('{"b": [1, -0', {"b": [1, 0]}, ("b", 1)),
    ('{"b": [1, tr', {"b": [1]}, None),
    ('{"b": [true, false, null', {"b": [True, False, None]}, None),
    ('[[], {}, [{"x": {"y": "z', [[], {}, [{"x": {"y": "z"}}]], (2, 0, "x", "y")),
    ('"half \\', "half ", ()),
    ('"half \\u00e', "half ", ()),
    ('"half \\u00e9', "half é", ()),
    ('"\\ud83d', "", ()),
    ('"\\ud83d\\ude00!', "😀!", ()),
    ('"\\ud83d alone"', "\ufffd alone", None),
    ('"tab\\t \\"quoted\\" \\/"', 'tab\t "quoted" /', None),
    ("12", 12, ()),
    ("12 ", 12, None),
    ('{"a": 1, "a": 2}', {"a": 2}, None),
    ('{"": {"日本": "語', {"": {"日本": "語"}}, ("", "日本")),
    ("123456789012345678901234567890", 123456789012345678901234567890, ()),
]

BAD: list[tuple[str, Any]] = [
    ("nope", None),
    ("{]", {}),
    ("[1 2]", [1]),
    ('{"a" 1}', {}),
    ('{"a": 01}', {"a": 0}),
    ('{"a": 1.2.3, "b": 4}', {"a": 1.2}),
    ('["\\q"]', [""]),
    ('["\\u12x4"]', [""]),
    ('["\\u1_34"]', [""]),
    ("[1] tail", [1]),
    ("[NaN]", []),
    ("[trux]", []),
    ("[1,]", [1]),
    ('{"a": 1,}', {"a": 1}),
    ('{"a": 1, b', {"a": 1}),
]


def cuts(text: str) -> Iterator[list[str]]:
    """Whole, one character at a time, and in two at every place."""
    yield [text]
    yield list(text)
    for at in range(1, len(text)):
        yield [text[:at], text[at:]]


def scan(pieces: list[str], *, read: bool = False) -> PartialJson:
    scanner = PartialJson()
    for piece in pieces:
        scanner.feed(piece)
        if read:
            _ = scanner.value, scanner.open_path
    return scanner


@pytest.mark.parametrize(("text", "value", "path"), TABLE, ids=[row[0] for row in TABLE])
def test_a_half_says_what_it_says_however_it_is_cut(
    text: str, value: object, path: tuple[object, ...] | None
) -> None:
    for pieces in cuts(text):
        for read in (False, True):
            scanner = scan(list(pieces), read=read)
            state = (scanner.value, scanner.open_path, scanner.failed)
            assert state == (value, path, False), pieces


@pytest.mark.parametrize(("text", "value"), BAD, ids=[row[0] for row in BAD])
def test_text_that_is_not_json_keeps_what_it_had_and_never_raises(text: str, value: object) -> None:
    for pieces in cuts(text):
        for read in (False, True):
            scanner = scan(list(pieces), read=read)
            assert (scanner.value, scanner.failed) == (value, True), pieces


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values, st.booleans(), st.booleans())
def test_a_whole_text_says_what_json_says(value: object, ascii_only: bool, indented: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2 if indented else None)
    scanner = scan(list(text), read=len(text) < 60)
    scanner.flush()
    assert (scanner.value, scanner.failed) == (json.loads(text), False)


@given(st.text(alphabet='{}[]",:\\u0123e-+.truefalsn ab\ud83d\ude00', max_size=30))
def test_nothing_is_raised_on_and_a_value_is_what_json_takes(text: str) -> None:
    scanner = scan(list(text), read=True)
    scanner.flush()
    try:
        value = json.loads(text)
    except ValueError:
        return
    assert not scanner.failed
    assert json.dumps(scanner.value) == json.dumps(value) or "\\ud" in json.dumps(value)


def test_nesting_beyond_the_bound_is_not_followed() -> None:
    assert not scan(["[" * DEPTH]).failed
    deep = scan(["[" * 100_000])
    assert deep.failed
    assert deep.value is not None


@measured_again
def test_one_character_at_a_time_costs_the_same_for_each() -> None:
    """Linear work: the second half of a long text costs what the first half did."""
    row = json.dumps({"title": "A paper " * 8, "year": 2026, "tags": ["x", "y"]}) + ", "
    text = "[" + row * 1_000
    scanner, times = PartialJson(), []
    quarter = len(text) // 4
    for start in range(0, 4 * quarter, quarter):
        began = time.process_time()
        for char in text[start : start + quarter]:
            scanner.feed(char)
        times.append(time.process_time() - began)
    assert len(scanner.value) == 1_000  # type: ignore[arg-type]
    assert times[3] < 2.5 * times[0], times


def test_a_long_string_is_joined_on_read_only() -> None:
    scanner = scan(['"', *("x" * 50_000)])
    assert len(scanner._pieces) == 50_000
    assert scanner.value == "x" * 50_000
    assert len(scanner._pieces) == 1
