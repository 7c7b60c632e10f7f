"""Writes the replay cases that Python and TypeScript share: patches, and the document they give.

Run it after a change of the ops: `python tests/cases/make_replay.py`. The cases that it does not
write (`hand_*.json`) were written by hand.
"""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from pathlib import Path
from typing import Any

from streamwidget.document import Document
from streamwidget.events import (
    Artifact,
    AskEnd,
    AskRejected,
    AskStart,
    Citation,
    Custom,
    Event,
    Failure,
    Knob,
    LogLine,
    Metric,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    Reset,
    Rows,
    RowsEnd,
    RunEnd,
    RunStart,
    StepEnd,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Unknown,
    Usage,
    ValueDelta,
    ValueEnd,
    ValueStart,
)
from streamwidget.limits import Limits
from streamwidget.ops import Op
from streamwidget.patch_log import PatchLog

SMALL = Limits(shown_rows_count=4, shown_points_count=20, shown_log_lines_count=10)
"""Small enough that the cases pass the caps."""
HERE = Path(__file__).parent / "replay"

PAPERS = ("id", "title", "cited", "size (MB)", "published", "url", "open", "authors")

RUNS: dict[str, list[list[Event]]] = {
    "questions": [
        [
            AskStart("q1", "Wélche?", ("newest", "😀"), default="newest", timeout_s=9.0, at_s=0.5),
            AskStart("q1", "A second start is ignored"),
            Knob("knob:lr", "lr", 1e-3, 1e-5, 1.0, None, True, at_s=0.6),
        ],
        [AskEnd("q1", "timeout", "newest", True, 9.5), AskEnd("q1", "answered", "😀", at_s=9.6)],
        [
            AskStart("q2", "Who?", (), ({"name": "n", "type": "integer"},), step_id=None),
            AskRejected("q2", "N must be a whole number.", 10.0),
            Knob("knob:lr", "lr", 0.01, 1e-5, 1.0, None, True, True, at_s=10.1),
        ],
        [AskEnd("q2", "answered", {"n": 3}, at_s=11.0), AskStart("q3", "May I?", hint="Later.")],
        [RunEnd("complete", None, 12.0)],
    ],
    "research": [
        [RunStart("http://127.0.0.1/research", "sse")],
        [StepStart("s1", "Searching", at_s=0.1), Progress("p1", 0, 12, "papers", None, "s1")],
        [Progress("p1", 5, 12, "papers", "reading", "s1"), ReasoningDelta("r1", "Which ones? ")],
        [ReasoningDelta("r1", "The newer."), Progress("p1", 12, 12, "papers", None, "s1")],
        [StepEnd("s1", "done", 2.5), TextStart("t1"), TextDelta("t1", "# Was ist neu?\n\n")],
        [TextDelta("t1", "日本語、"), TextDelta("t1", "中文 "), TextDelta("t1", "👩‍🚀")],
        [TextDelta("t1", "🎉\r\n\u2028| a | b |\n"), TextEnd("t1")],
        [RunEnd("complete", "stop", 9.0)],
    ],
    "failed": [
        [RunStart("job()"), StepStart("s1", "outer"), StepStart("s2", "inner", "s1")],
        [TextDelta("t1", "half "), TextDelta("t2", "other "), TextDelta("t1", "a word")],
        [Failure("overloaded", "provider", "ProviderError", True, "529", "detail\nof it")],
        [
            Unknown("tool_call", '{"type": "tool_call", "tool": "<script>"}'),
            Notice("hm", "warning"),
        ],
        [RunEnd("failed", None, 3.25)],
    ],
    "tools": [
        [ToolCallStart("c1", "search", "call_1"), ToolCallDelta("c1", '{"q": "日')],
        [ToolCallDelta("c1", '本"}'), ToolCallEnd("c1"), ToolCallEnd("c2", '{"whole": [1, null]}')],
        [ToolResult("c1", "found 💡"), Citation("https://example.org/a", "A"), Usage(10, 3)],
        [StepStart("s1", "again"), TextDelta("t1", "wrong"), Usage(1, 2, "b")],
        [Reset(), TextDelta("t1", "right"), TextDelta("t2", "new")],
        [TextDelta("t2", " text"), Reset(), TextDelta("t2", "at last"), RunEnd("complete", "stop")],
    ],
    "tables": [
        [
            Rows("t", "papers", PAPERS, ()),
            Rows(
                "t",
                "papers",
                PAPERS,
                (
                    (
                        1,
                        "日本語の論文",
                        12,
                        1.5,
                        date(2026, 1, 2),
                        "https://a.example/1",
                        True,
                        ["A", "B"],
                    ),
                    (2, "Short"),
                ),
                step_id="s1",
            ),
        ],
        [
            Rows("t", "papers", ("id", "cited"), ((2, 7), (3, 2**60)), "upsert", "id"),
            Rows("t", "papers", ("id", "note"), ((1, "best"), (4, None)), "upsert", "id"),
            Rows("t", "papers", ("id", "title"), ((5, "x" * 2_001),)),
        ],
        [
            Rows("n", "numbers", ("x",), ((1,), (2.5,), (math.nan,), (-math.inf,), (None,))),
            Rows("n", "numbers", ("x",), (("seven",), (True,), (datetime(2026, 1, 2, 3, 4),))),
            Rows("r", "replaced", ("a",), ((1,), (2,))),
        ],
        [Rows("r", "replaced", ("b", "a"), (("new", 3),), "replace"), RowsEnd("n"), RowsEnd("n")],
        [RunEnd("complete", "stop", 1.0)],
    ],
    "values": [
        [ValueStart("v", "answer"), ValueDelta("v", '{"titel": "Zw')],
        [ValueDelta("v", 'ölf", "n": 1'), ValueDelta("v", "2}"), ValueEnd("v")],
        [ValueStart("v", "answer"), ValueDelta("v", "[1"), ValueDelta("w", "{no json")],
        [ValueEnd("x", '{"whole": [null]}'), ValueDelta("y", "7")],
        [RunEnd("complete", "stop", 1.0)],
    ],
    "charts": [
        [
            Metric("m", "loss", (("train", 1.5), ("val", None))),
            Metric("m", "loss", (("train", 1.2),)),
        ],
        [Metric("m", "loss", (("val", 1.4), ("train", 0.9)), 10, at_s=2.0)],
        [Metric("rate", "rate", (("rate", 12),), by_time=True, at_s=1.5)],
        [Metric("m", "loss", (("noise", math.nan),)), Metric("m", "loss", (("train", 5e-324),))],
        [Metric("m", "loss", (("train", 1 / n), ("val", n % 7))) for n in range(1, 40)],
        [RunEnd("stopped", None, 1.0)],
    ],
    "logs": [
        [LogLine("begun", at_s=0.1), LogLine("careful \n<b>", "warning", "app.db", 0.2)],
        [LogLine(f"line {n}", "debug", "", n / 4) for n in range(40)],
        [StepStart("s1", "again"), LogLine("kept", "error"), TextDelta("t1", "not kept"), Reset()],
        [RunEnd("complete", "stop", 11.0)],
    ],
    "printed": [
        [TextStart("o1", "s1", "stdout"), TextDelta("o1", "one\n"), TextDelta("o1", "two\n")],
        [TextStart("o2", None, "stderr"), TextDelta("o2", "<b>careful</b>\n"), TextEnd("o1")],
        [TextDelta("t3", "**text**"), TextEnd("o2"), RunEnd("complete", "stop", 1.0)],
    ],
    "shown": [
        [Artifact("a", {"image/png": "aGk=", "text/plain": "<Figure>"}, "A figure", {"x": 1})],
        [Artifact("a", {"text/html": "<b>é</b>"}, "The same", {}, ("image/svg+xml",), "s1")],
        [Custom("c", "gauge", {"value": 1}), Custom("c", "gauge", {"value": [2, None, "ü"]})],
        [
            Citation("https://a.example/", None),
            Citation("https://b.example/", "B"),
            Citation(None, "C"),
        ],
        [
            Citation("https://a.example/", "A"),
            Citation("https://b.example/", "late"),
            Citation(None, "C"),
        ],
        [Failure("no", "transport", hint="Wait.", step_id="s1", at_s=3.0), Notice("n", at_s=4.0)],
        [RunEnd("failed", None, 5.0)],
    ],
    "times": [
        [
            StepStart("s1", "Read", at_s=0.5),
            ReasoningStart("r", "s1", 0.6),
            ReasoningDelta("r", "x"),
        ],
        [ReasoningEnd("r", 1.6), ReasoningEnd("r", 9.0), ToolCallStart("c", "find", at_s=2.0)],
        [
            ToolCallEnd("c", "{}", 2.5),
            ToolResult("c", "1", False, 3.0),
            ToolCallStart("d", at_s=3.5),
        ],
        [
            ToolCallEnd("d", "{}"),
            ToolResult("e", "elsewhere", True, 4.0),
            ReasoningDelta("q", "open"),
        ],
        [
            Progress("p", 1, 2, label="papers", at_s=4.5),
            Progress("p", 2, 2, label="papers", at_s=5.0),
        ],
        [StepEnd("s1", "done", 6.0, "found 3"), StepStart("s2", "Write", "s1", 6.5)],
        [RunEnd("stopped", None, 7.0)],
    ],
    "edges": [
        [TextDelta("t1", "")],
        [TextEnd("t1"), TextDelta("t1", "after the end"), TextStart("t1")],
        [Progress("p1", 3), Progress("p1", 4.5, None, "MB"), Progress("p2", 1, 1)],
        [RunEnd("cut")],
    ],
}


