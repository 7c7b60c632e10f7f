"""A `Result` is a value: it never changes, can be copied and pickled, and reads as a view does."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamwidget import (
    DecodeError,
    Emitter,
    IncompleteError,
    LimitError,
    Limits,
    ProviderError,
    ResponseError,
    Result,
    SourceError,
    StreamView,
    StreamWidgetError,
    TransportError,
    UsageError,
    collect,
)
from streamwidget.run.readings import Readings
from unit.waiting import WAIT_S


def everything(emit: Emitter) -> None:
    emit.text("日本 **text**")
    emit.reasoning("because")
    with emit.step("Search") as step:
        step.progress(1, 3)
        step.row("papers", {"title": "A", "year": 2020})
    emit.metric("loss", 0.5)
    emit.value("plan", {"steps": [1, 2]})
    emit.log("done")
    emit.source("https://example.org", "An example")
    with emit.tool_call("search") as call:
        call.write('{"q": 1}')
    emit.usage(input_tokens=3, output_tokens=4)
    emit.artifact("plain")


def contents(run: Readings) -> dict[str, object]:
    """All that can be read, as comparable values."""
    return {
        "parts": run.document.snapshot(),
        "text": run.text,
        "reasoning": run.reasoning,
        "tool_calls": run.tool_calls,
        "tables": {name: table.rows for name, table in run.tables.items()},
        "values": dict(run.values),
        "metrics": dict(run.metrics),
        "logs": run.logs,
        "steps": run.steps,
        "sources": run.sources,
        "usage": run.usage,
        "events": run.events,
        "html": run.to_html(),
        "markdown": run.to_markdown(),
        "jsonl": run.to_jsonl(),
        "facts": (run.status, run.summary, run.title, run.elapsed_s, run.token_count),
    }


@pytest.mark.parametrize(
    "made", [lambda r: pickle.loads(pickle.dumps(r)), copy.copy, copy.deepcopy]
)
def test_a_result_can_be_pickled_and_copied(made: Callable[[Result], Result]) -> None:
    result = collect(everything)
    assert result.error is None
    assert contents(made(result)) == contents(result)


def test_a_view_and_its_result_read_the_same() -> None:
    view = StreamView(everything, title="All")
    result = view.wait(WAIT_S)
    assert contents(view) == contents(result)
    assert result.title == "All"
    assert result is view.result()


def test_the_result_of_a_live_run_never_changes() -> None:
    reached, proceed = threading.Event(), threading.Event()

    def job(emit: Emitter) -> None:
        everything(emit)
        with emit.growing_value("grown") as write:
            write('{"a": "on')
            reached.set()
            proceed.wait(WAIT_S)
            write('e"}')
        everything(emit)

    view = StreamView(job)
    assert reached.wait(WAIT_S)
    early = view.result()
    before = contents(early)
    path = early.values.open_path("grown")
    proceed.set()
    late = view.wait(WAIT_S)
    assert contents(early) == before
    assert early.status == "streaming"
    assert early.values["grown"] == {"a": "on"}
    assert early.values.open_path("grown") == path == ("a",)
    assert late.values["grown"] == {"a": "one"}
    assert contents(late) != before
    with pytest.raises(AttributeError, match="never changes"):
        early.status = "failed"  # type: ignore[misc, assignment]


@pytest.mark.parametrize(
    "error",
    [
        TransportError("a", retryable=False),
        ResponseError("b", status_code=404),
        DecodeError("c"),
        LimitError("d", bound="document_chars", limit=5),
        IncompleteError("e"),
        ProviderError("f", code="529", retryable=True),
        SourceError("g", detail="trace"),
        UsageError("h"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_can_be_pickled_and_copied(error: StreamWidgetError) -> None:
    for made in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(made), str(made), vars(made)) == (type(error), str(error), vars(error))


def test_a_replayed_limit_error_is_one(tmp_path: Path) -> None:
    path, journal = tmp_path / "events.jsonl", tmp_path / "run.jsonl"
    limits = Limits(document_chars=50)
    collect((10 * "x" for _ in range(100)), limits=limits, journal=journal).to_jsonl(path)
    for view in (
        StreamView.replay(path, None),
        StreamView.replay(journal, None),
        StreamView.attach(journal),
    ):
        error = view.wait(WAIT_S).error
        assert isinstance(error, LimitError)
        assert (error.bound, error.limit) == (None, None)
        assert "document_chars" in error.message


def test_what_does_not_exist_is_a_key_error_that_says_what_does() -> None:
    result = collect(everything)
    with pytest.raises(KeyError, match=r"'paper' does not exist yet. Available: 'papers'\."):
        result.tables["paper"]
    with pytest.raises(KeyError, match="Available: 'title', 'year'"):
        result.tables["papers"]["name"]
    with pytest.raises(KeyError, match="Available: 'plan'"):
        result.values.open_path("plans")
    with pytest.raises(KeyError, match="Available: none"):
        collect(["x"]).tables["papers"]


def test_a_column_is_read_by_its_name() -> None:
    table = collect(everything).tables["papers"]
    assert (table["title"], table["year"], table[0]["year"]) == (["A"], [2020], 2020)


def test_reading_texts_from_many_threads_loses_nothing() -> None:
    done = threading.Event()

    def source() -> Iterator[str]:
        yield from (f"{n} " for n in range(20_000))

    view = StreamView(source())
    readers = [
        threading.Thread(target=lambda: [view.document.text for _ in iter(done.is_set, True)])
        for _ in range(3)
    ]
    for reader in readers:
        reader.start()
    text = view.wait(WAIT_S).text
    done.set()
    for reader in readers:
        reader.join(WAIT_S)
    assert text == "".join(f"{n} " for n in range(20_000))
