"""CPU time grows in proportion to the input, whatever its shape.

Each row feeds one public entry point with inputs of 1, 2, 4 and 8 times a size. The slope of the
CPU time over the size, both as logarithms, must be at most 1.2: 1 is linear, 2 quadratic. Rows
whose largest input takes less than `FLOOR_S` are too quick to measure and too quick to matter.
"""

from __future__ import annotations

import gc
import json
import math
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from streamwidget import Emitter, collect
from streamwidget.document.table_cells import type_with, unit_of
from streamwidget.emit import EventSink
from streamwidget.events import (
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Unknown,
)
from streamwidget.export.markdown import to_html
from streamwidget.run import Run
from streamwidget.run.exporting import to_html as page_of
from streamwidget.run.exporting import to_jsonl, to_markdown
from streamwidget.sources.replay import replay_source

Work = Callable[[], object]
Make = Callable[[int], Work]

FLOOR_S = 0.015
MOST_EXPONENT = 1.2
TRIES_COUNT = 20
FACTORS = (1, 2, 4, 8)


def exponent(make: Make, size: int) -> float:
    """The slope of CPU time over size; 0 where even the largest input takes next to no time.

    Noise only ever adds time, so more tries bring each time closer to what the work costs. What is
    quadratic stays so however often it is tried.
    """
    works = [make(size * factor) for factor in FACTORS]
    best = [math.inf] * len(works)
    slope = math.inf
    gc.collect()
    gc.disable()
    try:
        for _ in range(TRIES_COUNT):
            best = [min(known, _cpu_s(work)) for known, work in zip(best, works, strict=True)]
            slope = _slope(best)
            if best[-1] < FLOOR_S:
                return 0.0
            if slope <= MOST_EXPONENT:
                return slope
        return slope
    finally:
        gc.enable()


def _cpu_s(work: Work) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _slope(times_s: list[float]) -> float:
    """Least squares through the logarithms."""
    xs = [math.log2(factor) for factor in FACTORS]
    ys = [math.log2(max(time_s, 1e-6)) for time_s in times_s]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum(
        (a - x) ** 2 for a in xs
    )


# --- bytes


def reading(content_type: str, piece: Callable[[int], bytes], *, head: bytes = b"") -> Make:
    """`collect` of a body that is made of n pieces."""

    def make(size: int) -> Work:
        body = head + b"".join(map(piece, range(size)))
        pieces = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
        return lambda: collect(iter(pieces), content_type=content_type)

    return make


def aws_frame(headers: bytes, payload: bytes) -> bytes:
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return message + struct.pack(">I", crc32(message))


