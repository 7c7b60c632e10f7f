"""Writes the replay cases that Python and TypeScript share: patches, and the document they give.

Run it after a change of the ops: `python tests/cases/make_replay.py`. The cases that it does not
write (`hand_*.json`) were written by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

from streamwidget.document import Document
from streamwidget.events import (
    Citation,
    Event,
    Failure,
    Notice,
    Progress,
    ReasoningDelta,
    Reset,
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
)
from streamwidget.pacing import PatchLog

HERE = Path(__file__).parent / "replay"

RUNS: dict[str, list[list[Event]]] = {
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
    "edges": [
        [TextDelta("t1", "")],
        [TextEnd("t1"), TextDelta("t1", "after the end"), TextStart("t1")],
        [Progress("p1", 3), Progress("p1", 4.5, None, "MB"), Progress("p2", 1, 1)],
        [RunEnd("cut")],
    ],
}


def case(name: str, ticks: list[list[Event]]) -> dict[str, object]:
    document, log = Document(), PatchLog()
    for events in ticks:
        for event in events:
            log.add(document.apply(event))
        log.seal()
    return {"name": name, "patches": log.since(0), "document": document.snapshot()}


def main() -> None:
    HERE.mkdir(exist_ok=True)
    for name, ticks in RUNS.items():
        text = json.dumps(case(name, ticks), ensure_ascii=False, indent=1)
        (HERE / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