def _add(part_id: str, **fields: Any) -> Op:
    return {"op": "add", "part": {"id": part_id, "kind": "log", "state": "open", **fields}}


def _extend(part_id: str, start: int, stop: int) -> Op:
    return {"op": "extend", "id": part_id, "items": [[n, "line"] for n in range(start, stop)]}


def _put(part_id: str, *positions: int) -> Op:
    return {"op": "put", "id": part_id, "items": [(n, [n, "put"]) for n in positions]}


def _keeps() -> list[list[Op]]:
    """Every small `keep`, each with lists that pass it in steps of many sizes."""
    ticks: list[list[Op]] = []
    for keep in (0, 1, 2, 3, 4, 5, 8, 11):
        part_id = f"k{keep}"
        ticks.append([_add(part_id, keep=keep, items=[])])
        sizes = [1, 2, keep, 1, 1, 2 * keep + 3, 1]
        for at, size in enumerate(sizes):
            start = sum(sizes[:at])
            ticks.append([_extend(part_id, start, start + size)])
    return ticks


OPS: dict[str, list[list[Op]]] = {
    "items": [
        [_add("a"), _extend("a", 0, 3)],
        [_put("a", 1), _extend("a", 3, 5), _put("a", 4), _extend("a", 5, 6), _put("a", 5, 0)],
        [_add("b", items=[["first", None]]), _put("b", 0, 7)],
        [
            _extend("a", 6, 7),
            {"op": "set", "id": "a", "fields": {"items": [["new"]], "columns": ["x"]}},
            _extend("a", 1, 2),
            {"op": "set", "id": "a", "fields": {"state": "closed"}},
        ],
        [_add("c", items=[[7]], dropped=7, keep=4), _extend("c", 8, 10), _put("c", 3, 7, 8)],
        [_add("d", keep=2), {"op": "remove", "ids": ["d"]}, _add("d"), _extend("d", 0, 4)],
    ],
    "keep": _keeps(),
}


def ops_case(name: str, ticks: list[list[Op]]) -> dict[str, object]:
    document, log = Document(), PatchLog()
    for ops in ticks:
        document.apply_ops(ops)
        log.add(ops)
        log.seal()
    return {"name": name, "patches": log.since(0), "document": document.snapshot()}


def case(name: str, ticks: list[list[Event]]) -> dict[str, object]:
    document, log = Document(SMALL), PatchLog()
    for events in ticks:
        for event in events:
            log.add(document.apply(event))
        log.seal()
    return {"name": name, "patches": log.since(0), "document": document.snapshot()}


def main() -> None:
    HERE.mkdir(exist_ok=True)
    cases = [case(name, ticks) for name, ticks in RUNS.items()]
    cases += [ops_case(name, ticks) for name, ticks in OPS.items()]
    for one in cases:
        text = json.dumps(one, ensure_ascii=False, indent=1)
        (HERE / f"{one['name']}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
