"""LangGraph's runs: events named by their mode in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, document_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import cases, check, expected, outcome_of, records, run

from streamwidget.events import (
    AskStart,
    Failure,
    Progress,
    StepEnd,
    StepStart,
    TextStart,
    ToolResult,
    Unknown,
)
from streamwidget.formats.langgraph import LangGraphFormat, recognises
from streamwidget.formats.questions import HINTS

META = ("metadata", {"run_id": "r", "attempt": 1})


def node(name: str, step: int, ns: str | None = None) -> dict[str, Any]:
    return {
        "langgraph_node": name,
        "langgraph_step": step,
        "langgraph_checkpoint_ns": ns or f"{name}:{step}",
    }


def chunk(content: Any = "", id: str = "m", at: Any = None, **more: Any) -> tuple[str, Any]:
    return "messages", [{"type": "AIMessageChunk", "content": content, "id": id, **more}, at or {}]


def ai(content: Any, id: str | None = "m", **more: Any) -> dict[str, Any]:
    return {"type": "ai", "content": content, "id": id, **more}


def tool(content: str, **more: Any) -> dict[str, Any]:
    return {"type": "tool", "content": content, "id": "t", "tool_call_id": "k", **more}


def human(content: str) -> dict[str, Any]:
    return {"type": "human", "content": content, "id": "h"}


def piece(args: str, name: str | None = None, id: str | None = None) -> tuple[str, Any]:
    return chunk(tool_call_chunks=[{"args": args, "name": name, "id": id, "index": 0}])


def call(args: Any) -> dict[str, Any]:
    return {"tool_calls": [{"name": "add", "args": args, "id": "k"}]}


def updates(**nodes: Any) -> tuple[str, Any]:
    return "updates", nodes


def used(taken: int, gave: int) -> dict[str, Any]:
    return {"usage_metadata": {"input_tokens": taken, "output_tokens": gave}}


STOP = {"response_metadata": {"finish_reason": "stop"}}
ADD = {"name": "add", "arguments": {"a": 1}}

TABLE = {
    "increments": ([META, chunk("Hel"), chunk("lo", **STOP)], {"finish": "stop", "text": "Hello"}),
    "increments, then the same as an update": (
        [chunk("Hel"), chunk("lo"), updates(model={"messages": [ai("Hello", **STOP)]})],
        {"finish": "stop", "text": "Hello"},
    ),
    "updates alone": (
        [
            updates(a={"messages": ai("Hel")}),
            updates(a={"messages": [ai("lo", None)]}),
            updates(a=None),
        ],
        {"text": "Hello"},
    ),
    "cumulative": (
        [
            ("messages/partial", [ai("Hel")]),
            ("messages/partial", [ai("Hello")]),
            ("messages/complete", [ai("Hello")]),
        ],
        {"text": "Hello"},
    ),
    "cumulative arguments": (
        [
            ("messages/partial", [ai("", **call({}))]),
            ("messages/partial", [ai("", **call({"a": 1}))]),
        ],
        {"tool_calls": [ADD]},
    ),
    "of a subgraph": (
        [("messages/partial|sub:1", [ai("Hel")]), ("messages|sub:1", chunk("x", "n")[1])],
        {"text": "Helx"},
    ),
    "a state has what was before this run": (
        [
            ("values", {"messages": [human("1"), ai("Old", "o"), human("2")]}),
            ("values", {"messages": [human("1"), ai("Old", "o"), human("2"), ai("New")]}),
        ],
        {"text": "New"},
    ),
    "a resumed stream has the end of a message": (
        [chunk("lo"), updates(model={"messages": [ai("Hello")]})],
        {"text": "lo"},
    ),
    "a call in pieces and whole": (
        [
            piece('{"a":', "add", "k"),
            piece("1}"),
            updates(model={"messages": [ai("", **call({"a": 1}))]}),
        ],
        {"tool_calls": [ADD]},
    ),
    "usage told twice counts once": (
        [
            chunk("a", **used(5, 3)),
            updates(m={"messages": [ai("a", **used(5, 3))]}),
            chunk("b", "n", **used(1, 1)),
        ],
        {"text": "ab", "usage": {"input_tokens": 6, "output_tokens": 4}},
    ),
    "events of astream_events": (
        [("events", {"event": "on_chat_model_stream", "run_id": "r", "data": {"chunk": ai("a")}})],
        {"text": "a"},
    ),
    "the person's messages are not the answer": ([("messages", [human("Why?"), {}])], {}),
}


@pytest.mark.parametrize("name", TABLE)
def test_records_amount_to_what_they_say(name: str) -> None:
    rows, told = TABLE[name]
    assert outcome(LangGraphFormat, *rows) == {"outcome": "complete", **told}


def test_an_error_fails_the_run() -> None:
    rows = [chunk("a"), ("error", {"error": "RuntimeError", "message": "Boom"})]
    assert outcome(LangGraphFormat, *rows) == {"outcome": "failed", "text": "a", "error": "Boom"}
    failure = of_kind(events_of(LangGraphFormat, *rows), Failure)[0]
    assert failure.error_type == "RuntimeError"


def test_half_a_record_is_a_cut() -> None:
    assert events_of(LangGraphFormat, chunk("a"), half_record=True)[-1].outcome == "cut"


def test_nodes_are_steps_that_end_with_their_update_or_the_next_round() -> None:
    rows = [
        chunk("a", at=node("model", 1)),
        updates(model={"messages": []}),
        ("messages", [tool("2"), node("tools", 2)]),
        ("messages/metadata", {"n": {"metadata": node("inner", 1, "tools:2|inner:9")}}),
        chunk("b", "n", at=node("model", 3)),
    ]
    events = events_of(LangGraphFormat, *rows)
    assert of_kind(events, (StepStart, StepEnd)) == [
        StepStart("s1", "model"),
        StepEnd("s1"),
        StepStart("s2", "tools"),
        StepStart("s3", "inner", "s2"),
        StepEnd("s3"),
        StepEnd("s2"),
        StepStart("s4", "model"),
    ]
    assert [one.step_id for one in of_kind(events, TextStart)] == ["s1", "s4"]


def test_a_tool_message_is_a_result_reported_once() -> None:
    rows = [piece("{}", "add", "k"), ("messages", [tool("2", status="error"), {}])]
    rows.append(updates(tools={"messages": [tool("2", status="error")]}))
    events = events_of(LangGraphFormat, *rows)
    assert of_kind(events, ToolResult) == [ToolResult("c1", "2", True)]
    assert document_of(events).text == ""


def test_custom_data_updates_and_interrupts() -> None:
    rows = [
        ("custom", {"progress": 1, "total": 3}),
        ("custom", {"progress": 2, "total": 3}),
        ("custom", "note"),
        updates(search={"hits": 3}),
        updates(__interrupt__=[{"value": {"question": "Sure?"}}]),
        ("debug", {"a": 1}),
        ("novel", {"a": 1}),
    ]
    assert events_of(LangGraphFormat, *rows)[:-1] == [
        Progress("p1", 1, 3),
        Progress("p1", 2, 3),
        Unknown("custom", "note"),
        Unknown("search", '{"hits": 3}'),
        AskStart("q1", "Sure?", hint=HINTS["langgraph"]),
        Unknown("novel", '{"a": 1}'),
    ]


def test_the_last_state_is_shown_where_only_states_came() -> None:
    rows = [("values", {"n": 1, "messages": []}), ("values", {"n": 2, "messages": []})]
    assert events_of(LangGraphFormat, *rows)[:-1] == [Unknown("values", '{"n": 2}')]


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (META, True),
        (chunk("a", at=node("n", 1)), True),
        (("messages/partial", [ai("a")]), True),
        (("messages/metadata", {"m": {"metadata": {}}}), True),
        (("events", {"event": "on_chain_start", "run_id": "r", "data": {}}), True),
        (("metadata", {"run_id": "r"}), False),
        (chunk("a"), False),
        (("messages", {"a": 1}), False),
        (("custom", {"progress": 1}), False),
        (("values", {"a": 1}), False),
        ({"run_id": "r", "attempt": 1}, False),
        (("messages/partial", [1]), False),
    ],
)
def test_one_record_is_recognised_by_its_name_and_shape(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("langgraph"):
        check(LangGraphFormat, path)


def test_a_stream_and_its_resumption_are_the_whole() -> None:
    paths = {path.stem: path for path in cases("langgraph")}
    if "resume-full" not in paths:
        return
    full, rest = paths["resume-full"], paths["resume-after-5"]
    rows = [*records(full, [full.read_bytes()])][:5] + [*records(rest, [rest.read_bytes()])]
    told = expected(full)
    got = outcome_of(run(LangGraphFormat, iter(rows)))
    assert got == {key: told[key] for key in got}


SHAPES = [
    chunk("a", at=node("n", 1), **STOP)[1],
    piece("{", "add", "k")[1],
    [tool("2"), node("tools", 2)],
    [ai([{"type": "text", "text": "a"}], **call({"a": 1}), **used(1, 2))],
    {"model": {"messages": [ai("a")], "other": 1}, "__interrupt__": [{"value": "v"}]},
    {"messages": [human("h"), ai("a", None)], "n": 1},
    {"m": {"metadata": node("inner", 1, "n:1|inner:1")}},
    {"event": "on_chat_model_end", "run_id": "r", "data": {"output": ai("a")}},
    {"error": "E", "message": "m"},
    {"progress": 1, "total": 2},
]
MODES = [
    *("messages", "messages/partial", "messages/metadata", "updates", "values", "events"),
    *("custom", "error", "metadata", "end", "values|ns", ""),
]


@given(any_rows(*SHAPES), st.lists(st.sampled_from(MODES), min_size=8, max_size=8))
@settings(max_examples=200, deadline=None)
def test_anything_is_survived(rows: list[Any], modes: list[str]) -> None:
    values = [row[1] if isinstance(row, tuple) else row for row in rows]
    survives(LangGraphFormat, list(zip(modes, values, strict=False)))
