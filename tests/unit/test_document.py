"""Events become ops, ops change the document; replaying all ops gives the document."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.document import Document, TokenUsage
from streamwidget.document.item_list import Items
from streamwidget.document.metric import SHOWN_SERIES
from streamwidget.document.translate import OPS_OF
from streamwidget.events import (
    Artifact,
    Citation,
    Event,
    Failure,
    Metric,
    Notice,
    Progress,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    Reset,
    Rows,
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
)
from streamwidget.export import as_html, as_markdown
from streamwidget.export.tree import read
from streamwidget.patch_log import PatchLog

CASES = Path(__file__).resolve().parents[1] / "cases" / "replay"

ids = st.sampled_from(["a", "b", "c", "d"])
texts = st.text(max_size=8) | st.sampled_from(["héllo ", "日本語", "👩‍🚀🎉", "\n\n", "\ud7ff"])
calls = ids.map("c".__add__)
counts = st.none() | st.integers(0, 99)
times = st.none() | st.floats(0, 9, allow_nan=False)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(RunStart, st.just("source"), st.none() | st.just("sse")),
    st.builds(TextStart, ids, st.none() | ids),
    st.builds(TextDelta, ids, texts),
    st.builds(TextDelta, ids, texts),
    st.builds(TextDelta, ids, texts),
    st.builds(TextEnd, ids),
    st.builds(ReasoningStart, ids.map("r".__add__)),
    st.builds(ReasoningDelta, ids.map("r".__add__), texts),
    st.builds(ReasoningEnd, ids.map("r".__add__)),
    st.builds(StepStart, ids.map("s".__add__), texts, st.none(), times),
    st.builds(StepEnd, ids.map("s".__add__), st.sampled_from(["done", "failed"]), times),
    st.builds(Progress, ids.map("p".__add__), st.integers(0, 9), st.none() | st.integers(0, 9)),
    st.builds(ToolCallStart, calls, st.sampled_from(["", "search"]), st.none() | texts),
    st.builds(ToolCallDelta, calls, st.sampled_from(["", '{"q": ', '"日本"}', "[1"])),
    st.builds(ToolCallEnd, calls, st.none() | st.sampled_from(["", "{}", '{"q": 1}'])),
    st.builds(ToolResult, calls, texts, st.booleans()),
    st.builds(Citation, st.none() | texts, st.none() | texts),
    st.builds(Usage, counts, counts, st.sampled_from(["", "b"])),
    st.builds(Reset),
    st.builds(Notice, texts),
    st.builds(Failure, texts, st.just("provider")),
    st.builds(Unknown, texts, texts),
)


def replayed(patches: list[Any]) -> Document:
    document = Document()
    for patch in patches:
        document.apply_ops(json.loads(json.dumps(patch)))
    return document


@st.composite
def item_ops(draw: st.DrawFn) -> list[Any]:
    """Ops on the items of two parts, as the kernel makes them: what is put is there already."""
    totals = {"a": 0, "b": 0}
    keep = {} if draw(st.booleans()) else {"keep": draw(st.integers(0, 9))}
    ops: list[Any] = [
        {"op": "add", "part": {"id": id_, "kind": "log", "state": "open", **keep}} for id_ in totals
    ]
    for n in range(draw(st.integers(0, 25))):
        id_ = draw(st.sampled_from(sorted(totals)))
        kind = draw(st.sampled_from(["extend", "extend", "put", "put", "set", "set-items"]))
        if kind == "extend":
            size = draw(st.integers(0, 7))
            ops.append({"op": "extend", "id": id_, "items": [f"{n}.{i}" for i in range(size)]})
            totals[id_] += size
        elif kind == "put" and totals[id_]:
            places = draw(st.lists(st.integers(0, totals[id_] - 1), max_size=3))
            ops.append({"op": "put", "id": id_, "items": [(at, f"{n} at {at}") for at in places]})
        elif kind == "set":
            ops.append({"op": "set", "id": id_, "fields": {"state": f"{n}"}})
        elif kind == "set-items":
            totals[id_] = draw(st.integers(0, 12))
            items = [f"{n}:{i}" for i in range(totals[id_])]
            ops.append({"op": "set", "id": id_, "fields": {"items": items}})
    return ops


@settings(deadline=None)
@given(item_ops(), st.data())
def test_however_ops_on_items_are_joined_the_document_is_the_same(
    ops: list[Any], data: st.DataObject
) -> None:
    document, log = Document(), PatchLog()
    for op in ops:
        document.apply_ops([op])
        log.add([op])
        if data.draw(st.booleans()):
            log.seal()
    log.seal()
    assert replayed(log.since(0) or []) == document


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 20))
def test_what_is_kept_depends_on_how_many_items_there_were_only(
    sizes: list[int], keep: int
) -> None:
    in_steps, at_once = Items(), Items()
    for size in sizes:
        in_steps.extend(list(range(in_steps.total, in_steps.total + size)))
        in_steps.trim(keep)
    at_once.extend(list(range(sum(sizes))))
    at_once.trim(keep)
    assert (in_steps.kept, in_steps.dropped) == (at_once.kept, at_once.dropped)
    assert len(at_once.kept) <= keep
    assert len(at_once.kept) > keep - max(1, keep // 4) or at_once.dropped == 0


def test_a_kept_item_is_moved_a_few_times_however_many_come() -> None:
    """Linear work: what is dropped goes in blocks."""
    items, trims = Items(), 0
    for n in range(10_000):
        items.extend([n])
        before = items.dropped
        items.trim(1_000)
        trims += items.dropped > before
    assert trims == 9_000 // 250
    assert items.kept[0] == 9_000


def test_puts_and_extensions_between_two_seals_are_three_ops_at_most() -> None:
    log = PatchLog()
    log.add([{"op": "put", "id": "t", "items": [(0, "zero")]}])
    for n in range(1, 100):
        log.add([{"op": "extend", "id": "t", "items": [n]}])
        log.add([{"op": "put", "id": "t", "items": [(n, str(n))]}])
    log.seal()
    assert [op["op"] for op in (log.since(0) or [])[0]] == ["put", "extend", "put"]


def test_the_log_counts_the_size_of_items_too() -> None:
    from streamwidget.limits import Pace

    log = PatchLog(Pace(log_chars=50_000))
    for _ in range(10):
        log.add([{"op": "extend", "id": "t", "items": [["x" * 94]] * 100}])
        log.seal()
    assert log.since(5) is not None
    assert log.since(4) is None, "five patches of about 10,000 characters are kept"


def test_every_event_has_its_row_in_the_table() -> None:
    assert set(OPS_OF) == set(get_args(Event))


@settings(deadline=None)
@given(st.lists(events, max_size=40), st.data())
def test_joined_patches_replay_to_the_document(arrived: list[Event], data: st.DataObject) -> None:
    document, log = Document(), PatchLog()
    for event in [*arrived, RunEnd("complete")]:
        log.add(document.apply(event))
        if data.draw(st.booleans()):
            log.seal()
    log.seal()
    patches = log.since(0)
    assert patches is not None
    assert replayed(patches) == document
    half = data.draw(st.integers(0, len(patches)))
    assert log.since(half) == patches[half:]


@settings(deadline=None)
@given(st.lists(events, max_size=40))
def test_ops_one_by_one_replay_to_the_document(arrived: list[Event]) -> None:
    document = Document()
    patches = [document.apply(event) for event in arrived]
    assert replayed(patches) == document


@settings(deadline=None)
@given(st.lists(events, max_size=40))
def test_the_end_closes_every_part(arrived: list[Event]) -> None:
    document = Document()
    for event in [*arrived, RunEnd("cut")]:
        document.apply(event)
    assert not document.alive_parts()


def test_a_delta_opens_a_part_that_was_never_started() -> None:
    document = Document()
    ops = document.apply(TextDelta("t1", "hi"))
    assert [op["op"] for op in ops] == ["add", "append"]
    assert document.text == "hi"


def test_two_starts_two_ends_and_an_end_without_start_are_accepted() -> None:
    document = Document()
    for event in (TextStart("t"), TextStart("t"), TextDelta("t", "x"), TextEnd("t"), TextEnd("t")):
        document.apply(event)
    document.apply(TextEnd("nobody"))
    document.apply(StepEnd("nobody"))
    assert [(part.id, part.state, part.text) for part in document.parts] == [("t", "closed", "x")]


def test_text_joins_all_text_parts_and_leaves_out_the_others() -> None:
    document = Document()
    for event in (
        TextDelta("t1", "one "),
        ReasoningDelta("r1", "hm"),
        StepStart("s1", "Search"),
        TextDelta("t2", "two"),
        Notice("by the way"),
    ):
        document.apply(event)
    assert document.text == "one two"
    assert document.reasoning == "hm"
    assert document.char_count == len("one two") + len("hm")


def test_tool_calls_parse_their_arguments_and_leave_out_the_providers_own() -> None:
    document = Document()
    for event in (
        ToolCallStart("c1", "search", "call_1"),
        ToolCallDelta("c1", '{"q": '),
        ToolCallStart("c2", "", None),
        ToolCallDelta("c2", "", "late_name"),
        ToolCallDelta("c1", '"x"}'),
        ToolCallEnd("c1"),
        ToolCallStart("c3", "web_search", by_provider=True),
        ToolCallDelta("c4", '{"cut'),
        ToolCallEnd("c5", '{"whole": true}'),
        ToolResult("c1", "found", is_error=True),
    ):
        document.apply(event)
    calls = document.tool_calls
    assert [(call.tool_name, call.arguments) for call in calls] == [
        ("search", {"q": "x"}),
        ("late_name", {}),
        ("", '{"cut'),
        ("", {"whole": True}),
    ]
    assert (calls[0].tool_call_id, calls[0].result, calls[0].is_error) == ("call_1", "found", True)


def test_usage_takes_the_last_of_each_call_and_adds_the_calls() -> None:
    document = Document()
    assert document.usage is None
    for event in (Usage(10, None), Usage(None, 3), Usage(12, 5), Usage(1, 2, "second")):
        document.apply(event)
    assert document.usage is not None
    assert (document.usage.input_tokens, document.usage.output_tokens) == (13, 7)


def test_usage_keeps_the_model_and_the_kinds_of_tokens_in_the_facts_of_the_run() -> None:
    document = Document()
    document.apply(Usage(10, None, model="one", cached_input_tokens=4))
    assert document.run == {
        "input_tokens": 10,
        "output_tokens": None,
        "cached_input_tokens": 4,
        "model": "one",
        "usage_estimated": False,
    }
    document.apply(Usage(None, 7, reasoning_tokens=5))
    document.apply(Usage(1, 2, "second", model="two", cache_write_input_tokens=1))
    assert document.usage == TokenUsage(
        input_tokens=11,
        output_tokens=9,
        estimated=False,
        model="two",
        cached_input_tokens=4,
        cache_write_input_tokens=1,
        reasoning_tokens=5,
    )


def test_a_reset_discards_what_came_since_the_step_began_and_the_same_ids_may_come_again() -> None:
    document, log = Document(), PatchLog()
    for event in (
        TextDelta("t0", "kept "),
        StepStart("s1", "one"),
        TextDelta("t1", "wrong"),
        Reset(),
        TextDelta("t1", "right"),
    ):
        log.add(document.apply(event))
    log.seal()
    assert document.text == "kept right"
    assert document.char_count == len("kept right")
    assert replayed(log.since(0) or []) == document


def test_a_failed_run_leaves_its_running_steps_failed() -> None:
    document = Document()
    document.apply(StepStart("s", "Read", at_s=1.0))
    document.apply(RunEnd("failed", at_s=4.0))
    step = document.part("s")
    assert step is not None
    assert (step.state, step.fields["ended_s"]) == ("failed", 4.0)


def test_deltas_are_joined_in_blocks_and_never_by_a_reader() -> None:
    """Linear work: each piece is joined once. Readers change nothing, so none can lose a delta."""
    document = Document()
    for _ in range(20_000):
        document.apply(TextDelta("t", "tok "))
    part = document.part("t")
    assert part is not None
    pieces = list(part.pieces)
    assert len(pieces) < 1_100
    assert document.text == "tok " * 20_000
    assert part.pieces == pieces


def test_the_log_forgets_the_oldest_and_says_so() -> None:
    from streamwidget.limits import Pace

    log = PatchLog(Pace(log_patches_count=3))
    for n in range(5):
        log.add([{"op": "append", "id": "t", "text": str(n)}])
        log.seal()
    assert log.since(1) is None
    assert [patch[0]["text"] for patch in log.since(2) or []] == ["2", "3", "4"]  # type: ignore[typeddict-item]
    assert log.since(5) == []
    assert log.since(6) is None, "a front end that is ahead of the kernel is of another run"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda p: p.stem)
def test_shared_cases_replay_here_as_in_typescript(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    assert replayed(case["patches"]).snapshot() == case["document"]


def test_there_are_shared_cases() -> None:
    assert len(list(CASES.glob("*.json"))) >= 3


def test_a_chart_shows_the_first_series_and_says_how_many_there_are() -> None:
    document = Document()
    ops = [
        op
        for n in range(SHOWN_SERIES + 20)
        for op in document.apply(Metric("m", "loss", ((f"s{n}", n),)))
    ]
    wire = document.snapshot()["parts"][0]
    assert len(wire["series"]) == len(wire["last"]) == SHOWN_SERIES
    assert wire["series_count"] == SHOWN_SERIES + 20
    assert {index for index, _, _ in wire["items"]} == set(range(SHOWN_SERIES))
    assert len(document.metrics["m"].series) == SHOWN_SERIES + 20
    replayed = Document()
    replayed.apply_ops(ops)
    assert replayed == document


_COLLIDING: list[Callable[[str], Event]] = [
    lambda id_: TextDelta(id_, "text"),
    lambda id_: ReasoningDelta(id_, "reasoning"),
    lambda id_: ToolCallDelta(id_, "{}"),
    lambda id_: ToolResult(id_, "result"),
    lambda id_: StepStart(id_, "step"),
    lambda id_: StepEnd(id_),
    lambda id_: Progress(id_, 1),
    lambda id_: ValueDelta(id_, "{"),
    lambda id_: ValueEnd(id_),
    lambda id_: Rows(id_, "t", ("a",), ((1,),)),
    lambda id_: Metric(id_, "m", (("m", 1.0),)),
    lambda id_: Artifact(id_, {"text/plain": "x"}),
    lambda id_: Citation("http://example.org/" + id_),
    lambda id_: Notice("made ids are numbered"),
]


@given(
    st.lists(st.tuples(st.sampled_from(_COLLIDING), st.sampled_from(["a", "b", "_1"])), max_size=20)
)
def test_ids_that_collide_across_kinds_stay_apart(
    made: list[tuple[Callable[[str], Event], str]],
) -> None:
    document, replayed = Document(), Document()
    for make, id_ in made:
        replayed.apply_ops(document.apply(make(id_)))
    assert replayed == document
    kinds = {part.id: part.kind for part in document.parts}
    assert len(kinds) == document.part_count
    assert all(part.id.endswith(f"/{part.kind}") or "/" not in part.id for part in document.parts)
    reading = read("title", "summary", document.snapshot()["parts"])
    as_html.to_page(reading)
    as_markdown.to_markdown(reading)
