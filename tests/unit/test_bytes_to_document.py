"""Any cut of the input bytes gives the same document, from the first byte to the last op."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget.document import Document
from streamwidget.run import Run, begin
from streamwidget.run.waiting import wait

RECORDS = [
    {"type": "start"},
    {"type": "step_start", "id": "a", "name": "検索 🔎"},
    {"type": "progress", "completed": 1, "total": 3, "message": "naïve"},
    {"type": "thinking", "content": "hm… 👩\u200d🚀"},
    {"type": "response", "content": "# 日本語\r\n\n| a | b |\u2028"},
    {"type": "response", "content": " and more"},
    {"type": "tool_call", "tool": "search", "params": {"q": "💡"}},
    {"type": "step_end", "id": "a"},
    {"type": "response", "content": "done"},
]
JSON = [json.dumps(record, ensure_ascii=False) for record in RECORDS]
END = '{"type": "end"}'
STREAMS: dict[str, tuple[str, bytes]] = {
    "sse": ("text/event-stream", "".join(f"data: {r}\r\n\r\n" for r in [*JSON, END]).encode()),
    "sse cut": ("text/event-stream", "".join(f"id: 1\ndata: {r}\n\n" for r in JSON).encode()),
    "ndjson": ("application/x-ndjson", "".join(f"{r}\n" for r in [*JSON, END]).encode()),
    "text": ("text/plain", "日本語 👩\u200d🚀\r\n\u2028 plain text".encode()),
    "invalid": ("text/event-stream", b"data: a\xff\xe4\xb8 b\n\ndata: c\n\n"),
    "undeclared": ("", "".join(f"event: x\ndata: {r}\n\n" for r in JSON).encode()),
}


def document(pieces: list[bytes], content_type: str) -> Document:
    run = Run(now=lambda: 0.0)
    begin(run, iter(pieces), content_type=content_type)
    wait(run)
    patches = run.patches
    patches.seal()
    replayed = Document()
    for patch in patches.since(0) or []:
        replayed.apply_ops(patch)
    assert replayed == run.document, "the patches give the document"
    return run.document


@cache
def whole(name: str) -> dict[str, Any]:
    content_type, data = STREAMS[name]
    return document([data], content_type).snapshot()


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places})
    for start, end in zip([0, *ends], [*ends, len(data)], strict=True):
        yield data[start:end]


@pytest.mark.parametrize("name", STREAMS)
@given(places=st.lists(st.integers(0, 10_000), max_size=12))
def test_any_cut_gives_the_same_document(name: str, places: list[int]) -> None:
    content_type, data = STREAMS[name]
    assert document(list(cut(data, places)), content_type).snapshot() == whole(name)


@pytest.mark.parametrize("name", STREAMS)
def test_byte_by_byte_gives_the_same_document(name: str) -> None:
    content_type, data = STREAMS[name]
    pieces = [data[i : i + 1] for i in range(len(data))]
    assert document(pieces, content_type).snapshot() == whole(name)


def test_the_streams_are_what_they_seem() -> None:
    statuses = {name: whole(name)["run"]["status"] for name in STREAMS}
    early = {"sse cut": "incomplete", "undeclared": "incomplete"}
    assert statuses == dict.fromkeys(STREAMS, "finished") | early
