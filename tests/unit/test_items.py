"""Dicts and the objects of SDKs go through the format that they speak, known by their shape."""

from __future__ import annotations

import enum
import json
import math
import sqlite3
from collections import namedtuple
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy
import pytest

from streamwidget import collect
from streamwidget.sources.plain_values import DEPTH, NODES, is_structured, plain


def chunk(text: str, finish: str | None = None) -> dict[str, Any]:
    delta = {"content": text}
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


@dataclass
class Delta:
    content: str


@dataclass
class Choice:
    delta: Delta
    index: int = 0
    finish_reason: str | None = None


@dataclass
class Chunk:
    choices: list[Choice]
    object: str = "chat.completion.chunk"


class Model:
    """Shaped like a pydantic model."""

    model_fields = {"choices": None, "object": None}  # noqa: RUF012

    def __init__(self, text: str) -> None:
        self.choices = [Choice(Delta(text))]
        self.object = "chat.completion.chunk"

    def model_dump(self) -> dict[str, object]:
        raise AssertionError("not needed: it may be slow, and warn")


def test_dicts_of_a_vocabulary_are_recognised() -> None:
    result = collect([chunk("hello "), chunk("you", "stop")])
    assert result.document.format == "openai-chat"
    assert (result.text, result.finish_reason) == ("hello you", "stop")


@pytest.mark.parametrize(
    "items",
    [[Chunk([Choice(Delta("hi"))])], [Model("hi")], [chunk("hi")]],
    ids=["dataclass", "pydantic", "dict"],
)
def test_objects_are_known_by_their_shape(items: list[object]) -> None:
    result = collect(iter(items))
    assert (result.document.format, result.text) == ("openai-chat", "hi")


def test_generic_dicts_need_no_format() -> None:
    items = [{"progress": 50, "status": "half"}, {"text": "done"}, {"odd": [1]}]
    result = collect(items)
    assert result.text == "done"
    assert [part.kind for part in result.document.parts] == ["progress", "text", "unknown"]
    assert result.status == "finished"


def test_asynchronous_items_too() -> None:
    async def items() -> AsyncIterator[dict[str, Any]]:
        yield chunk("a")
        yield chunk("b", "length")

    result = collect(items())
    assert (result.text, result.finish_reason) == ("ab", "length")


def test_a_stream_of_objects_without_its_end_is_cut() -> None:
    message = {"id": "m", "type": "message", "role": "assistant", "content": []}
    start = {"type": "message_start", "message": {**message, "usage": {"input_tokens": 3}}}
    result = collect([start])
    assert result.status == "incomplete"
    assert result.usage is not None
    assert result.usage.input_tokens == 3


def test_a_vocabulary_can_be_passed() -> None:
    result = collect([{"choices": [{"delta": {"content": "hi"}}]}], format="openai-chat")
    assert result.text == "hi"


def test_plain_converts_what_json_supports() -> None:
    class Colour(enum.Enum):
        RED = "red"

    @dataclass
    class Point:
        x: int
        tags: set[str] = field(default_factory=set)

    value = {"p": Point(1, {"a"}), "c": Colour.RED, "b": b"\xff", "o": object, 3: (1, None)}
    converted = plain(value)
    assert converted["p"] == {"x": 1, "tags": ["a"]}
    assert (converted["c"], converted["b"], converted["3"]) == ("red", "/w==", [1, None])
    assert "object" in converted["o"]


def test_numbers_of_libraries_stay_numbers_in_records() -> None:
    cells = {"a": numpy.float32(1.5), "b": numpy.arange(2), "c": Decimal("2.50")}
    result = collect(iter([{**cells, "id": number} for number in range(5)]))
    assert next(iter(result.tables["record"])) == {"a": 1.5, "b": "[0, 1]", "c": 2.5, "id": 0}
    assert plain({"big": numpy.zeros(30_000)})["big"].startswith("[0. 0.")


def test_plain_is_bounded_in_depth_and_size() -> None:
    loop: dict[str, object] = {}
    loop["self"] = loop
    depth, converted = 0, plain(loop)
    while isinstance(converted, dict):
        depth, converted = depth + 1, converted["self"]
    assert depth == DEPTH
    wide = plain([[0]] * (NODES * 2))
    assert wide.count("…") >= NODES // 2


