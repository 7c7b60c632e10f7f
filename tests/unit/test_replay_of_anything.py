"""The output of `to_jsonl` can be encoded, and its replay gives the same document, for any data.

Also lone surrogates, control characters, numbers that JSON cannot express, and huge integers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamwidget import Emitter, Result, StreamView, collect
from streamwidget.errors import UsageError
from unit.waiting import WAIT_S

ODD = st.sampled_from(
    ["\ud83d", "\udc00", "\0", "\x1b[31m", "\u2028", "\u202e", "\ufeff", "\r", "😀", "é", "a", "\n"]
)
TEXT = st.lists(ODD | st.text(max_size=3), max_size=5).map("".join)
NUMBERS = (
    st.floats(allow_nan=True, allow_infinity=True)
    | st.integers(-(10**400), 10**400)
    | st.sampled_from([0, -0.0, 2**53, 2**53 + 1, 1e308, 5e-324])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CALLS = st.one_of(
    st.tuples(st.just("text"), TEXT),
    st.tuples(st.just("reasoning"), TEXT),
    st.tuples(st.just("row"), st.dictionaries(TEXT, VALUES, min_size=1, max_size=3)),
    st.tuples(st.just("value"), VALUES),
    st.tuples(st.just("metric"), NUMBERS),
    st.tuples(st.just("log"), TEXT),
    st.tuples(st.just("notice"), TEXT),
    st.tuples(st.just("step"), TEXT),
    st.tuples(st.just("tool"), TEXT),
    st.tuples(st.just("error"), TEXT),
    st.tuples(st.just("source"), TEXT),
)


def perform(emit: Emitter, name: str, value: Any) -> None:
    """One call of a job; what it refuses is not part of the run."""
    match name:
        case "text" | "reasoning" | "log" | "notice" | "error":
            getattr(emit, name)(value)
        case "row":
            emit.row("t", value)
        case "value":
            emit.value("v", value)
        case "metric":
            emit.metric("m", value)
        case "step":
            with emit.step(value or "step"):
                emit.text(value)
        case "tool":
            with emit.tool_call(value or "f") as call:
                call.write(value)
        case "source":
            emit.source(f"https://a.test/{value}", value)


def parts_of(result: Result) -> list[Any]:
    """The document as the page would get it."""
    return json.loads(json.dumps(result.document.snapshot(), allow_nan=False))["parts"]


def holds(result: Result, path: Path) -> None:
    """Holds the file of a run to being UTF-8 of JSON lines, and to giving the same document."""
    text = result.to_jsonl(path)
    assert path.read_bytes().decode("utf-8") == text
    for line in text.removesuffix("\n").split("\n"):
        json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    again = StreamView.replay(path, speed=None).wait(WAIT_S)
    assert parts_of(again) == parts_of(result)
    assert (again.status, again.text) == (result.status, result.text)
    for export in (result.to_markdown(), result.to_html(), again.to_jsonl()):
        export.encode("utf-8")


SETTINGS = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(st.lists(CALLS, max_size=12))
def test_what_a_job_emits_is_replayed(tmp_path: Path, calls: list[tuple[str, Any]]) -> None:
    def job(emit: Emitter) -> None:
        for name, value in calls:
            try:
                perform(emit, name, value)
            except (TypeError, ValueError, UsageError):  # refused on the caller's line
                continue

    holds(collect(job), tmp_path / "run.jsonl")


@SETTINGS
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["type", "text", "id", "data", "x"]) | TEXT, VALUES, max_size=4
        ),
        max_size=8,
    )
)
def test_any_records_are_replayed(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    def items() -> Iterator[object]:
        yield {"text": "a"}
        yield from records

    holds(collect(items()), tmp_path / "run.jsonl")
