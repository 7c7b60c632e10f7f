"""LangChain's `astream_events`: events in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, document_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.decode.records import record_of_value
from streamwidget.events import (
    Citation,
    Progress,
    StepEnd,
    StepStart,
    TextStart,
    ToolCallStart,
    ToolResult,
    Unknown,
)
from streamwidget.formats.langchain_events import LangChainEventsFormat, recognises
from unit.feeding import ids


def event(
    tag: str, run_id: str = "m", parents: tuple[str, ...] = ("root",), **more: Any
) -> dict[str, Any]:
    told = {"event": f"on_{tag}", "run_id": run_id, "name": "n", "parent_ids": list(parents)}
    return {"data": {}, **told, **more}


def chunk(content: Any = "", run_id: str = "m", **more: Any) -> dict[str, Any]:
    message = {"type": "AIMessageChunk", "content": content, **more}
    return event("chat_model_stream", run_id, data={"chunk": message})


def end(content: Any = "", run_id: str = "m", **more: Any) -> dict[str, Any]:
    output = {"type": "ai", "content": content, **more}
    return event("chat_model_end", run_id, data={"output": output})


def piece(args: str | None, name: str | None = None, id: str | None = None, index: Any = 0) -> Any:
    return chunk(tool_call_chunks=[{"args": args, "name": name, "id": id, "index": index}])


def used(taken: int, gave: int) -> dict[str, int]:
    return {"input_tokens": taken, "output_tokens": gave}


def tool_end(output: Any, **more: Any) -> dict[str, Any]:
    return event("tool_end", "tool", data={"output": output, **more})


STOP = {"response_metadata": {"finish_reason": "stop"}}
ADD = {"name": "add", "arguments": {"a": 1}}
ADD_CALL = {"name": "add", "args": {"a": 1}, "id": "k"}

TABLE = {
    "increments": (
        [chunk("Hel"), chunk("lo"), end("Hello", **STOP)],
        {"finish": "stop", "text": "Hello"},
    ),
    "a model that did not stream": ([end("Hello", **STOP)], {"finish": "stop", "text": "Hello"}),
    "an end with more than the increments": ([chunk("Hel"), end("Hello")], {"text": "Hello"}),
    "an end that begins before them": ([chunk("lo"), end("Hello")], {"text": "lo"}),
    "blocks": (
        [
            chunk([{"type": "reasoning", "reasoning": "h"}]),
            chunk([{"type": "thinking", "thinking": "i"}]),
            chunk([{"type": "text", "text": "a"}, "b", {"type": "tool_use", "id": "x"}]),
        ],
        {"text": "ab", "reasoning": "hi"},
    ),
    "reasoning beside the content": (
        [chunk("a", additional_kwargs={"reasoning_content": "h"})],
        {"text": "a", "reasoning": "h"},
    ),
    "a summary": (
        [chunk([{"type": "reasoning", "summary": [{"text": "h"}, {"text": "i"}]}])],
        {"reasoning": "hi"},
    ),
    "a call in pieces": (
        [piece('{"a":', "add", "k"), piece("1}"), end(tool_calls=[ADD_CALL])],
        {"tool_calls": [ADD]},
    ),
    "a call in pieces without indices": (
        [piece('{"a":', "add", "k", None), piece("1}", index=None)],
        {"tool_calls": [ADD]},
    ),
    "a whole call": ([end(tool_calls=[ADD_CALL])], {"tool_calls": [ADD]}),
    "increments of usage add up, the end has the sum": (
        [
            chunk(usage_metadata=used(5, 0)),
            chunk(usage_metadata=used(0, 3)),
            end(usage_metadata=used(5, 3)),
        ],
        {"usage": used(5, 3)},
    ),
    "usage of two models": (
        [end(usage_metadata=used(5, 3)), end(run_id="o", usage_metadata=used(7, 1))],
        {"usage": used(12, 4)},
    ),
    "version 1": (
        [
            event(
                "chat_model_end",
                data={"output": {"generations": [[{"message": {"content": "a"}}]]}},
            )
        ],
        {"text": "a"},
    ),
    "chains repeat, and are not read": (
        [event("chain_stream", data={"chunk": {"messages": [{"type": "ai", "content": "a"}]}})],
        {},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_events_amount_to_what_they_say(name: str) -> None:
    rows, told = TABLE[name]
    assert outcome(LangChainEventsFormat, *rows) == {"outcome": "complete", **told}


@pytest.mark.parametrize(
    ("rows", "how"),
    [
        ([event("chain_start", "root", ())], "cut"),
        ([event("chain_start", "root", ()), event("chain_end", "root", ())], "complete"),
        ([chunk("a")], "complete"),
    ],
)
def test_a_run_that_had_begun_must_end(rows: list[Any], how: str) -> None:
    assert outcome(LangChainEventsFormat, *rows)["outcome"] == how


def test_results_find_their_calls_and_other_tools_are_shown() -> None:
    rows = [
        piece("{}", "add", "k"),
        tool_end({"type": "tool", "content": "2", "tool_call_id": "k", "status": "success"}),
        tool_end("text", input={"q": 1}),
        event("tool_error", "other", data={"error": "Boom", "input": {}}),
    ]
    events = events_of(LangChainEventsFormat, *rows)
    assert of_kind(events, ToolResult) == [
        ToolResult("c1", "2"),
        ToolResult("c2", "text"),
        ToolResult("c3", "Boom", True),
    ]
    assert [one.by_provider for one in of_kind(events, ToolCallStart)] == [False, True, True]
    assert len(document_of(events).tool_calls) == 1


def test_nodes_of_a_graph_are_steps() -> None:
    rows = [
        event("chain_start", "root", ()),
        event("chain_start", "node", tags=["graph:step:1"], name="model"),
        event("chain_start", "inner", ("root", "node"), tags=["seq:step:1"]),
        chunk("a"),
        event("chain_end", "node"),
        event("chain_end", "root", ()),
    ]
    events = events_of(LangChainEventsFormat, *rows)
    assert of_kind(events, StepStart) == [StepStart("s1", "model")]
    assert of_kind(events, StepEnd) == [StepEnd("s1")]
    assert of_kind(events, TextStart) == [TextStart("t1", "s1")]


def test_custom_events_citations_and_what_is_not_an_event() -> None:
    note = {"type": "citation", "url": "https://a.example", "title": "A"}
    rows = [
        event("custom_event", name="load", data={"progress": 1, "total": 2}),
        event("custom_event", name="mood", data="good"),
        chunk([{"type": "text", "text": "", "annotations": [note]}]),
        end([{"type": "text", "text": "", "annotations": [note]}]),
        {"odd": 1},
    ]
    assert events_of(LangChainEventsFormat, *rows)[:-1] == [
        Progress("p1", 1, 2),
        Unknown("mood", "good"),
        Citation("https://a.example", "A"),
        Unknown("record", '{"odd": 1}'),
    ]


class Message:
    """Stands for a message object of LangChain."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def model_dump(self) -> dict[str, Any]:
        return self.fields