def _chat(delta: object) -> bytes:
    chunk = {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _call(at: int, arguments: str, new_id: bool) -> bytes:
    call: dict[str, Any] = {"index": at, "function": {"arguments": arguments}}
    if new_id:
        call |= {"id": f"call_{at}", "type": "function"}
        call["function"]["name"] = "f"
    return _chat({"tool_calls": [call]})


SSE, NDJSON, TEXT = "text/event-stream", "application/x-ndjson", "text/plain"
BYTES: dict[str, tuple[Make, int]] = {
    "sse chat: tokens": (reading(SSE, lambda n: _chat({"content": "word "})), 300),
    "sse chat: blank lines": (reading(SSE, lambda _: _chat({"content": "\n"})), 300),
    "sse chat: no blank lines": (reading(SSE, lambda n: _chat({"content": "word "})[:-1]), 300),
    "sse chat: events inside events": (
        reading(SSE, lambda n: b"data: " + _chat({"content": "word "})),
        200,
    ),
    "sse chat: an id for each chunk": (
        reading(
            SSE, lambda n: _chat({"content": "word "}).replace(b'{"obj', b'{"id": "%d", "obj' % n)
        ),
        300,
    ),
    "sse chat: reasoning in tags": (
        reading(SSE, lambda n: _chat({"content": "<think>" if not n else "< word "})),
        300,
    ),
    "ndjson: no line ends": (reading(NDJSON, lambda n: b'{"text": "word %d "}' % n), 500),
    "ndjson: values of many lines": (
        reading(NDJSON, lambda n: b'{\n"text": "word %d "\n}\n' % n),
        500,
    ),
    "sse chat: one long line": (
        reading(SSE, lambda _: b"x" * 100, head=b'data: {"choices":[{"delta":{"content":"'),
        2_000,
    ),
    "sse chat: long tool arguments": (
        reading(SSE, lambda n: _call(0, '{"a": "' if not n else "word ", n == 0)),
        300,
    ),
    "sse chat: many tool calls": (reading(SSE, lambda n: _call(n, "{}", True)), 100),
    "sse: blank lines between events": (reading(SSE, lambda _: b"\n"), 30_000),
    "sse: comments": (reading(SSE, lambda _: b": ping\n"), 10_000),
    "sse: data lines of one event": (reading(SSE, lambda _: b"data: x\n"), 5_000),
    "sse: long ids": (reading(SSE, lambda n: b"id: %d\ndata: {}\n\n" % n), 500),
    "ndjson: records": (reading(NDJSON, lambda n: b'{"text": "word %d "}\n' % n), 500),
    "ndjson: blank lines": (reading(NDJSON, lambda _: b"\n"), 30_000),
    "ndjson: one long line": (reading(NDJSON, lambda _: b"x" * 100, head=b'{"text": "'), 2_000),
    "ndjson: many keys": (
        reading(NDJSON, lambda n: b'"key%d": %d, ' % (n, n), head=b'{"type": "text", '),
        2_000,
    ),
    "ndjson: deep JSON": (reading(NDJSON, lambda _: b"[", head=b'{"x": '), 10_000),
    "json array: items": (
        reading("application/json", lambda n: b'{"text": "word %d"},\n' % n, head=b"["),
        300,
    ),
    "json array: deep": (reading("application/json", lambda _: b"[", head=b"["), 10_000),
    "json array: spaces": (reading("application/json", lambda _: b" ", head=b"["), 30_000),
    "json sequence: items": (
        reading("application/json-seq", lambda n: b'\x1e{"text": "word %d"}\n' % n),
        300,
    ),
    "aws frames": (
        reading("application/vnd.amazon.eventstream", lambda n: aws_frame(b"", b'{"a": 1}')),
        300,
    ),
    "text: words": (reading(TEXT, lambda n: b"word%d " % n), 20_000),
    "text: blank lines": (reading(TEXT, lambda _: b"\n"), 30_000),
    "text: half characters": (reading(TEXT, lambda _: b"\xe2\x82"), 30_000),
    "text: spaces and brackets": (reading(TEXT, lambda _: b" ["), 30_000),
}


# --- what a job emits


def run_of(job: Callable[[Emitter, int], object], size: int) -> Run:
    """A run whose job has emitted what it has to."""
    run = Run()
    run.start("job")
    job(Emitter(EventSink(run.push, run.new_id, run.stop_requested)), size)
    return run


def emitting(job: Callable[[Emitter, int], object]) -> Make:
    """A job, from its start to the end of its run."""

    def make(size: int) -> Work:
        return lambda: run_of(job, size).end("complete")

    return make


def looking(job: Callable[[Emitter, int], object], look: Callable[[Run], object]) -> Make:
    """A look at a run whose job has emitted already."""

    def make(size: int) -> Work:
        run = run_of(job, size)
        run.end("complete")
        return lambda: look(run)

    return make


def many(call: Callable[[Emitter, int], object]) -> Callable[[Emitter, int], None]:
    def job(emit: Emitter, size: int) -> None:
        for n in range(size):
            call(emit, n)

    return job


def _nested_steps(emit: Emitter, size: int) -> None:
    events = [StepStart(f"n{n}", "step", f"n{n - 1}" if n else None) for n in range(size)]
    emit.push_events(events)


def _tool_arguments(emit: Emitter, size: int) -> None:
    with emit.tool_call("f") as call:
        for _ in range(size):
            call.write('"word", ')


def _growing_value(emit: Emitter, size: int) -> None:
    with emit.growing_value("v") as write:
        write("[")
        for n in range(size):
            write(f'{{"n": {n}}}, ')


def _deep(size: int) -> Any:
    value: Any = 1
    for _ in range(size):
        value = [value]
    return value


def _texts_open_at_once(emit: Emitter, size: int) -> None:
    emit.push_events([TextStart(f"t{n}") for n in range(size)])
    emit.push_events([TextDelta(f"t{n}", "word ") for n in range(size)])
    emit.push_events([TextEnd(f"t{n}") for n in range(size)])


def _calls_by_id(emit: Emitter, size: int) -> None:
    for n in range(size):
        emit.push_events(
            [
                ToolCallStart(f"c{n}", "f", f"id{n}"),
                ToolCallDelta(f"c{n}", "{}"),
                ToolCallEnd(f"c{n}"),
            ]
        )


def _alternating(emit: Emitter, n: int) -> None:
    (emit.text if n % 2 else emit.reasoning)("word ")


columns_one_by_one = many(lambda emit, n: emit.row("t", {f"column {n}": n}))
series_one_by_one = many(lambda emit, n: emit.metric(f"loss/{n}", n))
charts_one_by_one = many(lambda emit, n: emit.metric(f"loss {n}", n))
EMITTED: dict[str, tuple[Make, int]] = {
    "text: words": (emitting(many(lambda emit, _: emit.text("word "))), 1_000),
    "text: alternating": (emitting(many(_alternating)), 500),
    "text: open at once": (emitting(_texts_open_at_once), 500),
    "text: one word of wide characters": (emitting(many(lambda emit, _: emit.text("語"))), 1_000),
    "rows": (emitting(many(lambda emit, n: emit.row("t", {"a": n, "b": "x"}))), 1_000),
    "rows: by key": (emitting(many(lambda emit, n: emit.row("t", {"a": n}, "a"))), 1_000),
    "rows: columns one by one": (emitting(columns_one_by_one), 100),
    "rows: many columns": (
        emitting(lambda emit, n: emit.row("t", {f"column {i}": i for i in range(n)})),
        1_000,
    ),
    "rows: columns of one name": (
        emitting(lambda emit, n: emit.rows("t", [[1] * n], columns=["x"] * n)),
        1_000,
    ),
    "rows: many tables": (emitting(many(lambda emit, n: emit.row(f"t{n}", {"a": n}))), 300),
    "rows: many keys in a cell": (
        emitting(lambda emit, n: emit.row("t", {"a": {str(i): i for i in range(n)}})),
        5_000,
    ),
    "rows: deep": (emitting(lambda emit, n: emit.row("t", {"a": _deep(min(n, 900))})), 100),
    "metric: points": (emitting(many(lambda emit, n: emit.metric("loss", n))), 1_000),
    "metric: series one by one": (emitting(series_one_by_one), 200),
    "metric: charts one by one": (emitting(charts_one_by_one), 300),
    "metric: many series at once": (
        emitting(lambda emit, n: emit.metric("loss", {str(i): i for i in range(n)})),
        2_000,
    ),
    "progress": (emitting(many(lambda emit, n: emit.progress(n, 10**6))), 500),
    "steps": (emitting(many(lambda emit, n: emit.step(f"step {n}").__enter__())), 100),
    "steps: nested": (emitting(_nested_steps), 500),
    "value: again and again": (emitting(many(lambda emit, n: emit.value("v", [n]))), 300),
    "value: many": (emitting(many(lambda emit, n: emit.value(f"v{n}", n))), 300),
    "value: growing": (emitting(_growing_value), 1_000),
    "value: many keys": (
        emitting(lambda emit, n: emit.value("v", {str(i): i for i in range(n)})),
        3_000,
    ),
    "log": (emitting(many(lambda emit, n: emit.log(f"line {n}"))), 500),
    "log: one long line": (emitting(lambda emit, n: emit.log("x" * n)), 300_000),
    "sources": (emitting(many(lambda emit, n: emit.source(f"https://a.example/{n}"))), 300),
    "tool calls": (emitting(_calls_by_id), 300),
    "tool call: long arguments": (emitting(_tool_arguments), 1_000),
    "unknown records": (
        emitting(lambda emit, n: emit.push_events([Unknown("x", "{}") for _ in range(n)])),
        500,
    ),
    "notices": (emitting(many(lambda emit, n: emit.notice(f"note {n}"))), 300),
}


# --- what is read off a run


def everything(emit: Emitter, size: int) -> None:
    for n in range(size):
        with emit.step(f"step {n}"):
            emit.text("Some *text* with `code` and a [link](https://a.example).\n\n")
            emit.source(f"https://a.example/{n}", f"title {n}")
            emit.row("papers", {"n": n, "title": "x"})
            emit.metric(f"loss/{n}", n)
            emit.value(f"value {n}", {"n": n})
            emit.tool_call("f", {"n": n}).result("done")
            emit.log("line")


def each(mapping: Any) -> None:
    for name in mapping:
        mapping[name]


LOOKS: dict[str, tuple[Make, int]] = {
    "metrics": (looking(series_one_by_one, lambda run: each(run.result().metrics)), 200),
    "metrics: many charts": (
        looking(charts_one_by_one, lambda run: each(run.result().metrics)),
        200,
    ),
    "values": (
        looking(
            many(lambda emit, n: emit.value(f"v{n}", n)), lambda run: each(run.result().values)
        ),
        200,
    ),
    "values: of one name": (
        looking(
            lambda emit, size: [emit.growing_value("v").__enter__() for _ in range(size)],
            lambda run: each(run.result().values),
        ),
        200,
    ),
    "tables": (
        looking(
            many(lambda emit, n: emit.row(f"t{n}", {"a": n})), lambda run: each(run.result().tables)
        ),
        200,
    ),
    "text of many parts": (looking(many(_alternating), lambda run: run.result().text), 500),
    "table to_dict": (
        looking(columns_one_by_one, lambda run: run.result().tables["t"].to_dict()),
        100,
    ),
    "table rows": (
        looking(
            many(lambda emit, n: emit.row("t", {"a": n})),
            lambda run: list(run.result().tables["t"]),
        ),
        2_000,
    ),
    "markdown of everything": (looking(everything, lambda run: to_markdown(run, "t")), 50),
    "html of everything": (looking(everything, lambda run: page_of(run, "t")), 50),
    "jsonl of everything": (looking(everything, lambda run: to_jsonl(run, "t")), 50),
    "html of nested steps": (looking(_nested_steps, lambda run: page_of(run, "t")), 500),
    "markdown of nested steps": (looking(_nested_steps, lambda run: to_markdown(run, "t")), 500),
    "html of columns": (looking(columns_one_by_one, lambda run: page_of(run, "t")), 50),
    "html of series": (looking(series_one_by_one, lambda run: page_of(run, "t")), 200),
}


@pytest.mark.parametrize(
    ("make", "size"),
    [pytest.param(*row, id=name) for name, row in {**BYTES, **EMITTED, **LOOKS}.items()],
)
def test_work_grows_with_the_input_and_not_with_its_square(make: Make, size: int) -> None:
    assert exponent(make, size) <= MOST_EXPONENT


def test_a_replay_takes_time_in_proportion(tmp_path: Path) -> None:
    def make(size: int) -> Work:
        path = tmp_path / f"{size}.jsonl"
        path.write_text(to_jsonl(run_of(everything, size), "t"), "utf-8")
        return lambda: collect(replay_source(path, None))

    assert exponent(make, 30) <= MOST_EXPONENT


# --- texts that a regular expression or a parser could stumble over

TEXTS: dict[str, str] = {
    "blank lines": "\n",
    "spaces": " ",
    "lines of spaces": " \n",
    "one long word": "x",
    "backticks": "`",
    "backtick runs": "`a``b```c",
    "stars": "*",
    "stars and words": "*a**b",
    "underscores": "a_b__",
    "tildes": "~~a~",
    "brackets": "[",
    "closed brackets": "[a](b",
    "images": "![",
    "references": "[a]: https://a.example\n",
    "uses of references": "[a][b] ",
    "footnotes": "[^a] ",
    "tables": "| a ",
    "table rows": "| a | b |\n",
    "nested quotes": ">",
    "nested lists": "- ",
    "list items": "- a\n",
    "formulas": "$a",
    "formula marks": "$$",
    "formula lines": "\\[\n",
    "formula lines of dollars": "$$x\n",
    "addresses": "https://a.example/",
    "addresses of dots": "http://.....",
    "mail": "a@b.",
    "dashes of mail": "a@b-_",
    "schemes": "http",
    "entities": "&amp;",
    "angles": "<a ",
    "tags": "<br>",
    "sub": "<sub>",
    "escapes": "\\",
    "wide stars": "**語「",
    "parentheses": "(https://a.example/(",
    "code fences": "```\n",
    "headings": "# a\n",
}
SPACED: dict[str, str] = {"one long word": "x", "spaces": " ", "brackets": "x ( ", "blank": "\n"}


def _text(read: Callable[[str], object], text: str, *, head: str = "", tail: str = "") -> Make:
    def make(size: int) -> Work:
        whole = head + text * (size // len(text) + 1) + tail
        return lambda: read(whole)

    return make


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_markdown_is_read_in_proportion_to_its_length(text: str) -> None:
    assert exponent(_text(to_html, text), 1_000) <= MOST_EXPONENT


@pytest.mark.parametrize("text", SPACED.values(), ids=SPACED.keys())
def test_names_and_cells_are_read_in_proportion(text: str) -> None:
    assert exponent(_text(unit_of, text, head="x ("), 5_000) <= MOST_EXPONENT
    as_cell = _text(lambda cell: type_with("null", [cell]), text, head="https://", tail=" ")
    assert exponent(as_cell, 5_000) <= MOST_EXPONENT


def test_the_measure_finds_what_is_quadratic() -> None:
    def make(size: int) -> Work:
        return lambda: [sum(range(size)) for _ in range(size)]

    assert exponent(make, 400) > 1.5
