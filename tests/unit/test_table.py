"""Tables: rows in, a page's rows and Python's rows out; types, units, keys, caps."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections import namedtuple
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget import Emitter, LimitError, Limits, StreamView, Table, UsageError, collect
from streamwidget.document import Document
from streamwidget.document.table_cells import type_with, unit_of, wire_cell, wire_column
from streamwidget.document.table_data import SHOWN_COLUMNS, Column
from streamwidget.emit import EventSink
from streamwidget.events import Rows, RunEnd
from streamwidget.export.as_html import to_fragment
from streamwidget.export.tree import read
from streamwidget.patch_log import PatchLog
from streamwidget.run import Run
from streamwidget.run.data import tables

NOON = datetime(2026, 1, 2, 12)

TYPES: list[tuple[list[Any], str, list[Any]]] = [
    ([], "null", []),
    ([None, None], "null", [None, None]),
    ([1, None, -2], "integer", [1, None, -2]),
    ([1, 2**53, 2**53 + 1], "integer", [1, 2**53, str(2**53 + 1)]),
    ([1, 2.5], "number", [1, 2.5]),
    ([math.nan, math.inf, -math.inf, 1.0], "number", ["NaN", "Infinity", "-Infinity", 1.0]),
    ([Decimal("1.50"), 2], "number", [1.5, 2]),
    ([True, None], "boolean", [True, None]),
    ([True, 1], "text", [True, 1]),
    ([date(2026, 1, 2), None], "date", ["2026-01-02", None]),
    (["2026-01-02", ""], "date", ["2026-01-02", ""]),
    (["2026-13-02"], "text", ["2026-13-02"]),
    ([NOON], "datetime", ["2026-01-02T12:00:00"]),
    (["2026-01-02T12:00:00Z", "2026-01-02"], "datetime", ["2026-01-02T12:00:00Z", "2026-01-02"]),
    (["https://a.example/x?y#z", None], "link", ["https://a.example/x?y#z", None]),
    (["https://a.example/x", "see it"], "text", ["https://a.example/x", "see it"]),
    (["javascript:alert(1)"], "text", ["javascript:alert(1)"]),
    (["http://"], "text", ["http://"]),
    (["x" * 2_001], "text", ["x" * 1_999 + "…"]),
    (["half \ud83d", "\ud83d\ude00"], "text", ["half \ufffd", "😀"]),
    ([{"a": [1]}, []], "json", ['{"a": [1]}', "[]"]),
    ([{"a": 1}, "text"], "text", ['{"a": 1}', "text"]),
    (["a", 1, None, 2.5, True], "text", ["a", 1, None, 2.5, True]),
]  # fmt: skip


@pytest.mark.parametrize(("values", "kind", "wire"), TYPES, ids=[str(row[0])[:30] for row in TYPES])
def test_a_column_has_the_narrowest_type_however_its_values_come(
    values: list[Any], kind: str, wire: list[Any]
) -> None:
    for cut in range(len(values) + 1):
        known = type_with(type_with("null", values[:cut]), values[cut:])
        assert known == kind
        assert [*wire_column(values[:cut]), *wire_column(values[cut:])] == wire
    assert [wire_cell(value) for value in values] == wire


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("size (MB)", "MB"),
        ("speed [m/s]", "m/s"),
        ("latency_ms", "ms"),
        ("Total_USD", "USD"),
        ("ms", None),
        ("_s", None),
        ("items", None),
        ("f(x)", "x"),
        ("()", None),
    ],
)
def test_a_name_tells_its_unit(name: str, unit: str | None) -> None:
    assert unit_of(name) == unit


# --- what goes to the page, and what Python keeps


def rows(names: str, *cells: tuple[Any, ...], mode: Any = "append", key: str | None = None) -> Rows:
    return Rows("t", "papers", tuple(names), cells, mode, key)


def after(*events: Rows, **limits: int) -> tuple[Document, dict[str, Any]]:
    document, log = Document(Limits(**limits)), PatchLog()
    for event in events:
        log.add(document.apply(event))
    log.seal()
    replayed = Document()
    for patch in log.since(0) or []:
        replayed.apply_ops(patch)
    assert replayed == document
    part = document.part("t")
    assert part is not None
    return document, dict(part.to_wire())


def test_columns_that_come_later_are_added_at_the_end() -> None:
    _, wire = after(rows("ab", (1, 2)), rows("ca", (3, 4)), rows("", ()))
    assert [column["name"] for column in wire["columns"]] == ["a", "b", "c"]
    assert wire["items"] == [[1, 2], [4, None, 3], [None, None, None]]
    assert wire["row_count"] == 3


def test_short_and_long_rows_are_made_to_fit() -> None:
    _, wire = after(rows("abc", (1,), (1, 2, 3, 4)))
    assert wire["items"] == [[1, None, None], [1, 2, 3]]


def test_the_same_name_twice_is_two_columns() -> None:
    _, wire = after(rows("aab", (1, 2, 3)), rows("aa", (4, 5)))
    assert [column["name"] for column in wire["columns"]] == ["a", "a 2", "b"]
    assert wire["items"] == [[1, 2, 3], [4, 5, None]]


def test_an_upsert_replaces_the_columns_that_it_brings() -> None:
    document, wire = after(
        rows("kab", (1, "a", "b"), (2, "c", "d"), mode="upsert", key="k"),
        rows("kb", (2, "new"), (3, "e"), (3, "f"), mode="upsert", key="k"),
        rows("kb", (3, "g"), (None, "n"), (None, "m"), mode="upsert", key="k"),
        rows("kb", ([1], "list"), ([1], "again"), mode="upsert", key="k"),
    )
    expected_rows = [[1, "a", "b"], [2, "c", "new"], [3, None, "g"], [None, None, "m"]]
    assert wire["items"] == [*expected_rows, ["[1]", None, "again"]]
    assert wire["key"] == "k"
    assert document.tables["t"].row_count == 5


def test_rows_that_were_appended_are_found_by_a_key_that_comes_later() -> None:
    _, wire = after(
        rows("ka", (1, "x"), (2, "y")),
        rows("ka", (2, "z"), mode="upsert", key="k"),
        rows("ka", (7, "appended")),
        rows("ka", (7, "found"), mode="upsert", key="k"),
    )
    assert wire["items"] == [[1, "x"], [2, "z"], [7, "found"]]


def test_the_page_gets_the_first_rows_and_python_all() -> None:
    document, wire = after(
        rows("k", *((n,) for n in range(7)), mode="upsert", key="k"),
        rows("ka", (1, "shown"), (6, "not"), (9, "new"), mode="upsert", key="k"),
        shown_rows_count=5,
    )
    assert wire["items"] == [[0], [1, "shown"], [2], [3], [4]]
    assert (wire["row_count"], wire["row_cap"]) == (8, 5)
    assert document.tables["t"].columns[1].at(6) == "not"


def test_many_columns_mean_fewer_rows_for_the_page() -> None:
    _, wire = after(rows("abcd", *[(1, 2, 3, 4)] * 9), shown_cells_count=20)
    assert wire["row_cap"] == 5
    assert len(wire["items"]) == 5


def test_replaced_rows_have_only_the_columns_that_they_bring() -> None:
    _, wire = after(
        rows("ab", (1, "x"), (2, "y")), rows("b", ("z",), mode="replace"), rows("b", (1,))
    )
    assert wire["columns"] == [{"name": "b", "type": "text"}]
    assert (wire["items"], wire["row_count"]) == ([["z"], [1]], 2)


cells = st.none() | st.integers(-9, 9) | st.floats() | st.booleans() | st.text(max_size=3)
batches = st.lists(
    st.tuples(
        st.lists(st.sampled_from("kabc"), unique=True, min_size=1),
        st.lists(st.lists(cells, min_size=4, max_size=4), max_size=4),
        st.sampled_from(["append", "append", "upsert", "replace"]),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(batches, st.integers(0, 6))
def test_any_batches_replay_and_the_page_shows_the_first_of_pythons_rows(
    made: list[Any], cap: int
) -> None:
    events = [
        rows("".join(names), *(tuple(row[: len(names)]) for row in some), mode=mode, key="k")
        for names, some, mode in made
    ]
    if not events:
        return
    document, wire = after(*events, shown_rows_count=cap)
    table = document.tables["t"]
    whole = list(
        zip(
            *(wire_column(column.slice(0, table.row_count)) for column in table.columns),
            strict=True,
        )
    )
    shown = [tuple(row) + (None,) * (len(table.columns) - len(row)) for row in wire["items"]]
    assert repr(shown) == repr(whole[: wire["row_cap"]]) or not table.columns
    assert wire["row_count"] == table.row_count == len(whole) or not table.columns


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=2)), max_size=20), st.data())
def test_however_upserts_are_cut_into_batches_the_rows_are_the_same(
    made: list[tuple[int, str]], data: st.DataObject
) -> None:
    whole, _ = after(rows("kv", mode="upsert", key="k"), rows("kv", *made, mode="upsert", key="k"))
    events = [rows("kv", mode="upsert", key="k")]
    rest = made
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        events.append(rows("kv", *rest[:size], mode="upsert", key="k"))
        rest = rest[size:]
    cut, _ = after(*events)
    assert cut == whole
    expected = dict(made)
    table = cut.tables["t"]
    keys, values = (column.slice(0, table.row_count) for column in table.columns)
    assert dict(zip(keys, values, strict=True)) == expected


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(1, 3))),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_a_column_with_gaps_reads_like_one_without(
    steps: list[tuple[bool, int, int]], start: int, stop: int
) -> None:
    column, expected, end = Column("c", None, is_shown=True), {}, 0
    for is_new, row, count in steps:
        if is_new:
            column.extend(end + row, values := [row] * count)
            expected |= zip(range(end + row, end + row + count), values, strict=True)
            end += row + count
        elif row < end:
            column.put(row, -row)
            expected[row] = -row
    assert [column.at(row) for row in range(end + 5)] == [expected.get(n) for n in range(end + 5)]
    some = [expected.get(row) for row in range(start, stop)]
    assert column.slice(start, max(start, stop)) == some


def test_the_page_gets_the_first_columns_and_learns_how_many_there_are() -> None:
    events = [Rows("t", "t", (f"c{n}",), ((n,),)) for n in range(SHOWN_COLUMNS + 20)]
    document, wire = after(*events)
    assert len(wire["columns"]) == SHOWN_COLUMNS == max(map(len, wire["items"]))
    assert wire["column_count"] == SHOWN_COLUMNS + 20
    table = Table(document.tables["t"], contextlib.nullcontext)
    assert table.column(f"c{SHOWN_COLUMNS + 3}")[SHOWN_COLUMNS + 3] == SHOWN_COLUMNS + 3
    text = to_fragment(read("", "", document.snapshot()["parts"]))
    assert f"the first {SHOWN_COLUMNS} of {SHOWN_COLUMNS + 20} columns" in text


# --- what may be given as rows


class Color(Enum):
    RED = "red"


@dataclasses.dataclass
class Data:
    a: int
    b: str


class Model(pydantic.BaseModel):
    a: int
    b: str


Named = namedtuple("Named", "a b")
AB = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
WITH_GAP = [{"a": 1.0, "b": "x"}, {"a": None, "b": "y"}]

GIVEN: dict[str, tuple[Any, dict[str, Any], list[dict[str, Any]]]] = {
    "dicts": (AB, {}, AB),
    "a generator": ((row for row in AB), {}, AB),
    "dicts of other keys": ([{"a": 1}, {"b": 2}], {}, [{"a": 1, "b": None}, {"a": None, "b": 2}]),
    "one column": ([{"a": 1}, {"a": 2}], {}, [{"a": 1}, {"a": 2}]),
    "keys that are no text": ([{1: 1, None: 2}], {}, [{"1": 1, "None": 2}]),
    "tuples": ([(1, "x"), [2, "y"]], {"columns": ["a", "b"]}, AB),
    "columns": ({"a": [1, 2], "b": ("x", "y")}, {}, AB),
    "dataclasses": ([Data(1, "x"), Data(2, "y")], {}, AB),
    "models": ([Model(a=1, b="x"), Model(a=2, b="y")], {}, AB),
    "named tuples": ([Named(1, "x"), Named(2, "y")], {}, AB),
    "pandas": (pandas.DataFrame(AB), {}, AB),
    "pandas with gaps": (pandas.DataFrame(WITH_GAP), {}, WITH_GAP),
    "pandas with an index": (
        pandas.DataFrame({"b": ["x"]}, index=pandas.Index([7], name="a")), {}, [{"a": 7, "b": "x"}]
    ),
    "pandas with times": (
        pandas.DataFrame({"t": [pandas.Timestamp(NOON), pandas.NaT]}),
        {}, [{"t": NOON}, {"t": None}],
    ),
    "polars": (polars.DataFrame(AB), {}, AB),
    "pyarrow": (pyarrow.Table.from_pylist(AB), {}, AB),
    "a record batch": (pyarrow.RecordBatch.from_pylist(AB), {}, AB),
    "numpy's scalars": (
        [{"a": numpy.int64(1), "b": numpy.float32(0.5), "c": numpy.str_("x"), "d": numpy.True_}],
        {}, [{"a": 1, "b": 0.5, "c": "x", "d": True}],
    ),
    "enums, bytes and times": (
        [{"a": Color.RED, "b": b"\xc3\xa9", "c": timedelta(seconds=1.5), "d": (1, 2), "e": {3}}],
        {}, [{"a": "red", "b": "é", "c": 1.5, "d": [1, 2], "e": [3]}],
    ),
    "nothing": ([], {}, []),
}  # fmt: skip


class OnlyArrow:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pyarrow.Table.from_pylist(AB).__arrow_c_stream__()


def emitting(limits: Limits | None = None) -> tuple[Run, Emitter]:
    run = Run(limits=limits or Limits())
    run.start("test")
    return run, Emitter(EventSink(run.push, run.new_id, run.stop_requested))


@pytest.mark.parametrize(("value", "options", "expected_rows"), GIVEN.values(), ids=GIVEN.keys())
def test_rows_may_be_given_in_many_shapes(
    value: Any, options: dict[str, Any], expected_rows: list[dict[str, Any]]
) -> None:
    run, emit = emitting()
    emit.rows("t", value, **options)
    assert run.result().tables["t"].rows == expected_rows


def test_a_frame_that_only_speaks_arrows_protocol_is_read() -> None:
    run, emit = emitting()
    emit.rows("t", OnlyArrow())
    assert run.result().tables["t"].rows == AB


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        (7, {}, "not int"),
        ("text", {}, "not str"),
        ([1, 2], {}, r"A row is a int. Name its cells with columns="),
        ({"a": 1}, {}, "read as columns"),
        ({"a": [1], "b": [1, 2]}, {}, "same length"),
        ([{"a": 1}], {"key": "id"}, "is missing its key column 'id'"),
    ],
)
def test_what_is_not_rows_is_refused_with_what_to_do(
    value: Any, options: dict[str, Any], message: str
) -> None:
    _, emit = emitting()
    with pytest.raises(UsageError, match=message):
        emit.rows("t", value, **options)


def test_partial_rows_by_key_leave_the_other_columns_alone() -> None:
    run, emit = emitting()
    emit.rows("t", [{"id": 1, "a": 1}, {"id": 2, "a": 2, "b": 3}, {"id": 1, "b": None}], key="id")
    emit.row("t", {"id": 1, "b": "late"}, key="id")
    assert run.result().tables["t"].rows == [
        {"id": 1, "a": 1, "b": "late"},
        {"id": 2, "a": 2, "b": 3},
    ]


def test_single_rows_are_held_and_seen_by_every_reader() -> None:
    run, emit = emitting()
    table = None
    for n in range(2_500):
        emit.row("t", {"n": n})
        if n in (0, 1, 700, 1_500):
            table = tables(run)["t"]
            assert len(table) == n + 1
    assert table is not None
    assert table.column("n") == list(range(2_500))
    held = [event for event in run.events.to_tuple() if isinstance(event, Rows)]
    assert len(held) < 10, "neighbouring rows are one event"


def test_what_comes_after_held_rows_comes_after_them() -> None:
    run, emit = emitting()
    emit.row("t", {"n": 1})
    emit.row("u", {"n": 2})
    emit.row("t", {"n": 3})
    emit.rows("t", [{"m": 4}], replace=True)
    emit.row("t", {"m": 5})
    emit.notice("then")
    assert [part.kind for part in run.document.parts] == ["table", "table", "notice"]
    assert run.result().tables["t"].rows == [{"m": 4}, {"m": 5}]


def test_what_a_job_does_to_a_cell_later_changes_no_row_that_was_sent() -> None:
    def job(emit: Emitter) -> None:
        tags, facts = ["a"], {"n": [1]}
        emit.row("one", {"tags": tags, "facts": facts})
        emit.rows("many", [(tags, facts)], columns=["tags", "facts"])
        tags.append("b")
        facts["n"].append(2)

    def frames() -> Any:
        cells = [["a"]]
        yield cells
        cells[0].append("b")

    result = collect(job)
    for name in ("one", "many"):
        assert list(result.tables[name]) == [{"tags": ["a"], "facts": {"n": [1]}}]
    logged = [event.rows for event in result.events if isinstance(event, Rows)]
    assert logged == [((["a"], {"n": [1]}),)] * 2
    assert list(collect(frames()).tables["table"]) == [{"0": "a"}]


class Odd:
    """Neither true nor false, equal to nothing, and without a text."""

    def __bool__(self) -> bool:
        raise ValueError("no truth value")

    def __eq__(self, other: object) -> bool:
        raise ValueError("no equality")

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return "odd"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (numpy.array([1, 2]), [1, 2]),
        (numpy.array([[1.5], [math.nan]]), [[1.5], ["nan"]]),
        (numpy.array(3), 3),
        (numpy.datetime64("2026-01-02"), date(2026, 1, 2)),
        (pandas.Series([1, 2]), [1, 2]),
        (pandas.NA, None),
        (pyarrow.array([1, None]), [1, None]),
        (Odd(), "odd"),
        ([Odd()], ["odd"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_cell_without_a_truth_value_is_converted(cell: object, kept: object) -> None:
    def job(emit: Emitter) -> None:
        emit.row("papers", {"id": 1, "cell": cell})
        emit.rows("papers", [{"id": 2, "cell": cell}, {"id": 3, "cell": None}])
        emit.row("keyed", {"id": 1, "cell": cell}, key="id")
        emit.row("keyed", {"id": 1, "cell": cell}, key="id")

    result = collect(job)
    assert (result.status, result.error) == ("finished", None)
    assert result.tables["papers"]["cell"] == [kept, kept, None]
    assert result.tables["keyed"]["cell"] == [kept]
    foreign = Rows("t", "t", ("cell",), ((cell,), ("text",)))
    assert collect(iter([foreign])).status == "finished"


def test_a_cell_that_cannot_be_read_is_refused_where_it_is_passed() -> None:
    class Mute:
        def __str__(self) -> str:
            raise KeyError("x")

    def job(emit: Emitter) -> None:
        with pytest.raises(UsageError, match=r"^The cell of column 'b' is a Mute that cannot be"):
            emit.row("t", {"a": 1, "b": Mute()})
        emit.row("t", {"a": 1, "b": 2})

    result = collect(job)
    assert (result.status, len(result.tables["t"])) == ("finished", 1)


KEYS: list[tuple[list[Any], int]] = [
    ([True, 1, "1", "true"], 4),
    ([False, 0, None], 3),
    ([1, 1.0, Decimal("1.00")], 1),
    ([math.nan, float("nan"), Decimal("nan"), Decimal("snan")], 1),
    ([[1], "[1]", [True], {"a": 1}], 4),
    ([[1, 2], (1, 2)], 1),
]


@pytest.mark.parametrize(("keys", "count"), KEYS, ids=repr)
def test_keys_are_the_same_as_json_has_it(keys: list[Any], count: int) -> None:
    def one_by_one(emit: Emitter) -> None:
        for key in keys:
            emit.row("t", {"key": key}, key="key")

    def at_once(emit: Emitter) -> None:
        emit.rows("t", [(key,) for key in keys], key="key", columns=["key"])

    assert [len(collect(job).tables["t"]) for job in (one_by_one, at_once)] == [count, count]


def test_too_many_rows_end_the_run_and_stay() -> None:
    def job(emit: Emitter) -> None:
        for n in range(100):
            emit.rows("t", [{"n": n}] * 10)

    result = collect(job, limits=Limits(table_rows_count=95))
    assert isinstance(result.error, LimitError)
    assert result.error.bound == "table_rows_count"
    assert len(result.tables["t"]) == 100


def test_frames_and_text_may_be_yielded_in_turn() -> None:
    def items() -> Any:
        yield "Two frames: "
        yield pandas.DataFrame(AB)
        yield "and "
        yield polars.DataFrame(AB)
        yield pyarrow.Table.from_pylist([{"other": 1}])
        yield "done"

    result = collect(items())
    assert result.text == "Two frames: and done"
    assert result.tables["table"].rows == [*AB, *AB]
    assert result.tables["table 2"].rows == [{"other": 1}]
    assert result.status == "finished"


def test_a_frame_alone_is_a_source() -> None:
    assert collect(pandas.DataFrame(AB)).tables["table"].rows == AB


# --- reading


def filled(*some: dict[str, Any]) -> Table:
    run, emit = emitting()
    emit.rows("t", some)
    return run.result().tables["t"]


def test_a_table_is_read_like_a_list_of_dicts() -> None:
    table = filled(*AB, {"a": 3, "b": None})
    assert (table.name, table.key, table.columns) == ("t", None, ("a", "b"))
    assert table.types == {"a": "integer", "b": "text"}
    assert (len(table), table[0], table[-1]["a"], table[1:]) == (3, AB[0], 3, table.rows[1:])
    assert table.to_dict() == {"a": [1, 2, 3], "b": ["x", "y", None]}
    assert "3 rows" in repr(table)
    with pytest.raises(IndexError):
        table[3]
    with pytest.raises(KeyError):
        table.column("c")


def test_csv_has_a_heading_and_quotes_what_needs_it(tmp_path: Any) -> None:
    table = filled({"a": 1, "b": 'say "x", é\n', "c": True, "d": [1]}, {"a": None, "d": NOON})
    text = 'a,b,c,d\n1,"say ""x"", é\n",true,[1]\n,,,2026-01-02 12:00:00\n'
    assert table.to_csv(tmp_path / "t.csv") == text
    assert (tmp_path / "t.csv").read_bytes().decode() == text


def test_a_view_gives_its_tables_live_in_the_next_cell() -> None:
    view = StreamView(title="by hand")
    assert list(view.tables) == []
    with pytest.raises(KeyError, match=r"does not exist yet\. Available: none"):
        view.tables["t"]
    tables = view.tables
    view.emit.rows("t", AB)
    table = tables["t"]
    assert len(table) == 2
    view.emit.rows("t", AB)
    assert len(table) == 4
    view.finish()
    assert view.result().tables["t"].rows == [*AB, *AB]
    assert list(view.tables) == ["t"]


# --- the page's part at the end


def test_a_table_is_closed_by_its_block_or_by_the_end() -> None:
    run, emit = emitting()
    with emit.table("done", key="id", units={"n": "kg"}) as table:
        table.rows([{"id": 1, "n": 2}])
        table.row({"id": 1, "n": 3})
    emit.row("open", {"x": 1})
    states = {part.fields["name"]: part.state for part in run.document.parts}
    assert states == {"done": "closed", "open": "open"}
    assert run.document.parts[0].fields["columns"][1] == {  # type: ignore[index]
        "name": "n",
        "type": "integer",
        "unit": "kg",
    }
    run.producer_closed()
    assert {part.state for part in run.document.parts} == {"closed"}
    assert isinstance(run.events.to_tuple()[-1], RunEnd)


AWARE = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)


def test_cells_keep_their_python_values() -> None:
    row = {"a": 2**70, "b": Decimal("0.10"), "c": AWARE, "d": {"x": [1]}, "e": "x" * 5_000}
    assert filled(row)[0] == row


def test_a_column_whose_unit_is_markdown_is_shown_as_that() -> None:
    document, wire = after(
        Rows("t", "papers", ("note", "n"), (("**x**", 1),), units={"note": "markdown"})
    )
    assert wire["columns"] == [
        {"name": "note", "type": "markdown"},
        {"name": "n", "type": "integer"},
    ]
    assert document.tables["t"].columns[0].type == "text"