def test_messages_may_be_objects_of_their_own_or_serialised() -> None:
    serialised = {"lc": 1, "type": "constructor", "kwargs": {"content": "b"}}
    chunks = [Message(type="AIMessageChunk", content="a"), serialised, "c"]
    format_ = LangChainEventsFormat(ids())
    rows = [event("chat_model_stream", data={"chunk": one}) for one in chunks]
    events = [given for row in rows for given in format_.feed(record_of_value(row))]
    assert document_of(events).text == "abc"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (event("chain_start"), True),
        (event("custom_event"), True),
        (("events", event("chain_start")), False),
        ({"event": "on_chain_start"}, False),
        (event("something_else"), False),
        ({"event": 1, "run_id": "r", "data": {}}, False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("langchain_events"):
        check(LangChainEventsFormat, path)


SHAPES = [
    chunk(
        [{"type": "text", "text": "a", "annotations": [{"url": "u"}]}],
        usage_metadata=used(1, 2),
        **STOP,
    ),
    chunk("a", additional_kwargs={"reasoning_content": "h"}),
    piece("{", "add", "k"),
    end("ab", tool_calls=[ADD_CALL], usage_metadata=used(1, 2)),
    event("chat_model_end", data={"output": {"generations": [[{"message": {"content": "a"}}]]}}),
    tool_end({"content": "2", "tool_call_id": "k"}, input={"a": 1}),
    event("tool_error", data={"error": "e"}),
    event("chain_start", "node", tags=["graph:step:1"]),
    event("chain_end", "node"),
    event("custom_event", data={"progress": 0.5}),
    event("chat_model_stream", data={"chunk": {"lc": 1, "kwargs": {"content": "a"}}}),
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(LangChainEventsFormat, rows)