def test_text_and_bytes_are_not_records() -> None:
    assert [is_structured(value) for value in ("x", b"x", 1, [], {}, Delta("x"), Delta)] == [
        False,
        False,
        False,
        False,
        True,
        True,
        False,
    ]


Named = namedtuple("Named", "content")


class Holder:
    def __init__(self, text: str) -> None:
        self.text, self._own = text, "private"


class SentEvent:
    """Shaped like the events of httpx-sse and sseclient."""

    def __init__(self, data: str, event: str | None = "message") -> None:
        self.data, self.event = data, event


def database_rows() -> Iterator[object]:
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    yield from database.execute("select 'Hel' as text union all select 'lo'")


RECORDS: dict[str, Callable[[], Iterable[object]]] = {
    "named tuples": lambda: [Named("Hel"), Named("lo")],
    "holders of attributes": lambda: [Holder("Hel"), Holder("lo")],
    "namespaces": lambda: [SimpleNamespace(content="Hel"), SimpleNamespace(content="lo")],
    "rows of a database": database_rows,
    "events of a client": lambda: [SentEvent(json.dumps(chunk("Hel"))), SentEvent("[DONE]")],
    "events of text": lambda: [SentEvent("Hel"), SentEvent("lo", None)],
    "text and bytes": lambda: ["Hel", b"l", bytearray(b"o")],
    "chunks of aiohttp": lambda: [(b"Hel", False), (b"lo", True)],
    "text so far": lambda: ["He", "Hell", "Hello"],
}


@pytest.mark.parametrize("name", RECORDS)
def test_items_as_people_write_them_are_read(name: str) -> None:
    result = collect(iter(RECORDS[name]()))
    assert result.status == "finished", result.error
    assert result.text == ("Hel" if name == "events of a client" else "Hello")


def test_half_a_character_waits_for_its_rest() -> None:
    assert collect(iter(["a", b"\xe4\xbd", b"\xa0"])).text == "a\u4f60"


def test_rows_of_pandas_are_rows_of_a_table() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    for rows in (frame.itertuples(), (row for _, row in frame.iterrows())):
        assert [len(table) for table in collect(rows).tables.values()] == [2]


def test_an_exception_among_the_items_is_raised() -> None:
    result = collect(iter(["Hel", ValueError("Gone")]))
    assert (result.status, result.text) == ("failed", "Hel")
    assert "Gone" in str(result.error)


def test_objects_made_lazily_are_read_as_they_come() -> None:
    def items() -> Iterator[object]:
        yield chunk("a")
        raise ValueError("broken")

    result = collect(items())
    assert result.text == "a"
    assert result.error is not None
    assert result.error.fault == "source"


ROWS: dict[str, tuple[list[object], dict[str, dict[str, list[object]]]]] = {
    "tuples": ([(1, "a"), (2, "b")], {"table": {"0": [1, 2], "1": ["a", "b"]}}),
    "lists of text": ([["a", "b"], ["1", "2"]], {"table": {"0": ["a", "1"], "1": ["b", "2"]}}),
    "a page of rows": ([[(1, 2), (3, 4)], [(5, 6)]], {"table": {"0": [1, 3, 5], "1": [2, 4, 6]}}),
    "a page of records": (
        [[{"a": 1, "b": 2}, {"a": 3, "b": 4}], [{"a": 5, "b": 6}]],
        {"Records": {"a": [1, 3, 5], "b": [2, 4, 6]}},
    ),
    "rows of two widths": (
        [(1,), (2, 3), ()], {"table": {"0": [1]}, "table 2": {"0": [2], "1": [3]}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_rows_without_names_are_a_table_with_numbered_columns(name: str) -> None:
    items, wanted = ROWS[name]
    result = collect(iter(items))
    assert result.status == "finished"
    assert {title: table.to_dict() for title, table in result.tables.items()} == wanted


def test_numbers_are_one_chart() -> None:
    numbers: list[object] = [1, 2.5, Fraction(1, 2), Decimal("0.25"), math.nan, None, 3]
    series = collect(iter(numbers)).metrics["value"]
    assert (series.y, series.x) == ([1, 2.5, 0.5, 0.25, None, 3], [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize("item", [True, 1j, object(), {1}])
def test_other_items_are_refused_by_one_sentence(item: object) -> None:
    result = collect(iter([item]))
    assert result.status == "failed"
    assert f"Item 1 of the source is a {type(item).__name__}." in str(result.error)
