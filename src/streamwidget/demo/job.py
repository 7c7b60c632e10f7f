"""The scripted research job of the demo: plan, search, read, write. Pure: no clock, no server.

A script is an iterator of records (JSON objects of the generic vocabulary) and of pauses in tokens;
the server turns pauses into time. The library, its papers and their numbers are invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

Record: TypeAlias = dict[str, object]
Script: TypeAlias = Iterator["Record | float"]

TOKEN = re.compile(r" ?[^\W\d_]{1,5}|\s|[^\s]{1,3}")
"""Word pieces of about four characters, with the space before them, as models send them."""

PLAN = (
    "The question is what makes a streaming interface feel fast, which is not the same as being "
    "fast. I should separate three things: when the first word comes, how evenly the rest follows, "
    "and whether the reader stays in control. Then look for measurements rather than opinions, and "
    "say plainly where there are none."
)
WEIGHING = (
    "Two of the sources disagree about the first second. The difference is in what they measured: "
    "one asked people, the other watched where they looked. Both can be right, so the review "
    "should give both numbers instead of an average."
)
QUERIES = (
    ("perceived latency of incremental output", 9),
    ("reading speed and text that grows", 8),
    ("progress indicators and abandonment", 7),
)
PAPERS = (
    "On the first second of waiting",
    "Steady is faster than quick",
    "Eyes on moving text: a reading-room study",
    "What a stop button promises",
    "A field guide to spinners",
    "Backpressure for people",
    "Reading ahead of the machine",
    "The honest progress bar",
)


@cache
def report() -> str:
    """Return the whole review as Markdown."""
    return Path(__file__).with_name("report.md").read_text(encoding="utf-8")


def tokens(text: str) -> list[str]:
    """Return `text` in pieces of about four characters; joined, they are `text` again."""
    return TOKEN.findall(text)


def sections(count: int | None) -> str:
    """Return the head and the first `count` sections of the review; None: all sections."""
    parts = re.split(r"(?m)^(?=## )", report())
    return report() if count is None else "".join(parts[: count + 1])


def research(section_count: int | None = None) -> Script:
    """Yield the job from `start` to `end`; pauses are in tokens."""
    yield {"type": "start", "title": "What makes a streaming interface feel fast?"}
    yield {"type": "step_start", "id": "plan", "name": "Planning"}
    yield from _tokens("thinking", PLAN)
    yield {"type": "step_end", "id": "plan"}
    yield from _searching()
    yield from _reading()
    yield {"type": "step_start", "id": "write", "name": "Writing the review"}
    yield from _tokens("thinking", WEIGHING)
    yield from _tokens("response", sections(section_count))
    yield {"type": "step_end", "id": "write"}
    yield {"type": "end", "finish_reason": "stop"}


def report_text(section_count: int | None = None) -> Script:
    """Return a script of the review alone, one token at a time."""
    return _tokens("response", sections(section_count))


def counted(count: int, start: int = 1) -> Script:
    """Yield `tok<start>` to `tok<count>`."""
    for n in range(start, count + 1):
        yield {"type": "response", "content": f"tok{n} "}
        yield 1


def _tokens(type_: str, text: str) -> Script:
    for token in tokens(text):
        yield {"type": type_, "content": token}
        yield 1


def _searching() -> Script:
    yield {"type": "step_start", "id": "search", "name": "Searching the library"}
    paper_count = 0
    for i, (query, hits) in enumerate(QUERIES):
        step_id = f"query-{i + 1}"
        yield {"type": "step_start", "id": step_id, "name": f"“{query}”", "parent": "search"}
        for hit in range(1, hits + 1):
            yield {
                "type": "progress",
                "id": "found",
                "completed": paper_count + hit,
                "total": sum(n for _, n in QUERIES),
                "unit": "papers",
                "message": f"Searching: {query}",
            }
            yield 4
        paper_count += hits
        yield {"type": "step_end", "id": step_id}
    yield {"type": "step_end", "id": "search"}


def _reading() -> Script:
    yield {"type": "step_start", "id": "read", "name": f"Reading {len(PAPERS)} papers"}
    for n, title in enumerate(PAPERS, start=1):
        yield {
            "type": "progress",
            "completed": n,
            "total": len(PAPERS),
            "unit": "papers",
            "message": f"Reading “{title}”",
        }
        yield 12
    yield {"type": "step_end", "id": "read"}
