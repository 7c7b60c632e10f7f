"""Progress in the shapes of servers and tools: bars, and only those."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamwidget import Result, collect

Bars = list[tuple[float, float | None]]


def read(rows: list[Any]) -> list[Result]:
    """The results of the rows as lines of JSON, and as dicts."""
    body = b"".join(json.dumps(row).encode() + b"\r\n" for row in rows)
    return [collect([body], content_type="application/json"), collect(iter(rows))]


def bars_of(result: Result) -> Bars:
    parts = [part for part in result.document.parts if part.kind == "progress"]
    return [(part.fields["completed"], part.fields["total"]) for part in parts]


def counts(template: dict[str, Any], *values: float, key: str) -> list[dict[str, Any]]:
    return [{**template, key: value} for value in values]


def layer(id: str, status: str, current: int | None = None, total: int = 500) -> dict[str, Any]:
    detail = {} if current is None else {"current": current, "total": total}
    return {"status": status, "id": id, "progressDetail": detail}


TOTAL_10 = {"total": 10}
PROGRESS: dict[str, tuple[list[Any], Bars]] = {
    "layers of a pull": (
        [{"status": "Pulling from library/x", "id": "latest"}, layer("a", "Pulling fs layer")]
        + [layer("b", "Pulling fs layer"), layer("a", "Downloading", 100)]
        + [layer("b", "Downloading", 300), layer("a", "Pull complete"), layer("b", "Extracting", 9)]
        + [{"status": "Status: Downloaded newer image for x:latest"}],
        [(500, 500), (9, 500)],
    ),
    "layers of a push": (
        [layer("a", "Preparing"), layer("a", "Pushing", 10, 100), layer("a", "Pushed")],
        [(100, 100)],
    ),
    "a layer that is there": ([layer("a", "Already exists")], [(0, None)]),
    "completed of total": (counts(TOTAL_10, 1, 10, key="completed"), [(10, 10)]),
    "processed of total, of files": (
        [{"file": file, "processed": 5, "total": 10} for file in ("a", "b")], [(5, 10), (5, 10)]
    ),
    "current of total": (counts(TOTAL_10, 1, 5, key="current"), [(5, 10)]),
    "a step of all steps": (counts({"total_steps": 10}, 1, 5, key="step"), [(5, 10)]),
    "bytes of a download": (
        counts({"status": "downloading", "total_bytes": 100}, 1, 50, key="downloaded_bytes"),
        [(50, 100)],
    ),
    "tqdm's own state": (
        counts({"total": 10, "elapsed": 1.5, "prefix": "x", "unit": "it"}, 1, 5, key="n"),
        [(5, 10)],
    ),
    "a percentage": (counts({"status": "working"}, 1, 50, key="percent"), [(50, 100)]),
    "a percentage that is text": ([{"status": "working", "progress": "50%"}], [(50, 100)]),
    "a value of a maximum": (
        [{"type": "progress", "data": {"value": value, "max": 20}} for value in (1, 10)],
        [(10, 20)],
    ),
    "counts inside the state of a batch": (
        [{"id": "b", "object": "batch", "status": "in_progress", "tags": [],
          "request_counts": {"total": 100, "completed": done, "failed": 0}} for done in (0, 50)],
        [(50, 100)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRESS)
def test_progress_is_bars(name: str) -> None:
    rows, wanted = PROGRESS[name]
    for result in read(rows):
        assert bars_of(result) == wanted
        assert result.status == "finished"
        shown = [part.kind for part in result.document.parts].count("unknown")
        assert shown <= 2, "records that stand beside the bars"


ROWS: dict[str, list[dict[str, Any]]] = {
    "names and counts": [{"name": "a", "n": 1, "total": 3}],
    "a share of each country": [{"country": "FR", "percent": 12.5}],
    "totals of orders": [{"order": 7, "total": 19.9, "current": True}],
    "more than all": [{"completed": 11, "total": 10, "status": "odd"}],
    "a metric of training": [{"step": 1, "total_steps": 10, "loss": 0.5}],
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_a_table_are_not_bars(name: str) -> None:
    for result in read(ROWS[name] * 4):
        assert bars_of(result) == []
        assert [len(table) for table in result.tables.values()] == [4]


def test_tasks_by_the_thousand_are_rows() -> None:
    for result in read([{"id": n, "completed": 1, "total": 5} for n in range(1_000)]):
        assert len(bars_of(result)) == 100
        assert [len(table) for table in result.tables.values()] == [900]


TEXTS: dict[str, tuple[list[Any], str]] = {
    "the whole so far": ([{"text": "A b"}, {"text": "A b c"}, {"text": "A b c d"}], "A b c d"),
    "the whole under TGI's name": ([{"generated_text": "A"}], "A"),
    "pieces of an answer": ([{"answer": "A"}, {"answer": " b"}], "A b"),
    "what a build prints": ([{"stream": "\x1b[91mA\x1b[0m\n"}, {"stream": "b"}], "A\nb"),
    "DashScope's choices": (
        [{"request_id": "x", "output": {"choices": [{"message": {"content": text},
          "finish_reason": "null"}]}} for text in ("A", "A b", "A b c")]
        + [{"request_id": "x", "output": {"choices": [{"message": {"content": "A b c"},
            "finish_reason": "stop"}]}}],
        "A b c",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text_of_small_servers_is_read(name: str) -> None:
    rows, wanted = TEXTS[name]
    for result in read(rows):
        assert (result.text, result.status) == (wanted, "finished")
