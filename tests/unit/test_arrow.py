"""Tables for pandas, polars, pyarrow and DuckDB: each column arrives with its type."""

from __future__ import annotations

import sys
import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget import Emitter, Table, UsageError
from streamwidget.emit import EventSink
from streamwidget.run import Run
from streamwidget.run.data import tables

NOON = datetime(2026, 1, 2, 12, 0, 0, 123456)
EAST = timezone(timedelta(hours=2))

COLUMNS: dict[str, tuple[list[Any], str, list[Any] | None]] = {
    "integers": ([1, None, -(2**63)], "int64", None),
    "large integers": ([1, None, 2**64 - 1], "uint64", None),
    "huge integers": ([1, None, 2**64], "string", ["1", None, str(2**64)]),
    "numbers": ([1, None, 2.5], "double", [1.0, None, 2.5]),
    "not finite": ([float("inf"), float("-inf"), None], "double", None),
    "decimals": ([Decimal("1.5"), None, 2], "double", [1.5, None, 2.0]),
    "booleans": ([True, None, False] * 30, "bool", None),
    "texts": (["é", None, "", "日本", "x" * 9], "string", None),
    "surrogates": (["\ud83d\ude00", "\ud800"], "string", ["😀", "\ufffd"]),
    "dates": ([date(1, 1, 1), None, date(9999, 12, 31)], "date32[day]", None),
    "times": ([NOON, None, datetime(1, 1, 1)], "timestamp[us]", None),
    "aware times": (
        [datetime(2026, 1, 2, 12, tzinfo=EAST), None],
        "timestamp[us, tz=UTC]",
        [datetime(2026, 1, 2, 10, tzinfo=timezone.utc), None],
    ),
    "two kinds of time": ([NOON, NOON.replace(tzinfo=EAST)], "string", None),
    "json": ([{"a": [1]}, None, []], "string", ['{"a": [1]}', None, "[]"]),
    "several kinds": ([1, "x", None, True], "string", ["1", "x", None, "True"]),
    "nothing": ([None, None], "null", None),
    "no rows": ([], "null", None),
}


def table(**columns: list[Any]) -> Table:
    run = Run()
    run.start("test")
    Emitter(EventSink(run.push, run.new_id, run.stop_requested)).rows("t", columns)
    return run.result().tables["t"]


@pytest.mark.parametrize(("values", "kind", "expected"), COLUMNS.values(), ids=COLUMNS.keys())
def test_a_column_arrives_as_it_is(
    values: list[Any], kind: str, expected: list[Any] | None
) -> None:
    read = table(c=values).to_arrow()
    read.validate(full=True)
    assert str(read.schema.field("c").type) == kind
    if kind != "string" or expected is not None:
        assert read["c"].to_pylist() == (values if expected is None else expected)
    assert table(c=values).to_polars()["c"].to_list() == read["c"].to_pylist()


cells = st.one_of(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=40),
    st.lists(st.none() | st.floats(allow_nan=False), max_size=40),
    st.lists(st.none() | st.booleans(), max_size=40),
    st.lists(st.none() | st.text(max_size=5), max_size=40),
    st.lists(st.none() | st.dates(), max_size=40),
    st.lists(st.none() | st.datetimes(), max_size=40),
)


@settings(deadline=None)
@given(cells)
def test_any_values_arrive_in_both_libraries(values: list[Any]) -> None:
    read = table(c=values).to_arrow()
    read.validate(full=True)
    assert read["c"].to_pylist() == values
    assert table(c=values).to_polars()["c"].to_list() == values


def test_no_columns_and_columns_of_odd_names_arrive() -> None:
    assert table().to_arrow().num_columns == 0
    odd = table(**{"": [1], "a b\0c": [2], "日本": [3]})
    assert odd.to_arrow().schema.names == ["", "a bc", "日本"]


def test_duckdb_reads_a_table_by_its_name_in_python() -> None:
    papers = table(id=[1, 2, 3], title=["a", None, "c"], cited=[1.5, 2.5, None])
    assert len(papers) == 3
    rows = duckdb.sql("select count(title), sum(cited) from papers where id > 1").fetchall()
    assert rows == [(1, 2.5)]


def test_pandas_keeps_the_kind_of_columns_with_gaps() -> None:
    frame = table(i=[1, None], b=[True, None], f=[0.5, None], n=[None, None], w=[1, 2]).to_pandas()
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds == {"i": "Int64", "b": "boolean", "f": "float64", "n": "object", "w": "int64"}
    assert len(table().to_pandas()) == 0
    assert pandas.DataFrame.from_arrow(table(a=[1])).to_dict("list") == {"a": [1]}


def test_a_table_goes_back_into_polars_and_pyarrow_as_it_is() -> None:
    assert polars.DataFrame(table(a=[1, None])).to_dicts() == [{"a": 1}, {"a": None}]
    assert pyarrow.table(table(a=["x"])).to_pylist() == [{"a": "x"}]


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
def test_a_library_that_is_not_there_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    call = {"pandas": "to_pandas", "polars": "to_polars", "pyarrow": "to_arrow"}[name]
    with pytest.raises(UsageError, match=f"pip install {name}"):
        getattr(table(a=[1]), call)()


def test_polars_needs_no_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert table(a=[1, None], b=["x", {"y": 1}]).to_polars().to_dicts() == [
        {"a": 1, "b": "x"},
        {"a": None, "b": '{"y": 1}'},
    ]


def test_reading_continues_while_rows_come() -> None:
    run = Run()
    run.start("test")
    emit = Emitter(EventSink(run.push, run.new_id, run.stop_requested))
    emit.rows("t", [{"n": 0, "twice": 0}])
    some, done = tables(run)["t"], threading.Event()

    def work() -> None:
        for n in range(1, 3_000):
            emit.rows("t", [{"n": n, "twice": 2 * n}] * (n % 3))
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        read = some.to_arrow()
        assert [2 * n for n in read["n"].to_pylist()] == read["twice"].to_pylist()
    thread.join()
    assert len(some.to_arrow()) == len(some) == 1 + sum(n % 3 for n in range(1, 3_000))
